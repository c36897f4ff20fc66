"""Examples of events for the OpenAPI document; a test sends each of them."""

from typing import Any, Final

from bondfire.api.bodies import takes

ORDER: Final = {
    "id": "ord-1001",
    "type": "order.placed",
    "source": "shop",
    "member": "c-17",
    "occurred_at": "2026-03-29T01:59:59+01:00",
    "order": "1001",
    "currency": "EUR",
    "total": "119.80",
    "lines": [{"sku": "A1", "quantity": 2, "amount": "119.80", "categories": ["shoes"]}],
}
RETURN: Final = {
    "id": "ret-77",
    "type": "order.returned",
    "source": "shop",
    "member": "c-17",
    "occurred_at": "2026-04-02T10:00:00+02:00",
    "order": "1001",
    "currency": "EUR",
    "total": "59.90",
}
SPENDING: Final = {
    "id": "sp-5",
    "type": "points.spent",
    "source": "till",
    "member": "c-17",
    "occurred_at": "2026-04-20T12:00:00+02:00",
    "unit": "points",
    "amount": "60",
    "order": "1044",
}
_EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The fields of each type: docs/reference/events.md. Fields nobody knows are refused.",
    "required": ["id", "type", "member", "occurred_at"],
    "properties": {
        "id": {"type": "string", "description": "The sender's id; with source and member it counts once."},
        "type": {"type": "string", "examples": ["order.placed"]},
        "source": {"type": "string", "default": "api"},
        "member": {"type": "string", "description": "A customer, card or account number."},
        "occurred_at": {"type": "string", "format": "date-time"},
    },
}
ONE_EVENT: Final = takes(
    "One event.",
    {
        "application/json": {
            "schema": _EVENT,
            "examples": {
                "order.placed": {"value": ORDER},
                "order.returned": {"value": RETURN},
                "points.spent": {"value": SPENDING},
            },
        }
    },
)
MANY_EVENTS: Final = takes(
    "Up to 10,000 events: a JSON array, or one event a line.",
    {
        "application/json": {
            "schema": {"type": "array", "items": _EVENT, "maxItems": 10_000},
            "example": [ORDER, RETURN],
        },
        "application/x-ndjson": {"schema": {"type": "string"}},
    },
)
