"""Load the members that a batch decides about, with what of their past its events can touch and no more."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from uuid import UUID

import msgspec

from bondfire.engine import (
    BudgetKey,
    Redemption,
    Touches,
    budgets_in_reach,
    cap_reach,
    rewards_at_stake,
    spendings_of,
    touches,
)
from bondfire.events import Event
from bondfire.journal.caps import store as caps
from bondfire.journal.caps.store import CapRange
from bondfire.journal.log.store import Connection
from bondfire.journal.lots import store as lots
from bondfire.journal.lots.store import ToSpend
from bondfire.journal.orders import Touched, load_orders, load_published, load_returned
from bondfire.journal.purchases import store as purchases
from bondfire.journal.record import MemberRecord, new_record
from bondfire.journal.records import store as states
from bondfire.kit import EPOCH, MAX_AMOUNT
from bondfire.ledger import ZERO, Lot
from bondfire.programs import Brand, Timeline


class Need(msgspec.Struct, gc=False):
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

    @property
    def takes(self) -> bool:
        """Whether some of it may take from a lot or give back to one."""
        return any(one.takes for one in self.touches)


Needs = Mapping[UUID, Need]


def needs_of(timeline: Timeline, events: Iterable[tuple[UUID, Event]]) -> dict[UUID, Need]:
    """What deciding these events needs, by member."""
    needs: dict[UUID, Need] = {}
    for member_id, event in events:
        need = needs.get(member_id)
        if need is None:
            need = needs[member_id] = Need()
        need.add(timeline, event)
    return needs


def load_records(
    conn: Connection, brand: Brand, timeline: Timeline, needs: Needs, *, held: Mapping[UUID, MemberRecord]
) -> dict[UUID, MemberRecord]:
    """Every member asked for: those at hand, those stored, and those nobody has seen yet.

    Neither the number of statements nor what they read depends on how much of a past a member has (L20).

    Args:
        conn: holds the locks of the members' buckets; reads a snapshot when nothing will be written.
        brand: whose members.
        timeline: the versions that will decide.
        needs: what will be done with each.
        held: members at hand from the batch before.
    """
    missing = [member_id for member_id in needs if member_id not in held]
    loaded = states.load_states(conn, brand.id, missing) if missing else {}
    records = {
        member_id: held.get(member_id) or loaded.get(member_id) or new_record(member_id)
        for member_id in needs
    }
    known = {member_id: record for member_id, record in records.items() if record.is_stored}
    touched = [(record, one) for member_id, record in known.items() for one in needs[member_id].touches]
    load_orders(conn, brand, timeline, touched)
    load_published(conn, brand, timeline, touched)
    load_returned(conn, brand.id, touched)
    for record in known.values():
        parts = (part for reward in rewards_at_stake(record.state) for part in reward.parts)
        record.add_returnable((unit, amount) for unit, amount, _ in parts)
    _load_redemptions(conn, brand.id, touched)
    _load_lots(conn, brand.id, known, needs)
    _load_caps(conn, brand.id, timeline, known, needs=needs)
    return records


def reached_budgets(
    timeline: Timeline, records: Mapping[UUID, MemberRecord], needs: Needs
) -> list[BudgetKey]:
    """The budgets that what is needed can take from or give back to, ascending."""
    return sorted(
        {
            key
            for member_id, need in needs.items()
            for key in budgets_in_reach(timeline, records[member_id].state, need.events)
        }
    )


def load_whole(conn: Connection, brand_id: int, member_id: UUID) -> MemberRecord:
    """A member with every open lot, to be looked at."""
    record = states.load_states(conn, brand_id, [member_id]).get(member_id)
    if record is None:
        return new_record(member_id)
    for _, lot in lots.open_lots(conn, brand_id, [member_id]):
        record.state.ledger.lots[lot.number] = lot
    record.rows_due_at = None
    record.open_books()
    return record


def lots_by_number(conn: Connection, brand: Brand, member_id: UUID, numbers: set[int]) -> dict[int, Lot]:
    """A member's lots with these numbers, open or closed, each with the end that it has now."""
    record = states.load_states(conn, brand.id, [member_id]).get(member_id) if numbers else None
    if record is None:
        return {}
    found = {number: lot for number, lot in record.state.ledger.lots.items() if number in numbers}
    with_rows = [(member_id, number) for number in sorted(numbers) if number <= record.rows_end]
    if with_rows:
        found |= {lot.number: lot for _, lot in lots.lots_named(conn, brand.id, with_rows)}
    return {number: record.state.ledger.as_now(lot) for number, lot in found.items()}


