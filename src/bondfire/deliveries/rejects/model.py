"""A reject: what came in, why it could not be an event, and how many of them are kept."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from bondfire.doors import Parcel, people_in
from bondfire.errors import BondfireError
from bondfire.kit import digest_of

MOST: Final = 10_000
MOST_BYTES: Final = 100_000_000
MOST_OF_A_TOPIC: Final = 1_000
"""So that one kind of event that nobody declared cannot fill the whole shelf."""
MOST_PUBLIC: Final = 1_000
"""What came with a public key, together: whoever reads a page can send as much as they like."""

ALWAYS_KEPT: Final = "privacy_request"


@dataclass(frozen=True, kw_only=True)
class Reject:
    """One parcel that could not be taken, or not wholly.

    Attributes:
        people: references, addresses and numbers in it, by which it is erased.
        waits_for: the order whose coming will make it readable.
    """

    reject_id: UUID
    parcel: Parcel
    people: tuple[str, ...]
    waits_for: str | None
    code: str
    message: str
    next_step: str

    @property
    def size(self) -> int:
        """How many bytes of the shelf it takes, about."""
        return len(self.parcel.raw) + sum(map(len, self.parcel.frame.values()))


class Pile(NamedTuple):
    """How many rejects of one topic there are, and how many bytes they have together."""

    door: str
    topic: str
    is_public: bool
    rejects: int
    size: int


def reject_of(brand: str, parcel: Parcel, problem: BondfireError, *, waits_for: str | None) -> Reject:
    """The reject that a parcel is."""
    return Reject(
        reject_id=reject_id_of(brand, parcel),
        parcel=parcel,
        people=people_in(parcel),
        waits_for=waits_for,
        code=problem.code,
        message=_storable(problem.message),
        next_step=_storable(problem.next_step),
    )


def reject_id_of(brand: str, parcel: Parcel) -> UUID:
    """The same parcel, delivered again, is the same reject."""
    said = (parcel.door, parcel.source, parcel.topic, parcel.frame.get("id", ""))
    return UUID(bytes=digest_of("reject", brand, *said, sha256(parcel.raw).hexdigest()))


def _storable(text: str) -> str:
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


@dataclass
class Shelf:
    """How much room there is for a brand's rejects."""

    count: int = 0
    size: int = 0
    public: int = 0
    topics: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def holding(cls, piles: Iterable[Pile]) -> "Shelf":
        """The shelf with these piles on it."""
        shelf = cls()
        for pile in piles:
            shelf.count += pile.rejects
            shelf.size += pile.size
            shelf.public += pile.rejects if pile.is_public else 0
            shelf.topics[pile.door, pile.topic] += pile.rejects
        return shelf

    def put(self, reject: Reject) -> bool:
        """Make room for one more; False when there is none. What a law asks for always has room."""
        parcel = reject.parcel
        fits = (
            self.count < MOST
            and self.size + reject.size <= MOST_BYTES
            and self.topics[parcel.door, parcel.topic] < MOST_OF_A_TOPIC
            and not (parcel.is_public and self.public >= MOST_PUBLIC)
        )
        if not fits and reject.code != ALWAYS_KEPT:
            return False
        self.count += 1
        self.size += reject.size
        self.public += parcel.is_public
        self.topics[parcel.door, parcel.topic] += 1
        return True


class Place(NamedTuple):
    """Where a page of rejects ends: the newest first."""

    received_at: datetime
    reject_id: UUID
