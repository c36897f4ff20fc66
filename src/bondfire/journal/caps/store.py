"""Older uses of caps: load those around an event, write those that a state has no room for."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from bondfire.engine import CapUsed
from bondfire.journal.log.arrays import array_of, in_columns
from bondfire.journal.log.store import Connection
from bondfire.kit import bucket_of

CAP_USES: Final = """
SELECT asked.member_id, asked.cap, used.moment, used.amount
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(caps)s::text[], %(firsts)s::timestamptz[],
    %(lasts)s::timestamptz[]) AS asked (bucket, member_id, cap, first_moment, last_moment),
LATERAL (
    SELECT moment, amount FROM cap_use
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id
        AND cap = asked.cap AND moment >= asked.first_moment AND moment <= asked.last_moment
    OFFSET 0
) AS used
"""
WRITE_CAP_USES: Final = """
INSERT INTO cap_use (brand_id, bucket, member_id, cap, moment, amount)
SELECT %(brand_id)s, written.*
FROM unnest(%(bucket)s::int[], %(member_id)s::uuid[], %(cap)s::text[], %(moment)s::timestamptz[],
    %(amount)s::numeric[]) AS written
ON CONFLICT (brand_id, bucket, member_id, cap, moment) DO UPDATE SET amount = excluded.amount
"""
_FIELDS: Final = ("bucket", "member_id", "cap", "moment", "amount")


class CapRange(NamedTuple):
    """The uses of a member's cap from `first` to `last`, both included."""

    member_id: UUID
    cap: str
    first: datetime
    last: datetime


def cap_uses(
    conn: Connection, brand_id: int, asked: Sequence[CapRange]
) -> Iterator[tuple[UUID, str, CapUsed]]:
    """What was used in these ranges, as far as it no longer stands in the members' states."""
    values = {
        "brand_id": brand_id,
        "buckets": array_of([bucket_of(one.member_id) for one in asked]),
        "members": array_of([one.member_id for one in asked]),
        "caps": array_of([one.cap for one in asked]),
        "firsts": array_of([one.first for one in asked]),
        "lasts": array_of([one.last for one in asked]),
    }
    for member_id, cap, moment, amount in conn.cursor(binary=True).execute(CAP_USES, values):
        yield member_id, cap, CapUsed(moment, amount)


def write_cap_uses(conn: Connection, brand_id: int, uses: Iterable[tuple[UUID, str, CapUsed]]) -> None:
    """Write uses, stored already or not."""
    rows = [cap_use_values(*use) for use in uses]
    conn.execute(WRITE_CAP_USES, {"brand_id": brand_id, **in_columns(_FIELDS, rows)})


def cap_use_values(member_id: UUID, cap: str, used: CapUsed) -> tuple[Any, ...]:
    """The columns of a row, from the bucket on."""
    return bucket_of(member_id), member_id, cap, used.moment, used.amount
