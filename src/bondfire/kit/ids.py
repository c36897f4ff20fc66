"""Ids and buckets: stable for ever, the same on every machine."""

import base64
from functools import lru_cache
from hashlib import blake2b
from typing import Final
from uuid import UUID

from bondfire.errors import BadInput

BUCKETS: Final = 1024
"""How many buckets a brand's members are spread over; frozen for ever."""


def digest_of(*parts: str) -> bytes:
    """A 16-byte BLAKE2b of the parts, each behind its length: one fixed-width key for any ids."""
    encoded = [part.encode() for part in parts]
    framed = b"".join([len(part).to_bytes(4, "big") + part for part in encoded])
    return blake2b(framed, digest_size=16).digest()


@lru_cache(maxsize=100_000)
def member_id_of(brand: str, reference: str) -> UUID:
    """The id a member gets when they are first seen under this reference (a customer or card number)."""
    return UUID(bytes=digest_of("member", brand, reference))


def bucket_of(member_id: UUID) -> int:
    """The bucket of a member: the first two bytes of their id modulo 1024.

    The id is itself a hash, so its bytes are evenly spread. Frozen for ever: every member-keyed row
    of every installation depends on it.
    """
    return (member_id.int >> 112) % BUCKETS


def show_id(prefix: str, value: UUID) -> str:
    """A typed id for people and URLs: `mem_` and 26 letters of base32 (RFC 4648, lower case)."""
    return f"{prefix}_{base64.b32encode(value.bytes).decode().rstrip('=').lower()}"


def parse_id(prefix: str, text: str) -> UUID:
    """Read what `show_id` wrote.

    Raises:
        BadInput: another prefix or not an id at all.
    """
    head, _, tail = text.partition("_")
    try:
        raw = base64.b32decode(tail.upper() + "=" * (-len(tail) % 8))
        if head != prefix or len(raw) != 16:
            raise ValueError(text)
    except ValueError:
        raise BadInput(
            f"{text[:60]!r} is not an id of the form {prefix}_...",
            next_step="Copy it from an answer of the API.",
        ) from None
    return UUID(bytes=raw)
