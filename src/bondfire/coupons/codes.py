"""Codes: how they are made of chance, written for people, and kept as a hash."""

import re
from hashlib import sha256
from hmac import compare_digest
from typing import Final
from uuid import UUID

from bondfire.errors import BadInput
from bondfire.kit import show_id

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""31 letters that are not taken for each other: no 0 and O, no 1 and I, and no U. As 31 is prime, one
check character tells every single wrong letter and every two that changed places."""
LETTERS: Final = 17
"""Of chance, in each code: 31^17 is 2^84, so a million guesses at a billion codes hit one in 10^10 times."""
RANDOM_BYTES: Final = 24
"""Chance that a code is made of; so many more than it shows that every letter is as likely (to 2^-100)."""
_PIECE: Final = 6
_OWN: Final = re.compile(f"[{ALPHABET}]{{{LETTERS + 1}}}", re.ASCII)
_ANY: Final = re.compile(r"[!-~]{4,64}", re.ASCII)
_VALUE: Final = {letter: value for value, letter in enumerate(ALPHABET)}


def new_code(random: bytes) -> str:
    """Write random bytes as a code: three groups of six letters, the last of them the check character.

    Args:
        random: exactly `RANDOM_BYTES` from a cryptographic source (`secrets.token_bytes`).
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a code needs {RANDOM_BYTES} random bytes, not {len(random)}")
    number, letters = int.from_bytes(random, "big"), ""
    for _ in range(LETTERS):
        number, value = divmod(number, len(ALPHABET))
        letters += ALPHABET[value]
    letters += _check_character(letters)
    return "-".join(letters[first : first + _PIECE] for first in range(0, len(letters), _PIECE))


def _check_character(letters: str) -> str:
    """Makes the sum of all letters, each times its place, a multiple of 31."""
    rest = sum(place * _VALUE[letter] for place, letter in enumerate(letters, start=1))
    own = len(letters) + 1
    prime = len(ALPHABET)
    return ALPHABET[-rest * pow(own, -1, prime) % prime]


def plain_code(text: str) -> str:
    """A code as it is compared: capitals, without blanks and hyphens."""
    return "".join(text.split()).replace("-", "").upper()


def is_mistyped(code: str) -> bool:
    """Whether a plain code has the form of our own codes with a wrong check character."""
    return bool(_OWN.fullmatch(code)) and _check_character(code[:-1]) != code[-1]


def check_given(text: str) -> str:
    """The plain code of one that somebody else made.

    Raises:
        BadInput: it is too short or long, holds what no till reads, or looks like a mistyped code of ours.
    """
    code = plain_code(text)
    if not _ANY.fullmatch(code):
        raise BadInput(
            f"{text[:80]!r} cannot be a code.",
            next_step="Give 4 to 64 letters and digits; blanks and hyphens do not count.",
            code="bad_code",
        )
    if is_mistyped(code):
        raise BadInput(
            f"{text[:80]!r} looks like a mistyped code of bondfire's own.",
            next_step="Give it another length, or let bondfire make the codes.",
            code="bad_code",
        )
    return code


def hash_of(brand: str, code: str) -> bytes:
    """SHA-256 of a plain code: our own cannot be guessed, so a slow hash would only cost the till time."""
    return sha256(b"\0".join((b"coupon", brand.encode(), code.encode("utf-8", "replace")))).digest()


def code_id_of(hashed: bytes) -> str:
    """The id of a code, which does not tell it."""
    return _shown(b"code", hashed)


def coupon_id_of(hashed: bytes, order: str) -> str:
    """The id under which a member has a coupon that came by a code with an order."""
    return _shown(b"coupon", hashed, order.encode("utf-8", "replace"))


def _shown(*parts: bytes) -> str:
    return show_id("cpn", UUID(bytes=sha256(b"\0".join(parts)).digest()[:16]))


def is_same(one: bytes, other: bytes) -> bool:
    """Whether two hashes are equal, in a time that does not depend on where they differ."""
    return compare_digest(one, other)
