"""The table of held awards, and how far the journal was read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from bondfire.kit import bucket_of
from bondfire.review.model import HeldAward

REPORT_POSITIONS: Final = "SELECT bucket, seq FROM review_position WHERE brand_id = %(brand_id)s"
MOVE_POSITIONS: Final = """
INSERT INTO review_position AS known (brand_id, bucket, seq)
SELECT %(brand_id)s, moved.bucket, moved.seq
FROM unnest(%(buckets)s::int[], %(seqs)s::bigint[]) AS moved (bucket, seq)
ORDER BY moved.bucket
ON CONFLICT (brand_id, bucket) DO UPDATE SET seq = GREATEST(known.seq, excluded.seq)
"""
ADD_AWARD: Final = """
INSERT INTO held_award (brand_id, bucket, member_id, lot, unit, rule, amount, reason, held_at)
VALUES
    (%(brand_id)s, %(bucket)s, %(member_id)s, %(lot)s, %(unit)s, %(rule)s, %(amount)s, %(reason)s,
     %(held_at)s)
ON CONFLICT (brand_id, bucket, member_id, lot) DO NOTHING
"""
REMOVE_AWARD: Final = """
DELETE FROM held_award
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s AND lot = %(lot)s
"""
REPORT_AWARDS: Final = """
SELECT member_id, lot, unit, rule, amount, reason, held_at FROM held_award
WHERE brand_id = %(brand_id)s AND (held_at, member_id, lot) > (%(after_at)s, %(after_member)s, %(after_lot)s)
ORDER BY held_at, member_id, lot
LIMIT %(most)s
"""
_FIRST: Final = (datetime.min, UUID(int=0), 0)  # noqa: DTZ901 - before every moment, in any zone


def positions(conn: Connection, brand_id: int) -> dict[int, int]:
    """The row that was read last, by bucket."""
    return dict(conn.execute(REPORT_POSITIONS, {"brand_id": brand_id}).fetchall())


def move_positions(conn: Connection, brand_id: int, positions: Mapping[int, int]) -> None:
    """Remember how far it has come; never back, whoever is slower."""
    values = {"brand_id": brand_id, "buckets": [*positions], "seqs": [*positions.values()]}
    conn.execute(MOVE_POSITIONS, values)


def add_award(conn: Connection, brand_id: int, award: HeldAward) -> None:
    """Know that an award is held."""
    values = {name: getattr(award, name) for name in HeldAward.__annotations__}
    conn.execute(ADD_AWARD, _place(brand_id, award.member_id) | values)


def remove_award(conn: Connection, brand_id: int, member_id: UUID, lot: int) -> None:
    """An award is held no more."""
    conn.execute(REMOVE_AWARD, _place(brand_id, member_id) | {"lot": lot})


def held_awards(
    conn: Connection, brand_id: int, *, after: tuple[datetime, UUID, int] | None, most: int
) -> list[HeldAward]:
    """What is held for a person, the longest first."""
    at, member_id, lot = after or _FIRST
    values = {"after_at": at, "after_member": member_id, "after_lot": lot, "most": most}
    return [HeldAward(*row) for row in conn.execute(REPORT_AWARDS, {"brand_id": brand_id, **values})]


def _place(brand_id: int, member_id: UUID) -> dict[str, Any]:
    return {"brand_id": brand_id, "bucket": bucket_of(member_id), "member_id": member_id}
