"""The tables of creators: codes, orders that codes brought, content, and how far the journal was read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from bondfire.creators.model import Attribution, Brought, Content, TrackedCode
from bondfire.kit import bucket_of

REPORT_POSITIONS: Final = "SELECT bucket, seq FROM creator_position WHERE brand_id = %(brand_id)s"
MOVE_POSITIONS: Final = """
INSERT INTO creator_position AS known (brand_id, bucket, seq)
SELECT %(brand_id)s, moved.bucket, moved.seq
FROM unnest(%(buckets)s::int[], %(seqs)s::bigint[]) AS moved (bucket, seq)
ORDER BY moved.bucket
ON CONFLICT (brand_id, bucket) DO UPDATE SET seq = GREATEST(known.seq, excluded.seq)
"""
ADD_CODE: Final = """
INSERT INTO tracked_code (brand_id, code, member_id, campaign, created_at)
VALUES (%(brand_id)s, %(code)s, %(member_id)s, %(campaign)s, %(created_at)s)
ON CONFLICT (brand_id, code) DO NOTHING
"""
CODE: Final = """
SELECT code, member_id, campaign, created_at FROM tracked_code
WHERE brand_id = %(brand_id)s AND code = %(code)s
"""
CODES: Final = """
SELECT code, member_id, campaign, created_at FROM tracked_code
WHERE brand_id = %(brand_id)s AND code > %(after)s
ORDER BY code
LIMIT %(most)s
"""
ADD_ATTRIBUTION: Final = """
INSERT INTO attribution
    (brand_id, bucket, member_id, order_number, creator_id, code, campaign, total, due_at, is_open)
VALUES
    (%(brand_id)s, %(bucket)s, %(member_id)s, %(order)s, %(creator_id)s, %(code)s, %(campaign)s, %(total)s,
     %(due_at)s, true)
ON CONFLICT (brand_id, bucket, member_id, order_number) DO NOTHING
"""
REPORT_DUE: Final = """
SELECT member_id, order_number, creator_id, code, campaign, total, due_at FROM attribution
WHERE brand_id = %(brand_id)s AND is_open AND due_at <= %(until)s
ORDER BY due_at, member_id, order_number
LIMIT %(most)s
"""
CLOSE_ATTRIBUTION: Final = """
UPDATE attribution SET is_open = false, total = %(total)s
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
    AND order_number = %(order)s
"""
REPORT_BROUGHT: Final = """
SELECT creator_id, code, campaign, COUNT(*), SUM(total) FROM attribution
WHERE brand_id = %(brand_id)s AND NOT is_open AND total > 0 AND due_at >= %(since)s AND due_at < %(until)s
GROUP BY creator_id, code, campaign
ORDER BY campaign, code
"""
ADD_CONTENT: Final = """
INSERT INTO creator_content
    (brand_id, bucket, member_id, content, url, campaign, authenticity, submitted_at, state)
VALUES
    (%(brand_id)s, %(bucket)s, %(member_id)s, %(content)s, %(url)s, %(campaign)s, %(authenticity)s,
     %(submitted_at)s, 'submitted')
ON CONFLICT (brand_id, bucket, member_id, content) DO NOTHING
"""
CHANGE_CONTENT: Final = """
UPDATE creator_content SET state = %(state)s
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s AND content = %(content)s
"""
LOCK_CONTENT: Final = """
SELECT member_id, content, url, campaign, authenticity, submitted_at, state FROM creator_content
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s AND content = %(content)s
FOR UPDATE
"""
MOVE_CONTENT: Final = """
UPDATE creator_content SET bucket = %(new_bucket)s, member_id = %(survivor_id)s
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s AND content NOT IN (
    SELECT own.content FROM creator_content AS own
    WHERE own.brand_id = %(brand_id)s AND own.bucket = %(new_bucket)s AND own.member_id = %(survivor_id)s
)
"""
REPORT_CONTENT: Final = """
SELECT member_id, content, url, campaign, authenticity, submitted_at, state FROM creator_content
WHERE brand_id = %(brand_id)s AND state = 'submitted'
    AND (submitted_at, member_id, content) > (%(after_at)s, %(after_member)s, %(after_content)s)
