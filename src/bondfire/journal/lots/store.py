"""The table of lots: load those that a decision can touch, write what changed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from bondfire.journal.log.arrays import array_of, copy_lines, in_columns, line_of
from bondfire.journal.log.store import Connection
from bondfire.kit import bucket_of
from bondfire.ledger import SLIDING, Lot

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
LOTS_TO_SPEND: Final = """
SELECT asked.member_id, held.number, held.unit, held.amount, held.remaining, held.event_id, held.rule,
    held.entry, held.earned_at, held.available_at, held.expires_at, held.is_pending, held.expired
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(units)s::text[], %(untils)s::timestamptz[])
    AS asked (bucket, member_id, unit, until),
LATERAL (
    SELECT number, unit, amount, remaining, event_id, rule, entry, earned_at, available_at, expires_at,
        is_pending, expired
    FROM lot
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id AND is_open
        AND unit = asked.unit AND NOT is_pending AND (expires_at IS NULL OR expires_at > asked.until)
    ORDER BY expires_at, earned_at, number
    LIMIT %(most)s
) AS held
"""
SLIDING_LOTS: Final = """
SELECT asked.member_id, held.number, held.unit, held.amount, held.remaining, held.event_id, held.rule,
    held.entry, held.earned_at, held.available_at, held.expires_at, held.is_pending, held.expired
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(units)s::text[]) AS asked (bucket, member_id, unit),
LATERAL (
    SELECT number, unit, amount, remaining, event_id, rule, entry, earned_at, available_at, expires_at,
        is_pending, expired
    FROM lot
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id AND is_open
        AND unit = asked.unit AND NOT is_pending AND expires_at >= %(sliding)s
    ORDER BY expires_at, earned_at, number
    LIMIT %(most)s
) AS held
"""
"""As if there were later ends: the planner then takes the index in whose order they are asked for."""
DUE_LOTS: Final = """
SELECT asked.member_id, held.number, held.unit, held.amount, held.remaining, held.event_id, held.rule,
    held.entry, held.earned_at, held.available_at, held.expires_at, held.is_pending, held.expired
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(untils)s::timestamptz[])
    AS asked (bucket, member_id, until),
LATERAL (
    SELECT number, unit, amount, remaining, event_id, rule, entry, earned_at, available_at, expires_at,
        is_pending, expired
    FROM lot
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id
        AND due_at <= asked.until
    OFFSET 0
) AS held
"""
NEXT_DUE: Final = """
SELECT asked.member_id, following.due_at
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(untils)s::timestamptz[], %(held)s::text[])
    AS asked (bucket, member_id, until, held),
LATERAL (
    SELECT due_at FROM lot
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id
        AND due_at > asked.until AND number <> ALL (asked.held::bigint[])
    ORDER BY due_at
    LIMIT 1
) AS following
"""
COPY_LOTS: Final = """
COPY lot (brand_id, bucket, member_id, number, unit, amount, remaining, event_id, rule, entry, earned_at,
    available_at, expires_at, is_pending, expired, is_open, due_at)
FROM STDIN
"""
CHANGE_LOTS: Final = """
INSERT INTO lot (brand_id, bucket, member_id, number, unit, amount, remaining, event_id, rule, entry,
    earned_at, available_at, expires_at, is_pending, expired, is_open, due_at)
SELECT %(brand_id)s, changed.*
FROM unnest(%(bucket)s::int[], %(member_id)s::uuid[], %(number)s::bigint[], %(unit)s::text[],
    %(amount)s::numeric[], %(remaining)s::numeric[], %(event_id)s::text[], %(rule)s::text[],
    %(entry)s::bigint[], %(earned_at)s::timestamptz[], %(available_at)s::timestamptz[],
    %(expires_at)s::timestamptz[], %(is_pending)s::boolean[], %(expired)s::numeric[], %(is_open)s::boolean[],
    %(due_at)s::timestamptz[]) AS changed
ON CONFLICT (brand_id, bucket, member_id, number) DO UPDATE SET
    remaining = excluded.remaining, expires_at = excluded.expires_at, is_pending = excluded.is_pending,
    expired = excluded.expired, is_open = excluded.is_open, due_at = excluded.due_at
"""

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
    "due_at",
)
_FIRST_PAGE: Final = 4
_GROWTH: Final = 8


class ToSpend(NamedTuple):
    """So much of a unit may be taken of a member's lots that live beyond `until`."""

    member_id: UUID
    unit: str
    amount: Decimal
    until: datetime


