"""The tables of groups: who is in them, what they spent, and which returns were looked at."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import Connection

from bondfire.groups.model import Belonging, Group

INSERT_GROUP: Final = """
INSERT INTO group_account (brand_id, group_id, kind, is_pooled, created_at)
VALUES (%(brand_id)s, %(group_id)s, %(kind)s, %(is_pooled)s, %(created_at)s)
"""
GROUP: Final = """
SELECT kind, is_pooled, created_at FROM group_account
WHERE brand_id = %(brand_id)s AND group_id = %(group_id)s AND dissolved_at IS NULL
"""
LOCK_GROUP: Final = """
SELECT kind, is_pooled, created_at FROM group_account
WHERE brand_id = %(brand_id)s AND group_id = %(group_id)s AND dissolved_at IS NULL
FOR UPDATE
"""
CHANGE_GROUP: Final = """
UPDATE group_account SET is_pooled = %(is_pooled)s, dissolved_at = %(dissolved_at)s
WHERE brand_id = %(brand_id)s AND group_id = %(group_id)s
"""
BELONGINGS: Final = """
SELECT member_id, role, invited_at, joined_at FROM group_member
WHERE brand_id = %(brand_id)s AND group_id = %(group_id)s
ORDER BY invited_at, member_id
"""
WRITE_BELONGING: Final = """
INSERT INTO group_member (brand_id, group_id, member_id, role, invited_at, joined_at)
VALUES (%(brand_id)s, %(group_id)s, %(member_id)s, %(role)s, %(invited_at)s, %(joined_at)s)
ON CONFLICT (brand_id, group_id, member_id) DO UPDATE SET
    role = excluded.role, joined_at = excluded.joined_at
"""
DELETE_BELONGING: Final = """
DELETE FROM group_member
WHERE brand_id = %(brand_id)s AND group_id = %(group_id)s AND member_id = %(member_id)s
"""
DELETE_BELONGINGS: Final = """
DELETE FROM group_member WHERE brand_id = %(brand_id)s AND group_id = %(group_id)s
"""
GROUPS_OF_MEMBER: Final = """
SELECT group_id, joined_at FROM group_member
WHERE brand_id = %(brand_id)s AND member_id = %(member_id)s
ORDER BY invited_at, group_id
"""
INSERT_SPENDING: Final = """
INSERT INTO group_spending (brand_id, group_id, source, event_id, member_id, unit, amount, order_number,
    occurred_at, payers)
VALUES (%(brand_id)s, %(group_id)s, %(source)s, %(event_id)s, %(member_id)s, %(unit)s, %(amount)s,
    %(order_number)s, %(occurred_at)s, %(payers)s)
"""
CHANGE_SPENDING: Final = """
UPDATE group_spending SET payers = %(payers)s
WHERE brand_id = %(brand_id)s AND group_id = %(group_id)s AND source = %(source)s AND event_id = %(event_id)s
"""
SPENDING: Final = """
SELECT group_id, source, event_id, member_id, unit, amount, order_number, occurred_at, payers
FROM group_spending
WHERE brand_id = %(brand_id)s AND group_id = %(group_id)s AND source = %(source)s AND event_id = %(event_id)s
"""
SPENDINGS_OF_ORDER: Final = """
SELECT group_id, source, event_id, member_id, unit, amount, order_number, occurred_at, payers
FROM group_spending
WHERE brand_id = %(brand_id)s AND member_id = ANY(%(members)s::uuid[]) AND order_number <> ''
    AND order_number = %(order_number)s
"""
SPENT_SINCE: Final = """
SELECT COALESCE(SUM(amount), 0) FROM group_spending
WHERE brand_id = %(brand_id)s AND group_id = %(group_id)s AND member_id = %(member_id)s AND unit = %(unit)s
    AND occurred_at >= %(since)s AND occurred_at < %(until)s