ORDER BY submitted_at, member_id, content
LIMIT %(most)s
"""
_FIRST: Final = (datetime.min, UUID(int=0), "")  # noqa: DTZ901 - before every moment, in any zone


def positions(conn: Connection, brand_id: int) -> dict[int, int]:
    """The row that was read last, by bucket."""
    return dict(conn.execute(REPORT_POSITIONS, {"brand_id": brand_id}).fetchall())


def move_positions(conn: Connection, brand_id: int, positions: Mapping[int, int]) -> None:
    """Remember how far it has come; never back, whoever is slower."""
    values = {"brand_id": brand_id, "buckets": [*positions], "seqs": [*positions.values()]}
    conn.execute(MOVE_POSITIONS, values)


def add_code(conn: Connection, brand_id: int, code: TrackedCode) -> None:
    """Add a code unless somebody has it; waits for a rival's transaction to end."""
    values = {name: getattr(code, name) for name in TrackedCode.__annotations__}
    conn.execute(ADD_CODE, {"brand_id": brand_id, **values})


def code_named(conn: Connection, brand_id: int, code: str) -> TrackedCode | None:
    """Whose code it is, None for nobody's."""
    row = conn.execute(CODE, {"brand_id": brand_id, "code": code}).fetchone()
    return TrackedCode(*row) if row else None


def codes(conn: Connection, brand_id: int, *, after: str, most: int) -> list[TrackedCode]:
    """The codes behind one, in their order."""
    values = {"brand_id": brand_id, "after": after, "most": most}
    return [TrackedCode(*row) for row in conn.execute(CODES, values)]


def add_attribution(conn: Connection, brand_id: int, one: Attribution) -> None:
    """Know that a code has brought an order."""
    values = {name: getattr(one, name) for name in Attribution.__annotations__}
    conn.execute(ADD_ATTRIBUTION, _place(brand_id, one.buyer_id) | values)


def due_attributions(conn: Connection, brand_id: int, *, until: datetime, most: int) -> list[Attribution]:
    """Orders that can no longer come back, in order of time."""
    values = {"brand_id": brand_id, "until": until, "most": most}
    return [Attribution(*row[:2], *row[2:]) for row in conn.execute(REPORT_DUE, values)]


def close_attribution(conn: Connection, brand_id: int, one: Attribution, *, total: Decimal) -> None:
    """It was credited with what was left of it."""
    values = {"order": one.order, "total": total}
    conn.execute(CLOSE_ATTRIBUTION, _place(brand_id, one.buyer_id) | values)


def brought(conn: Connection, brand_id: int, *, since: datetime, until: datetime) -> list[Brought]:
    """What each code brought in a time, by when it was credited."""
    values = {"brand_id": brand_id, "since": since, "until": until}
    return [Brought(*row) for row in conn.execute(REPORT_BROUGHT, values)]


def add_content(conn: Connection, brand_id: int, one: Content) -> None:
    """Know that a creator submitted something."""
    values = {name: getattr(one, name) for name in Content.__annotations__}
    conn.execute(ADD_CONTENT, _place(brand_id, one.member_id) | values)


def lock_content(conn: Connection, brand_id: int, member_id: UUID, content: str) -> Content | None:
    """What a creator submitted under an id, until the transaction ends; None for nothing."""
    row: Sequence[Any] | None = conn.execute(
        LOCK_CONTENT, _place(brand_id, member_id) | {"content": content}
    ).fetchone()
    return Content(*row) if row else None


def change_content(conn: Connection, brand_id: int, member_id: UUID, *, content: str, state: str) -> None:
    """It was approved or rejected."""
    conn.execute(CHANGE_CONTENT, _place(brand_id, member_id) | {"content": content, "state": state})


def move_content(conn: Connection, brand_id: int, member_id: UUID, survivor_id: UUID) -> None:
    """Let what one creator submitted be of another; under one id, what the other did stands."""
    survivor = {"survivor_id": survivor_id, "new_bucket": bucket_of(survivor_id)}
    conn.execute(MOVE_CONTENT, _place(brand_id, member_id) | survivor)


def submitted_content(
    conn: Connection, brand_id: int, *, after: tuple[datetime, UUID, str] | None, most: int
) -> list[Content]:
    """What waits for a person, the oldest first."""
    at, member_id, content = after or _FIRST
    values = {"after_at": at, "after_member": member_id, "after_content": content, "most": most}
    return [Content(*row) for row in conn.execute(REPORT_CONTENT, {"brand_id": brand_id, **values})]


def _place(brand_id: int, member_id: UUID) -> dict[str, Any]:
    return {"brand_id": brand_id, "bucket": bucket_of(member_id), "member_id": member_id}
