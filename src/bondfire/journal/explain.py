"""Why a member has what they have: the chain of reasons, and plain sentences."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from bondfire.engine import Decision, Reason, explained, shown_member
from bondfire.journal.arrivals import event_key_of
from bondfire.journal.errors import UnknownEvent
from bondfire.journal.loading import lots_by_number
from bondfire.journal.log import store as journal
from bondfire.journal.log.rows import CLOCK, JournalRow, event_of_row, read_decision
from bondfire.journal.log.store import Connection
from bondfire.journal.phrases import PHRASES, day_text
from bondfire.journal.reading import EntryPlace, EntryView, entries_of
from bondfire.kit import bucket_of, format_amount
from bondfire.ledger import Entry, Kind, Lot
from bondfire.members import accounts_of
from bondfire.programs import Brand, Timeline


class Explanation(msgspec.Struct, frozen=True):
    """An event, what was decided, and why.

    Attributes:
        reasons: why, in order; `sentences`: the same in plain words.
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


class ExplainedEntry(msgspec.Struct, frozen=True):
    """An entry of a member, with the event and the reason behind it, and a plain sentence."""

    view: EntryView
    sentence: str


def explain_event(
    conn: Connection, brand: Brand, timeline: Timeline, *, member_id: UUID, source: str, event_id: str
) -> Explanation:
    """What an event did and why; also one that came under an account that became part of the member's.

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
    about = _About(timeline.number(row.version).program.zone, row.version, named)
    sentences = [about.sentence(reason) for reason in reasons]
    if decision.outcome == "refused":
        sentences.append(f"Refused ({decision.code}): {decision.message} {decision.next_step}".strip())
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
        sentences=sentences or ["Nothing follows from this event: no rule of the programme is about it."],
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
) -> list[ExplainedEntry]:
    """A member's story: every entry with its reason; arguments as of `entries_of`."""
    views = entries_of(conn, brand, timeline, member_id, after=after, limit=limit, newest_first=newest_first)
    named = lots_by_number(conn, brand, member_id, {view.entry.lot for view in views if view.entry.lot})
    told = []
    for view in views:
        entry = view.entry
        about = _About(timeline.at(entry.effective_at).program.zone, entry.version, named)
        told.append(ExplainedEntry(view, _entry_sentence(view, about)))
    return told


def _entry_sentence(view: EntryView, about: "_About") -> str:
    entry = view.entry
    when = day_text(entry.effective_at, about.zone)
    amount = format_amount(entry.amount)
    if view.reason is not None:
        return f"{when}: {about.sentence(_as_posted(view.reason, entry))}"
    if entry.kind is Kind.PAY_DEBT:
        return f"{when}: {amount} {entry.unit} paid what was owed from earlier."
    by = "with the passing of time" if view.source == CLOCK else f"by event {entry.event}"
    return f"{when}: {amount} {entry.unit} went from {entry.debit} to {entry.credit} {by}."


def _as_posted(reason: Reason, entry: Entry) -> Reason:
    """The reason with the amount of one entry: a clawback may need several."""
    if entry.kind is not Kind.CLAW_BACK or reason.amount == entry.amount:
        return reason
    return msgspec.structs.replace(reason, amount=entry.amount)


class _About:
    """What sentences need to know beside the reason."""

    def __init__(self, zone: ZoneInfo, version: int, named: Mapping[int, Lot]) -> None:
        self.zone = zone
        self._version = version
        self._lots = named

    def sentence(self, reason: Reason) -> str:
        """A reason in plain words."""
        phrase = PHRASES.get(reason.code)
        if phrase is None:
            return f"{reason.code.replace('_', ' ').capitalize()}: {reason.note}".rstrip(": ") + "."
        return phrase(reason, self._lots.get(reason.lot), self._version, self.zone)
