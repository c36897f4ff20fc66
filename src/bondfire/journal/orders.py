"""Orders of a member's past, as far as an event can touch them: as placed, and what came back since."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from bondfire.engine import (
    PUBLISHED,
    REMOVALS,
    Brought,
    Former,
    Placed,
    Touches,
    behind,
    hold_named,
    may_be_taken_back,
    order_number,
    redemption_named,
    removed_by,
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


class _Account(NamedTuple):
    """An account under which something of a member stands: their own, or one that was merged into it."""

    member_id: UUID
    record: MemberRecord
    lots: int

    @property
    def bucket(self) -> int:
        return bucket_of(self.member_id)

    def placed(self, timeline: Timeline, row: JournalRow, awards: Sequence[_Award]) -> Placed:
        """What a row of the account says was placed, under the numbers of the member's lots."""
        joined_at = self.record.state.joined_at
        found = placed_of(timeline, row, awards, joined_at)
        return found if self.member_id == self.record.state.id else behind(found, self.lots, joined_at)


def _accounts_of(record: MemberRecord) -> list[_Account]:
    """A member's own account first: what stands there goes before what came over under the same name."""
    formerly = record.state.formerly
    own = _Account(record.state.id, record, 0)
    return [own, *(_Account(one.member_id, record, one.lots) for one in formerly)]


def load_orders(conn: Connection, brand: Brand, timeline: Timeline, touched: Touched) -> None:
    """Put every order that the touches name into its member's state."""
    records = {record.state.id: record for record, _ in touched}
    accounts = {one.member_id: one for record in records.values() for one in _accounts_of(record)}
    places = {member_id: place for place, member_id in enumerate(accounts)}
    placed: dict[tuple[UUID, str], tuple[Placed, list[_Award]]] = {}
    rows = [*_named(conn, brand, touched), *_since(conn, brand.id, touched)]
    for row in sorted(rows, key=lambda row: places[row.member_id]):
        account, awards = accounts[row.member_id], awards_of(row)
        one = account.placed(timeline, row, awards)
        placed.setdefault((account.record.state.id, order_number(one.event)), (one, awards))
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
        (account, key, one)
        for record, one in touched
        if (key := one.removes or one.published)
        for account in _accounts_of(record)
    ]
    if not asked:
        return
    buckets = [account.bucket for account, _, _ in asked]
    gone = [removal_key_of(brand.name, *key, account.member_id) for account, key, _ in asked]
    removed = {row.order_key for row in journal.orders_placed(conn, brand.id, buckets, gone)}
    names = [event_key_of(brand.name, *key, account.member_id) for account, key, _ in asked]
    known = journal.known_events(conn, brand.id, buckets, names)
    for (account, key, _), removal_key in zip(asked, gone, strict=True):
        if removal_key in removed:
            account.record.state.removed.add(key)
    for (account, key, one), name in zip(asked, names, strict=True):
        state, row = account.record.state, known.get(name)
        if not one.removes or key in state.removed or key in state.published:
            continue
        if row is not None and row.type in PUBLISHED and row.outcome == "accepted":
            awards = awards_of(row)
            state.published[key] = account.placed(timeline, row, awards)
            account.record.add_returnable((award.unit, award.amount) for award in awards)


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
    orders = dict.fromkeys(
        (account.member_id, one.order)
        for record, one in touched
        if one.order
        for account in _accounts_of(record)
    )
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
            begins_at = one.purchases_since
            for account in _accounts_of(record):
                since[account.member_id] = min(begins_at, since.get(account.member_id, begins_at))
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


def brought_by(conn: Connection, brand: Brand, timeline: Timeline, former: Former) -> Brought:
    """All that an account had placed and published, under the numbers of its lots behind `former.lots`."""
    brought = Brought({}, {}, set())
    place = (bucket_of(former.member_id), former.member_id)
    for row in journal.rows_of_member(conn, brand.id, place, after=-1):
        if row.outcome != "accepted":
            continue
        if row.type in REMOVALS:
            event = event_of_row(timeline, row, shown_member(row.member_id))
            brought.removed |= {removed_by(event)} if event is not None else set()
        elif row.type in PUBLISHED or row.type == "order.placed":
            placed = behind(placed_of(timeline, row, awards_of(row), former.joined_at), former.lots, None)
            if row.type in PUBLISHED:
                brought.published[placed.event.identity] = placed
            else:
                brought.placed[order_number(placed.event)] = placed
    return brought
