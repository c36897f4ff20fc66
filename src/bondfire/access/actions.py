"""What can be done to keys: make one, revoke one."""

from collections.abc import Collection
from datetime import datetime

from psycopg import Connection

from bondfire.access import store
from bondfire.access.model import Key, check_name, check_scopes, new_token
from bondfire.errors import NotFound


def create_key(  # noqa: PLR0913 - the last two are named at the call
    conn: Connection,
    brand_id: int,
    scopes: Collection[str],
    name: str,
    *,
    created_at: datetime,
    random: bytes,
) -> tuple[Key, str]:
    """Make a key for a brand.

    Args:
        conn: in a transaction of the caller's.
        brand_id: whose data it opens.
        scopes: what it is good for.
        name: who uses it, for people.
        created_at: aware time.
        random: `RANDOM_BYTES` bytes from `secrets.token_bytes`.

    Returns:
        The key, and its token: shown this once, it cannot be had again.

    Raises:
        BadInput: unknown scope, bad name.
        NotFound: no such brand.
    """
    token = new_token(random)
    key = Key(token.key_id, brand_id, check_name(name), check_scopes(scopes), created_at)
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
        raise NotFound(
            f"This brand has no key {key_id[:40]!r}.",
            next_step="List the keys; the id is the part between the two underscores.",
        )
    return key