def open_lots(conn: Connection, brand_id: int, members: Sequence[UUID]) -> Iterator[tuple[UUID, Lot]]:
    """Every lot of these members that something is left of."""
    for member_id, *lot in conn.cursor(binary=True).execute(OPEN_LOTS, _asked(brand_id, members)):
        yield member_id, Lot(*lot)


def lots_named(
    conn: Connection, brand_id: int, named: Sequence[tuple[UUID, int]]
) -> Iterator[tuple[UUID, Lot]]:
    """The lots with these numbers, open or closed."""
    values = _asked(brand_id, [member_id for member_id, _ in named])
    values["numbers"] = array_of([number for _, number in named])
    for member_id, *lot in conn.cursor(binary=True).execute(LOTS, values):
        yield member_id, Lot(*lot)


def lots_to_spend(conn: Connection, brand_id: int, asked: Sequence[ToSpend]) -> Iterator[tuple[UUID, Lot]]:
    """For each wish the lots that come first in the spending order, enough of them to pay it (L1).

    Seldom more than a page is needed; whoever wants more is asked for with a larger one.
    """
    yield from _enough(conn, brand_id, LOTS_TO_SPEND, asked)


def sliding_lots(conn: Connection, brand_id: int, asked: Sequence[ToSpend]) -> Iterator[tuple[UUID, Lot]]:
    """For each wish the oldest of the lots that slide, enough of them to pay it (L11)."""
    yield from _enough(conn, brand_id, SLIDING_LOTS, asked)


def _enough(
    conn: Connection, brand_id: int, statement: str, asked: Sequence[ToSpend]
) -> Iterator[tuple[UUID, Lot]]:
    most = _FIRST_PAGE
    while asked:
        cursor = conn.cursor(binary=True)
        values = _asked(brand_id, [one.member_id for one in asked]) | {
            "units": array_of([one.unit for one in asked]),
            "untils": array_of([one.until for one in asked]),
            "sliding": SLIDING,
            "most": most,
        }
        found: dict[tuple[UUID, str], list[Lot]] = {}
        for member_id, *columns in cursor.execute(statement, values):
            lot = Lot(*columns)
            found.setdefault((member_id, lot.unit), []).append(lot)
        for (member_id, _), lots in found.items():
            for lot in lots:
                yield member_id, lot
        asked = [one for one in asked if _needs_more(one, found.get((one.member_id, one.unit), []), most)]
        most *= _GROWTH


def _needs_more(one: ToSpend, found: list[Lot], most: int) -> bool:
    return len(found) == most and sum(lot.left for lot in found) < one.amount


def due_lots(
    conn: Connection, brand_id: int, untils: Sequence[tuple[UUID, datetime]]
) -> Iterator[tuple[UUID, Lot]]:
    """Every lot that is released or expires up to the time given with its member."""
    values = _asked(brand_id, [member_id for member_id, _ in untils])
    values["untils"] = array_of([until for _, until in untils])
    for member_id, *lot in conn.cursor(binary=True).execute(DUE_LOTS, values):
        yield member_id, Lot(*lot)


def next_due(
    conn: Connection, brand_id: int, asked: Sequence[tuple[UUID, datetime, Iterable[int]]]
) -> dict[UUID, datetime]:
    """The first appointment after a time of the lots that are not among those with the numbers given."""
    values = _asked(brand_id, [member_id for member_id, _, _ in asked])
    values["untils"] = array_of([until for _, until, _ in asked])
    values["held"] = array_of([array_of(list(numbers)) for _, _, numbers in asked])
    return dict(conn.cursor(binary=True).execute(NEXT_DUE, values).fetchall())


def _asked(brand_id: int, members: Sequence[UUID]) -> dict[str, Any]:
    return {
        "brand_id": brand_id,
        "buckets": array_of([bucket_of(member_id) for member_id in members]),
        "members": array_of(members),
    }


def add_lots(conn: Connection, brand_id: int, lots: Iterable[tuple[UUID, Lot]]) -> None:
    """Write lots that are not stored yet."""
    copy_lines(conn, COPY_LOTS, (line_of((brand_id, *lot_values(member, lot))) for member, lot in lots))


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
        lot.due_at,
    )
