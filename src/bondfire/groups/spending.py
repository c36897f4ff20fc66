"""A group spends: what ends first pays first, whoever has it; and a return gives it back to them (G2)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from bondfire.db import Connection
from bondfire.engine import IdentityConflict, UnknownUnit, shown_member
from bondfire.errors import Conflict
from bondfire.events import Event, own_event
from bondfire.groups import store
from bondfire.groups.actions import pooling_of, read_group
from bondfire.groups.errors import SpendLimit
from bondfire.groups.model import Group, check_spender, share_out
from bondfire.groups.store import Spending
from bondfire.journal import due_back_of_order, returns_after, spendable_lots, tell_members
from bondfire.kit import (
    BUCKETS,
    AmountError,
    day_of,
    digest_of,
    end_of,
    format_amount,
    parse_amount,
    window_on,
)
from bondfire.ledger import ZERO
from bondfire.members import accounts_of, find_member, survivors_of
from bondfire.programs import Brand, Timeline

_NOWHERE: Final = dict.fromkeys(range(BUCKETS), 0)


class Wish(NamedTuple):
    """What is to be paid.

    Attributes:
        source, event_id: the sender's name of it; the same again changes nothing.
        member: reference or id of who spends. order: the order that is paid, "" for none.
    """

    source: str
    event_id: str
    member: str
    unit: str
    amount: Decimal
    order: str = ""


def spend_together(
    conn: Connection, brand: Brand, timeline: Timeline, *, group_id: UUID, wish: Wish, at: datetime
) -> Spending:
    """Pay with the points of a group, in the caller's transaction; who paid which part is in the answer.

    The buckets of all members are locked in ascending order. Each who pays has one event `points.spent` in
    their own journal, and all have the same id, which follows from the group and the name of the wish.

    Args:
        conn: in a transaction; never committed here.
        brand: whose members.
        timeline: the versions of its programme.
        group_id: which group.
        wish: what is to be paid.
        at: the brand's time.

    Raises:
        NotFound: no such group, or the member is not in it. NotSpender: their role does not let them.
        Conflict: the group has less, the member's month is used up, or the name stands for another wish.
    """
    group = read_group(conn, brand, group_id, locked=True)
    spender = find_member(conn, brand, wish.member)
    known = store.spending_named(conn, brand.id, group_id, source=wish.source, event_id=wish.event_id)
    if known is not None:
        return _the_same(known, wish)
    check_spender(group, spender)
    _check_amount(timeline, wish)
    _check_month(conn, brand, timeline, group=group, wish=wish, spender=spender, at=at)
    members = group.joined if group.is_pooled else [spender]
    lots = spendable_lots(conn, brand, timeline, members, unit=wish.unit, at=at)
    spending = Spending(
        group_id,
        wish.source,
        wish.event_id,
        spender,
        wish.unit,
        wish.amount,
        wish.order,
        at,
        share_out(lots, wish.unit, wish.amount),
        given_back={},
    )
    news = [(payer, _spent(spending, payer)) for payer in spending.payers]
    for decision in tell_members(conn, brand, timeline, news):
        if decision.outcome == "refused":
            raise Conflict(decision.message, next_step=decision.next_step, code=decision.code)
    store.insert_spending(conn, brand.id, spending)
    if wish.order:
        _give_back(conn, brand, timeline, spending, owner=spender, at=at)
    return spending


def _the_same(known: Spending, wish: Wish) -> Spending:
    if (known.unit, known.amount, known.order) != (wish.unit, wish.amount, wish.order):
        raise IdentityConflict(
            f"Spending {wish.event_id} of {wish.source} came before with other contents; the first stands.",
            next_step="Send another one under a new id.",
        )
    return known


def _check_amount(timeline: Timeline, wish: Wish) -> None:
    unit = timeline.newest.program.units.get(wish.unit)
    if unit is None or unit.qualifying:
        known = sorted(name for name, one in timeline.newest.program.units.items() if not one.qualifying)
        raise UnknownUnit(
            f"The programme has no unit {wish.unit!r} that can be spent.",
            next_step=f"It has: {', '.join(known)}.",
        )
    if not parse_amount(wish.amount, decimals=unit.decimals, name="amount"):
        raise AmountError("amount is 0.", next_step="Send an amount above zero.")


def _check_month(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    *,
    group: Group,
    wish: Wish,
    spender: UUID,
    at: datetime,
) -> None:
    limit = pooling_of(timeline, group.kind).spend_per_month.get(wish.unit)
    if limit is None:
        return
    zone = timeline.newest.program.zone
    month = window_on("month", day_of(at, zone), zone, since=at), end_of("month", at, zone)
    spent = store.spent_between(conn, brand.id, group.group_id, spender, unit=wish.unit, month=month)
    if spent + wish.amount > limit:
        raise SpendLimit(
            f"One member may spend {format_amount(limit)} {wish.unit} in a month, and "
            f"{format_amount(limit - spent)} of them are left.",
            next_step="Spend less, or next month.",
        )


def _name_of(spending: Spending) -> str:
    return f"group-{digest_of('group', spending.group_id.hex, spending.source, spending.event_id).hex()}"


def _spent(spending: Spending, payer: UUID) -> Event:
    order = {"order": spending.order} if spending.order else {}
    raw = {"type": "points.spent", "id": _name_of(spending), "amount": spending.payers[payer], **order}
    return _own(raw, payer, spending.unit, spending.occurred_at)


def _own(raw: Mapping[str, object], member_id: UUID, unit: str, at: datetime) -> Event:
    said = {"member": shown_member(member_id), "unit": unit, "occurred_at": at}
    return own_event({**raw, **said}, recorded_at=at)


def give_back_returned(conn: Connection, brand: Brand, timeline: Timeline, *, limit: int = 500) -> int:
    """Give back what others of a group paid for orders that came back, in the caller's transaction (R11).

    Reads the journal behind the place it stands at; whoever placed the order got their part with the return.
    Done again it changes nothing. Call it again until it gives 0.

    Returns:
        At how many returns it looked.
    """
    if not store.has_spendings(conn, brand.id):
        return 0
    places = _NOWHERE | store.positions(conn, brand.id)
    rows = returns_after(conn, brand, places, limit=limit)
    for row in rows:
        accounts = accounts_of(conn, brand, row.member_id)
        for order in row.orders:
            for spending in store.spendings_of_order(conn, brand.id, accounts, order):
                _give_back(conn, brand, timeline, spending, owner=row.member_id, at=row.occurred_at)
    if rows:
        store.move_positions(conn, brand.id, {row.bucket: row.seq for row in rows})
    return len(rows)


def _give_back(
    conn: Connection, brand: Brand, timeline: Timeline, spending: Spending, *, owner: UUID, at: datetime
) -> None:
    """Bring each of the others to what must have gone back by now; the event says up to how much."""
    survivors = survivors_of(conn, brand, list(spending.payers))
    others = {
        payer: amount for payer, amount in spending.payers.items() if survivors.get(payer, payer) != owner
    }
    decimals = timeline.newest.program.units[spending.unit].decimals
    due = due_back_of_order(conn, brand, owner, order=spending.order, amounts=others, decimals=decimals)
    news: list[tuple[UUID, Event]] = []
    for payer, up_to in sorted(due.items()):
        done = spending.given_back.get(payer, ZERO)
        if up_to > done:
            to = survivors.get(payer, payer)
            news.append((to, _restored(spending, payer, to, parts=(done, up_to), at=at)))
            spending.given_back[payer] = up_to
    if news:
        tell_members(conn, brand, timeline, news)
        store.change_spending(conn, brand.id, spending)


def _restored(
    spending: Spending, payer: UUID, to: UUID, *, parts: tuple[Decimal, Decimal], at: datetime
) -> Event:
    """Of whoever became part of another account the spending is found by its order: its name may be taken."""
    (done, up_to), name = parts, _name_of(spending)
    named = {"spend": name} if to == payer else {"order": spending.order}
    said = {"id": f"{name}-{payer.hex[:8]}-{format_amount(up_to)}", "amount": up_to - done}
    return _own({"type": "points.restored", **said, **named}, to, spending.unit, at)
