"""The table of merges, and the rows of a person that go over with one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from bondfire.kit import bucket_of

SURVIVORS: Final = """
SELECT asked.member_id, merged.survivor_id
FROM unnest(%(members)s::uuid[]) AS asked (member_id),
LATERAL (
    SELECT survivor_id FROM member_merge
    WHERE brand_id = %(brand_id)s AND member_id = asked.member_id
    LIMIT 1
) AS merged
"""
FORMERS: Final = """
SELECT member_id FROM member_merge
WHERE brand_id = %(brand_id)s AND survivor_id = %(member_id)s
ORDER BY merged_at, member_id
"""
INSERT_MERGE: Final = """
INSERT INTO member_merge (brand_id, member_id, survivor_id, merged_at)
VALUES (%(brand_id)s, %(former_id)s, %(survivor_id)s, %(merged_at)s)
"""
POINT_ON: Final = """
UPDATE member_merge SET survivor_id = %(survivor_id)s
WHERE brand_id = %(brand_id)s AND survivor_id = %(former_id)s
"""
"""A chain is one step long: who was found as the former is found as the survivor."""
MOVE_ALIASES: Final = """
UPDATE member_alias SET bucket = %(bucket)s, member_id = %(survivor_id)s
WHERE brand_id = %(brand_id)s AND member_id = %(former_id)s
"""


def survivors_of(conn: Connection, brand_id: int, members: Sequence[UUID]) -> dict[UUID, UUID]:
    """The accounts that those of these members became part of which did; one query for all of them."""
    values = {"brand_id": brand_id, "members": list(members)}
    return dict(conn.execute(SURVIVORS, values).fetchall())


def formers_of(conn: Connection, brand_id: int, member_id: UUID) -> list[UUID]:
    """The accounts that became part of this one, the first of them first."""
    values = {"brand_id": brand_id, "member_id": member_id}
    return [former for (former,) in conn.execute(FORMERS, values)]


def write_merge(
    conn: Connection, brand_id: int, former_id: UUID, survivor_id: UUID, *, merged_at: datetime
) -> None:
    """Let the survivor be found for the former, also by their aliases and for whoever was part of them."""
    values: Mapping[str, Any] = {
        "brand_id": brand_id,
        "former_id": former_id,
        "survivor_id": survivor_id,
        "bucket": bucket_of(survivor_id),
        "merged_at": merged_at,
    }
    for statement in (POINT_ON, INSERT_MERGE, MOVE_ALIASES):
        conn.execute(statement, values)
