"""The tables of what members share: stock, claims, codes.

The order of locks, for everybody: the bucket of the member, then claims, then stock, then codes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import psycopg

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

OPEN_STOCK: Final = """
INSERT INTO reward_stock (brand_id, reward, taken, waiting, last_place)
VALUES (%(brand_id)s, %(reward)s, 0, 0, 0)
ON CONFLICT (brand_id, reward) DO NOTHING
"""
CLAIM: Final = """
UPDATE reward_stock SET taken = taken + %(quantity)s
WHERE brand_id = %(brand_id)s AND reward = %(reward)s AND waiting = 0
    AND taken + %(quantity)s <= %(stock)s
"""
CLAIM_FOR_FIRST: Final = """
UPDATE reward_stock SET taken = taken + %(quantity)s, waiting = waiting - 1
WHERE brand_id = %(brand_id)s AND reward = %(reward)s AND taken + %(quantity)s <= %(stock)s
"""
GIVE_BACK: Final = """
UPDATE reward_stock SET taken = taken - %(taken)s, waiting = waiting - %(waiting)s
WHERE brand_id = %(brand_id)s AND reward = %(reward)s
"""
TAKE_PLACE: Final = """
UPDATE reward_stock SET waiting = waiting + 1, last_place = last_place + 1
WHERE brand_id = %(brand_id)s AND reward = %(reward)s
RETURNING last_place
"""
STOCKS: Final = (
    "SELECT reward, taken, waiting FROM reward_stock WHERE brand_id = %(brand_id)s ORDER BY reward"
)
WAITED_FOR: Final = """
SELECT reward FROM reward_stock WHERE brand_id = %(brand_id)s AND waiting > 0 ORDER BY reward
"""
ADD_CLAIM: Final = """
INSERT INTO reward_claim (brand_id, redemption, reward, member_id, quantity, place, is_counted, until)
VALUES (%(brand_id)s, %(redemption)s, %(reward)s, %(member_id)s, %(quantity)s, %(place)s, %(is_counted)s,
    %(until)s)
