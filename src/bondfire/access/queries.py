"""What can be asked of keys: whose is this token, and which are there."""

from datetime import datetime
from hmac import compare_digest

from bondfire.access import store
from bondfire.access.model import Key, Token, parse_token
from bondfire.access.store import KeyPlace, StoredKey
from bondfire.db import Connection
from bondfire.errors import NotAuthenticated, NotFound


def authenticate(conn: Connection, token: str, *, now: datetime) -> Key:
    """The key that a token belongs to; the first time on a day this is written down.

    An unknown id and a wrong secret get the same answer, so nobody learns which ids exist; that a key
    was revoked or has expired is told only to whoever knows its secret.

    Args:
        conn: in a transaction that may write.
        token: as sent.
        now: aware time.

    Raises:
        NotAuthenticated: `no_key`, `bad_key`, `unknown_key`, `revoked_key` or `expired_key`.
    """
    return find_stored(conn, token, now=now).key


def find_stored(conn: Connection, token: str, *, now: datetime) -> StoredKey:
    """As `authenticate`, with the hash of the secret."""
    sent = parse_token(token)
    stored = admit(store.key_by_id(conn, sent.key_id), sent, now=now)
    last_used_on = stored.key.last_used_on
    if last_used_on is None or last_used_on < now.date():
        store.mark_used(conn, stored.key.key_id, now.date())
    return stored


def admit(stored: StoredKey | None, sent: Token, *, now: datetime) -> StoredKey:
    """The stored key, if the secret is right and the key opens anything now; raises as `authenticate`."""
    if stored is None or not compare_digest(stored.secret_hash, sent.secret_hash()):
        raise NotAuthenticated(
            "This API key is not known here.", next_step="Check the key, or make one.", code="unknown_key"
        )
    key = stored.key
    if key.revoked_at is not None:
        raise NotAuthenticated(
            f"The key {key.name!r} was revoked on {key.revoked_at:%Y-%m-%d}.",
            next_step="Use another key, or have one made.",
            code="revoked_key",
        )
    if key.expires_at is not None and key.expires_at <= now:
        raise NotAuthenticated(
            f"The key {key.name!r} expired on {key.expires_at:%Y-%m-%d}.",
            next_step="Use another key, or have one made.",
            code="expired_key",
        )
    return stored


def list_keys(
    conn: Connection, brand_id: int, *, after: KeyPlace | None = None, limit: int | None = None
) -> list[Key]:
    """Keys of a brand, the oldest first, the revoked ones too.

    Args:
        conn: a connection.
        brand_id: whose.
        after: when the last key of the page before was made, and its id.
        limit: how many; None for all.
    """
    return store.keys_of_brand(conn, brand_id, after=after, most=limit)


def read_key(conn: Connection, brand_id: int, key_id: str) -> Key:
    """One key of a brand.

    Raises:
        NotFound: the brand has no such key.
    """
    stored = store.key_by_id(conn, key_id)
    if stored is None or stored.key.brand_id != brand_id:
        raise no_such_key(key_id)
    return stored.key


def no_such_key(key_id: str) -> NotFound:
    """The refusal for a key that the brand does not have."""
    return NotFound(
        f"This brand has no key {key_id[:40]!r}.",
        next_step="List the keys; the id is the part between the two underscores.",
        code="unknown_key_id",
    )
