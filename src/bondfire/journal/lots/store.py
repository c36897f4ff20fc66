"""The table of lots: load the open ones and those that a decision names, write what changed."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from bondfire.journal.log.arrays import array_of
from bondfire.journal.log.store import Connection, copy_rows, in_columns
from bondfire.kit import bucket_of
from bondfire.ledger import Lot

OPEN_LOTS: Final = """
SELECT asked.member_id, held.number, held.unit, held.amount, held.remaining, held.event_id, held.rule,
    held.entry, held.earned_at, held.available_at, held.expires_at, held.is_pending, held.expired
FROM unnest(%(buckets)s::int[], %(members)s::uuid[]) AS asked (bucket, member_id),
LATERAL (
    SELECT number, unit, amount, remaining, event_id, rule, entry, earned_at, available_at, expires_at,
        is_pending, expired
    FROM lot
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id AND is_open
    OFFSET 0
) AS held
"""
LOTS: Final = """
SELECT asked.member_id, held.number, held.unit, held.amount, held.remaining, held.event_id, held.rule,
    held.entry, held.earned_at, held.available_at, held.expires_at, held.is_pending, held.expired
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(numbers)s::bigint[])
    AS asked (bucket, member_id, number),
LATERAL (
    SELECT number, unit, amount, remaining, event_id, rule, entry, earned_at, available_at, expires_at,
        is_pending, expired
    FROM lot
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id
        AND number = asked.number
    LIMIT 1
) AS held
"""
COPY_LOTS: Final = """
COPY lot (brand_id, bucket, member_id, number, unit, amount, remaining, event_id, rule, entry, earned_at,
    available_at, expires_at, is_pending, expired, is_open)
FROM STDIN (FORMAT BINARY)
"""
CHANGE_LOTS: Final = """
INSERT INTO lot (brand_id, bucket, member_id, number, unit, amount, remaining, event_id, rule, entry,
    earned_at, available_at, expires_at, is_pending, expired, is_open)
SELECT %(brand_id)s, changed.*
FROM unnest(%(bucket)s::int[], %(member_id)s::uuid[], %(number)s::bigint[], %(unit)s::text[],
    %(amount)s::numeric[], %(remaining)s::numeric[], %(event_id)s::text[], %(rule)s::text[],
    %(entry)s::bigint[], %(earned_at)s::timestamptz[], %(available_at)s::timestamptz[],
    %(expires_at)s::timestamptz[], %(is_pending)s::boolean[], %(expired)s::numeric[], %(is_open)s::boolean[])
    AS changed
ON CONFLICT (brand_id, bucket, member_id, number) DO UPDATE SET
    remaining = excluded.remaining, expires_at = excluded.expires_at, is_pending = excluded.is_pending,
    expired = excluded.expired, is_open = excluded.is_open
"""

_TYPES: Final = (
    "int4",
    "int4",
    "uuid",
    "int8",
    "text",
    "numeric",
    "numeric",
    "text",
    "text",
    "int8",
    "timestamptz",
    "timestamptz",
    "timestamptz",
    "bool",
    "numeric",
    "bool",
)
_FIELDS: Final = (
    "bucket",
    "member_id",
    "number",
    "unit",
    "amount",
    "remaining",
    "event_id",
    "rule",
    "entry",
    "earned_at",
    "available_at",
    "expires_at",
    "is_pending",
    "expired",
    "is_open",
)


def open_lots(conn: Connection, brand_id: int, members: Sequence[UUID]) -> Iterator[tuple[UUID, Lot]]:
    """Every lot of these members that something is left of."""
    values = {
        "brand_id": brand_id,
        "buckets": array_of([bucket_of(member_id) for member_id in members]),
        "members": array_of(members),
    }
    for member_id, *lot in conn.cursor(binary=True).execute(OPEN_LOTS, values):
        yield member_id, Lot(*lot)


def lots_named(
    conn: Connection, brand_id: int, named: Sequence[tuple[UUID, int]]
) -> Iterator[tuple[UUID, Lot]]:
    """The lots with these numbers, open or closed."""
    values = {
        "brand_id": brand_id,
        "buckets": array_of([bucket_of(member_id) for member_id, _ in named]),
        "members": array_of([member_id for member_id, _ in named]),
        "numbers": array_of([number for _, number in named]),
    }
    for member_id, *lot in conn.cursor(binary=True).execute(LOTS, values):
        yield member_id, Lot(*lot)


def add_lots(conn: Connection, brand_id: int, lots: Iterable[tuple[UUID, Lot]]) -> None:
    """Write lots that are not stored yet."""
    copy_rows(conn, COPY_LOTS, _TYPES, ((brand_id, *lot_values(member, lot)) for member, lot in lots))


def change_lots(conn: Connection, brand_id: int, lots: Iterable[tuple[UUID, Lot]]) -> None:
    """Write what became of lots that are stored already."""
    rows = [lot_values(member_id, lot) for member_id, lot in lots]
    conn.execute(CHANGE_LOTS, {"brand_id": brand_id, **in_columns(_FIELDS, rows)})


def lot_values(member_id: UUID, lot: Lot) -> tuple[Any, ...]:
    """The columns of a lot's row, from the bucket on."""
    return (
        bucket_of(member_id),
        member_id,
        lot.number,
        lot.unit,
        lot.amount,
        lot.left,
        lot.event,
        lot.rule,
        lot.entry,
        lot.earned_at,
        lot.available_at,
        lot.expires_at,
        lot.is_pending,
        lot.expired,
        bool(lot.left),
    )
