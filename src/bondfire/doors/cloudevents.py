"""CloudEvents 1.0 over HTTP: binary, structured and batched. Their type and data are ours.

Written here and not taken from a library: what is left when numbers must stay exact, keys may not be doubled
and one bad event must not spoil a batch is these lines.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from bondfire.doors.fields import moment, needed, text
from bondfire.doors.model import Parcel, Raw, Reading, Terms
from bondfire.doors.splitting import fields_in, items_in
from bondfire.errors import BadInput
from bondfire.events import EventError, read_json

STRUCTURED: Final = "application/cloudevents+json"
BATCHED: Final = "application/cloudevents-batch+json"
MOST_EVENTS: Final = 1_000

_IN_HEADERS: Final = "binary"
_SOURCE: Final = "cloudevents"
_LONGEST: Final = 200


def read_cloudevents(headers: Mapping[str, str], body: bytes, *, received_at: datetime) -> list[Parcel]:
    """The events of a request, each as it was sent.

    Args:
        headers: by lower-case name.
        body: as it came.
        received_at: when.

    Raises:
        BadInput: no CloudEvents at all, no JSON array in a batch, or more than 1,000 events.
    """
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == BATCHED:
        return [_parcel(item, "", {}, received_at) for item in _items(body)]
    if media_type == STRUCTURED:
        return [_parcel(body, "", {}, received_at)]
    frame = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
    if not frame:
        raise BadInput(
            "There are no ce- headers, and the media type is not one of CloudEvents.",
            next_step=f"Send ce-id, ce-source, ce-type and ce-specversion, or {STRUCTURED}, or {BATCHED}.",
            code="no_cloudevent",
        )
    return [_parcel(body, frame.get("type", ""), {**frame, "mode": _IN_HEADERS}, received_at)]


def _items(body: bytes) -> list[bytes]:
    items = items_in(body)
    if len(items) > MOST_EVENTS:
        raise BadInput(
            f"The batch has {len(items):,} events; at most {MOST_EVENTS:,} are taken at once.",
            next_step="Send it in parts.",
            code="too_many_events",
        )
    return items


def _parcel(raw: bytes, topic: str, frame: Mapping[str, str], received_at: datetime) -> Parcel:
    if not topic:
        try:
            topic = text(read_json(fields_in(raw).get("type", b'""')))
        except BadInput:
            topic = ""
    return Parcel(
        door="cloudevents",
        source=_SOURCE,
        topic=topic[:_LONGEST] if topic and topic.isprintable() else "unknown",
        raw=raw,
        received_at=received_at,
        frame={name: value for name, value in frame.items() if value.isprintable()},
    )


def read_cloudevent(parcel: Parcel, _terms: Terms) -> Reading:
    """One CloudEvent in our words: its type and data are those of an event of ours.

    Raises:
        EventError: an attribute that is missing, or data that are no object.
    """
    if parcel.frame.get("mode") == _IN_HEADERS:
        envelope: Mapping[str, object] = parcel.frame
        data = read_json(parcel.raw)
    else:
        envelope = _object(read_json(parcel.raw), "event")
        data = _data_of(envelope)
    if text(envelope.get("specversion")) != "1.0":
        raise EventError(
            f"is {str(envelope.get('specversion'))[:20]!r}, not 1.0.",
            code="bad_version",
            field="specversion",
            next_step="Send CloudEvents 1.0.",
        )
    raw: Raw = {**_object(data, "data")}
    for name in ("id", "source", "type"):
        _agree(raw, name, needed(envelope.get(name), name))
    if text(envelope.get("subject")):
        raw.setdefault("member", text(envelope.get("subject")))
    said = raw.setdefault("occurred_at", moment(envelope.get("time")))
    if said is None:
        raw["occurred_at"] = parcel.received_at
    return Reading(events=(raw,), guessed=frozenset({text(raw["id"])}) if said is None else frozenset())


def _agree(raw: Raw, name: str, said: str) -> None:
    """The envelope says it; data may repeat it, but not contradict it."""
    if raw.setdefault(name, said) != said:
        raise EventError(
            f"is {str(raw[name])[:60]!r} in data and {said[:60]!r} in the envelope.",
            code="contradiction",
            field=name,
            next_step="Say it once, in the envelope.",
        )


def _object(value: object, field: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise EventError("is not an object.", code="wrong_kind", field=field, next_step="Send a JSON object.")
    return value


def _data_of(envelope: Mapping[str, object]) -> object:
    encoded = envelope.get("data_base64")
    if encoded is None:
        return envelope.get("data")
    try:
        return read_json(base64.b64decode(text(encoded), validate=True))
    except (binascii.Error, ValueError):
        raise EventError(
            "is not base64.", code="bad_base64", field="data_base64", next_step="Send data as JSON."
        ) from None
