"""Several events in one body: a JSON array or NDJSON, cut into rows that stand or fall alone."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from bondfire.api.bodies import DEEPEST, is_too_deep
from bondfire.api.problems import TooLarge
from bondfire.errors import BadInput
from bondfire.events import Catalogue, Event, EventError, parse_live_event, plain_events, read_json

MOST_EVENTS: Final = 10_000

_NDJSON: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl")


def read_row(text: bytes, catalogue: Catalogue, *, recorded_at: datetime | None) -> Event:
    """One event out of JSON.

    Args:
        text: a JSON object.
        catalogue: which types there are.
        recorded_at: the wall clock; None for a brand that lives by its events.

    Raises:
        EventError: not JSON, not an event, or `event_in_future`.
    """
    if is_too_deep(text):
        raise EventError(
            f"is nested deeper than {DEEPEST} levels.", code="too_deep", next_step="Send it flatter."
        )
    raw = read_json(text)
    if not isinstance(raw, dict):
        raise EventError("is not an object with fields.", code="wrong_kind", next_step="Send a JSON object.")
    return parse_live_event(raw, catalogue, recorded_at=recorded_at)


def read_rows(
    rows: Sequence[bytes], catalogue: Catalogue, *, recorded_at: datetime | None
) -> list[Event | EventError]:
    """Each event out of JSON, or what is wrong with it; as `read_row` reads them, but the plain ones fast."""
    plain = plain_events(rows, catalogue, recorded_at=recorded_at)
    return [event or _read_alone(row, catalogue, recorded_at) for row, event in zip(rows, plain, strict=True)]


def _read_alone(row: bytes, catalogue: Catalogue, recorded_at: datetime | None) -> Event | EventError:
    try:
        return read_row(row, catalogue, recorded_at=recorded_at)
    except EventError as error:
        return error


def split_rows(body: bytes, media_type: str) -> list[bytes]:
    """The rows of a batch, each JSON that may be wrong.

    Raises:
        BadInput: the body as a whole is no array and no NDJSON.
        TooLarge: more than 10,000 rows.
    """
    bare_type, _, _ = media_type.partition(";")
    rows = list(_lines(body) if bare_type.strip().lower() in _NDJSON else _items(body))
    if len(rows) > MOST_EVENTS:
        raise TooLarge(
            f"The batch has {len(rows):,} events; at most {MOST_EVENTS:,} are taken at once.",
            next_step="Send it in parts.",
            code="too_many_events",
        )
    return rows


def _lines(body: bytes) -> Iterator[bytes]:
    return filter(bytes.strip, body.splitlines())


def _items(body: bytes) -> Iterator[bytes]:
    try:
        items = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as reason:
        raise BadInput(
            f"The body is not a JSON array: {reason}.",
            next_step="Send [event, event, ...], or one event a line as application/x-ndjson.",
            code="bad_json",
        ) from None
    return map(bytes, items)
