"""How a reason becomes a sentence: templates of a language, filled with what the reason says."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from bondfire.engine import COUPON_PREFIX, Reason
from bondfire.kit import format_amount
from bondfire.ledger import Lot
from bondfire.programs import RULE_PREFIX


class About(msgspec.Struct, frozen=True):
    """What sentences need to know beside the reason: its lot, the version that decided, the time zone."""

    lot: Lot | None
    version: int
    zone: ZoneInfo


class Words(msgspec.Struct, frozen=True):
    """A language.

    Attributes:
        sentences: a template for each code of a reason; `refusals`: for each code of a refusal.
        parts: templates of what sentences are made of, such as ` for order {order}`.
        day: a local time as a day for people; `minute`: with the time of day.
        decimal_point: between whole and broken part of an amount.
        joined: how values are listed.
    """

    sentences: Mapping[str, str]
    refusals: Mapping[str, str]
    parts: Mapping[str, str]
    day: Callable[[datetime], str]
    minute: Callable[[datetime], str]
    decimal_point: str = "."
    joined: str = ", "

    def sentence(self, reason: Reason, about: About) -> str:
        """A reason in plain words; a code that has none says at least what it is."""
        filled = _Filled(self, reason, about)
        if reason.code in self.sentences:
            return self.sentences[reason.code].format_map(filled)
        if reason.code in self.refusals:
            return self.part("refused_return", note=reason.note, refusal=self.refusals[reason.code])
        return f"{reason.code.replace('_', ' ').capitalize()}: {reason.note}".rstrip(": ") + "."

    def refused(self, code: str, message: str, next_step: str) -> str:
        """What was refused and why, in plain words."""
        refusal = self.refusals.get(code, "")
        return self.part("refused", code=code, message=message, next_step=next_step, refusal=refusal).strip()

    def part(self, name: str, /, **fields: object) -> str:
        """A part of a sentence."""
        return self.parts[name].format(**fields)

    def number(self, amount: Decimal | None) -> str:
        """An amount as the language writes it."""
        return format_amount(amount or Decimal(0)).replace(".", self.decimal_point)

    def day_in(self, zone: ZoneInfo, moment: datetime) -> str:
        """A day for people, in the programme's time zone."""
        return self.day(moment.astimezone(zone))


