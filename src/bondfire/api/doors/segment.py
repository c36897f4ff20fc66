"""Segment's tracking API: what its clients and RudderStack's send, at the addresses where they send it."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from bondfire.api.bodies import RawBody, takes
from bondfire.api.changes import UnusedIdempotencyKey
from bondfire.api.doors.answers import DeliveryAnswer, answer_of
from bondfire.api.doors.handing import hand_over
from bondfire.api.doors.lost import refused_if_lost
from bondfire.api.doors.write_keys import SentKey, writer_of
from bondfire.api.guard import house_of
from bondfire.api.house import House
from bondfire.api.problems import problems
from bondfire.api.visits import visit_of
from bondfire.doors import Calls, in_public, read_batch, read_call

router = APIRouter(prefix="/v1", tags=["doors"])

_KINDS: Final = {
    "track": "Send what somebody did.",
    "identify": "Send who somebody is.",
    "page": "Send that a page was viewed.",
    "screen": "Send that a screen of an app was viewed.",
    "group": "Send which group somebody belongs to.",
    "alias": "Send whom an anonymous visitor became.",
}
_BATCHES: Final = {"batch": "Send many calls at once.", "import": "Send many calls of the past at once."}
PATHS: Final = frozenset(f"/v1/{path}" for name in (*_KINDS, *_BATCHES) for path in (name, name[0]))
"""Where pages may call; the single letters are those of Segment's client for browsers."""

_MESSAGE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "examples": ["track"]},
        "messageId": {
            "type": "string",
            "description": "With it a call counts once, however often it is sent.",
        },
        "userId": {"type": "string"},
        "anonymousId": {"type": "string"},
        "timestamp": {"type": "string", "format": "date-time"},
        "event": {"type": "string"},
        "properties": {"type": "object"},
        "traits": {"type": "object"},
    },
}
_ORDER: Final[dict[str, Any]] = {
    "type": "track",
    "messageId": "ajs-1",
    "userId": "c-17",
    "timestamp": "2026-03-28T15:10:00.000Z",
    "event": "Order Completed",
    "properties": {
        "order_id": "1001",
        "total": 11.4,
        "currency": "EUR",
        "products": [{"sku": "latte", "price": 4.2, "quantity": 2}, {"sku": "croissant", "price": 3}],
    },
}
_ONE: Final = takes(
    "One call of Segment's tracking API, at most 32 kB.",
    {
        "application/json": {"schema": _MESSAGE, "example": _ORDER},
        "text/plain": {"schema": {"type": "string"}},
    },
)
_MANY: Final = takes(
    "A batch of calls, at most 500 kB, also as gzip.",
    {
        "application/json": {
            "schema": {"type": "object", "properties": {"batch": {"type": "array", "items": _MESSAGE}}},
            "example": {"batch": [_ORDER]},
        }
    },
)
_ANSWERS: Final = problems(400, 404, 413)
_LOST: Final = 400
"""When there is no room to keep something: a client that hears 429 or 5xx sends the whole batch again and
holds back everything that comes after it, perhaps for hours."""


class SegmentSettings(BaseModel):
    """What Segment's client for browsers asks for before it sends anything."""

    integrations: dict[str, dict[str, Any]]
    plan: dict[str, Any] = {}


TheHouse = Annotated[House, Depends(house_of)]


def _take(request: Request, sent: SentKey, read: Callable[[], Calls]) -> DeliveryAnswer | JSONResponse:
    """Let in whoever has a key, in the header or in the body, and take what they sent."""
    house, visit = house_of(request), visit_of(request.scope)
    writer = writer_of(house, visit, sent.username) if sent is not None else None
    calls = read()
    if writer is None:
        writer = writer_of(house, visit, calls.write_key)
    parcels = in_public(calls) if writer.is_public else calls.parcels
    writer.caller.take_rows(len(parcels))
    return refused_if_lost(answer_of(hand_over(house, writer.caller.brand, parcels)), status=_LOST)


def _route_of(kind: str) -> Callable[..., Any]:
    def take_call(
        house: TheHouse, sent: SentKey, body: RawBody, request: Request, _key: UnusedIdempotencyKey = None
    ) -> Any:
        return _take(request, sent, partial(read_call, body, kind, received_at=house.now()))

    return take_call


def _take_batch(
    house: TheHouse, sent: SentKey, body: RawBody, request: Request, _key: UnusedIdempotencyKey = None
) -> Any:
    return _take(request, sent, partial(read_batch, body, received_at=house.now()))


def _add(name: str, endpoint: Callable[..., Any], headline: str, body: dict[str, Any]) -> None:
    for path in (name, name[0]):
        is_long = path == name
        if is_long or name != "import":
            router.add_api_route(
                f"/{path}",
                endpoint,
                methods=["POST"],
                name=f"segment_{name}",
                description=f"{headline} Answers 200 also for what could not be taken, which is then kept.",
                response_model=DeliveryAnswer,
                responses=_ANSWERS,
                openapi_extra=body,
                include_in_schema=is_long,
            )


for _kind, _headline in _KINDS.items():
    _add(_kind, _route_of(_kind), _headline, _ONE)
for _kind, _headline in _BATCHES.items():
    _add(_kind, _take_batch, _headline, _MANY)


@router.get("/projects/{write_key}/settings", responses=problems())
def segment_settings(
    house: TheHouse, request: Request, write_key: Annotated[str, Path(description="An API key, whole.")]
) -> SegmentSettings:
    """Read the settings that Segment's client for browsers loads first: where to send, and nothing else."""
    writer_of(house, visit_of(request.scope), write_key)
    address = request.base_url
    said = {
        "apiKey": write_key,
        "apiHost": f"{address.netloc}/v1",
        "protocol": address.scheme,
        "addBundledMetadata": True,
        "type": "browser",
    }
    return SegmentSettings(integrations={"Segment.io": said})
