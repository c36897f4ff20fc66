"""What the journal does when two accounts become one: a row in each of the two, in one transaction (G1)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from bondfire.db import Overtaken
from bondfire.engine import (
    ORDER_ORIGIN,
    Brought,
    Decision,
    Estate,
    Former,
    MemberErased,
    Purchase,
    Touches,
    UnknownMember,
    budgets_for,
    estate_of,
    read_estate,
    shown_member,
)
from bondfire.errors import Conflict
from bondfire.events import Event, own_event
from bondfire.journal.arrivals import arrival_of
from bondfire.journal.batch import Batch
from bondfire.journal.boards import store as boards
from bondfire.journal.budgets import store as budgets
from bondfire.journal.caps import store as caps
from bondfire.journal.caps.store import CapRange
from bondfire.journal.loading import Need, load_records
from bondfire.journal.log import store as journal
from bondfire.journal.log.store import Connection
from bondfire.journal.lots import store as lots
from bondfire.journal.orders import brought_by, load_orders
from bondfire.journal.purchases import store as purchases
from bondfire.journal.record import MemberRecord, Statistics
from bondfire.kit import EPOCH, bucket_of, parse_id
from bondfire.programs import Brand, Timeline

_FOR_EVER: Final = datetime(9999, 12, 31, tzinfo=UTC)


class Because(NamedTuple):
    """Why accounts become one: a word of `events.MERGED_BECAUSE`, and the name of the key or command."""

    reason: str
    actor: str


class Merge(NamedTuple):
    """What was decided on either side, and what came over."""

    estate: Estate
    handed_over: Decision
    taken_over: Decision


class _Counting(Estate, kw_only=True):
    """An estate and what insights had counted."""

    statistics: Statistics


_encode: Final = msgspec.json.Encoder(decimal_format="string").encode


def merge_in_journal(
    conn: Connection, brand: Brand, timeline: Timeline, pair: tuple[UUID, UUID], *, at: datetime, why: Because
) -> Merge:
    """Hand everything of the first of two accounts over to the second, in the caller's transaction.

    The buckets of both are locked in ascending order, so merges that cross wait for each other and never in a
    circle; what holds of the accounts is asked behind the locks. Costs as much as the first has history.

    Args:
        conn: in a transaction; never committed here.
        brand: whose members.
        timeline: the versions of its programme.
        pair: who becomes part, and of whom.
        at: the brand's time; that of the members where it has come further.
        why: see `Because`.

    Raises:
        UnknownMember: one of the two is no member.
        MemberErased: the person behind one of them was erased.
        Overtaken: one of them became part of another account before its bucket was locked; to be run again.
        Conflict: the other cannot take it, for instance because a balance would be beyond 10^15.
    """
    former, survivor = pair
    heads = journal.lock_heads(conn, brand.id, sorted({bucket_of(former), bucket_of(survivor)}))
    returned = purchases.all_purchases(conn, brand.id, former)
    records = _load(conn, brand, timeline, pair, returned=returned, at=at)
    going, staying = records[former], records[survivor]
    at = max(at, going.state.now, staying.state.now)
    batch = Batch(brand, timeline, heads=heads, records=records)
    batch.pass_time(former, at)
    scores = _scores(conn, brand, timeline, former, at=at)
    estate = estate_of(going.state, purchases=returned, scores=scores)
    staying.state.brought = Brought(dict(going.state.placed))
    counting = _Counting(**msgspec.structs.asdict(estate), statistics=going.statistics)
    said = {"occurred_at": at, "reason": why.reason, "actor": why.actor}
    takes = said | {"type": "member.absorbed", "id": f"merge-{shown_member(former)}"}
    takes |= {"from": shown_member(former), "estate": _encode(counting).decode()}
    gives = said | {"type": "member.merged", "id": "merged", "into": shown_member(survivor)}
    event = _own(survivor, takes)
    if keys := budgets_for(timeline.at(at).program, event):
        batch.budgets = budgets.lock_budgets(conn, brand.id, sorted(keys))
    taken = _decide(batch, brand, survivor, event)
    given = _decide(batch, brand, former, _own(former, gives))
    batch.write(conn)
    return Merge(read_estate(str(takes["estate"])), given, taken)


def _own(member_id: UUID, raw: dict[str, object]) -> Event:
    at = raw["occurred_at"]
    assert isinstance(at, datetime)  # noqa: S101 - it was put there
    return own_event({**raw, "member": shown_member(member_id)}, recorded_at=at)


def _scores(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, at: datetime
) -> list[tuple[str, datetime, Decimal]]:
    """What somebody scored in the periods of leaderboards that run."""
    program = timeline.at(at).program
    stretches = [(name, one.stretch_at(at, program.zone)) for name, one in sorted(program.boards.items())]
    running = [(name, stretch.start) for name, stretch in stretches if stretch is not None]
    return boards.scores_of_member(conn, brand.id, member_id, running) if running else []


def _decide(batch: Batch, brand: Brand, member_id: UUID, event: Event) -> Decision:
    _, decision = batch.decide(arrival_of(brand.name, event, member_id))
    if decision.outcome == "refused":
        raise Conflict(decision.message, next_step=decision.next_step, code=decision.code)
    return decision


def _load(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    pair: tuple[UUID, UUID],
    *,
    returned: Sequence[Purchase],
    at: datetime,
) -> dict[UUID, MemberRecord]:
    """Both accounts: all of the one; of the other the open lots, and what bears the same names."""
    former, survivor = pair
    waiting = {member_id: purchases.all_parked(conn, brand.id, member_id) for member_id in pair}
    redeemed = purchases.all_redemptions(conn, brand.id, former)
    orders = sorted({order for returns in waiting.values() for order in returns})
    settled = [Touches(order=order, redemptions_of=order, takes=True) for order in orders]
    named = [Touches(order=one.order) for one in returned]
    named += [Touches(redemption=one.event) for one in redeemed]
    needs = {former: Need(at, [], settled), survivor: Need(at, [], settled + named)}
    records = load_records(conn, brand, timeline, needs, held={})
    brought = [held.origin for held in records[former].state.coupons.values()]
    ordered = [one.removeprefix(ORDER_ORIGIN) for one in brought if one.startswith(ORDER_ORIGIN)]
    same = [(records[survivor], Touches(order=number)) for number in sorted(set(ordered))]
    load_orders(conn, brand, timeline, same)
    for member_id, record in records.items():
        _check(record)
        record.state.parked = waiting[member_id]
        _load_caps(conn, brand.id, record)
    for redemption in redeemed:
        records[former].state.add_redemption(redemption)
    numbers = range(1, records[former].rows_end + 1)
    all_of_former = lots.lots_named(conn, brand.id, [(former, number) for number in numbers])
    for member_id, lot in chain(all_of_former, lots.open_lots(conn, brand.id, [survivor])):
        records[member_id].state.ledger.lots[lot.number] = lot
    for record in records.values():
        record.rows_due_at, record.is_open = None, False
        record.open_books()
    return records


def _check(record: MemberRecord) -> None:
    state = record.state
    name = shown_member(state.id)
    if state.merged_into is not None:
        raise Overtaken(f"{name} became part of another account meanwhile")
    if state.joined_at is None:
        raise UnknownMember(
            f"Nobody has joined as {name}.",
            next_step="Check the reference; a member is known from their first event or from joining.",
        )
    if state.erased_at is not None:
        raise MemberErased(
            f"The person behind {name} was erased.", next_step="Leave it: nothing personal is left to merge."
        )


def _load_caps(conn: Connection, brand_id: int, record: MemberRecord) -> None:
    """Every use of every cap, also those that are too old to stand in the state."""
    used = record.state.cap_used
    asked = [CapRange(record.state.id, cap, EPOCH, _FOR_EVER) for cap in sorted(used)]
    for _, cap, one in caps.cap_uses(conn, brand_id, asked) if asked else ():
        if all(known.moment != one.moment for known in used[cap]):
            record.add_cap_use(cap, one)


def all_brought(conn: Connection, brand: Brand, timeline: Timeline, event: Event) -> Brought:
    """Everything that the account of a merge, and those merged into it before, had placed and published."""
    estate, other = read_estate(str(event.body["estate"])), parse_id("mem", str(event.body["from"]))
    brought = Brought({}, {}, set())
    for former in (Former(other, 0, estate.joined_at), *estate.formerly):
        more = brought_by(conn, brand, timeline, former)
        brought.placed = more.placed | brought.placed
        brought.published = more.published | brought.published
        brought.removed |= more.removed
    return brought
