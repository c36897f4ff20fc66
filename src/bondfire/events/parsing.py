"""Parse an event from what was sent, strictly and exactly, and read it back from the journal."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bondfire.events.catalogue import CATALOGUE, Catalogue
from bondfire.events.currencies import CURRENCIES, MOST_DECIMALS
from bondfire.events.errors import EventError
from bondfire.events.fields import EventType
from bondfire.events.model import Event
from bondfire.events.readers import RecordReader, record_reader
from bondfire.events.wire import read_json
from bondfire.kit import nearest

OWN_SOURCE: Final = "bondfire"
"""The source of what bondfire itself makes of another event; no sender has it."""
LATEST_AHEAD: Final = timedelta(minutes=5)
"""How far a sender's clock may be ahead of ours."""


def parse_event(
    raw: Mapping[str, object], catalogue: Catalogue, *, recorded_at: datetime | None = None
) -> Event:
    """Check what was sent against the catalogue and make an event of it.

    What only bondfire itself can say is refused (see `own_event`).

    Amounts are decimal strings, whole numbers or exact `Decimal`s (`read_json` makes these of JSON
    numbers); binary floats are refused. Null in a field of a built-in type means that it is not there.

    Args:
        raw: the fields as sent.
        catalogue: which types and fields there are.
        recorded_at: when the house learned of it (aware UTC); None means when it occurred, for histories.

    Raises:
        EventError: the first thing that is wrong, with its field, a stable code and the next step.
    """
    event = _parsed(raw, catalogue, recorded_at=recorded_at)
    if event.source == OWN_SOURCE:
        raise EventError(
            f"is {OWN_SOURCE!r}, which stands for bondfire itself.",
            code="reserved_source",
            field="source",
            next_step="Name the system that sends it.",
        )
    if catalogue.types[event.type].own:
        raise EventError(
            f"is {event.type!r}, which only bondfire itself can say.",
            code="reserved_type",
            field="type",
            next_step="Send what happened; bondfire adds what follows.",
        )
    for name in catalogue.types[event.type].own_fields:
        if name in event.body:
            raise EventError(
                "is said by bondfire itself.",
                code="reserved_field",
                field=name,
                next_step="Leave it out.",
            )
    return event


def filled_event(raw: Mapping[str, object], catalogue: Catalogue, *, recorded_at: datetime | None) -> Event:
    """An event of a sender with what only bondfire itself says of it; otherwise as `parse_event`."""
    return _parsed(raw, catalogue, recorded_at=recorded_at)


def own_event(raw: Mapping[str, object], *, recorded_at: datetime) -> Event:
    """An event that bondfire itself makes of another one; exact and in the form it will be read back in."""
    return _parsed({**raw, "source": OWN_SOURCE}, CATALOGUE, recorded_at=recorded_at)


def _parsed(raw: Mapping[str, object], catalogue: Catalogue, *, recorded_at: datetime | None) -> Event:
    if not isinstance(raw, Mapping):
        raise EventError("is not an object with fields.", code="wrong_kind", next_step="Send a JSON object.")
    kind = catalogue.type_named(raw.get("type"))
    if kind is None:
        raise _unknown_type(raw.get("type"), catalogue)
    return event_of(kind, _reader_for(kind, raw)(raw), recorded_at and recorded_at.astimezone(UTC))


def event_of(kind: EventType, body: dict[str, Any], recorded_at: datetime | None) -> Event:
    """An event of this body, whose fields are checked each for itself.

    Args:
        kind: its type.
        body: as the reader of the type gives it; completed here.
        recorded_at: when the house learned of it (UTC); None means when it occurred.

    Raises:
        EventError: the fields do not fit together.
    """
    personal = _split_off(kind, body) if kind.personal_fields else {}
    if kind.complete is not None:
        kind.complete(body)
    occurred_at = body["occurred_at"]
    return Event(
        id=body["id"],
        type=kind.name,
        source=body["source"],
        member=body["member"],
        occurred_at=occurred_at,
        recorded_at=recorded_at or occurred_at,
        body=body,
        personal=personal,
    )


