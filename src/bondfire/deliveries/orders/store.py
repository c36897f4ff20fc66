"""The table of whose the orders of shops are; refunds often do not say it themselves."""

from collections.abc import Sequence
from typing import Final

from psycopg import Connection

CLAIM_ORDER: Final = """
INSERT INTO order_owner (brand_id, source, order_number, member)
VALUES (%(brand_id)s, %(source)s, %(order)s, %(member)s)
ON CONFLICT (brand_id, source, order_number) DO UPDATE SET
    member = COALESCE(order_owner.member, excluded.member)
RETURNING member
"""
WAIT_FOR_ORDER: Final = """
INSERT INTO order_owner (brand_id, source, order_number)
VALUES (%(brand_id)s, %(source)s, %(order)s)
ON CONFLICT (brand_id, source, order_number) DO NOTHING
"""
OWNER_OF_ORDER: Final = """
SELECT member FROM order_owner
WHERE brand_id = %(brand_id)s AND source = %(source)s AND order_number = %(order)s
"""
FORGET_OWNERS: Final = """
DELETE FROM order_owner WHERE brand_id = %(brand_id)s AND member = ANY(%(members)s::text[])
"""


def claim_order(conn: Connection, brand_id: int, source: str, order: str, *, member: str) -> str:
    """Say whose an order is; whoever was said first stays it, and is answered."""
    values = {"brand_id": brand_id, "source": source, "order": order, "member": member}
    row = conn.execute(CLAIM_ORDER, values).fetchone()
    return member if row is None else str(row[0])


def owner_of_order(conn: Connection, brand_id: int, source: str, order: str) -> str | None:
    """Whose an order is, or None."""
    values = {"brand_id": brand_id, "source": source, "order": order}
    row = conn.execute(OWNER_OF_ORDER, values).fetchone()
    return None if row is None else row[0]


def wait_for_order(conn: Connection, brand_id: int, source: str, order: str) -> str | None:
    """Whose an order is; when nobody knows, leave word that somebody waits for it.

    Whoever brings the order meets this row, so of the two, at the same moment, one sees the other.
    """
    conn.execute(WAIT_FOR_ORDER, {"brand_id": brand_id, "source": source, "order": order})
    return owner_of_order(conn, brand_id, source, order)


def forget_owners(conn: Connection, brand_id: int, members: Sequence[str]) -> int:
    """Forget which orders were theirs; how many."""
    return conn.execute(FORGET_OWNERS, {"brand_id": brand_id, "members": list(members)}).rowcount
