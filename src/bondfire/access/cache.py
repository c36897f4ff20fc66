"""Keys that were looked up a moment ago, so that a request need not ask the database again."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from bondfire.access.model import Key, parse_token
from bondfire.access.queries import admit, find_stored
from bondfire.access.store import StoredKey
from bondfire.db import Connection

MOST_KEYS: Final = 10_000


class _Seen(NamedTuple):
    stored: StoredKey
    at: datetime


class KeyCache:
    """Keys with the hashes of their secrets, each for a few seconds; never a secret or a token.

    A key that is revoked in another process is let in here until then. The secret is compared every time.
    """

    def __init__(self, seconds: int) -> None:
        self._lifetime = timedelta(seconds=seconds)
        self._seen: dict[str, _Seen] = {}

    def recall(self, token: str, *, now: datetime) -> Key | None:
        """The key of a token; None when the database has to be asked.

        Raises:
            NotAuthenticated: as `authenticate`.
        """
        sent = parse_token(token)
        seen = self._seen.get(sent.key_id)
        if seen is None or not seen.at <= now < seen.at + self._lifetime or seen.at.date() != now.date():
            return None
        return admit(seen.stored, sent, now=now).key

    def authenticate(self, conn: Connection, token: str, *, now: datetime) -> Key:
        """See `authenticate`; and `recall` knows the key from now on."""
        stored = find_stored(conn, token, now=now)
        if len(self._seen) >= MOST_KEYS:
            self._seen.clear()
        self._seen[stored.key.key_id] = _Seen(stored, now)
        return stored.key

    def forget(self, key_id: str) -> None:
        """A key changed: the next request asks the database."""
        self._seen.pop(key_id, None)
