"""What the doors of all shops share: whose an order is, under which numbers, and what is left to a person."""

from collections.abc import Mapping
from typing import Final

from bondfire.doors.declared import attributes_of
from bondfire.doors.fields import first_text, needed, text
from bondfire.doors.model import Parcel, Person, Raw, Reading, Terms
from bondfire.events import EventError, read_json

NO_CUSTOMER: Final = Reading(note="The order names no customer, so it is nobody's.")


def body_of(parcel: Parcel) -> Mapping[str, object]:
    """The delivery as an object.

    Raises:
        EventError: it is none.
    """
    body = read_json(parcel.raw)
    if not isinstance(body, dict):
        raise EventError("is not an object.", code="wrong_kind", next_step="Send a JSON object.")
    return body


def numbered(parcel: Parcel, number: object, field: str = "id") -> str:
    """A number of the shop's with the prefix of the endpoint, which keeps shops that count alike apart.

    Raises:
        EventError: there is none.
    """
    return parcel.frame.get("prefix", "") + needed(number, field)


def customer_reference(parcel: Parcel, number: object, email: object) -> str:
    """The member's reference: the customer's number, for a guest the e-mail address; empty for nobody."""
    found = text(number)
    if found and found != "0":
        return parcel.frame.get("prefix", "") + found
    return text(email).lower()


def header_of(parcel: Parcel, kind: str, event_id: str, occurred_at: object) -> Raw:
    """The fields that every event has, but the member."""
    return {"type": kind, "id": event_id, "source": parcel.source, "occurred_at": occurred_at}


def placed(raw: Raw, member: str) -> Reading:
    """An order of this customer."""
    return Reading(events=({**raw, "member": member},)) if member else NO_CUSTOMER


def customer(raw: Raw, member: str, person: Person, *, said: Mapping[str, object], terms: Terms) -> Reading:
    """A customer who joined or changed: the attributes that are declared, and their personal data.

    A change that touches no attribute is no event.
    """
    attributes = attributes_of(said, terms)
    events: tuple[Raw, ...] = ({**raw, "member": member, "attributes": attributes},)
    if not attributes:
        joined = {**raw, "member": member}
        events = (joined,) if raw["type"] == "member.joined" else ()
    return Reading(events=events, member=member, person=person if person != Person() else None)


def person_of(said: Mapping[str, object], *, phone: object) -> Person:
    """Name, e-mail address and telephone number of a customer."""
    name = " ".join(filter(None, (text(said.get("first_name")), text(said.get("last_name")))))
    return Person(name=name or None, email=text(said.get("email")) or None, phone=text(phone) or None)


def for_a_person(parcel: Parcel, what: str) -> EventError:
    """What a machine may not decide: it is kept until somebody has seen to it."""
    return EventError(
        f"is {parcel.topic}: {what}.",
        code="privacy_request",
        field="topic",
        next_step="See to it within the time the law gives, then delete it here.",
    )


def unmapped(parcel: Parcel) -> EventError:
    """A topic for which there is no event."""
    return EventError(
        f"is {parcel.topic[:80]!r}, which stands for no event here.",
        code="unmapped_topic",
        field="topic",
        next_step="Switch this topic off in the shop, or delete it here.",
    )


def first_code(codes: object, name: str = "code") -> str:
    """The first coupon of a list."""
    listed = codes if isinstance(codes, list) else []
    return first_text(*(one.get(name) for one in listed if isinstance(one, Mapping)))


def filled(raw: Raw) -> Raw:
    """The fields that say something."""
    return {name: value for name, value in raw.items() if value not in ("", None, [])}
