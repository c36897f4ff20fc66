"""What can be asked of keys: whose is this token, and which are there."""

from hmac import compare_digest

from psycopg import Connection

from bondfire.access import store
from bondfire.access.model import Key, parse_token
from bondfire.errors import NotAuthenticated


def authenticate(conn: Connection, token: str) -> Key:
    """The key that a token belongs to.

    An unknown id and a wrong secret get the same answer, so nobody learns which ids exist; that a key
    was revoked is told only to whoever knows its secret.

    Raises:
        NotAuthenticated: `no_key`, `bad_key`, `unknown_key` or `revoked_key`.
    """
    sent = parse_token(token)
    stored = store.key_by_id(conn, sent.key_id)
    if stored is None or not compare_digest(stored.secret_hash, sent.secret_hash()):
        raise NotAuthenticated(
            "This API key is not known here.", next_step="Check the key, or make one.", code="unknown_key"
        )
    if stored.key.revoked_at is not None:
        raise NotAuthenticated(
            f"The key {stored.key.name!r} was revoked on {stored.key.revoked_at:%Y-%m-%d}.",
            next_step="Use another key, or have one made.",
            code="revoked_key",
        )
    return stored.key


def list_keys(conn: Connection, brand_id: int) -> list[Key]:
    """All keys of a brand, the oldest first, the revoked ones too."""
    return store.keys_of_brand(conn, brand_id)
