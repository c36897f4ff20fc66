"""What a leaderboard shows, and the pseudonyms on it."""

import hashlib
import hmac
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

import msgspec

State = Literal["running", "over", "closed"]

_ADJECTIVES: Final = (
    *("amber", "ancient", "autumn", "azure", "bold", "brave", "bright", "bronze", "calm", "cheerful"),
    *("clever", "copper", "coral", "cosmic", "crimson", "crystal", "daring", "dawn", "eager", "emerald"),
    *("fair", "fearless", "gentle", "glad", "golden", "grand", "happy", "hidden", "honest", "icy"),
    *("indigo", "ivory", "jade", "jolly", "keen", "kind", "lively", "lucky", "lunar", "merry"),
    *("mighty", "mint", "misty", "noble", "olive", "patient", "polar", "proud", "quick", "quiet"),
    *("rapid", "ruby", "rustic", "scarlet", "silver", "smart", "solar", "spring", "summer", "sunny"),
    *("swift", "velvet", "wild", "winter"),
)
_ANIMALS: Final = (
    *("badger", "bear", "beaver", "bison", "bunny", "camel", "cat", "crane", "deer", "dolphin"),
    *("dove", "duck", "eagle", "elk", "falcon", "finch", "fox", "frog", "gecko", "goose"),
    *("hare", "hawk", "hedgehog", "heron", "horse", "ibex", "jay", "koala", "lark", "lemur"),
    *("lion", "lizard", "llama", "lynx", "marten", "mole", "moose", "mouse", "newt", "orca"),
    *("otter", "owl", "panda", "parrot", "penguin", "pony", "puffin", "quail", "rabbit", "raven"),
    *("robin", "salmon", "seal", "sparrow", "squirrel", "stork", "swan", "tiger", "toad", "turtle"),
    *("walrus", "whale", "wolf", "zebra"),
)


class Line(msgspec.Struct, frozen=True):
    """One member on a leaderboard.

    Attributes:
        name: a pseudonym of this period.
        score: None where it is not to be seen.
        is_me: whether it is who asks.
    """

    rank: int
    name: str
    score: Decimal | None
    is_me: bool = False


class Place(msgspec.Struct, frozen=True):
    """Where somebody stands, as the tables say it."""

    member_id: UUID
    rank: int
    score: Decimal


class BoardPage(msgspec.Struct, frozen=True):
    """A leaderboard in one period.

    Attributes:
        start, end: of the period; it ends at this very instant.
        state: running; over: its result is being made; closed: the result stands.
        segment: among whom, "" for all.
        top: the first ones. near: who asks and their neighbours, where they are not among the first.
        me: who asks, None for nobody or for who is not shown.
        is_shown: whether who asks takes part.
    """

    board: str
    start: datetime
    end: datetime
    state: State
    segment: str
    top: list[Line]
    near: list[Line]
    me: Line | None
    is_shown: bool


def pseudonym(secret: bytes, board: str, start: datetime, member_id: UUID) -> str:
    """The name of a member on a leaderboard for one period: nobody without the secret can tell who it is.

    HMAC-SHA256 (RFC 2104) of leaderboard, period and member; another period has another name, so that
    nobody can be followed through the year.
    """
    said = f"{board}\n{start.isoformat()}\n{member_id.hex}".encode()
    number = int.from_bytes(hmac.new(secret, said, hashlib.sha256).digest()[:8], "big")
    number, animal = divmod(number, len(_ANIMALS))
    number, adjective = divmod(number, len(_ADJECTIVES))
    return f"{_ADJECTIVES[adjective]} {_ANIMALS[animal]} {number % 9000 + 1000}"
