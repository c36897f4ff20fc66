"""CloudEvents: events of ours in the envelope that brokers and clouds carry."""

from typing import Any, Final

from fastapi import APIRouter, Request

from bondfire.api.bodies import RawBody, takes
from bondfire.api.changes import UnusedIdempotencyKey
from bondfire.api.doors.answers import DeliveryAnswer, answer_of
from bondfire.api.doors.handing import hand_over
from bondfire.api.doors.lost import refused_if_lost
from bondfire.api.guard import MayWriteEvents
from bondfire.api.problems import problems
from bondfire.doors import BATCHED, STRUCTURED, read_cloudevents

router = APIRouter(prefix="/v1", tags=["doors"])

_DATA: Final[dict[str, Any]] = {
    "occurred_at": "2026-03-29T01:59:59+01:00",
    "order": "1001",
    "currency": "EUR",
    "total": "119.80",
}
_EVENT: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "ord-1001",
    "source": "shop",
    "type": "order.placed",
    "subject": "c-17",
    "data": _DATA,
}
_BODY: Final = takes(
    "Events in any of the three modes of CloudEvents 1.0; in binary mode the attributes are ce- headers.",
    {
        "application/json": {"schema": {"type": "object"}, "example": _DATA},
        STRUCTURED: {"schema": {"type": "object"}, "example": _EVENT},
        BATCHED: {"schema": {"type": "array", "items": {"type": "object"}}, "example": [_EVENT]},
    },
)


@router.post(
    "/cloudevents", responses=problems(404, 413, 507), openapi_extra=_BODY, response_model=DeliveryAnswer
)
def post_cloudevents(
    caller: MayWriteEvents, body: RawBody, request: Request, _key: UnusedIdempotencyKey = None
) -> Any:
    """Send CloudEvents whose type and data are ours; an event that cannot be taken is kept, and says why."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    parcels = read_cloudevents(headers, body, received_at=caller.house.now())
    caller.take_rows(len(parcels))
    return refused_if_lost(answer_of(hand_over(caller.house, caller.brand, parcels)))