def _load_redemptions(conn: Connection, brand_id: int, touched: Touched) -> None:
    """Redemptions, and returns that wait for their order."""
    records = {record.state.id: record for record, _ in touched}
    for member_id, redemption in _redemptions(conn, brand_id, touched):
        records[member_id].state.add_redemption(redemption)
    waited_for = [
        (record.state.id, one.order) for record, one in touched if one.order and record.state.parked_orders
    ]
    for member_id, order, returns in purchases.parked_for(conn, brand_id, waited_for) if waited_for else ():
        records[member_id].state.parked[order] = returns


def _redemptions(conn: Connection, brand_id: int, touched: Touched) -> Iterable[tuple[UUID, Redemption]]:
    named = [(record.state.id, one.redemption) for record, one in touched if one.redemption]
    named += [
        (record.state.id, name)
        for record, one in touched
        if one.reward
        for _, name in spendings_of(record.state.rewards, one.source, one.reward)
    ]
    of_orders = list(
        dict.fromkeys(
            (record.state.id, order) for record, one in touched for order in _coming_back(record, one)
        )
    )
    in_units = [(record.state.id, one.redemptions_in) for record, one in touched if one.redemptions_in]
    return chain(
        purchases.redemptions_of(conn, brand_id, named) if named else (),
        purchases.redemptions_of_orders(conn, brand_id, of_orders) if of_orders else (),
        purchases.open_redemptions(conn, brand_id, in_units) if in_units else (),
    )


def _coming_back(record: MemberRecord, one: Touches) -> Iterator[str]:
    """Orders whose redemptions may be given back."""
    state = record.state
    if one.redemptions_of:
        yield one.redemptions_of
    elif one.purchases_since is not None:
        yield from state.placed
        yield from state.purchases
    elif one.order and state.parked_orders:
        yield one.order


def _load_lots(conn: Connection, brand_id: int, known: Mapping[UUID, MemberRecord], needs: Needs) -> None:
    """Open the books of those whose lots may be touched, with lots that have rows; most events touch none."""
    opened = [record for member_id, record in known.items() if _touches_lots(record, needs[member_id])]
    for record in opened:
        record.open_books()
    with_rows = {record.state.id: record for record in opened if record.rows_end}
    if not with_rows:
        return
    named = [
        (member_id, number)
        for member_id, record in with_rows.items()
        for number in _lots_named(record, needs[member_id])
    ]
    to_spend = [one for member_id, record in with_rows.items() for one in _to_spend(record, needs[member_id])]
    due = [
        (member_id, until)
        for member_id, record in with_rows.items()
        if _is_due(record.rows_due_at, until := _reached(record, needs[member_id]))
    ]
    sliding = [
        one for member_id, record in with_rows.items() for one in _sliding(record, needs[member_id], to_spend)
    ]
    found = chain(
        lots.sliding_lots(conn, brand_id, sliding) if sliding else (),
        lots.lots_named(conn, brand_id, named) if named else (),
        lots.lots_to_spend(conn, brand_id, to_spend) if to_spend else (),
        lots.due_lots(conn, brand_id, due) if due else (),
    )
    changed: dict[UUID, MemberRecord] = {}
    for member_id, lot in found:
        record = changed[member_id] = with_rows[member_id]
        record.state.ledger.lots[lot.number] = lot
    if changed:
        _find_next_due(conn, brand_id, list(changed.values()), needs)


def _touches_lots(record: MemberRecord, need: Need) -> bool:
    if need.takes or record.state.parked_orders:
        return True
    until = _reached(record, need)
    if _is_due(record.state.ledger.due_elsewhere, until):
        return True
    if any(held.until <= until for held in record.state.holds.values()):
        return True
    if any(_is_due(reward.until, until) for reward in record.state.rewards):
        return True
    return any(_is_due(slide.ends_at, until) for slide in record.state.ledger.sliding.values())


