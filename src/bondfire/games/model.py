"""The formula of a draw, which anybody can compute again, and what is shown of a game."""

import hashlib
import hmac
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

_ROOM: Final = 2**64


class GameView(msgspec.Struct, frozen=True):
    """A game in one period.

    Attributes:
        start, end: of the period. price: unit and amount, None for a free play.
        odds: by prize, as a fraction. left: how many are left of those with a stock.
        commitment: SHA-256 of the seed, hex; "" when the period never had one.
        seed: hex, once the period is over; "" before.
    """

    game: str
    kind: str
    start: datetime
    end: datetime
    price: tuple[str, Decimal] | None
    odds: dict[str, str]
    left: dict[str, Decimal]
    commitment: str
    seed: str


class WrongDraw(msgspec.Struct, frozen=True):
    """A play that is not what the seed says."""

    event: str
    member: str
    number: int
    stored: str
    follows: str


class Proof(msgspec.Struct, frozen=True):
    """What checking all draws of a period found.

    Attributes:
        plays: how many there were. wrong: those that do not follow from the seed, and gaps in the numbers.
    """

    commitment: str
    seed: str
    plays: int
    wrong: list[WrongDraw]


def commitment_of(seed: bytes) -> str:
    """What is shown before anybody plays: the SHA-256 of the seed, in hex."""
    return hashlib.sha256(seed).hexdigest()


def side_drawn(seed: bytes, game: str, member: str, *, number: int, nonce: str, sides: int) -> int:
    """Which of the equal parts of a game a play draws, counted from 0.

    The first 8 bytes of HMAC-SHA256 (RFC 2104) with the seed as its key, over game, member, number of the
    play, nonce and a counter from 0, each followed by a line feed but the last, as a whole number with the
    highest byte first. A number in the incomplete rest of 2^64 would favour the first parts: then the counter
    goes on by one. The part is the remainder of the division by the number of parts.

    Args:
        seed: of the period.
        game: its name.
        member: the member's id, `mem_...`.
        number: of the member's plays in the period, from 1.
        nonce: what the member added.
        sides: how many parts there are, at most 10^12.
    """
    fair, counter = _ROOM - _ROOM % sides, 0
    while True:
        said = f"{game}\n{member}\n{number}\n{nonce}\n{counter}".encode()
        drawn = int.from_bytes(hmac.new(seed, said, hashlib.sha256).digest()[:8], "big")
        if drawn < fair:
            return drawn % sides
        counter += 1
