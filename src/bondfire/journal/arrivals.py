"""Events as they arrive at the journal: whose they are, by which key they are known, in canonical form."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from bondfire.db import Connection
from bondfire.engine import REMOVALS, addressed, order_number, removed_by
from bondfire.events import NAMING, Event, canonical_body
from bondfire.kit import bucket_of, digest_of
from bondfire.members import find_members, members_of_codes
from bondfire.programs import Brand


class Arrival(NamedTuple):
    """An event at the door.

    Attributes:
        event_key: the identity of the event, 16 bytes in hex.
        order_key: the same of the order that it places, or of the removal that it is; None of the rest.
        body: canonical JSON of what the journal has no column for; the member's reference is not in it.
    """

    event: Event
    member_id: UUID
    bucket: int
    event_key: str
    order_key: str | None
    body: str


def address(conn: Connection, brand: Brand, events: Sequence[Event]) -> Sequence[Event]:
    """The events, with the member's id in those that name another member (see `engine.addressed`)."""
    named = {
        place: str(event.body[NAMING[event.type]])
        for place, event in enumerate(events)
        if event.type in NAMING and NAMING[event.type] in event.body
    }
    if not named:
        return events
    members = find_members(conn, brand, list(dict.fromkeys(named.values())))
    codes = [name for place, name in named.items() if NAMING[events[place].type] == "referrer"]
    members |= members_of_codes(conn, brand, codes) if codes else {}
    return [
        addressed(event, members[named[place]]) if place in named else event
        for place, event in enumerate(events)
    ]


def arrival_of(brand: str, event: Event, member_id: UUID) -> Arrival:
    """Make an event ready for the journal."""
    order_key = None
    if event.type == "order.placed":
        order_key = order_key_of(brand, order_number(event), member_id)
    elif event.type in REMOVALS:
        order_key = removal_key_of(brand, *removed_by(event), member_id)
    return Arrival(
        event,
        member_id,
        bucket_of(member_id),
        event_key_of(brand, event.source, event.id, member_id),
        order_key,
        canonical_body(event),
    )


def event_key_of(brand: str, source: str, event_id: str, member_id: UUID) -> str:
    """The identity of an event, for ever."""
    return digest_of("event", brand, source, event_id, member_id.hex).hex()


def order_key_of(brand: str, order: str, member_id: UUID) -> str:
    """The identity of a member's order, for ever."""
    return digest_of("order", brand, order, member_id.hex).hex()


def removal_key_of(brand: str, source: str, event_id: str, member_id: UUID) -> str:
    """The identity of the removal of an event, for ever."""
    return digest_of("removal", brand, source, event_id, member_id.hex).hex()
