"""What a member did, page by page, the newest first; and returns that nobody could match."""

from datetime import UTC, datetime
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from bondfire.engine import Decision, explained, shown_member
from bondfire.journal.log import store as journal
from bondfire.journal.log.rows import CLOCK, JournalRow, event_of_row, read_decision, read_kept
from bondfire.journal.log.store import Connection
from bondfire.journal.pages import store
from bondfire.journal.pages.store import ReturnPlace, StoredReturn
from bondfire.journal.reporting import Unmatched
from bondfire.kit import bucket_of
from bondfire.ledger import ZERO
from bondfire.programs import Brand, Timeline

_NEWEST: Final = ReturnPlace(datetime.max.replace(tzinfo=UTC), -1, 0)


class MemberEvent(msgspec.Struct, frozen=True):
    """What a member did and what was decided.

    Attributes:
        seq: of its row; a page goes on before it.
        reasons: the codes of the explanation, each once.
    """

    seq: int
    source: str
    event: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    decision: Decision
    reasons: list[str]


class UnmatchedPlaced(NamedTuple):
    """A return that fits no purchase, and its place in the list."""

    unmatched: Unmatched
    place: ReturnPlace


def events_page(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, before: int | None, limit: int
) -> list[MemberEvent]:
    """A page of what a member did, the newest first.

    Args:
        conn: a connection.
        brand: whose member.
        timeline: the versions of its programme.
        member_id: who.
        before: `seq` of the last event of the page before; None begins with the newest.
        limit: how many at most.
    """
    place = (bucket_of(member_id), member_id)
    start = journal.LAST if before is None else before
    rows = journal.rows_of_member(conn, brand.id, place, before=start, page=limit)
    return [_event(timeline, row) for row in islice((row for row in rows if row.source != CLOCK), limit)]


def unmatched_page(
    conn: Connection, brand: Brand, *, after: ReturnPlace | None, limit: int
) -> list[UnmatchedPlaced]:
    """A page of returns that nobody could match, the newest first (R18)."""
    rows = store.unmatched_returns(conn, brand.id, after=after or _NEWEST, most=limit)
    return [
        UnmatchedPlaced(_unmatched(row), ReturnPlace(row.occurred_at, row.bucket, row.seq)) for row in rows
    ]


def first_due(conn: Connection, brand: Brand) -> datetime | None:
    """When time alone next changes something for a member of the brand; in the past: it is late."""
    return store.first_due(conn, brand.id)


def _event(timeline: Timeline, row: JournalRow) -> MemberEvent:
    decision = read_decision(timeline, row, event_of_row(timeline, row, shown_member(row.member_id)))
    return MemberEvent(
        seq=row.seq,
        source=row.source,
        event=row.event_id,
        type=row.type,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        decision=decision,
        reasons=list(dict.fromkeys(reason.code for reason in explained(decision))),
    )


def _unmatched(row: StoredReturn) -> Unmatched:
    reason = next(reason for reason in read_kept(row.decision).told if reason.code == "unmatched")
    amount = ZERO if reason.amount is None else reason.amount
    return Unmatched(row.member_id, row.source, row.event, row.occurred_at, amount, reason.note)
