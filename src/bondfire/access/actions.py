"""What can be done to keys: make one, revoke one."""

from collections.abc import Collection
from datetime import datetime

from bondfire.access import store
from bondfire.access.model import Key, check_expiry, check_name, check_scopes, new_token
from bondfire.access.queries import no_such_key
from bondfire.access.rates import Rate
from bondfire.db import Connection
from bondfire.errors import NotFound


def create_key(
    conn: Connection,
    brand_id: int,
    scopes: Collection[str],
    name: str,
    *,
    created_at: datetime,
    random: bytes,
    expires_at: datetime | None = None,
    rate: Rate | None = None,
) -> tuple[Key, str]:
    """Make a key for a brand.

    Args:
        conn: in a transaction of the caller's.
        brand_id: whose data it opens.
        scopes: what it is good for.
        name: who uses it, for people.
        created_at: aware time.
        random: `RANDOM_BYTES` bytes from `secrets.token_bytes`.
        expires_at: from when on it opens nothing; None for never.
        rate: how much it may send, if not what every key may (`check_rate`).

    Returns:
        The key, and its token: shown this once, it cannot be had again.

    Raises:
        BadInput: unknown scope, bad name, a time that has passed.
        NotFound: no such brand.
    """
    token = new_token(random)
    key = Key(
        token.key_id,
        brand_id,
        check_name(name),
        check_scopes(scopes),
        created_at,
        expires_at=check_expiry(expires_at, created_at),
        rate=rate,
    )
    if not store.insert_key(conn, key, token.secret_hash()):
        raise NotFound(f"There is no brand number {brand_id}.", next_step="Publish a programme of it first.")
    return key, str(token)


def revoke_key(conn: Connection, brand_id: int, key_id: str, *, revoked_at: datetime) -> Key:
    """Close the door to a key for ever; doing it again changes nothing.

    Raises:
        NotFound: the brand has no such key.
    """
    key = store.mark_revoked(conn, brand_id, key_id, revoked_at)
    if key is None:
        raise no_such_key(key_id)
    return key
