"""Orders of a member's past, as far as an event can touch them: as placed, and what came back since."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from bondfire.engine import (
    PUBLISHED,
    Placed,
    Touches,
    hold_named,
    may_be_taken_back,
    order_number,
    redemption_named,
    shown_member,
)
from bondfire.journal.arrivals import event_key_of, order_key_of, removal_key_of
from bondfire.journal.log import store as journal
from bondfire.journal.log.rows import JournalRow, event_of_row, read_kept
from bondfire.journal.log.store import Connection
from bondfire.journal.plain import member_from_json
from bondfire.journal.purchases import store as purchases
from bondfire.journal.record import MemberRecord
from bondfire.kit import bucket_of
from bondfire.programs import RULE_PREFIX, Brand, Timeline

Touched = Sequence[tuple[MemberRecord, Touches]]


class _Award(NamedTuple):
    unit: str
    amount: Decimal
    lot: int


def load_orders(conn: Connection, brand: Brand, timeline: Timeline, touched: Touched) -> None:
    """Put every order that the touches name into its member's state."""
    records = {record.state.id: record for record, _ in touched}
    placed: dict[tuple[UUID, str], tuple[Placed, list[_Award]]] = {}
    for row in chain(_named(conn, brand, touched), _since(conn, brand.id, touched)):
        awards = awards_of(row)
        one = placed_of(timeline, row, awards, records[row.member_id].state.joined_at)
        placed[row.member_id, order_number(one.event)] = one, awards
    if not placed:
        return
    for member_id, purchase in purchases.purchases_of(conn, brand.id, list(placed)):
        record = records[member_id]
        record.state.purchases[purchase.order] = purchase
        record.add_returnable(may_be_taken_back(purchase).items())
    for (member_id, order), (one, awards) in placed.items():
        record = records[member_id]
        record.state.placed[order] = one
        if order not in record.state.purchases:
            record.add_returnable((award.unit, award.amount) for award in awards)


def load_published(conn: Connection, brand: Brand, timeline: Timeline, touched: Touched) -> None:
    """Put every review and post that the touches name into its member's state, and what of them is gone."""
    asked = [
        (record, one.removes or one.published, one) for record, one in touched if one.removes or one.published
    ]
    if not asked:
        return
    buckets = [bucket_of(record.state.id) for record, _, _ in asked]
    gone = [removal_key_of(brand.name, *key, record.state.id) for record, key, _ in asked if key]
    removed = {row.order_key for row in journal.orders_placed(conn, brand.id, buckets, gone)}
    names = [event_key_of(brand.name, *key, record.state.id) for record, key, _ in asked if key]
    known = journal.known_events(conn, brand.id, buckets, names)
    for (record, key, one), removal_key, name in zip(asked, gone, names, strict=True):
        state, row = record.state, known.get(name)
        if removal_key in removed and key:
            state.removed.add(key)
        elif one.removes and row is not None and row.type in PUBLISHED and row.outcome == "accepted":
            awards = awards_of(row)
            state.published[one.removes] = placed_of(timeline, row, awards, state.joined_at)
            record.add_returnable((award.unit, award.amount) for award in awards)


def load_returned(conn: Connection, brand_id: int, touched: Touched) -> None:
    """Put orders that points are paid for into their member's state, if anything has come back of them."""
    records = {record.state.id: record for record, _ in touched}
    paid = dict.fromkeys((record.state.id, order) for record, one in touched if (order := _paid(record, one)))
    for member_id, purchase in purchases.purchases_of(conn, brand_id, list(paid)) if paid else ():
        records[member_id].state.purchases[purchase.order] = purchase


def _paid(record: MemberRecord, one: Touches) -> str:
    """The order that the event pays: its own, else that of the hold or reward that it captures."""
    if one.reward and not one.paid:
        reward = redemption_named(record.state.rewards, one.source, one.reward)
        return reward.order if reward is not None else ""
    held = hold_named(record.state, one.source, one.hold) if one.hold and not one.paid else None
    return held.order if held is not None else one.paid


def _named(conn: Connection, brand: Brand, touched: Touched) -> list[JournalRow]:
    orders = dict.fromkeys((record.state.id, one.order) for record, one in touched if one.order)
    if not orders:
        return []
    buckets = [bucket_of(member_id) for member_id, _ in orders]
    keys = [order_key_of(brand.name, order, member_id) for member_id, order in orders]
    return journal.orders_placed(conn, brand.id, buckets, keys)


def _since(conn: Connection, brand_id: int, touched: Touched) -> Iterator[JournalRow]:
    """Orders since a time, for returns that name none: the member's rows are read backwards until then."""
    since: dict[UUID, datetime] = {}
    for record, one in touched:
        if one.purchases_since is not None:
            member_id = record.state.id
            since[member_id] = min(one.purchases_since, since.get(member_id, one.purchases_since))
    for member_id, begins_at in since.items():
        for row in journal.rows_of_member(conn, brand_id, (bucket_of(member_id), member_id)):
            if row.recorded_at < begins_at:
                break
            if row.type == "order.placed" and row.order_key is not None and row.occurred_at >= begins_at:
                yield row


def awards_of(row: JournalRow) -> list[_Award]:
    """What rules gave for the event of a row."""
    return [
        _Award(unit, Decimal(amount), lot)
        for name, unit, amount, lot, rule, *_ in read_kept(row.decision).entries
        if rule and not rule.startswith(RULE_PREFIX) and name.startswith("earn.")
    ]


def placed_of(
    timeline: Timeline, row: JournalRow, awards: Sequence[_Award], joined_at: datetime | None
) -> Placed:
    """The order of a row as it was placed; or the review or post."""
    event = event_of_row(timeline, row, shown_member(row.member_id))
    assert event is not None, "time places no orders"  # noqa: S101
    kept = read_kept(row.decision)
    return Placed(
        event,
        row.version,
        range(awards[0].lot, awards[-1].lot + 1) if awards else range(0),
        member_from_json(kept.member),
        joined_at or row.occurred_at,
        {int(lot): amount for lot, amount in kept.used.items()},
        kept.counted,
        not any(reason.code == "before_joining" for reason in kept.told),
    )


def order_left(conn: Connection, brand: Brand, member_id: UUID, order: str) -> Decimal | None:
    """How much money of an order can still come back; None while nothing of it has."""
    found = purchases.purchases_of(conn, brand.id, [(member_id, order)])
    return next((purchase.left for _, purchase in found), None)
