"""What a group needs of the books of its members: what they can spend, who is told what, what came back (G2).

Points of a group lie in the wallets of its members, each bucket balanced on its own. A spending is one event
for each who pays, in one transaction that locks their buckets in ascending order.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec

from bondfire.engine import Decision, due_back, pass_until
from bondfire.events import Event
from bondfire.journal.arrivals import arrival_of
from bondfire.journal.loading import load_whole
from bondfire.journal.log import store as journal
from bondfire.journal.log.rows import JournalRow, read_kept
from bondfire.journal.log.store import Connection
from bondfire.journal.process import process_arrivals
from bondfire.journal.purchases import store as purchases
from bondfire.journal.returned import store as returned
from bondfire.kit import bucket_of
from bondfire.ledger import ZERO, Lot
from bondfire.programs import Brand, Timeline


class ReturnedOrders(NamedTuple):
    """A return that was accepted or settled: its place in the journal, whose it is, and of which orders."""

    bucket: int
    seq: int
    member_id: UUID
    occurred_at: datetime
    orders: tuple[str, ...]


class _Named(msgspec.Struct):
    order: str = ""


def spendable_lots(
    conn: Connection, brand: Brand, timeline: Timeline, members: Sequence[UUID], *, unit: str, at: datetime
) -> dict[UUID, list[Lot]]:
    """What each of some members can spend of a unit at a time, in spending order; their buckets stay locked.

    Of who is no member, was erased or became part of another account there is nothing.
    """
    journal.lock_heads(conn, brand.id, sorted({bucket_of(member_id) for member_id in members}))
    found: dict[UUID, list[Lot]] = {}
    for member_id in members:
        state = load_whole(conn, brand.id, member_id).state
        pass_until(timeline, state, at)
        can_spend = state.joined_at is not None and state.erased_at is None
        lots = state.ledger.open_lots(unit) if can_spend else []
        found[member_id] = [lot for lot in lots if not lot.is_pending]
    return found


def tell_members(
    conn: Connection, brand: Brand, timeline: Timeline, news: Sequence[tuple[UUID, Event]]
) -> list[Decision]:
    """Decide events of bondfire's own, each for a member that is known by id, in the caller's transaction."""
    arrivals = [arrival_of(brand.name, event, member_id) for member_id, event in news]
    results = process_arrivals(conn, brand, timeline, arrivals)
    return [result.decision for result in results if result.decision is not None]


def returns_after(
    conn: Connection, brand: Brand, positions: Mapping[int, int], *, limit: int
) -> list[ReturnedOrders]:
    """Accepted returns, and settled ones, behind a place in each bucket; the first of each."""
    rows = returned.returns_behind(conn, brand.id, positions, most=limit)
    return [
        ReturnedOrders(row.bucket, row.seq, row.member_id, row.occurred_at, _orders_of(row)) for row in rows
    ]


def _orders_of(row: JournalRow) -> tuple[str, ...]:
    """The order that a return names; of one that names none those that it was matched to (R18)."""
    named = msgspec.json.decode(row.body, type=_Named).order
    matched = [reason.order for reason in read_kept(row.decision).told if reason.code == "matched"]
    return tuple(dict.fromkeys(filter(None, (named, *matched))))


def due_back_of_order(
    conn: Connection,
    brand: Brand,
    member_id: UUID,
    *,
    order: str,
    amounts: Mapping[UUID, Decimal],
    decimals: int,
) -> dict[UUID, Decimal]:
    """How much of what others paid for a member's order must have gone back to each by now (R11).

    Args:
        conn: a connection.
        brand: whose member.
        member_id: whose order it is.
        order: its number.
        amounts: what each of the others paid.
        decimals: of the unit.
    """
    known = dict(purchases.purchases_of(conn, brand.id, [(member_id, order)])).get(member_id)
    if known is None or not known.returns:
        return dict.fromkeys(amounts, ZERO)
    return {payer: due_back(known, amount, decimals) for payer, amount in amounts.items()}