"""
LOCK_CLAIM: Final = """
SELECT redemption, reward, member_id, quantity, place, is_counted, until FROM reward_claim
WHERE brand_id = %(brand_id)s AND redemption = %(redemption)s
FOR UPDATE
"""
FIRST_IN_LINE: Final = """
SELECT redemption, reward, member_id, quantity, place, is_counted, until FROM reward_claim
WHERE brand_id = %(brand_id)s AND reward = %(reward)s AND place IS NOT NULL
ORDER BY place
LIMIT 1
"""
KEEP_CLAIM: Final = """
UPDATE reward_claim SET quantity = %(quantity)s
WHERE brand_id = %(brand_id)s AND redemption = %(redemption)s
"""
DROP_CLAIM: Final = "DELETE FROM reward_claim WHERE brand_id = %(brand_id)s AND redemption = %(redemption)s"
END_CLAIMS: Final = """
DELETE FROM reward_claim
WHERE (brand_id, redemption) IN (
    SELECT brand_id, redemption FROM reward_claim
    WHERE brand_id = %(brand_id)s AND until <= %(until)s
    ORDER BY until, redemption
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
)
RETURNING redemption, reward, member_id, quantity, place, is_counted, until
"""
ADD_CODE: Final = """
INSERT INTO reward_code (brand_id, code_hash, reward, member_id, redemption)
VALUES (%(brand_id)s, %(code_hash)s, %(reward)s, %(member_id)s, %(redemption)s)
ON CONFLICT (brand_id, redemption) DO UPDATE SET code_hash = excluded.code_hash
"""
CODE: Final = """
SELECT member_id, redemption FROM reward_code
WHERE brand_id = %(brand_id)s AND code_hash = %(code_hash)s
"""
DROP_CODE: Final = "DELETE FROM reward_code WHERE brand_id = %(brand_id)s AND redemption = %(redemption)s"
NOT_USED: Final = """
SELECT member_id, redemption FROM reward_code
WHERE brand_id = %(brand_id)s AND reward = %(reward)s
ORDER BY redemption
LIMIT 1
"""
IMPORT_CODES: Final = """
INSERT INTO partner_code (brand_id, reward, code)
SELECT %(brand_id)s, %(reward)s, sent.code FROM unnest(%(codes)s::text[]) AS sent (code)
ORDER BY sent.code
ON CONFLICT (brand_id, reward, code) DO NOTHING
"""
TAKE_PARTNER_CODE: Final = """
UPDATE partner_code SET redemption = %(redemption)s
WHERE brand_id = %(brand_id)s AND reward = %(reward)s AND redemption IS NULL AND code = (
    SELECT code FROM partner_code
    WHERE brand_id = %(brand_id)s AND reward = %(reward)s AND redemption IS NULL
    ORDER BY code
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING code
"""
PUT_PARTNER_CODES_BACK: Final = """
UPDATE partner_code SET redemption = NULL
WHERE brand_id = %(brand_id)s AND redemption = ANY(%(redemptions)s::text[])
"""
PARTNER_CODES: Final = """
SELECT redemption, code FROM partner_code
WHERE brand_id = %(brand_id)s AND redemption = ANY(%(redemptions)s::text[])
"""
PARTNER_CODES_LEFT: Final = """
SELECT reward, COUNT(*) FROM partner_code
WHERE brand_id = %(brand_id)s AND redemption IS NULL
GROUP BY reward
"""


class Claim(NamedTuple):
    """What is held or waited for.

    Attributes:
        place: in the line of those who wait; None where it is held.
        is_counted: whether it counts in the stock.
    """

    redemption: str
    reward: str
    member_id: UUID
    quantity: int
    place: int | None
    is_counted: bool
    until: datetime


class Stock(NamedTuple):
    """How many of a reward are taken or held, and how many wait for one."""

    taken: int
    waiting: int


def claim(conn: Connection, brand_id: int, reward: str, *, quantity: int, stock: int) -> bool:
    """Count so many as taken; False: there are not so many, or others wait."""
    values = {"brand_id": brand_id, "reward": reward, "quantity": quantity, "stock": stock}
    if conn.execute(CLAIM, values).rowcount:
        return True
    conn.execute(OPEN_STOCK, values)
    return bool(conn.execute(CLAIM, values).rowcount)


def claim_for_first(conn: Connection, brand_id: int, reward: str, *, quantity: int, stock: int) -> bool:
    """The same for the first of those who wait, who then waits no longer."""
    values = {"brand_id": brand_id, "reward": reward, "quantity": quantity, "stock": stock}
    return bool(conn.execute(CLAIM_FOR_FIRST, values).rowcount)


def give_back(conn: Connection, brand_id: int, reward: str, *, taken: int = 0, waiting: int = 0) -> None:
    """So many are free again, and so many wait no longer."""
    values = {"brand_id": brand_id, "reward": reward, "taken": taken, "waiting": waiting}
    conn.execute(GIVE_BACK, values)


def take_place(conn: Connection, brand_id: int, reward: str) -> int:
    """The next place in the line."""
    values = {"brand_id": brand_id, "reward": reward}
    conn.execute(OPEN_STOCK, values)
    (place,) = conn.execute(TAKE_PLACE, values).fetchone() or (0,)
    return int(place)


def stocks(conn: Connection, brand_id: int) -> dict[str, Stock]:
    """How many are taken and waited for, by reward."""
    rows = conn.execute(STOCKS, {"brand_id": brand_id})
    return {reward: Stock(taken, waiting) for reward, taken, waiting in rows}


def waited_for(conn: Connection, brand_id: int) -> list[str]:
    """Rewards that somebody waits for, by name."""
    return [reward for (reward,) in conn.execute(WAITED_FOR, {"brand_id": brand_id})]


def add_claim(conn: Connection, brand_id: int, one: Claim) -> None:
    """Remember what is held or waited for."""
    conn.execute(ADD_CLAIM, {"brand_id": brand_id, **one._asdict()})


def lock_claim(conn: Connection, brand_id: int, redemption: str) -> Claim | None:
    """What is held or waited for under this id, until the transaction ends; None: nothing any more."""
    row = conn.execute(LOCK_CLAIM, {"brand_id": brand_id, "redemption": redemption}).fetchone()
    return Claim(*row) if row else None


def first_in_line(conn: Connection, brand_id: int, reward: str) -> Claim | None:
    """Who waits longest."""
    row = conn.execute(FIRST_IN_LINE, {"brand_id": brand_id, "reward": reward}).fetchone()
    return Claim(*row) if row else None


def lessen_claim(conn: Connection, brand_id: int, one: Claim, quantity: int) -> None:
    """So many of it are no longer held or waited for."""
    left = one.quantity - quantity
    values = {"brand_id": brand_id, "redemption": one.redemption, "quantity": left}
    conn.execute(KEEP_CLAIM if left else DROP_CLAIM, values)


def end_claims(conn: Connection, brand_id: int, until: datetime, *, most: int) -> list[Claim]:
    """Forget claims that are over; those that somebody is at work with are left for later."""
    values = {"brand_id": brand_id, "until": until, "most": most}
    return [Claim(*row) for row in conn.execute(END_CLAIMS, values)]


class Code(NamedTuple):
    """A code that can be used once, as we know it."""

    code_hash: bytes
    reward: str
    member_id: UUID
    redemption: str


def keep_code(conn: Connection, brand_id: int, one: Code) -> None:
    """Let a code be used; the redemption's code before it opens nothing any more."""
    conn.execute(ADD_CODE, {"brand_id": brand_id, **one._asdict()})


def redemption_of_code(conn: Connection, brand_id: int, code_hash: bytes) -> tuple[UUID, str] | None:
    """Whose code it is, and of which redemption; None: of nobody's, or not any more."""
    return conn.execute(CODE, {"brand_id": brand_id, "code_hash": code_hash}).fetchone()


def first_not_used(conn: Connection, brand_id: int, reward: str) -> tuple[UUID, str] | None:
    """Somebody whose code of a reward was not used, and the redemption; None: there is nobody."""
    return conn.execute(NOT_USED, {"brand_id": brand_id, "reward": reward}).fetchone()


def drop_code(conn: Connection, brand_id: int, redemption: str) -> None:
    """The code of a redemption opens nothing any more."""
    conn.execute(DROP_CODE, {"brand_id": brand_id, "redemption": redemption})


def import_codes(conn: Connection, brand_id: int, reward: str, codes: Sequence[str]) -> int:
    """Add codes of a partner; how many were new."""
    values = {"brand_id": brand_id, "reward": reward, "codes": list(codes)}
    return conn.execute(IMPORT_CODES, values).rowcount


def take_partner_code(conn: Connection, brand_id: int, reward: str, redemption: str) -> str | None:
    """The next code that nobody has; None: there is none."""
    values = {"brand_id": brand_id, "reward": reward, "redemption": redemption}
    row = conn.execute(TAKE_PARTNER_CODE, values).fetchone()
    return row[0] if row else None


def put_partner_codes_back(conn: Connection, brand_id: int, redemptions: Sequence[str]) -> None:
    """Nobody was shown the codes of these redemptions: others may get them."""
    conn.execute(PUT_PARTNER_CODES_BACK, {"brand_id": brand_id, "redemptions": list(redemptions)})


def partner_codes(conn: Connection, brand_id: int, redemptions: Sequence[str]) -> dict[str, str]:
    """The partner's code of each redemption that has one."""
    values = {"brand_id": brand_id, "redemptions": list(redemptions)}
    return dict(conn.execute(PARTNER_CODES, values).fetchall())


def partner_codes_left(conn: Connection, brand_id: int) -> dict[str, int]:
    """How many codes nobody has, by reward."""
    return dict(conn.execute(PARTNER_CODES_LEFT, {"brand_id": brand_id}).fetchall())
