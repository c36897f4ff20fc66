"""Load the members that a batch decides about, with what of their past its events can touch and no more."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import chain
from uuid import UUID

import msgspec

from bondfire.engine import Purchase, Redemption, Touches, cap_reach, may_be_taken_back, touches
from bondfire.events import Event
from bondfire.journal.caps import store as caps
from bondfire.journal.caps.store import CapRange
from bondfire.journal.log.store import Connection
from bondfire.journal.lots import store as lots
from bondfire.journal.lots.store import ToSpend
from bondfire.journal.purchases import store as purchases
from bondfire.journal.record import MemberRecord, new_record
from bondfire.journal.records import store as states
from bondfire.kit import EPOCH
from bondfire.ledger import reopen
from bondfire.programs import Timeline


class Need(msgspec.Struct):
    """What a batch will do with one member.

    Attributes:
        until: how far their time will come.
        events: what will be decided, and `touches`: what of the past each of them touches.
    """

    until: datetime = EPOCH
    events: list[Event] = []
    touches: list[Touches] = []

    def add(self, timeline: Timeline, event: Event) -> None:
        """Something more will be decided."""
        self.until = max(self.until, event.recorded_at, event.occurred_at)
        self.events.append(event)
        self.touches.append(touches(timeline, event))


Needs = Mapping[UUID, Need]
_Touched = list[tuple[MemberRecord, Touches]]


def needs_of(timeline: Timeline, events: Iterable[tuple[UUID, Event]]) -> dict[UUID, Need]:
    """What deciding these events needs, by member."""
    needs: dict[UUID, Need] = {}
    for member_id, event in events:
        needs.setdefault(member_id, Need()).add(timeline, event)
    return needs


def load_records(
    conn: Connection, brand_id: int, timeline: Timeline, needs: Needs, *, held: Mapping[UUID, MemberRecord]
) -> dict[UUID, MemberRecord]:
    """Every member asked for: those at hand, those stored, and those nobody has seen yet.

    Neither the number of statements nor what they read depends on how much of a past a member has (L20).

    Args:
        conn: holds the locks of the members' buckets; reads a snapshot when nothing will be written.
        brand_id: whose members.
        timeline: the versions that will decide.
        needs: what will be done with each.
        held: members at hand from the batch before.
    """
    missing = [member_id for member_id in needs if member_id not in held]
    loaded = states.load_states(conn, brand_id, missing) if missing else {}
    records = {
        member_id: held.get(member_id) or loaded.get(member_id) or new_record(member_id)
        for member_id in needs
    }
    known = {member_id: record for member_id, record in records.items() if record.is_stored}
    touched = [(record, one) for member_id, record in known.items() for one in needs[member_id].touches]
    _load_orders(conn, brand_id, touched)
    _load_lots(conn, brand_id, known, needs)
    _load_caps(conn, brand_id, timeline, known, needs=needs)
    return records


def load_whole(conn: Connection, brand_id: int, member_id: UUID) -> MemberRecord:
    """A member with every open lot, to be looked at."""
    record = states.load_states(conn, brand_id, [member_id]).get(member_id)
    if record is None:
        return new_record(member_id)
    ledger = record.state.ledger
    ledger.lots = {lot.number: lot for _, lot in lots.open_lots(conn, brand_id, [member_id])}
    ledger.due_elsewhere = None
    reopen(ledger)
    return record


def _load_orders(conn: Connection, brand_id: int, touched: _Touched) -> None:
    """Purchases, returns that wait for them, and redemptions."""
    records = {record.state.id: record for record, _ in touched}
    for member_id, purchase in _purchases(conn, brand_id, touched):
        record = records[member_id]
        record.state.purchases[purchase.order] = purchase
        record.stored_purchases.add(purchase.order)
    for member_id, redemption in _redemptions(conn, brand_id, touched):
        records[member_id].state.redemptions[redemption.key] = redemption
    waited_for = [
        (record.state.id, one.order) for record, one in touched if one.order and record.state.parked_orders
    ]
    for member_id, order, returns in purchases.parked_for(conn, brand_id, waited_for) if waited_for else ():
        records[member_id].state.parked[order] = returns


def _purchases(conn: Connection, brand_id: int, touched: _Touched) -> Iterable[tuple[UUID, Purchase]]:
    orders = list(dict.fromkeys((record.state.id, one.order) for record, one in touched if one.order))
    earliest: dict[UUID, datetime] = {}
    for record, one in touched:
        if one.purchases_since is not None:
            member_id = record.state.id
            earliest[member_id] = min(one.purchases_since, earliest.get(member_id, one.purchases_since))
    return chain(
        purchases.purchases_of(conn, brand_id, orders) if orders else (),
        purchases.purchases_since(conn, brand_id, list(earliest.items())) if earliest else (),
    )


def _redemptions(conn: Connection, brand_id: int, touched: _Touched) -> Iterable[tuple[UUID, Redemption]]:
    named = [(record.state.id, one.redemption) for record, one in touched if one.redemption]
    still_open = [
        (record.state.id, one.redemptions_of, one.redemptions_in)
        for record, one in touched
        if one.redemptions_of or one.redemptions_in
    ]
    return chain(
        purchases.redemptions_of(conn, brand_id, named) if named else (),
        purchases.open_redemptions(conn, brand_id, still_open) if still_open else (),
    )


def _load_lots(conn: Connection, brand_id: int, known: Mapping[UUID, MemberRecord], needs: Needs) -> None:
    """Lots that are named, that may be spent or taken back, and that come due; most events need none."""
    named = [(member_id, number) for member_id, record in known.items() for number in _lots_named(record)]
    to_spend = [one for member_id, record in known.items() for one in _to_spend(record, needs[member_id])]
    due = [
        (member_id, until)
        for member_id, record in known.items()
        if _is_due(record, until := _reached(record, needs[member_id]))
    ]
    found = chain(
        lots.lots_named(conn, brand_id, named) if named else (),
        lots.lots_to_spend(conn, brand_id, to_spend) if to_spend else (),
        lots.due_lots(conn, brand_id, due) if due else (),
    )
    for member_id, lot in found:
        known[member_id].state.ledger.lots[lot.number] = lot
    opened = dict.fromkeys(chain((one for one, _ in named), (one.member_id for one in to_spend), dict(due)))
    if opened:
        _find_next_due(conn, brand_id, [known[member_id] for member_id in opened], needs)


def _find_next_due(conn: Connection, brand_id: int, records: list[MemberRecord], needs: Needs) -> None:
    asked = [
        (record.state.id, _reached(record, needs[record.state.id]), record.state.ledger.lots)
        for record in records
    ]
    following = lots.next_due(conn, brand_id, asked)
    for record in records:
        record.state.ledger.due_elsewhere = following.get(record.state.id)
        reopen(record.state.ledger)


def _lots_named(record: MemberRecord) -> list[int]:
    """Lots that the purchases and redemptions at hand name."""
    state = record.state
    named = {granted.lot for one in state.purchases.values() for granted in one.granted}
    named |= {part.lot for one in state.redemptions.values() for part in one.parts}
    return sorted(named)


def _to_spend(record: MemberRecord, need: Need) -> list[ToSpend]:
    wanted: dict[str, Decimal] = {}
    for one in need.touches:
        if one.spends:
            wanted[one.spends] = wanted.get(one.spends, Decimal(0)) + one.amount
    for purchase in record.state.purchases.values():
        for unit, amount in may_be_taken_back(purchase).items():
            wanted[unit] = wanted.get(unit, Decimal(0)) + amount
    until = _reached(record, need)
    return [ToSpend(record.state.id, unit, amount, until) for unit, amount in wanted.items() if amount > 0]


def _is_due(record: MemberRecord, until: datetime) -> bool:
    due_at = record.state.ledger.due_elsewhere
    return due_at is not None and due_at <= until


def _reached(record: MemberRecord, need: Need) -> datetime:
    """How far the member's time will come; it never goes back."""
    return max(need.until, record.state.now)


def _load_caps(
    conn: Connection, brand_id: int, timeline: Timeline, known: Mapping[UUID, MemberRecord], *, needs: Needs
) -> None:
    """Uses of caps that are too old to stand in the state: only late events and returns ask for them."""
    asked: set[CapRange] = set()
    for member_id, record in known.items():
        state = record.state
        uses = [(use.cap, use.moment, use.moment) for one in state.purchases.values() for use in one.cap_uses]
        for event in needs[member_id].events:
            uses += cap_reach(timeline, state, event)
        asked |= {CapRange(member_id, *use) for use in uses if record.may_lack(use[0], use[1])}
    if asked:
        for member_id, cap, used in caps.cap_uses(conn, brand_id, sorted(asked)):
            known[member_id].add_cap_use(cap, used)
