"""A member held for somebody who has to know them before they send an event of the house."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from bondfire.engine import BudgetKey, Decision, MemberState, shown_member
from bondfire.events import Event
from bondfire.journal.arrivals import event_key_of
from bondfire.journal.budgets import store as budgets
from bondfire.journal.loading import load_records, needs_of
from bondfire.journal.log import store as journal
from bondfire.journal.log.rows import JournalRow, event_of_row, read_decision
from bondfire.journal.log.store import Connection
from bondfire.kit import bucket_of
from bondfire.members import accounts_of
from bondfire.programs import Brand, Timeline


class Decided(NamedTuple):
    """An event that was decided, with the answer."""

    member_id: UUID
    event: Event
    decision: Decision


def hold_member(conn: Connection, brand: Brand, member_id: UUID) -> None:
    """Own a member's bucket until the transaction ends: nobody else decides about them meanwhile."""
    journal.lock_heads(conn, brand.id, [bucket_of(member_id)])


def member_for(
    conn: Connection, brand: Brand, timeline: Timeline, event: Event, *, member_id: UUID
) -> MemberState:
    """A member who is held, with everything that an event can touch."""
    needs = needs_of(timeline, [(member_id, event)])
    return load_records(conn, brand, timeline, needs, held={})[member_id].state


def decided_before(
    conn: Connection, brand: Brand, timeline: Timeline, *, member_id: UUID, source: str, event_id: str
) -> Decided | None:
    """What was decided about an event of this identity, under whichever account; None when it never came."""
    accounts = accounts_of(conn, brand, member_id)
    keys = [event_key_of(brand.name, source, event_id, account) for account in accounts]
    rows = journal.known_events(conn, brand.id, [bucket_of(account) for account in accounts], keys)
    row = next((rows[key] for key in keys if key in rows), None)
    return _decided(timeline, row) if row is not None else None


def decided_of_type(conn: Connection, brand: Brand, timeline: Timeline, kind: str) -> Iterator[Decided]:
    """Everything of a type that was accepted; it reads the whole journal."""
    for row in journal.rows_of_type(conn, brand.id, kind):
        if row.outcome == "accepted":
            yield _decided(timeline, row)


def _decided(timeline: Timeline, row: JournalRow) -> Decided:
    event = event_of_row(timeline, row, shown_member(row.member_id))
    assert event is not None, "the passing of time has no such source or type"  # noqa: S101
    return Decided(row.member_id, event, read_decision(timeline, row, event))


def used_of_budgets(conn: Connection, brand: Brand, keys: list[BudgetKey]) -> dict[BudgetKey, Decimal]:
    """How much was used of budgets just now."""
    return budgets.peek_budgets(conn, brand.id, sorted(keys))