def parse_live_event(
    raw: Mapping[str, object], catalogue: Catalogue, *, recorded_at: datetime | None
) -> Event:
    """Parse an event that comes in now; as `parse_event`, and what has not happened yet is refused.

    Args:
        raw: the fields as sent.
        catalogue: which types and fields there are.
        recorded_at: the wall clock; None for a brand that lives by its events.

    Raises:
        EventError: as `parse_event`, or `event_in_future`.
    """
    event = parse_event(raw, catalogue, recorded_at=recorded_at)
    if recorded_at is not None and event.occurred_at > recorded_at + LATEST_AHEAD:
        raise EventError(
            f"is {event.occurred_at:%Y-%m-%dT%H:%M:%SZ}, later than now ({recorded_at:%Y-%m-%dT%H:%M:%SZ}).",
            code="event_in_future",
            field="occurred_at",
            next_step="Check the sender's clock and the offset from UTC, or send it when it has happened.",
        )
    return event


def event_from_journal(
    text: str | bytes,
    catalogues: Sequence[Catalogue],
    *,
    header: Mapping[str, object],
    recorded_at: datetime,
) -> Event:
    """Read back what `canonical_body` wrote; equal to the event it was written from but for personal texts.

    Args:
        text: the canonical body.
        catalogues: those that may know the type and its fields, the likeliest first.
        header: id, type, source, member and occurred_at.
        recorded_at: as stored (aware UTC).

    Raises:
        EventError: the text is not a body of any of these catalogues.
    """
    raw = read_json(text)
    if not isinstance(raw, dict):
        raise EventError("is not an object with fields.", code="wrong_kind")
    problem: EventError | None = None
    for catalogue in catalogues:
        try:
            return _parsed({**raw, **header}, catalogue, recorded_at=recorded_at)
        except EventError as error:
            problem = problem or error
    raise problem or EventError("is of no catalogue.", code="unknown_type")


def _reader_for(kind: EventType, raw: Mapping[str, object]) -> RecordReader:
    decimals = MOST_DECIMALS
    if "currency" in kind.fields:
        currency = raw.get("currency")
        if currency is not None:
            decimals = _decimals_of(currency)
    reader = kind.readers.get(decimals)
    if reader is None:
        reader = kind.readers[decimals] = record_reader(kind.fields, decimals)
    return reader


def _decimals_of(currency: object) -> int:
    decimals = CURRENCIES.get(currency) if isinstance(currency, str) else None
    if decimals is None:
        guess = nearest(currency.upper(), CURRENCIES) if isinstance(currency, str) else None
        raise EventError(
            f"is {str(currency)[:20]!r}, which is no currency code of ISO 4217.",
            code="unknown_currency",
            field="currency",
            next_step=f'Did you mean "{guess}"?' if guess else 'Send three capital letters, such as "EUR".',
        )
    return decimals


def _split_off(kind: EventType, body: dict[str, object]) -> dict[str, str]:
    """Move personal texts out of the body, leaving their lengths; null, which forgets one, becomes empty."""
    personal: dict[str, str] = {}
    for name in kind.personal_fields:
        outer, _, inner = name.rpartition(".")
        holder = body.get(outer) if outer else body
        if not isinstance(holder, dict) or inner not in holder:
            continue
        text = holder.pop(inner) or ""
        personal[name] = text
        if f"{name}_length" in kind.fields:
            body[f"{name}_length"] = len(text)
    return personal


def _unknown_type(name: object, catalogue: Catalogue) -> EventError:
    if name is None:
        return EventError(
            "is missing.",
            code="missing_field",
            field="type",
            next_step='Send "type", such as "order.placed".',
        )
    shown = str(name)[:80].encode("utf-8", "replace").decode()
    guess = nearest(shown, catalogue.types)
    return EventError(
        f"is {shown!r}, which is not in the catalogue.",
        code="unknown_type",
        field="type",
        next_step=f'Did you mean "{guess}"?'
        if guess
        else "Declare it in the programme, or use a built-in type.",
    )
