"""Makers of raw events: the smallest that is accepted, changed by what a test is about."""

from datetime import UTC, datetime

from bondfire.events import (
    CATALOGUE,
    Catalogue,
    Event,
    EventError,
    canonical_body,
    event_from_journal,
    parse_event,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def raw(type_name: str = "order.placed", **fields: object) -> dict[str, object]:
    """A raw event of a type; None leaves a field out."""
    smallest: dict[str, dict[str, object]] = {
        "order.placed": {"currency": "EUR", "total": "119.80"},
        "order.returned": {"order": "1001"},
        "points.spent": {"unit": "points", "amount": "60"},
        "points.adjusted": {"unit": "points", "amount": "-5", "reason": "goodwill", "actor": "jo"},
        "review.submitted": {"rating": 5},
        "survey.answered": {"survey": "nps", "score": 9},
    }
    event: dict[str, object] = {
        "id": "e-1",
        "type": type_name,
        "source": "shop",
        "member": "c-17",
        "occurred_at": "2026-03-02T12:00:00Z",
        **smallest.get(type_name, {}),
        **fields,
    }
    return {name: value for name, value in event.items() if value is not None}


def line(amount: str = "119.80", **fields: object) -> dict[str, object]:
    """A raw line of an order."""
    return {"sku": "A1", "quantity": 2, "amount": amount, "categories": ["shoes"], **fields}


def parsed(raw_event: dict[str, object], catalogue: Catalogue = CATALOGUE) -> Event:
    """The event, which must be accepted."""
    return parse_event(raw_event, catalogue)


def refusal(raw_event: object, catalogue: Catalogue = CATALOGUE) -> tuple[str, str, str]:
    """Code, field and whole text of the error that it must give."""
    try:
        event = parse_event(raw_event, catalogue)  # type: ignore[arg-type]  # what strangers send
    except EventError as error:
        return error.code, error.field, str(error)
    raise AssertionError(f"accepted: {event}")


def from_journal(event: Event, catalogue: Catalogue = CATALOGUE) -> Event:
    """The event written to the journal and read back."""
    again = read_back(canonical_body(event), event, catalogue)
    again.personal.update(event.personal)
    return again


def read_back(body: str, event: Event, catalogue: Catalogue = CATALOGUE) -> Event:
    """What the journal gives for a body beside the columns of an event."""
    header = {
        "id": event.id,
        "type": event.type,
        "source": event.source,
        "member": event.member,
        "occurred_at": event.occurred_at,
    }
    return event_from_journal(body, [catalogue], header=header, recorded_at=event.recorded_at)
