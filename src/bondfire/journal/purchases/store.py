"""Purchases that something came back of, redemptions and waiting returns: read and write them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from bondfire.engine import Parked, Purchase, Redemption
from bondfire.journal.log.arrays import array_of, in_columns
from bondfire.journal.log.store import Connection
from bondfire.kit import bucket_of

PURCHASES: Final = """
SELECT asked.member_id, found.body
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(orders)s::text[])
    AS asked (bucket, member_id, order_number),
LATERAL (
    SELECT body FROM purchase
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id
        AND order_number = asked.order_number
    LIMIT 1
) AS found
"""
REDEMPTIONS: Final = """
SELECT asked.member_id, found.body
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(events)s::text[])
    AS asked (bucket, member_id, event_id),
LATERAL (
    SELECT body FROM redemption
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id
        AND event_id = asked.event_id
    OFFSET 0
) AS found
"""
OPEN_REDEMPTIONS: Final = """
SELECT asked.member_id, found.body
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(units)s::text[]) AS asked (bucket, member_id, unit),
LATERAL (
    SELECT body FROM redemption
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id AND is_open
        AND unit = asked.unit
    OFFSET 0
) AS found
"""
REDEMPTIONS_OF_ORDERS: Final = """
SELECT asked.member_id, found.body
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(orders)s::text[])
    AS asked (bucket, member_id, order_number),
LATERAL (
    SELECT body FROM redemption
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id
        AND order_number <> '' AND order_number = asked.order_number
    OFFSET 0
) AS found
"""
PARKED: Final = """
SELECT asked.member_id, asked.order_number, found.body
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(orders)s::text[])
    AS asked (bucket, member_id, order_number),
LATERAL (
    SELECT body FROM parked_return
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id
        AND order_number = asked.order_number
    LIMIT 1
) AS found
"""
ALL_PURCHASES: Final = """
SELECT body FROM purchase
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s ORDER BY order_number
"""
ALL_REDEMPTIONS: Final = """
SELECT body FROM redemption
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
ORDER BY event_id, source
"""
ALL_PARKED: Final = """
SELECT order_number, body FROM parked_return
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s ORDER BY order_number
"""
WRITE_PURCHASES: Final = """
INSERT INTO purchase (brand_id, bucket, member_id, order_number, body)
SELECT %(brand_id)s, changed.*
FROM unnest(%(bucket)s::int[], %(member_id)s::uuid[], %(order_number)s::text[], %(body)s::text[]) AS changed
ON CONFLICT (brand_id, bucket, member_id, order_number) DO UPDATE SET body = excluded.body
"""
CHANGE_REDEMPTIONS: Final = """
INSERT INTO redemption (brand_id, bucket, member_id, event_id, source, unit, order_number, is_open, body)
SELECT %(brand_id)s, changed.*
FROM unnest(%(bucket)s::int[], %(member_id)s::uuid[], %(event_id)s::text[], %(source)s::text[],
    %(unit)s::text[], %(order_number)s::text[], %(is_open)s::boolean[], %(body)s::text[]) AS changed
ON CONFLICT (brand_id, bucket, member_id, event_id, source) DO UPDATE SET
    unit = excluded.unit, order_number = excluded.order_number, is_open = excluded.is_open,
    body = excluded.body
"""
WRITE_PARKED: Final = """
INSERT INTO parked_return (brand_id, bucket, member_id, order_number, body)
SELECT %(brand_id)s, changed.*
FROM unnest(%(bucket)s::int[], %(member_id)s::uuid[], %(order_number)s::text[], %(body)s::text[]) AS changed
ON CONFLICT (brand_id, bucket, member_id, order_number) DO UPDATE SET body = excluded.body
"""
DELETE_PARKED: Final = """
DELETE FROM parked_return AS parked
USING unnest(%(buckets)s::int[], %(members)s::uuid[], %(orders)s::text[])
    AS settled (bucket, member_id, order_number)
WHERE parked.brand_id = %(brand_id)s AND parked.bucket = settled.bucket
    AND parked.member_id = settled.member_id AND parked.order_number = settled.order_number
