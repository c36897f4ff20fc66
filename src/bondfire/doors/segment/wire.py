"""What is sent to Segment's API: one call, or a batch of calls, cut into parcels."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from bondfire.doors.fields import text
from bondfire.doors.model import PUBLIC, Parcel
from bondfire.doors.splitting import BadParts, fields_in, items_in
from bondfire.errors import BondfireError
from bondfire.events import EventError, read_json

MOST_CALL_BYTES: Final = 32 * 1024
MOST_BATCH_BYTES: Final = 500 * 1024
SOURCE: Final = "segment"

_LONGEST_TOPIC: Final = 200
_LONGEST_TIME: Final = 64


class BadCall(BondfireError):
    """A request that Segment's own API would refuse as a whole; nothing of it was stored."""

    status = 400
    code = "bad_call"


class Calls(NamedTuple):
    """What one request held: the write key of its body, if there is one, and its calls."""

    write_key: str
    parcels: list[Parcel]


def read_batch(body: bytes, *, received_at: datetime) -> Calls:
    """The calls of a batch, each as it was sent, for each stands or falls alone.

    Raises:
        BadCall: more than 500 kB, or not an object with a list called batch.
    """
    _check_size(body, MOST_BATCH_BYTES, "A batch")
    try:
        fields = fields_in(body)
        items = items_in(fields.get("batch", b""))
    except BadParts as reason:
        raise BadCall(
            reason.message, next_step='Send {"batch": [call, call, ...]}, each field once.', code=reason.code
        ) from None
    frame = _sent_at(_text_of(fields, "sentAt"))
    if "context" in fields:
        _check_size(fields["context"], MOST_CALL_BYTES, "The context")
        frame["context"] = fields["context"].decode("utf-8", "replace")
    return Calls(_text_of(fields, "writeKey"), [_parcel(item, frame, received_at) for item in items])


def read_call(body: bytes, kind: str, *, received_at: datetime) -> Calls:
    """The call of a request to `/v1/track` and the like.

    Raises:
        BadCall: more than 32 kB, or not an object.
    """
    _check_size(body, MOST_CALL_BYTES, "A call")
    try:
        fields = fields_in(body)
    except BadParts as reason:
        raise BadCall(reason.message, next_step=reason.next_step, code=reason.code) from None
    frame = {"type": kind, **_sent_at(_text_of(fields, "sentAt"))}
    return Calls(_text_of(fields, "writeKey"), [_parcel(body, frame, received_at)])


def in_public(calls: Calls) -> list[Parcel]:
    """The parcels of calls that came with a key which anybody can read in a page."""
    return [replace(parcel, frame={**parcel.frame, PUBLIC: "yes"}) for parcel in calls.parcels]


def _check_size(body: bytes, most: int, what: str) -> None:
    if len(body) > most:
        raise BadCall(
            f"{what} has {len(body):,} bytes; at most {most:,} are taken.",
            next_step="Send less at once.",
            code="too_large",
        )


def _sent_at(said: str) -> dict[str, str]:
    return {"sentAt": said} if 0 < len(said) <= _LONGEST_TIME and said.isprintable() else {}


def _text_of(fields: Mapping[str, bytes], name: str) -> str:
    """A field that should be a text; empty for everything else."""
    try:
        return text(read_json(fields.get(name, b'""')))
    except EventError:
        return ""


def _parcel(raw: bytes, frame: Mapping[str, str], received_at: datetime) -> Parcel:
    try:
        seen = fields_in(raw)
    except BadParts:
        seen = {}
    kind = frame.get("type") or _text_of(seen, "type")
    topic = _text_of(seen, "event") if kind == "track" else kind
    return Parcel(
        door="segment",
        source=SOURCE,
        topic=topic[:_LONGEST_TOPIC] if topic.isprintable() and topic else "unknown",
        raw=raw,
        received_at=received_at,
        frame=frame,
    )
