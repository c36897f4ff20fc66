"""The table of API keys."""

from datetime import datetime
from typing import Final, NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow

from bondfire.access.model import Key

INSERT_KEY: Final = """
INSERT INTO api_key (key_id, brand_id, name, scopes, secret_hash, created_at)
SELECT %(key_id)s, brand_id, %(name)s, %(scopes)s, %(secret_hash)s, %(created_at)s
FROM brand WHERE brand_id = %(brand_id)s
"""
KEY_BY_ID: Final = """
SELECT key_id, brand_id, name, scopes, created_at, revoked_at, secret_hash
FROM api_key WHERE key_id = %(key_id)s
"""
KEYS_OF_BRAND: Final = """
SELECT key_id, brand_id, name, scopes, created_at, revoked_at
FROM api_key WHERE brand_id = %(brand_id)s ORDER BY created_at, key_id
"""
REVOKE_KEY: Final = """
UPDATE api_key SET revoked_at = COALESCE(revoked_at, %(revoked_at)s)
WHERE key_id = %(key_id)s AND brand_id = %(brand_id)s
RETURNING key_id, brand_id, name, scopes, created_at, revoked_at
"""


class StoredKey(NamedTuple):
    """A key with the hash of its secret; does not leave this folder."""

    key: Key
    secret_hash: bytes


def insert_key(conn: Connection, key: Key, secret_hash: bytes) -> bool:
    """Add a key; False when there is no such brand."""
    values = {
        "key_id": key.key_id,
        "brand_id": key.brand_id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "secret_hash": secret_hash,
        "created_at": key.created_at,
    }
    return conn.execute(INSERT_KEY, values).rowcount == 1


def key_by_id(conn: Connection, key_id: str) -> StoredKey | None:
    """The key and its hash, or None."""
    row = conn.execute(KEY_BY_ID, {"key_id": key_id}).fetchone()
    return None if row is None else StoredKey(_key(row), bytes(row[6]))


def keys_of_brand(conn: Connection, brand_id: int) -> list[Key]:
    """All keys of a brand, the oldest first."""
    return [_key(row) for row in conn.execute(KEYS_OF_BRAND, {"brand_id": brand_id})]


def mark_revoked(conn: Connection, brand_id: int, key_id: str, revoked_at: datetime) -> Key | None:
    """Revoke a key; the first time stands. None when the brand has no such key."""
    values = {"brand_id": brand_id, "key_id": key_id, "revoked_at": revoked_at}
    row = conn.execute(REVOKE_KEY, values).fetchone()
    return None if row is None else _key(row)


def _key(row: TupleRow) -> Key:
    return Key(row[0], row[1], row[2], frozenset(row[3]), row[4], row[5])
