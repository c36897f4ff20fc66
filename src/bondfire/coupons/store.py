"""The tables of codes, and of how often coupons were claimed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from bondfire.coupons.model import Batch, Code

CODES_OF: Final = """
SELECT hashed, coupon, batch, member_id, most, uses, expires_at, revoked_at
FROM coupon_code WHERE brand_id = %(brand_id)s AND hashed = ANY(%(hashes)s)
"""
ADD_CODES: Final = """
INSERT INTO coupon_code (brand_id, hashed, coupon, batch, member_id, most, created_at, expires_at)
SELECT %(brand_id)s, sent.hashed, %(coupon)s, %(batch)s, sent.member_id, %(most)s, %(created_at)s,
    %(expires_at)s
FROM unnest(%(hashes)s::bytea[], %(members)s::uuid[]) AS sent (hashed, member_id)
ON CONFLICT (brand_id, hashed) DO NOTHING
RETURNING hashed
"""
CLAIM_CODE: Final = """
UPDATE coupon_code SET uses = uses + 1
WHERE brand_id = %(brand_id)s AND hashed = %(hashed)s AND (most IS NULL OR uses < most) AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > %(now)s)
    AND (member_id IS NULL OR member_id = ANY(%(accounts)s::uuid[]))
"""
CLAIM_TOTAL: Final = """
INSERT INTO coupon_total (brand_id, coupon, uses) VALUES (%(brand_id)s, %(coupon)s, 1)
ON CONFLICT (brand_id, coupon) DO UPDATE SET uses = coupon_total.uses + 1
WHERE coupon_total.uses < %(most)s
"""
TOTALS_OF: Final = """
SELECT coupon, uses FROM coupon_total WHERE brand_id = %(brand_id)s AND coupon = ANY(%(coupons)s)
"""
REVOKE_CODES: Final = """
UPDATE coupon_code SET revoked_at = %(revoked_at)s
WHERE (brand_id, hashed) IN (
    SELECT brand_id, hashed FROM coupon_code
    WHERE brand_id = %(brand_id)s AND (batch = %(batch)s OR hashed = %(hashed)s) AND revoked_at IS NULL
    ORDER BY hashed
    FOR UPDATE
)
"""
REPORT_BATCHES: Final = """
SELECT batch, MIN(coupon) AS coupon, MIN(created_at) AS created_at, COUNT(*)::int AS codes,
    COUNT(*) FILTER (WHERE uses > 0)::int AS used, SUM(uses)::int AS uses,
    COUNT(*) FILTER (WHERE revoked_at IS NOT NULL)::int AS revoked
FROM coupon_code WHERE brand_id = %(brand_id)s AND batch > %(after)s
GROUP BY batch ORDER BY batch LIMIT %(limit)s
"""


def codes_of(conn: Connection, brand_id: int, hashes: Sequence[bytes]) -> dict[bytes, Code]:
    """Codes by their hash, as far as there are any."""
    asked = {"brand_id": brand_id, "hashes": list(hashes)}
    return {row[0]: Code(*row) for row in conn.execute(CODES_OF, asked)}


def add_codes(
    conn: Connection,
    brand_id: int,
    holders: Sequence[tuple[bytes, UUID | None]],
    *,
    coupon: str,
    batch: str,
    most: int | None,
    created_at: datetime,
    expires_at: datetime | None,
) -> set[bytes]:
    """Add codes, each with whose it is; those of them that were not there yet."""
    ordered = sorted(holders, key=lambda one: one[0])
    rows = conn.execute(
        ADD_CODES,
        {
            "brand_id": brand_id,
            "hashes": [hashed for hashed, _ in ordered],
            "members": [member_id for _, member_id in ordered],
            "coupon": coupon,
            "batch": batch,
            "most": most,
            "created_at": created_at,
            "expires_at": expires_at,
        },
    )
    return {row[0] for row in rows}


def claim_code(
    conn: Connection, brand_id: int, hashed: bytes, *, accounts: Sequence[UUID], now: datetime
) -> bool:
    """Use a code once more, if that is still possible; whoever comes at the same time waits for the end."""
    claim = {"brand_id": brand_id, "hashed": hashed, "accounts": list(accounts), "now": now}
    return conn.execute(CLAIM_CODE, claim).rowcount == 1


def claim_total(conn: Connection, brand_id: int, coupon: str, most: int) -> bool:
    """Count one more use of a coupon, if fewer than the most were counted."""
    claim = {"brand_id": brand_id, "coupon": coupon, "most": most}
    return conn.execute(CLAIM_TOTAL, claim).rowcount == 1


def totals_of(conn: Connection, brand_id: int, coupons: Sequence[str]) -> dict[str, int]:
    """How often each coupon was claimed."""
    rows = conn.execute(TOTALS_OF, {"brand_id": brand_id, "coupons": list(coupons)})
    return {row[0]: row[1] for row in rows}


def revoke_codes(
    conn: Connection, brand_id: int, *, batch: str | None, hashed: bytes | None, revoked_at: datetime
) -> int:
    """Revoke a batch or a code; how many were not revoked before."""
    asked = {"brand_id": brand_id, "batch": batch, "hashed": hashed, "revoked_at": revoked_at}
    return conn.execute(REVOKE_CODES, asked).rowcount


def batches(conn: Connection, brand_id: int, *, after: str, limit: int) -> list[Batch]:
    """Batches by name, and what became of their codes."""
    with conn.cursor(row_factory=class_row(Batch)) as cursor:
        asked = {"brand_id": brand_id, "after": after, "limit": limit}
        return cursor.execute(REPORT_BATCHES, asked).fetchall()
