"""What comes through a door and what it says: parcels in; events, personal data and problems out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

from bondfire.events import Catalogue, EventError

Door = Literal["segment", "cloudevents", "shopify", "woocommerce", "stripe"]
Shop = Literal["shopify", "woocommerce", "stripe"]
SHOPS: Final[frozenset[str]] = frozenset(get_args(Shop))
"""The doors whose deliveries are signed with a secret of the shop."""

Raw = dict[str, object]
"""The fields of one event, for `parse_event`."""

PUBLIC: Final = "public"
"""The word in a parcel's frame that says: it came with a key that anybody can read in a page."""


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One thing that came through a door, as it came: enough to read it again whenever that may help.

    Attributes:
        door: which one.
        source: what its events name as their source.
        topic: what the sender calls it, such as `orders/paid` or `Order Completed`.
        raw: the bytes of it.
        received_at: when it came.
        frame: what came around it and is needed to read it: attributes from headers, fields of its batch.
    """

    door: Door
    source: str
    topic: str
    raw: bytes
    received_at: datetime
    frame: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_public(self) -> bool:
        """Whether anybody could have sent it: a key in a web page is no secret."""
        return PUBLIC in self.frame


@dataclass(frozen=True, kw_only=True)
class Person:
    """Personal data as somebody said them; None: nothing was said of it."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the programme in force knows, for reading what others send."""

    catalogue: Catalogue
    currency: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a parcel says.

    Attributes:
        events: for `parse_event`, in their order.
        order: the order that says whose the events are which name no member.
        only_if_known: nothing follows, rather than a wait, when nobody is known to have placed `order`.
        member: whose `person` and `was` are.
        person: what was said of the member; the rest of their profile stays.
        was: the anonymous reference under which the member came before.
        previous: a reference that must not be known as a member of its own, or the two would have to merge.
        problem: why it could not be read, or not wholly.
        note: in words, why nothing or not all of it follows, where that is no problem.
        guessed: ids of events whose time we had to guess, so that it may differ when they come again.
    """

    events: tuple[Raw, ...] = ()
    order: str = ""
    only_if_known: bool = False
    member: str = ""
    person: Person | None = None
    was: str = ""
    previous: str = ""
    problem: EventError | None = None
    note: str = ""
    guessed: frozenset[str] = frozenset()
