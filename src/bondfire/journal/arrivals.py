"""Events as they arrive at the journal: whose they are, by which key they are known, in canonical form."""

from typing import NamedTuple
from uuid import UUID

from bondfire.engine import pseudonymous
from bondfire.events import Event, canonical_body
from bondfire.kit import bucket_of, digest_of


class Arrival(NamedTuple):
    """An event at the door.

    Attributes:
        event: with the member's id in place of the reference: the journal is pseudonymous, and what is
            decided when it is replayed must be what was decided first.
        reference: the member's reference as sent, for the answer only.
        event_key: the identity of the event as 16 bytes.
        body: canonical JSON without the member.
    """

    event: Event
    reference: str
    member_id: UUID
    bucket: int
    event_key: UUID
    body: str


def arrival_of(brand: str, event: Event, member_id: UUID) -> Arrival:
    """Make an event ready for the journal."""
    return Arrival(
        event=pseudonymous(event, member_id),
        reference=event.member,
        member_id=member_id,
        bucket=bucket_of(member_id),
        event_key=event_key_of(brand, event.source, event.id, member_id),
        body=canonical_body(event),
    )


def event_key_of(brand: str, source: str, event_id: str, member_id: UUID) -> UUID:
    """The identity of an event, for ever."""
    return digest_of("event", brand, source, event_id, member_id.hex)
