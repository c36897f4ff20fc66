"""Codes, and the order of a catalogue, as pure functions."""

import base64
import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Final

from bondfire.programs import EXCLUSIVE, Program, Reward

CODE_BYTES: Final = 10
"""80 random bits: at a million guesses a second the first hit takes 38 billion years for one code."""
WITH_CODE: Final = frozenset({"event", "voucher"})
"""Kinds that are shown by a code of ours: a ticket is checked in, a voucher used."""
ONE_AT_A_TIME: Final = frozenset({"voucher", "partner"})
"""Kinds of which each has a code of its own."""

_LETTERS: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CODE: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}", re.ASCII)


def code_of(random: bytes) -> str:
    """Random bytes as a code that people can type: 16 letters of Crockford's base32 in groups of four."""
    text = base64.b32encode(random).translate(_LETTERS).decode()
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def hash_of(typed: str) -> bytes:
    """What a code is found by, however it was typed; what cannot be a code has a hash like any other.

    SHA-256 is enough: 80 random bits cannot be guessed, so a slow hash would only cost us time. Looking a
    hash up tells nobody how much of a code was right.
    """
    read = re.sub(r"[\s-]", "", typed[:100]).upper().translate(_READ_AS)
    return sha256((read if _CODE.fullmatch(read) else f"no code: {typed[:100]}").encode()).digest()


def in_order(program: Program, rewards: Collection[Reward], attributes: Mapping[str, object]) -> list[Reward]:
    """Rewards as a member sees them: what money cannot buy first; then what they prefer; then the smaller."""
    preferred = words_of(program, attributes)
    return sorted(
        rewards,
        key=lambda one: (
            EXCLUSIVE[one.kind],
            -len(one.tags & preferred),
            sum((amount for _, amount in one.price), Decimal(0)),
            one.name,
        ),
    )


def words_of(program: Program, attributes: Mapping[str, object]) -> frozenset[str]:
    """What a member prefers, by the attributes that the programme names."""
    words: set[str] = set()
    for name in program.preferences:
        value = attributes.get(name)
        words |= {value} if isinstance(value, str) else set(value) if isinstance(value, list) else set()
    return frozenset(words)