"""

_PURCHASE_FIELDS: Final = ("bucket", "member_id", "order_number", "body")
_PARKED_FIELDS: Final = ("bucket", "member_id", "order_number", "body")
_REDEMPTION_FIELDS: Final = (
    "bucket",
    "member_id",
    "event_id",
    "source",
    "unit",
    "order_number",
    "is_open",
    "body",
)

_encode: Final = msgspec.json.Encoder(decimal_format="string").encode
read_purchase: Final = msgspec.json.Decoder(Purchase).decode
read_redemption: Final = msgspec.json.Decoder(Redemption).decode
read_parked: Final = msgspec.json.Decoder(list[Parked]).decode


def purchases_of(
    conn: Connection, brand_id: int, orders: Sequence[tuple[UUID, str]]
) -> Iterator[tuple[UUID, Purchase]]:
    """The purchases with these order numbers that something has come back of."""
    values = _asked(brand_id, [member_id for member_id, _ in orders])
    values["orders"] = array_of([order for _, order in orders])
    for member_id, body in conn.execute(PURCHASES, values):
        yield member_id, read_purchase(body)


def redemptions_of(
    conn: Connection, brand_id: int, events: Sequence[tuple[UUID, str]]
) -> Iterator[tuple[UUID, Redemption]]:
    """The redemptions that events with these ids made."""
    values = _asked(brand_id, [member_id for member_id, _ in events])
    values["events"] = array_of([event for _, event in events])
    for member_id, body in conn.execute(REDEMPTIONS, values):
        yield member_id, read_redemption(body)


def redemptions_of_orders(
    conn: Connection, brand_id: int, orders: Sequence[tuple[UUID, str]]
) -> Iterator[tuple[UUID, Redemption]]:
    """The redemptions that paid these orders.

    Also those that are given back: to ask for the others alone would let the planner read all that are open.
    """
    values = _asked(brand_id, [member_id for member_id, _ in orders])
    values["orders"] = array_of([order for _, order in orders])
    for member_id, body in conn.execute(REDEMPTIONS_OF_ORDERS, values):
        yield member_id, read_redemption(body)


def open_redemptions(
    conn: Connection, brand_id: int, units: Sequence[tuple[UUID, str]]
) -> Iterator[tuple[UUID, Redemption]]:
    """The redemptions of these units that can still be given back."""
    values = _asked(brand_id, [member_id for member_id, _ in units])
    values["units"] = array_of([unit for _, unit in units])
    for member_id, body in conn.execute(OPEN_REDEMPTIONS, values):
        yield member_id, read_redemption(body)


def parked_for(
    conn: Connection, brand_id: int, orders: Sequence[tuple[UUID, str]]
) -> Iterator[tuple[UUID, str, list[Parked]]]:
    """The returns that wait for these orders."""
    values = _asked(brand_id, [member_id for member_id, _ in orders])
    values["orders"] = array_of([order for _, order in orders])
    for member_id, order, body in conn.execute(PARKED, values):
        yield member_id, order, read_parked(body)


def all_purchases(conn: Connection, brand_id: int, member_id: UUID) -> list[Purchase]:
    """Every purchase of a member that something came back of."""
    rows = conn.execute(ALL_PURCHASES, _whole(brand_id, member_id))
    return [read_purchase(body) for (body,) in rows]


def all_redemptions(conn: Connection, brand_id: int, member_id: UUID) -> list[Redemption]:
    """Everything a member ever paid with points."""
    rows = conn.execute(ALL_REDEMPTIONS, _whole(brand_id, member_id))
    return [read_redemption(body) for (body,) in rows]


def all_parked(conn: Connection, brand_id: int, member_id: UUID) -> dict[str, list[Parked]]:
    """Every return of a member that waits for its order."""
    rows = conn.execute(ALL_PARKED, _whole(brand_id, member_id))
    return {order: read_parked(body) for order, body in rows}


def _whole(brand_id: int, member_id: UUID) -> dict[str, Any]:
    return {"brand_id": brand_id, "bucket": bucket_of(member_id), "member_id": member_id}


def _asked(brand_id: int, members: list[UUID]) -> dict[str, Any]:
    return {
        "brand_id": brand_id,
        "buckets": array_of([bucket_of(member_id) for member_id in members]),
        "members": array_of(members),
    }


def write_purchases(conn: Connection, brand_id: int, purchases: Iterable[tuple[UUID, Purchase]]) -> None:
    """Write what became of purchases that something came back of, stored already or not."""
    rows = [purchase_values(member_id, one) for member_id, one in purchases]
    conn.execute(WRITE_PURCHASES, {"brand_id": brand_id, **in_columns(_PURCHASE_FIELDS, rows)})


def write_redemptions(
    conn: Connection, brand_id: int, redemptions: Iterable[tuple[UUID, Redemption]]
) -> None:
    """Write redemptions, stored already or not."""
    rows = [redemption_values(member_id, one) for member_id, one in redemptions]
    conn.execute(CHANGE_REDEMPTIONS, {"brand_id": brand_id, **in_columns(_REDEMPTION_FIELDS, rows)})


def write_parked(conn: Connection, brand_id: int, parked: Iterable[tuple[UUID, str, list[Parked]]]) -> None:
    """Write the returns that wait for each of these orders; none is that they wait no longer."""
    changed = list(parked)
    waiting = [parked_values(*one) for one in changed if one[2]]
    if waiting:
        conn.execute(WRITE_PARKED, {"brand_id": brand_id, **in_columns(_PARKED_FIELDS, waiting)})
    settled = [(member_id, order) for member_id, order, returns in changed if not returns]
    if settled:
        values = _asked(brand_id, [member_id for member_id, _ in settled])
        values["orders"] = array_of([order for _, order in settled])
        conn.execute(DELETE_PARKED, values)


def parked_values(member_id: UUID, order: str, returns: list[Parked]) -> tuple[Any, ...]:
    """The columns of the row of an order that returns wait for, from the bucket on."""
    return bucket_of(member_id), member_id, order, _encode(returns).decode()


def purchase_values(member_id: UUID, one: Purchase) -> tuple[Any, ...]:
    """The columns of a purchase's row, from the bucket on."""
    return bucket_of(member_id), member_id, one.order, _encode(one).decode()


def redemption_values(member_id: UUID, one: Redemption) -> tuple[Any, ...]:
    """The columns of a redemption's row, from the bucket on."""
    return (
        bucket_of(member_id),
        member_id,
        one.event,
        one.source,
        one.unit,
        one.order,
        bool(one.left),
        _encode(one).decode(),
    )
