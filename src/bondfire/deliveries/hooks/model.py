"""An endpoint for a shop's deliveries, and what a secret of the shop may be."""

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, get_args

from bondfire.doors import SHOPS, Shop
from bondfire.errors import BadInput
from bondfire.kit import nearest

HOOK_RANDOM_BYTES: Final = 10
MOST_SECRETS: Final = 2
"""One in use, and one that takes over while the shop still signs with the other."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}", re.ASCII)
_PREFIX: Final = re.compile(r"[A-Za-z0-9_.:-]{0,40}", re.ASCII)
_SHORTEST: Final = 8
_LONGEST: Final = 500


@dataclass(frozen=True)
class SecretMark:
    """A secret as we may show it: by a mark that tells it from others."""

    mark: str
    added_at: datetime


@dataclass(frozen=True)
class Hook:
    """One endpoint.

    Attributes:
        hook_id: the last part of its address; names neither brand nor shop.
        name: what its events name as their source.
        prefix: goes before the shop's numbers of customers and orders.
        secrets: marks of the secrets that open it.
    """

    hook_id: str
    brand_id: int
    shop: Shop
    name: str
    prefix: str
    created_at: datetime
    revoked_at: datetime | None
    secrets: tuple[SecretMark, ...] = ()

    @property
    def path(self) -> str:
        """Where the shop delivers."""
        return f"/v1/webhooks/{self.shop}/{self.hook_id}"


def new_hook_id(random: bytes) -> str:
    """An address that cannot be guessed, of exactly `HOOK_RANDOM_BYTES` from a cryptographic source."""
    if len(random) != HOOK_RANDOM_BYTES:
        raise ValueError(f"an endpoint needs {HOOK_RANDOM_BYTES} random bytes, not {len(random)}")
    return base64.b32encode(random).decode().lower()


def mark_of(secret: str) -> str:
    """Eight letters of its hash: enough to name it, useless to sign with."""
    return sha256(secret.encode()).hexdigest()[:8]


def check_shop(shop: str) -> Shop:
    """The kind of shop.

    Raises:
        BadInput: one that is not known; the nearest is named.
    """
    known: dict[str, Shop] = {one: one for one in get_args(Shop)}
    if shop not in known:
        like = nearest(shop, SHOPS)
        raise BadInput(
            f"There is no kind of shop {shop[:60]!r}.",
            next_step=f"Did you mean {like!r}?" if like else f"Choose from {', '.join(sorted(SHOPS))}.",
            code="bad_shop",
        )
    return known[shop]


def check_hook_name(name: str) -> str:
    """The name of an endpoint, which is the source of its events.

    Raises:
        BadInput: other signs, or too long.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{name[:60]!r} cannot name an endpoint.",
            next_step='Use small letters, digits and . _ -, such as "shop-de"; its events have it as source.',
            code="bad_name",
        )
    return name


def check_prefix(prefix: str) -> str:
    """What goes before a shop's numbers.

    Raises:
        BadInput: other signs, or too long.
    """
    if not _PREFIX.fullmatch(prefix):
        raise BadInput(
            f"{prefix[:60]!r} cannot be a prefix.",
            next_step="Use at most 40 letters, digits and . : _ -, or none.",
            code="bad_prefix",
        )
    return prefix


def check_secret(secret: str) -> str:
    """A secret as the shop shows it.

    Raises:
        BadInput: blanks or signs that no secret has, too short, or too long; it is not repeated.
    """
    text = secret.strip()
    if not _SHORTEST <= len(text) <= _LONGEST or not text.isprintable() or not text.isascii() or " " in text:
        raise BadInput(
            f"A secret has {_SHORTEST} to {_LONGEST} characters of ASCII and no blanks.",
            next_step="Copy it whole from the shop.",
            code="bad_secret",
        )
    return text
