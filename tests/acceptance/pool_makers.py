"""Makers of acceptance tests about members who spend together."""

from decimal import Decimal
from uuid import UUID

from acceptance.group_makers import DAY, GIFTS
from bondfire.db import connect, transaction
from bondfire.groups import (
    Group,
    Role,
    Spending,
    Wish,
    accept,
    found_group,
    give_back_returned,
    invite,
    leave,
    spend_together,
)
from bondfire.kit import member_id_of
from journal.store_makers import T0, Store

POOLS = GIFTS + "households: {members: 3, spend_per_month: {points: 200}}\ncompanies: {pooling: false}\n"
NAMES = {member_id_of("kaminrot", name): name for name in "abcd"}


def household(store: Store, *members: str, role: Role = "spender") -> UUID:
    """A household of these members, the first of them its owner; all have said yes."""
    owner, *others = members
    with connect(store.dsn) as conn, transaction(conn):
        group = found_group(conn, store.brand, store.timeline, kind="household", owner=owner, at=T0 + DAY)
    for other in others:
        join(store, group, other, role=role)
    return group.group_id


def join(store: Store, group: Group, member: str, *, role: Role = "spender") -> None:
    """Invite a member, who says yes."""
    with connect(store.dsn) as conn, transaction(conn):
        invite(conn, store.brand, store.timeline, group.group_id, member=member, role=role, at=T0 + DAY)
        accept(conn, store.brand, group.group_id, member=member, at=T0 + DAY)


def pay(
    store: Store,
    group: UUID,
    amount: int,
    *,
    member: str = "a",
    at: int = 50,
    number: int = 1,
    order: str = "",
) -> Spending:
    """A spending of the group, so many days after the beginning."""
    wish = Wish("till", f"pay-{number}", member, "points", Decimal(amount), order)
    with connect(store.dsn) as conn, transaction(conn):
        return spend_together(conn, store.brand, store.timeline, group_id=group, wish=wish, at=T0 + at * DAY)


def parts(spending: Spending) -> dict[str, int]:
    """Who paid how much."""
    return {NAMES[payer]: int(amount) for payer, amount in spending.payers.items()}


def give_back(store: Store) -> int:
    """Give back what came back, as the worker does; how many returns were looked at."""
    looked = 0
    with connect(store.dsn) as conn:
        while True:
            with transaction(conn):
                some = give_back_returned(conn, store.brand, store.timeline)
            if not some:
                return looked
            looked += some


def go(store: Store, group: UUID, member: str) -> bool:
    """A member leaves; whether the group is still there."""
    with connect(store.dsn) as conn, transaction(conn):
        return leave(conn, store.brand, group, member=member, at=T0 + 60 * DAY) is not None