"""
REPORT_POSITIONS: Final = "SELECT bucket, seq FROM group_position WHERE brand_id = %(brand_id)s"
MOVE_POSITIONS: Final = """
INSERT INTO group_position AS known (brand_id, bucket, seq)
SELECT %(brand_id)s, moved.bucket, moved.seq
FROM unnest(%(buckets)s::int[], %(seqs)s::bigint[]) AS moved (bucket, seq)
ORDER BY moved.bucket
ON CONFLICT (brand_id, bucket) DO UPDATE SET seq = GREATEST(known.seq, excluded.seq)
"""
HAS_GROUPS: Final = "SELECT 1 FROM group_spending WHERE brand_id = %(brand_id)s LIMIT 1"


class Spending(NamedTuple):
    """What a group paid.

    Attributes:
        source, event_id: how whoever asked for it names it.
        member_id: who asked for it. order: the order that was paid, "" for none.
        payers: who paid which part, and `given_back`: how much of it went back to them.
    """

    group_id: UUID
    source: str
    event_id: str
    member_id: UUID
    unit: str
    amount: Decimal
    order: str
    occurred_at: datetime
    payers: dict[UUID, Decimal]
    given_back: dict[UUID, Decimal]


def insert_group(conn: Connection, brand_id: int, group: Group) -> None:
    """Add a group with its members."""
    values = {"kind": group.kind, "is_pooled": group.is_pooled, "created_at": group.created_at}
    conn.execute(INSERT_GROUP, {"brand_id": brand_id, "group_id": group.group_id, **values})
    for belonging in group.belongings:
        write_belonging(conn, brand_id, group.group_id, belonging)


def group_of(conn: Connection, brand_id: int, group_id: UUID, *, locked: bool = False) -> Group | None:
    """A group that was not dissolved; locked until the transaction ends, so that nobody else changes it."""
    place = {"brand_id": brand_id, "group_id": group_id}
    row = conn.execute(LOCK_GROUP if locked else GROUP, place).fetchone()
    if row is None:
        return None
    kind, is_pooled, created_at = row
    rows = conn.execute(BELONGINGS, place)
    belongings = tuple(
        Belonging(member_id=member_id, role=role, invited_at=invited_at, joined_at=joined_at)
        for member_id, role, invited_at, joined_at in rows
    )
    return Group(
        group_id=group_id, kind=kind, is_pooled=is_pooled, created_at=created_at, belongings=belongings
    )


def change_group(
    conn: Connection, brand_id: int, group: Group, *, is_pooled: bool, dissolved_at: datetime | None = None
) -> None:
    """Switch pooling, or dissolve the group."""
    values = {"is_pooled": is_pooled, "dissolved_at": dissolved_at}
    conn.execute(CHANGE_GROUP, {"brand_id": brand_id, "group_id": group.group_id, **values})
    if dissolved_at is not None:
        conn.execute(DELETE_BELONGINGS, {"brand_id": brand_id, "group_id": group.group_id})


def write_belonging(conn: Connection, brand_id: int, group_id: UUID, one: Belonging) -> None:
    """Add a member, or change what is known of them."""
    values = {"role": one.role, "invited_at": one.invited_at, "joined_at": one.joined_at}
    place = {"brand_id": brand_id, "group_id": group_id, "member_id": one.member_id}
    conn.execute(WRITE_BELONGING, place | values)


def delete_belonging(conn: Connection, brand_id: int, group_id: UUID, member_id: UUID) -> None:
    """Forget that somebody was in a group."""
    conn.execute(DELETE_BELONGING, {"brand_id": brand_id, "group_id": group_id, "member_id": member_id})


def groups_of_member(conn: Connection, brand_id: int, member_id: UUID) -> list[tuple[UUID, datetime | None]]:
    """The groups a member is in or invited to, and since when they are in."""
    return conn.execute(GROUPS_OF_MEMBER, {"brand_id": brand_id, "member_id": member_id}).fetchall()


def insert_spending(conn: Connection, brand_id: int, one: Spending) -> None:
    """Remember a spending."""
    values = one._asdict() | {"brand_id": brand_id, "order_number": one.order, "payers": _payers_text(one)}
    del values["given_back"]
    conn.execute(INSERT_SPENDING, values)


def change_spending(conn: Connection, brand_id: int, one: Spending) -> None:
    """Remember what of a spending went back."""
    place = {"brand_id": brand_id, "group_id": one.group_id, "source": one.source, "event_id": one.event_id}
    conn.execute(CHANGE_SPENDING, place | {"payers": _payers_text(one)})


def _payers_text(one: Spending) -> str:
    """By member what they paid and what of it went back to them."""
    parts = {
        payer.hex: [str(amount), str(one.given_back.get(payer, 0))] for payer, amount in one.payers.items()
    }
    return json.dumps(parts)


def spending_named(
    conn: Connection, brand_id: int, group_id: UUID, *, source: str, event_id: str
) -> Spending | None:
    """The spending that bears this name."""
    values = {"brand_id": brand_id, "group_id": group_id, "source": source, "event_id": event_id}
    row = conn.execute(SPENDING, values).fetchone()
    return None if row is None else _spending(row)


def spendings_of_order(
    conn: Connection, brand_id: int, members: Sequence[UUID], order: str
) -> list[Spending]:
    """What groups paid for an order that one of these accounts placed."""
    values = {"brand_id": brand_id, "members": list(members), "order_number": order}
    return [_spending(row) for row in conn.execute(SPENDINGS_OF_ORDER, values)]


def _spending(row: Sequence[Any]) -> Spending:
    *rest, payers = row
    parts = {UUID(hex=member): part for member, part in json.loads(payers).items()}
    paid = {member: Decimal(amount) for member, (amount, _) in parts.items()}
    given_back = {member: Decimal(back) for member, (_, back) in parts.items()}
    return Spending._make((*rest, paid, given_back))


def spent_between(
    conn: Connection,
    brand_id: int,
    group_id: UUID,
    member_id: UUID,
    *,
    unit: str,
    month: tuple[datetime, datetime],
) -> Decimal:
    """How much of a unit a member spent for the group in a month."""
    values = {"brand_id": brand_id, "group_id": group_id, "member_id": member_id, "unit": unit}
    row = conn.execute(SPENT_SINCE, values | {"since": month[0], "until": month[1]}).fetchone()
    return row[0] if row else Decimal(0)


def has_spendings(conn: Connection, brand_id: int) -> bool:
    """Whether any group of the brand ever spent anything."""
    return conn.execute(HAS_GROUPS, {"brand_id": brand_id}).fetchone() is not None


def positions(conn: Connection, brand_id: int) -> dict[int, int]:
    """The return that was looked at last, by bucket."""
    return dict(conn.execute(REPORT_POSITIONS, {"brand_id": brand_id}).fetchall())


def move_positions(conn: Connection, brand_id: int, positions: Mapping[int, int]) -> None:
    """Remember how far it has come; never back, whoever is slower."""
    values = {"brand_id": brand_id, "buckets": [*positions], "seqs": [*positions.values()]}
    conn.execute(MOVE_POSITIONS, values)
