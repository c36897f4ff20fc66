"""Keys, scopes and tokens as pure functions."""

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final, Literal, NamedTuple, get_args

from bondfire.access.rates import Rate
from bondfire.errors import BadInput, NotAllowed, NotAuthenticated
from bondfire.kit import nearest

Scope = Literal[
    "events:write",
    "events:read",
    "events:browser",
    "members:read",
    "members:write",
    "reviews:write",
    "programs:read",
    "programs:write",
    "webhooks:read",
    "webhooks:write",
    "rewards:read",
    "rewards:write",
    "finance:read",
    "keys:write",
    "admin",
]
SCOPES: Final[frozenset[str]] = frozenset(get_args(Scope))
"""All there are; `admin` includes the others. `events:browser` is for a key that a web page shows."""

RANDOM_BYTES: Final = 35
"""How much randomness a key is made of: 10 bytes name it, 25 (200 bits) are its secret."""

_ID_BYTES: Final = 10
_TOKEN: Final = re.compile(r"bf_([a-z2-7]{16})_([a-z2-7]{40})", re.ASCII)
_LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class Key:
    """An API key as we may show it: everything but the secret.

    Attributes:
        expires_at: it opens nothing from this very instant on; None for never.
        last_used_on: the last day (UTC) on which it opened something.
        rate: how much it may send, in place of what the installation allows every key.
    """

    key_id: str
    brand_id: int
    name: str
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None = None
    expires_at: datetime | None = None
    last_used_on: date | None = None
    rate: Rate | None = None


class Token(NamedTuple):
    """The two parts of `bf_<key id>_<secret>`."""

    key_id: str
    secret: str

    def __str__(self) -> str:
        return f"bf_{self.key_id}_{self.secret}"

    def __repr__(self) -> str:
        return f"Token(key_id={self.key_id!r}, secret=...)"

    def secret_hash(self) -> bytes:
        """SHA-256 is enough: 200 random bits cannot be guessed, so a slow hash would only cost us time."""
        return sha256(self.secret.encode()).digest()


def new_token(random: bytes) -> Token:
    """Write random bytes as a token.

    Args:
        random: exactly `RANDOM_BYTES` from a cryptographic source (`secrets.token_bytes`).
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a key needs {RANDOM_BYTES} random bytes, not {len(random)}")
    return Token(_letters(random[:_ID_BYTES]), _letters(random[_ID_BYTES:]))


def _letters(raw: bytes) -> str:
    return base64.b32encode(raw).decode().lower()


def parse_token(text: str) -> Token:
    """Read a token as it was sent.

    Raises:
        NotAuthenticated: `no_key` for nothing at all, `bad_key` for another form.
    """
    if not text:
        raise NotAuthenticated(
            "No API key was sent.", next_step="Send it as: Authorization: Bearer bf_...", code="no_key"
        )
    match = _TOKEN.fullmatch(text)
    if match is None:
        raise NotAuthenticated(
            "What was sent is not an API key of the form bf_<id>_<secret>.",
            next_step="Copy the whole key, without quotes or spaces.",
            code="bad_key",
        )
    return Token(match[1], match[2])


def check_scopes(scopes: Collection[str]) -> frozenset[str]:
    """The scopes of a new key: at least one, each known.

    Raises:
        BadInput: none, or an unknown one (the nearest is named).
    """
    if not scopes:
        raise BadInput("A key needs at least one scope.", next_step=_all_scopes(), code="bad_scope")
    for scope in scopes:
        if scope not in SCOPES:
            like = nearest(scope, SCOPES)
            raise BadInput(
                f"There is no scope {scope[:80]!r}.",
                next_step=f"Did you mean {like!r}?" if like else _all_scopes(),
                code="bad_scope",
            )
    return frozenset(scopes)


def _all_scopes() -> str:
    return f"Choose from {', '.join(sorted(SCOPES))}."


def check_name(name: str) -> str:
    """The name of a new key, for people: one printable line.

    Raises:
        BadInput: empty, too long, or with signs that cannot be shown.
    """
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise BadInput(
            f"The name of a key is one line of at most {_LONGEST_NAME} printable characters.",
            next_step='Name its user, such as "till 3" or "shop".',
        )
    return name.strip()


def check_expiry(expires_at: datetime | None, created_at: datetime) -> datetime | None:
    """When a new key ends: later than now, or never.

    Raises:
        BadInput: it would open nothing at all.
    """
    if expires_at is not None and expires_at <= created_at:
        raise BadInput(
            f"The key would have expired on {expires_at:%Y-%m-%d %H:%M} UTC, before it is made.",
            next_step="Give a later time, or none for a key that does not expire.",
            code="bad_expiry",
        )
    return expires_at


def require(key: Key, scope: Scope) -> None:
    """Let the key pass if it has the scope.

    Raises:
        NotAllowed: it has not; the message names the scope.
    """
    if scope not in key.scopes and "admin" not in key.scopes:
        raise NotAllowed(
            f"The key {key.name!r} lacks the scope {scope!r}; it has {', '.join(sorted(key.scopes))}.",
            next_step=f"Use a key with {scope!r}, or have one made.",
            code="missing_scope",
        )
