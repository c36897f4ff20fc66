"""The tables of brands and of the published versions of their programmes."""

from datetime import datetime
from typing import Any, Final, TypeAlias

import psycopg

from bondfire.programs.timeline import Brand, Clock, Published

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

INSERT_BRAND: Final = """
INSERT INTO brand (brand_id, name, clock, created_at)
SELECT COALESCE(MAX(brand_id), 0) + 1, %(name)s, %(clock)s, %(created_at)s FROM brand
ON CONFLICT DO NOTHING
"""
BRAND_NAMED: Final = "SELECT brand_id, name, clock, clock_at FROM brand WHERE name = %(name)s"
BRAND_NUMBERED: Final = "SELECT brand_id, name, clock, clock_at FROM brand WHERE brand_id = %(brand_id)s"
BRANDS: Final = "SELECT brand_id, name, clock, clock_at FROM brand ORDER BY brand_id"
LOCK_BRAND: Final = """
SELECT brand_id, name, clock, clock_at FROM brand WHERE brand_id = %(brand_id)s FOR UPDATE
"""
ADVANCE_CLOCK: Final = """
UPDATE brand SET clock_at = %(clock_at)s
WHERE brand_id = %(brand_id)s AND (clock_at IS NULL OR clock_at < %(clock_at)s)
"""
INSERT_VERSION: Final = """
INSERT INTO program_version
    (brand_id, version, document, digest, valid_from, published_at, published_by, runs_challenges)
VALUES
    (%(brand_id)s, %(version)s, %(document)s, %(digest)s, %(valid_from)s, %(published_at)s, %(published_by)s,
    %(runs_challenges)s)
"""
NEWEST_VERSION: Final = """
SELECT COALESCE(MAX(version), 0) FROM program_version WHERE brand_id = %(brand_id)s
"""
VERSIONS: Final = """
SELECT version, valid_from, published_at, published_by, digest, document, runs_challenges
FROM program_version WHERE brand_id = %(brand_id)s ORDER BY version
"""


def brand_numbered(conn: Connection, brand_id: int) -> Brand | None:
    """The brand, or None."""
    row = conn.execute(BRAND_NUMBERED, {"brand_id": brand_id}).fetchone()
    return Brand(*row) if row else None


def newest_version(conn: Connection, brand_id: int) -> int:
    """The highest version number, 0 for none."""
    row = conn.execute(NEWEST_VERSION, {"brand_id": brand_id}).fetchone()
    return row[0] if row else 0


def insert_brand(conn: Connection, name: str, clock: Clock, created_at: datetime) -> None:
    """Add a brand with the next free number, unless the name or the number has just been taken."""
    conn.execute(INSERT_BRAND, {"name": name, "clock": clock, "created_at": created_at})


def brand_named(conn: Connection, name: str) -> Brand | None:
    """The brand, or None."""
    row = conn.execute(BRAND_NAMED, {"name": name}).fetchone()
    return Brand(*row) if row else None


def brands(conn: Connection) -> list[Brand]:
    """All brands, by number."""
    return [Brand(*row) for row in conn.execute(BRANDS)]


def lock_brand(conn: Connection, brand_id: int) -> Brand | None:
    """The brand, locked until the transaction ends: of two who publish, one waits."""
    row = conn.execute(LOCK_BRAND, {"brand_id": brand_id}).fetchone()
    return Brand(*row) if row else None


def advance_clock(conn: Connection, brand_id: int, clock_at: datetime) -> None:
    """Move the clock of a brand forward; never back."""
    conn.execute(ADVANCE_CLOCK, {"brand_id": brand_id, "clock_at": clock_at})


def insert_version(conn: Connection, brand_id: int, published: Published) -> None:
    """Add a version."""
    conn.execute(
        INSERT_VERSION,
        {
            "brand_id": brand_id,
            "version": published.number,
            "document": published.document,
            "digest": published.digest,
            "valid_from": published.valid_from,
            "published_at": published.published_at,
            "published_by": published.published_by,
            "runs_challenges": published.runs_challenges,
        },
    )


def versions(conn: Connection, brand_id: int) -> list[Published]:
    """All versions, the oldest first."""
    return [Published(*row) for row in conn.execute(VERSIONS, {"brand_id": brand_id})]