def _find_next_due(conn: Connection, brand_id: int, records: list[MemberRecord], needs: Needs) -> None:
    asked = [
        (record.state.id, _reached(record, needs[record.state.id]), record.state.ledger.lots)
        for record in records
    ]
    following = lots.next_due(conn, brand_id, asked)
    for record in records:
        record.state.ledger.due_elsewhere = following.get(record.state.id)
        record.open_books()


def _lots_named(record: MemberRecord, need: Need) -> list[int]:
    """Lots with rows that the orders, redemptions and ending holds at hand name, and those asked for."""
    state = record.state
    named = {granted.lot for one in state.purchases.values() for granted in one.granted}
    named |= {number for one in state.placed.values() for number in one.lots}
    named |= {lot for one in state.published.values() for lot in one.lots}
    named |= {lot for reward in rewards_at_stake(state) for _, _, lot in reward.parts}
    named |= {part.lot for one in state.redemptions.values() for part in one.parts}
    named |= {number for one in need.touches for number in one.lots}
    named |= {part.lot for one in state.rewards for _, parts in one.parts for part in parts}
    if state.holds:
        until, asked = _reached(record, need), {one.hold for one in need.touches}
        ending = [one for one in state.holds.values() if one.until <= until or one.event in asked]
        named |= {part.lot for one in ending for part in one.parts}
    return sorted(number for number in named if number <= record.rows_end)


def _to_spend(record: MemberRecord, need: Need) -> list[ToSpend]:
    wanted = dict(record.returnable) if need.takes else {}
    for one in need.touches:
        for unit, amount in ((one.spends, one.amount), *one.prices):
            if unit:
                wanted[unit] = wanted.get(unit, ZERO) + amount
    member_id, until = record.state.id, _reached(record, need)
    return [ToSpend(member_id, unit, amount, until) for unit, amount in wanted.items() if amount > 0]


def _sliding(record: MemberRecord, need: Need, to_spend: Sequence[ToSpend]) -> Iterator[ToSpend]:
    """How much may be taken of what slides: all of it where it ends."""
    ledger, until = record.state.ledger, _reached(record, need)
    for unit, slide in ledger.sliding.items():
        if _is_due(slide.ends_at, until):
            yield ToSpend(record.state.id, unit, MAX_AMOUNT, until)
        elif slide.ends_at is not None:
            yield from (one for one in to_spend if (one.member_id, one.unit) == (record.state.id, unit))


def _is_due(due_at: datetime | None, until: datetime) -> bool:
    return due_at is not None and due_at <= until


def _reached(record: MemberRecord, need: Need) -> datetime:
    """How far the member's time will come; it never goes back."""
    return max(need.until, record.state.now)


def _load_caps(
    conn: Connection, brand_id: int, timeline: Timeline, known: Mapping[UUID, MemberRecord], *, needs: Needs
) -> None:
    """Uses of caps that are too old to stand in the state: only late events and returns ask for them."""
    asked = {
        CapRange(member_id, *use)
        for member_id, record in known.items()
        if record.lacks_cap_uses
        for use in _cap_uses(timeline, record, needs[member_id])
        if record.may_lack(use[0], use[1])
    }
    if asked:
        for member_id, cap, used in caps.cap_uses(conn, brand_id, sorted(asked)):
            known[member_id].add_cap_use(cap, used)


def _cap_uses(
    timeline: Timeline, record: MemberRecord, need: Need
) -> Iterator[tuple[str, datetime, datetime]]:
    """Cap, first and last moment of the uses that the events and the orders at hand may ask for."""
    state = record.state
    for event in need.events:
        yield from cap_reach(timeline.at(event.occurred_at).program, state, event)
    for placed in (*state.placed.values(), *state.published.values()):
        yield from cap_reach(timeline.number(placed.version).program, state, placed.event)
    for purchase in state.purchases.values():
        yield from ((use.cap, use.moment, use.moment) for use in purchase.cap_uses)
