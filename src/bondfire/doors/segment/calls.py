"""What the calls of Segment's API say, in our words."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple

from bondfire.doors.declared import attributes_of, fields_of, folded, type_called
from bondfire.doors.fields import first_text, moment, needed, record, text
from bondfire.doors.model import Parcel, Person, Raw, Reading, Terms
from bondfire.doors.people import ANONYMOUS
from bondfire.doors.segment.orders import order_cancelled, order_completed, order_refunded
from bondfire.doors.segment.wire import MOST_CALL_BYTES
from bondfire.errors import BadInput
from bondfire.events import EventError, EventType, read_json
from bondfire.kit import parse_time

_AHEAD: Final = timedelta(minutes=5)
_LONGEST_URL: Final = 2_000
_LONGEST_NAME: Final = 200
_HEADER: Final = frozenset({"id", "type", "source", "member", "occurred_at"})
_FOR_PAGES: Final = "free"
_NOT_FOR_PAGES: Final = ("order.", "points.", "member.")


class _Call(NamedTuple):
    """A call whose sender is known.

    Attributes:
        header: id, source, member and time of the event that it makes.
        user, anonymous: the references; one of them may be empty.
    """

    item: Mapping[str, object]
    header: Raw
    user: str
    anonymous: str
    terms: Terms

    @property
    def member(self) -> str:
        return self.user or self.anonymous

    @property
    def context(self) -> Mapping[str, object]:
        return record(self.item.get("context"))

    @property
    def properties(self) -> Mapping[str, object]:
        return record(self.item.get("properties"))


def read_segment(parcel: Parcel, terms: Terms) -> Reading:
    """One call in our words.

    Raises:
        EventError: it says nothing that can be understood.
    """
    if len(parcel.raw) > MOST_CALL_BYTES:
        raise EventError(
            f"has {len(parcel.raw):,} bytes; a call has at most {MOST_CALL_BYTES:,}.",
            code="too_large",
            next_step="Send less in one call.",
        )
    item = read_json(parcel.raw)
    if not isinstance(item, dict):
        raise EventError("is not an object.", code="wrong_kind", next_step="Send a JSON object.")
    context = {**_context_of_batch(parcel), **record(item.get("context"))}
    call, is_guess = _call({**item, "context": context}, parcel, terms)
    kind = parcel.frame.get("type") or text(item.get("type"))
    if kind not in _READERS:
        raise EventError(
            f"is {kind[:40]!r}, which is no kind of call.",
            code="unmapped_call",
            field="type",
            next_step=f"Send one of {', '.join(_READERS)}.",
        )
    reading = _READERS[kind](call)
    if is_guess:
        reading = replace(reading, guessed=frozenset({text(call.header["id"])}))
    return _for_pages(reading, terms) if parcel.is_public else reading


def _context_of_batch(parcel: Parcel) -> Mapping[str, object]:
    return record(read_json(parcel.frame.get("context") or "{}"))


def _call(item: Mapping[str, object], parcel: Parcel, terms: Terms) -> tuple[_Call, bool]:
    user, anonymous = text(item.get("userId")), text(item.get("anonymousId"))
    if not user and not anonymous:
        raise EventError(
            "is missing, and so is anonymousId.",
            code="missing_field",
            field="userId",
            next_step="Send at least one of them, as Segment requires.",
        )
    occurred_at, is_guess = _occurred_at(item, parcel)
    header: Raw = {
        "id": text(item.get("messageId")) or _made_id(parcel, alone=not _said_time(item)),
        "source": parcel.source,
        "member": user or ANONYMOUS + anonymous,
        "occurred_at": occurred_at,
    }
    return _Call(item, header, user, ANONYMOUS + anonymous if anonymous else "", terms), is_guess


def _made_id(parcel: Parcel, *, alone: bool) -> str:
    """An id for a call without messageId: of what it says, and of when it came if it does not say when."""
    made = sha256(parcel.raw)
    if alone:
        made.update(parcel.received_at.isoformat().encode())
    return f"made-{made.hexdigest()[:40]}"


def _said_time(item: Mapping[str, object]) -> object:
    return item.get("timestamp") or item.get("originalTimestamp")


def _occurred_at(item: Mapping[str, object], parcel: Parcel) -> tuple[object, bool]:
    """When it happened, and whether we had to guess.

    A time in the future comes of a wrong clock; then it counts how long before sending it was, as Segment
    itself reckons: received - (sent - said).
    """
    said = moment(_said_time(item))
    if not said:
        return parcel.received_at, True
    at = _time(said)
    if at is None or at <= parcel.received_at + _AHEAD:
        return said, False
    sent = _time(moment(item.get("sentAt") or parcel.frame.get("sentAt")))
    return parcel.received_at - max((sent or at) - at, timedelta(0)), True


def _time(said: object) -> datetime | None:
    try:
        return parse_time(said, "timestamp")
    except BadInput:
        return None


def _identify(call: _Call) -> Reading:
    traits = {**record(call.context.get("traits")), **record(call.item.get("traits"))}
    attributes = attributes_of(traits, call.terms)
    events = [{**call.header, "type": "member.updated", "attributes": attributes}] if attributes else []
    both = f"{first_text(traits.get('firstName'), traits.get('first_name'))} " + first_text(
        traits.get("lastName"), traits.get("last_name")
    )
    person = Person(
        name=first_text(traits.get("name"), both) or None,
        email=text(traits.get("email")) or None,
        phone=text(traits.get("phone")) or None,
    )
    return Reading(
        events=tuple(events),
        member=call.member,
        person=person if person != Person() else None,
        was=call.anonymous if call.user else "",
    )


def _track(call: _Call) -> Reading:
    name = needed(call.item.get("event"), "event")
    known = _ORDERS.get(folded(name))
    if known is not None:
        type_name, read = known
        return Reading(events=({**call.header, "type": type_name, **read(call.properties, call.terms)},))
    if folded(name) in _JOINING:
        attributes = attributes_of(call.properties, call.terms)
        said: Raw = {"attributes": attributes} if attributes else {}
        return Reading(events=({**call.header, "type": "member.joined", **said},))
    if folded(name) == "productreviewed":
        return Reading(events=({**call.header, **_review(call.properties)},))
    kind = type_called(name, call.terms.catalogue)
    if kind is None:
        raise EventError(
            f"is {name[:80]!r}, which stands for no event of this programme.",
            code="unmapped_event",
            field="event",
            next_step="Declare an event type of that name and retry, or do not send it here.",
        )
    return Reading(events=(_own(call, kind),))


def _own(call: _Call, kind: EventType) -> Raw:
    fields = fields_of(kind, call.properties, but=_HEADER)
    attributes = attributes_of(call.properties, call.terms) if kind.name.startswith("member.") else {}
    said: Raw = {"attributes": attributes} if attributes else {}
    return {**call.header, "type": kind.name, **fields, **said}


def _review(properties: Mapping[str, object]) -> Raw:
    rating = text(properties.get("rating"))
    raw: Raw = {
        "type": "review.submitted",
        "rating": int(rating) if rating.isdecimal() and len(rating) < 10 else properties.get("rating"),
        "sku": first_text(properties.get("sku"), properties.get("product_id")),
        "text": text(properties.get("review_body")),
        "order": text(properties.get("order_id")),
    }
    return {name: value for name, value in raw.items() if value not in (None, "")}


def _page(call: _Call) -> Reading:
    """A page or screen that was seen; the address loses its query, which may hold what is personal."""
    properties = call.properties
    address = first_text(properties.get("url"), record(call.context.get("page")).get("url"))
    name = first_text(call.item.get("name"), properties.get("name"), properties.get("title"))
    raw: Raw = {
        **call.header,
        "type": "page.viewed",
        "url": address.partition("?")[0].partition("#")[0][:_LONGEST_URL],
        "page": name[:_LONGEST_NAME],
        "category": first_text(call.item.get("category"), properties.get("category"))[:_LONGEST_NAME],
    }
    return Reading(events=({field: value for field, value in raw.items() if value != ""},))


def _group(call: _Call) -> Reading:
    attributes = attributes_of({"group_id": needed(call.item.get("groupId"), "groupId")}, call.terms)
    if not attributes:
        raise EventError(
            "says which group a member belongs to, and this programme knows of no groups.",
            code="unmapped_call",
            field="groupId",
            next_step="Declare the member attribute group_id in the programme and retry.",
        )
    return Reading(events=({**call.header, "type": "member.updated", "attributes": attributes},))


def _alias(call: _Call) -> Reading:
    previous = needed(call.item.get("previousId"), "previousId")
    user = needed(call.item.get("userId"), "userId")
    if previous == user:
        return Reading(note="Both names are the same.")
    return Reading(member=user, was=ANONYMOUS + previous, previous=previous)


def _for_pages(reading: Reading, terms: Terms) -> Reading:
    """What a key in a web page may say: that somebody looked at something, and whom an anonymous id became.

    Raises:
        EventError: `public_key`: an order, a review, or anything else worth points.
    """
    kept = []
    for raw in reading.events:
        kind = terms.catalogue.type_named(raw.get("type"))
        if kind is not None and kind.name == "member.updated":
            continue
        if kind is None or kind.cost != _FOR_PAGES or kind.name.startswith(_NOT_FOR_PAGES):
            raise EventError(
                f"is {raw.get('type')}, which a public key may not say.",
                code="public_key",
                field="type",
                next_step="Send it from the server, with a key that has the scope events:write.",
            )
        kept.append(raw)
    dropped = len(kept) < len(reading.events) or reading.person is not None
    note = "A public key changes no attributes and no personal data." if dropped else reading.note
    return replace(reading, events=tuple(kept), person=None, note=note)


_JOINING: Final = frozenset({"signedup", "accountcreated", "memberjoined"})
_ORDERS: Final[Mapping[str, tuple[str, Callable[[Mapping[str, object], Terms], Raw]]]] = {
    "ordercompleted": ("order.placed", order_completed),
    "orderrefunded": ("order.returned", order_refunded),
    "ordercancelled": ("order.cancelled", order_cancelled),
    "ordercanceled": ("order.cancelled", order_cancelled),
}
_READERS: Final[Mapping[str, Callable[[_Call], Reading]]] = {
    "track": _track,
    "identify": _identify,
    "page": _page,
    "screen": _page,
    "group": _group,
    "alias": _alias,
}
