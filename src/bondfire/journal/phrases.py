"""A plain sentence for each reason that a decision can have."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from bondfire.engine import Reason
from bondfire.kit import format_amount
from bondfire.ledger import Lot
from bondfire.programs import RULE_PREFIX

Phrase = Callable[[Reason, Lot | None, int, ZoneInfo], str]
"""Makes a sentence of a reason, its lot, the version that decided and the programme's time zone."""


def day_text(moment: datetime, zone: ZoneInfo) -> str:
    """A day for people, in the programme's time zone: 12 Apr 2026."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %Y}"


def _amount(reason: Reason) -> str:
    return f"{format_amount(reason.amount or Decimal(0))} {reason.unit}".strip()


def _for_order(reason: Reason) -> str:
    return f" for order {reason.order}" if reason.order else ""


def _source(reason: Reason) -> str:
    """What gave it: a rule or a challenge."""
    name = reason.rule.removeprefix(RULE_PREFIX)
    return f"challenge {name}" if name != reason.rule else f"rule {name}"


def _because(reason: Reason) -> str:
    values = ", ".join(f"{path} was {text}" for path, text in sorted(reason.values.items()))
    return f": {values}" if values else ""


def _awarded(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:
    rule = f"{_source(reason)} (version {version})"
    parts = [f"{_amount(reason)} from {rule}{_for_order(reason)}{_because(reason)}"]
    if reason.multiplier is not None and reason.base is not None:
        parts.append(f"{format_amount(reason.base)} times {format_amount(reason.multiplier)}")
    if reason.clipped:
        parts.append(f"{format_amount(reason.clipped)} more were cut off by the cap")
    return "; ".join([*parts, *_fate(lot, zone)]) + "."


def _fate(lot: Lot | None, zone: ZoneInfo) -> list[str]:
    """What becomes of a lot: when it can be spent and when it is gone."""
    if lot is None:
        return []
    fate = []
    waits = (lot.available_at - lot.earned_at).days
    if waits:
        days = "1 day" if waits == 1 else f"{waits} days"
        fate.append(f"{days} pending, spendable from {day_text(lot.available_at, zone)}")
    fate.append("never expires" if lot.expires_at is None else f"expires {day_text(lot.expires_at, zone)}")
    return [", ".join(fate)]


def _adjusted(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    way = "taken off" if (reason.amount or 0) < 0 else "added"
    amount = f"{format_amount(abs(reason.amount or Decimal(0)))} {reason.unit}"
    return "; ".join([f"{amount} {way} by hand: {reason.note}", *_fate(lot, zone)]) + "."


def _earned_on(lot: Lot | None, zone: ZoneInfo) -> str:
    return f" earned on {day_text(lot.earned_at, zone)}" if lot is not None else ""


def _taken_back(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    return (
        f"{_amount(reason)} taken back that {_source(reason)} gave{_for_order(reason)}: {_why_back(reason)}."
    )


def _why_back(reason: Reason) -> str:
    if reason.rule.startswith(RULE_PREFIX):
        return "what had counted for it is gone"
    return "goods of it came back" if reason.order else "what earned it is gone"


def _spent(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    return f"{_amount(reason)} spent{_for_order(reason)}, from those{_earned_on(lot, zone)}."


def _held(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    return f"{_amount(reason)}{_earned_on(lot, zone)} held{_for_order(reason)} {reason.note}."


def _captured(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    return (
        f"{_amount(reason)} that were held were spent{_for_order(reason)}, from those{_earned_on(lot, zone)}."
    )


def _let_go(why: str) -> Phrase:
    """Held points that can be spent again."""

    def phrase(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
        until = f" until {day_text(lot.expires_at, zone)}" if lot and lot.expires_at else ""
        held = f"{_amount(reason)}{_earned_on(lot, zone)} that were held{_for_order(reason)}"
        return f"{held} can be spent again{until}: {why}."

    return phrase


def _restored(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    until = f", to live until {day_text(lot.expires_at, zone)}" if lot and lot.expires_at else ""
    those = f"those{_earned_on(lot, zone)}"
    return f"{_amount(reason)} given back{_for_order(reason)} to {those}{until}."


def _released(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    return f"{_amount(reason)}{_earned_on(lot, zone)} became spendable: the waiting time was over."


def _expired(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    return f"{_amount(reason)}{_earned_on(lot, zone)} expired unspent."


def _sent(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    return f"{_amount(reason)} sent to {reason.note}, from those{_earned_on(lot, zone)}."


def _received(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    if lot is None:
        return f"{_amount(reason)} received from {reason.note}."
    end = "never expires" if lot.expires_at is None else f"expires {day_text(lot.expires_at, zone)}"
    return f"{_amount(reason)} received from {reason.note},{_earned_on(lot, zone)} there; {end}, as there."


def _handed_over(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    return f"{_amount(reason)} went over to {reason.note}, those{_earned_on(lot, zone)}."


def _taken_over(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    fate = "".join(f"; {one}" for one in _fate(lot, zone))
    return f"{_amount(reason)} came over from {reason.note},{_earned_on(lot, zone)} there{fate}."


def _sent_back(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
    why = reason.note.replace("_", " ")
    return f"{_amount(reason)} came back to those{_earned_on(lot, zone)}: they could not be received ({why})."


def _plain(text: str) -> Phrase:
    """A sentence with the fields of the reason in it."""

    def phrase(reason: Reason, lot: Lot | None, version: int, zone: ZoneInfo) -> str:  # noqa: ARG001
        return text.format(
            amount=_amount(reason),
            rule=reason.rule,
            order=reason.order,
            note=reason.note,
            because=_because(reason),
            for_order=_for_order(reason),
            clipped=format_amount(reason.clipped or Decimal(0)),
            unit=reason.unit,
            challenge=reason.rule.removeprefix(RULE_PREFIX),
            reached=format_amount(reason.amount or Decimal(0)),
            target=format_amount(reason.base or Decimal(0)),
        )

    return phrase


PHRASES: Final[Mapping[str, Phrase]] = {
    "awarded": _awarded,
    "adjusted": _adjusted,
    "taken_back": _taken_back,
    "spent": _spent,
    "held": _held,
    "captured": _captured,
    "let_go": _let_go("they were released"),
    "hold_ended": _let_go("the hold ended"),
    "restored": _restored,
    "released": _released,
    "expired": _expired,
    "erased": _plain("The person was erased: {note}. What was earned and spent stays."),
    "sent": _sent,
    "received": _received,
    "sent_back": _sent_back,
    "merged": _plain("This account became part of {note}."),
    "absorbed": _plain("Another account became part of this one, {note}."),
    "handed_over": _handed_over,
    "taken_over": _taken_over,
    "united": _plain("What both accounts did counts for challenge {challenge}: {reached} of {target}."),
    "condition_false": _plain("Rule {rule} gave nothing, its condition does not hold{because}."),
    "condition_failed": _plain("Rule {rule} was passed over, its condition has no value: {note}"),
    "not_running": _plain("Rule {rule} gave nothing: it does not run at this time."),
    "group_taken": _plain("Rule {rule} gave nothing: {note}."),
    "not_stackable": _plain("Rule {rule} gave nothing beside another: {note}."),
    "cap_reached": _plain("Rule {rule} gave nothing: its cap left no room for {clipped} {unit}."),
    "nothing_earned": _plain("Rule {rule} came to nothing{because}."),
    "award_failed": _plain("Rule {rule} was passed over, its award has no value: {note}"),
    "before_joining": _plain("Nothing is earned{for_order}: {note}."),
    "already_joined": _plain("Nothing changed: {note}."),
    "lapsed": _plain("{amount} of it had expired before, so there was nothing to take."),
    "taken_from_others": _plain("{amount} of it came from other points, as the award itself was spent."),
    "owed": _plain("{amount} could not be taken: they are owed, and the next ones earned pay them."),
    "written_off": _plain("{amount} could not be taken back and were written off."),
    "forgone": _plain("{amount} were left with the member: only what is pending is taken back."),
    "matched": _plain("The return belongs to order {order}: {note}."),
    "unmatched": _plain("A person should look at this return: {note}."),
    "parked": _plain("The return waits for order {order}: {note}."),
    "settled": _plain("A return of order {order} was settled now: {note}."),
    "prolonged": _plain("What is kept alive of {unit} now lives {note}."),
    "upgraded": _plain("Rose in {note}."),
    "fell": _plain("Fell in {note}: the time to keep it was over."),
    "tier_taken_back": _plain("Fell in {note}: what had earned it came back."),
    "tier_counted": _plain("It counts {amount} for the tiers of {note}{because}."),
    "tier_count_failed": _plain("It counts nothing for a tier, its value cannot be had: {note}"),
    "tier_count_taken_back": _plain("{amount} count no more for the tiers of {note}."),
    "tier_granted": _plain("A tier was given in {note}."),
    "grant_ended": _plain("The time of a given tier is over in {note}."),
    "grant_withdrawn": _plain("A given tier was taken away in {note}."),
    "counted": _plain("It counts for challenge {challenge}: {reached} of {target}."),
    "not_counted": _plain("It does not count for challenge {challenge}{because}."),
    "step_reached": _plain("Challenge {challenge}: {reached} of {target} are reached."),
    "badge_earned": _plain("Challenge {challenge} gives the badge {note}."),
    "badge_kept": _plain("The badge {note} of challenge {challenge} stays with the member."),
    "progress_taken_back": _plain(
        "What is gone{for_order} counts for challenge {challenge} no more: {reached} of {target}."
    ),
    "progress_final": _plain("Nothing changes in challenge {challenge}{for_order}: {note}."),
    "joker_used": _plain("A joker kept the streak of challenge {challenge}: {reached} left."),
    "streak_broken": _plain("The streak of challenge {challenge} is broken and begins anew."),
    "challenge_lapsed": _plain("The time for challenge {challenge} is over; it begins anew."),
    "challenge_over": _plain("Challenge {challenge} has ended."),
    "takes_part": _plain("Takes part in challenge {challenge} from now on."),
    "removed": _plain("{note} is gone, and with it what it earned."),
    "removed_before": _plain("Nothing is earned or taken back: {note}."),
    "unknown_removed": _plain("Nothing is taken back: {note}."),
}
