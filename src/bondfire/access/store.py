"""The table of API keys."""

from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow

from bondfire.access.model import Key
from bondfire.access.rates import Rate

INSERT_KEY: Final = """
INSERT INTO api_key
    (key_id, brand_id, name, scopes, secret_hash, created_at, expires_at, rate_per_minute, rate_burst)
SELECT %(key_id)s, brand_id, %(name)s, %(scopes)s, %(secret_hash)s, %(created_at)s, %(expires_at)s,
    %(rate_per_minute)s, %(rate_burst)s
FROM brand WHERE brand_id = %(brand_id)s
"""
KEY_BY_ID: Final = """
SELECT key_id, brand_id, name, scopes, created_at, revoked_at, expires_at, last_used_on, rate_per_minute,
    rate_burst, secret_hash
FROM api_key WHERE key_id = %(key_id)s
"""
KEYS_OF_BRAND: Final = """
SELECT key_id, brand_id, name, scopes, created_at, revoked_at, expires_at, last_used_on, rate_per_minute,
    rate_burst
FROM api_key
WHERE brand_id = %(brand_id)s AND (created_at, key_id) > (%(created_at)s, %(key_id)s)
ORDER BY created_at, key_id
LIMIT %(most)s
"""
REVOKE_KEY: Final = """
UPDATE api_key SET revoked_at = COALESCE(revoked_at, %(revoked_at)s)
WHERE key_id = %(key_id)s AND brand_id = %(brand_id)s
RETURNING key_id, brand_id, name, scopes, created_at, revoked_at, expires_at, last_used_on, rate_per_minute,
    rate_burst
"""
MARK_USED: Final = """
UPDATE api_key SET last_used_on = %(day)s
WHERE key_id = %(key_id)s AND (last_used_on IS NULL OR last_used_on < %(day)s)
"""


class StoredKey(NamedTuple):
    """A key with the hash of its secret; does not leave this folder."""

    key: Key
    secret_hash: bytes


class KeyPlace(NamedTuple):
    """Where a key stands in the list of its brand."""

    created_at: datetime
    key_id: str


_START: Final = KeyPlace(datetime(1, 1, 1, tzinfo=UTC), "")


def insert_key(conn: Connection, key: Key, secret_hash: bytes) -> bool:
    """Add a key; False when there is no such brand."""
    values = {
        "key_id": key.key_id,
        "brand_id": key.brand_id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "secret_hash": secret_hash,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "rate_per_minute": key.rate.per_minute if key.rate else None,
        "rate_burst": key.rate.burst if key.rate else None,
    }
    return conn.execute(INSERT_KEY, values).rowcount == 1


def key_by_id(conn: Connection, key_id: str) -> StoredKey | None:
    """The key and its hash, or None."""
    row = conn.execute(KEY_BY_ID, {"key_id": key_id}).fetchone()
    return None if row is None else StoredKey(_key(row), bytes(row[10]))


def keys_of_brand(
    conn: Connection, brand_id: int, *, after: KeyPlace | None = None, most: int | None = None
) -> list[Key]:
    """Keys of a brand behind a place, the oldest first."""
    values = {"brand_id": brand_id, **(after or _START)._asdict(), "most": most}
    return [_key(row) for row in conn.execute(KEYS_OF_BRAND, values)]


def mark_revoked(conn: Connection, brand_id: int, key_id: str, revoked_at: datetime) -> Key | None:
    """Revoke a key; the first time stands. None when the brand has no such key."""
    values = {"brand_id": brand_id, "key_id": key_id, "revoked_at": revoked_at}
    row = conn.execute(REVOKE_KEY, values).fetchone()
    return None if row is None else _key(row)


def mark_used(conn: Connection, key_id: str, day: date) -> bool:
    """Write down that a key was used on a day; of many at once one writes, and only the first of the day."""
    return conn.execute(MARK_USED, {"key_id": key_id, "day": day}).rowcount == 1


def _key(row: TupleRow) -> Key:
    rate = None if row[8] is None else Rate(row[8], row[9])
    return Key(row[0], row[1], row[2], frozenset(row[3]), row[4], row[5], row[6], row[7], rate)
