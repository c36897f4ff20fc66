"""Why a member has what they have: the chain of reasons, and plain sentences."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from bondfire.engine import Decision, Reason, TierChange, explained, shown_member
from bondfire.journal.arrivals import event_key_of
from bondfire.journal.errors import UnknownEvent
from bondfire.journal.loading import lots_by_number
from bondfire.journal.log import store as journal
from bondfire.journal.log.rows import CLOCK, JournalRow, event_of_row, read_decision
from bondfire.journal.log.store import Connection
from bondfire.journal.phrases import About, Language, Words, words_of
from bondfire.journal.reading import EntryPlace, EntryView, entries_of
from bondfire.kit import bucket_of
from bondfire.ledger import Entry, Kind, Lot
from bondfire.members import accounts_of
from bondfire.programs import Brand, Timeline


class Explanation(msgspec.Struct, frozen=True):
    """An event, what was decided, and why.

    Attributes:
        reasons: why, in order; `sentences`: the same in plain words.
        tier_sentences: the changes of tiers in plain words.
        lots: those that the reasons name, as they are now.
    """

    member_id: UUID
    source: str
    event: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    decision: Decision
    reasons: list[Reason]
    lots: list[Lot]
    sentences: list[str]
    tier_sentences: list[str]


class ExplainedEntry(msgspec.Struct, frozen=True):
    """An entry of a member, with the event and the reason behind it, and a plain sentence."""

    view: EntryView
    sentence: str


def explain_event(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    *,
    member_id: UUID,
    source: str,
    event_id: str,
    language: Language = "en",
) -> Explanation:
    """What an event did and why; also one that came under an account that became part of the member's.

    The sentences are in the language that is asked for.

    Raises:
        UnknownEvent: the member has no such event.
    """
    row = _row_of(conn, brand, accounts_of(conn, brand, member_id), (source, event_id))
    if row is None:
        raise UnknownEvent(
            f"The member has no event {event_id!r} from {source!r}.",
            next_step="Check the id, the source and the member.",
        )
    member_id = row.member_id
    decision = read_decision(timeline, row, event_of_row(timeline, row, shown_member(member_id)))
    reasons = explained(decision)
    named = lots_by_number(conn, brand, member_id, {one.lot for one in reasons if one.lot})
    words = words_of(language)
    teller = _Teller(words, timeline.number(row.version).program.zone, row.version, named)
    sentences = [teller.sentence(reason) for reason in reasons]
    if decision.outcome == "refused":
        sentences.append(words.refused(decision.code, decision.message, decision.next_step))
    return Explanation(
        member_id=member_id,
        source=row.source,
        event=row.event_id,
        type=row.type,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        decision=decision,
        reasons=reasons,
        lots=[named[number] for number in sorted(named)],
        sentences=sentences or [words.part("nothing_follows")],
        tier_sentences=[teller.tier_sentence(change) for change in decision.tier_changes],
    )


def _row_of(
    conn: Connection, brand: Brand, accounts: Sequence[UUID], event: tuple[str, str]
) -> JournalRow | None:
    """The row of an event, under the first of the accounts that has it."""
    keys = [event_key_of(brand.name, *event, account) for account in accounts]
    buckets = [bucket_of(account) for account in accounts]
    known = journal.known_events(conn, brand.id, buckets, keys)
    return next((known[key] for key in keys if key in known), None)


def explain_member(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    member_id: UUID,
    *,
    after: EntryPlace | None = None,
    limit: int = 50,
    newest_first: bool = False,
    language: Language = "en",
) -> list[ExplainedEntry]:
    """A member's story: every entry with its reason; arguments as of `entries_of`."""
    views = entries_of(conn, brand, timeline, member_id, after=after, limit=limit, newest_first=newest_first)
    named = lots_by_number(conn, brand, member_id, {view.entry.lot for view in views if view.entry.lot})
    told = []
    for view in views:
        entry = view.entry
        zone = timeline.at(entry.effective_at).program.zone
        teller = _Teller(words_of(language), zone, entry.version, named)
        told.append(ExplainedEntry(view, _entry_sentence(view, teller)))
    return told


def _entry_sentence(view: EntryView, teller: "_Teller") -> str:
    entry, words = view.entry, teller.words
    amount = words.number(entry.amount)
    if view.reason is not None:
        sentence = teller.sentence(_as_posted(view.reason, entry))
    elif entry.kind is Kind.PAY_DEBT:
        sentence = words.part("debt_paid", amount=amount, unit=entry.unit)
    else:
        by = words.part("by_time") if view.source == CLOCK else words.part("by_event", event=entry.event)
        sentence = words.part(
            "moved", amount=amount, unit=entry.unit, debit=entry.debit, credit=entry.credit, by=by
        )
    return words.part("on_day", day=words.day_in(teller.zone, entry.effective_at), sentence=sentence)


def _as_posted(reason: Reason, entry: Entry) -> Reason:
    """The reason with the amount of one entry: a clawback may need several."""
    if entry.kind is not Kind.CLAW_BACK or reason.amount == entry.amount:
        return reason
    return msgspec.structs.replace(reason, amount=entry.amount)


class _Teller:
    """Tells the reasons of one decision: its version, its time zone and the lots they name."""

    def __init__(self, words: Words, zone: ZoneInfo, version: int, named: Mapping[int, Lot]) -> None:
        self.words = words
        self.zone = zone
        self._version = version
        self._lots = named

    def sentence(self, reason: Reason) -> str:
        """A reason in plain words."""
        return self.words.sentence(reason, About(self._lots.get(reason.lot), self._version, self.zone))

    def tier_sentence(self, change: TierChange) -> str:
        """A change of tier in plain words."""
        no_tier = self.words.parts["no_tier"]
        after, before = change.after or no_tier, change.before or no_tier
        sentence = self.words.part(f"tier_{change.why}", tier_set=change.tier_set, after=after, before=before)
        return self.words.part("on_day", day=self.words.day_in(self.zone, change.at), sentence=sentence)