class _Filled:
    """The fields of a template, each made when it is asked for; others are values of the reason."""

    def __init__(self, words: Words, reason: Reason, about: About) -> None:
        self.words = words
        self.reason = reason
        self.about = about

    def __getitem__(self, name: str) -> str:
        maker = _MAKERS.get(name)
        return maker(self) if maker else self.reason.values.get(name) or self.words.parts[f"no_{name}"]

    def amount(self) -> str:
        return f"{self.words.number(self.reason.amount)} {self.reason.unit}".strip()

    def size(self) -> str:
        """The amount without its sign."""
        return f"{self.words.number(abs(self.reason.amount or Decimal(0)))} {self.reason.unit}"

    def way(self) -> str:
        """What a correction did."""
        return self.words.parts["taken_off" if (self.reason.amount or 0) < 0 else "added"]

    def source(self) -> str:
        """What gave it: a rule, a challenge, a leaderboard, a game, a referral."""
        kind, _, name = self.reason.rule.rpartition("/")
        return self.words.part(kind or "rule", name=name)

    def for_order(self) -> str:
        return self.words.part("for_order", order=self.reason.order) if self.reason.order else ""

    def because(self) -> str:
        """What the condition and the award read."""
        values = sorted(self.reason.values.items())
        read = [self.words.part("was", path=path, text=text) for path, text in values]
        return f": {self.words.joined.join(read)}" if read else ""

    def factor(self) -> str:
        """Base times multiplier, where there is one."""
        base, by = self.reason.base, self.reason.multiplier
        if by is None or base is None:
            return ""
        return self.words.part("times", base=self.words.number(base), by=self.words.number(by))

    def cut(self) -> str:
        """What the cap cut off, where it did."""
        clipped = self.reason.clipped
        return self.words.part("cut", clipped=self.words.number(clipped)) if clipped else ""

    def fate(self) -> str:
        """What becomes of the lot: when it can be spent and when it is gone."""
        lot = self.about.lot
        if lot is None:
            return ""
        waits = (lot.available_at - lot.earned_at).days
        part = "pending_day" if waits == 1 else "pending_days"
        pending = [self.words.part(part, days=waits, day=self._day(lot.available_at))] if waits else []
        return "; " + ", ".join([*pending, self._end(lot)])

    def received_fate(self) -> str:
        """What becomes of a lot that came from another member."""
        lot = self.about.lot
        if lot is None:
            return ""
        return self.words.part("received_fate", day=self._day(lot.earned_at), end=self._end(lot))

    def _end(self, lot: Lot) -> str:
        if lot.expires_at is None:
            return self.words.parts["never"]
        return self.words.part("expires", day=self._day(lot.expires_at))

    def earned_on(self) -> str:
        """Since when the lot was there."""
        lot = self.about.lot
        return self.words.part("earned_on", day=self._day(lot.earned_at)) if lot else ""

    def until_then(self) -> str:
        """Until when the lot lives, where it ends."""
        return self._where_it_ends("until")

    def to_live(self) -> str:
        """The same of a lot that was given back."""
        return self._where_it_ends("to_live")

    def _where_it_ends(self, part: str) -> str:
        lot = self.about.lot
        return self.words.part(part, day=self._day(lot.expires_at)) if lot and lot.expires_at else ""

    def until_minute(self) -> str:
        """Until when something holds, to the minute."""
        until = datetime.fromisoformat(self.reason.values["until"])
        return self.words.minute(until.astimezone(self.about.zone))

    def approved(self) -> str:
        approver = self.reason.values.get("approver")
        return self.words.part("approved", approver=approver) if approver else ""

    def why_back(self) -> str:
        """Why something is taken back."""
        if self.reason.rule.startswith(RULE_PREFIX):
            return self.words.parts["back_counted"]
        return self.words.parts["back_goods" if self.reason.order else "back_earned"]

    def note_words(self) -> str:
        return self.reason.note.replace("_", " ")

    def _day(self, moment: datetime) -> str:
        return self.words.day_in(self.about.zone, moment)


_MAKERS: Final[Mapping[str, Callable[[_Filled], str]]] = {
    "amount": _Filled.amount,
    "size": _Filled.size,
    "way": _Filled.way,
    "source": _Filled.source,
    "Source": lambda filled: filled.source()[:1].upper() + filled.source()[1:],
    "for_order": _Filled.for_order,
    "because": _Filled.because,
    "factor": _Filled.factor,
    "cut": _Filled.cut,
    "fate": _Filled.fate,
    "received_fate": _Filled.received_fate,
    "earned_on": _Filled.earned_on,
    "until_then": _Filled.until_then,
    "to_live": _Filled.to_live,
    "until_minute": _Filled.until_minute,
    "approved": _Filled.approved,
    "why_back": _Filled.why_back,
    "note_words": _Filled.note_words,
    "version": lambda filled: str(filled.about.version),
    "rule": lambda filled: filled.reason.rule,
    "order": lambda filled: filled.reason.order,
    "note": lambda filled: filled.reason.note,
    "unit": lambda filled: filled.reason.unit,
    "clipped": lambda filled: filled.words.number(filled.reason.clipped),
    "challenge": lambda filled: filled.reason.rule.removeprefix(RULE_PREFIX),
    "coupon": lambda filled: filled.reason.rule.removeprefix(COUPON_PREFIX),
    "reward": lambda filled: filled.reason.rule.partition("/")[2],
    "reached": lambda filled: filled.words.number(filled.reason.amount),
    "target": lambda filled: filled.words.number(filled.reason.base),
}
