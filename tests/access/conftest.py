"""A database with two brands, and keys for them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from bondfire.access import RANDOM_BYTES, Key, create_key
from bondfire.db import connect

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def conn(database: str) -> Iterator[psycopg.Connection]:
    """A connection to a database with the brands 1 and 2."""
    with connect(database) as conn:
        for number in (1, 2):
            conn.execute(
                "INSERT INTO brand (brand_id, name, clock, created_at) VALUES (%s, %s, 'wall', %s)",
                [number, f"brand-{number}", NOON],
            )
        yield conn


def a_key(
    conn: psycopg.Connection,
    *scopes: str,
    seed: int = 1,
    brand_id: int = 1,
    expires_at: datetime | None = None,
) -> tuple[Key, str]:
    """A key and its token."""
    return create_key(
        conn,
        brand_id,
        scopes or ("events:write",),
        f"till {seed}",
        created_at=NOON,
        random=bytes([seed]) * RANDOM_BYTES,
        expires_at=expires_at,
    )
