"""The webhooks of shops: verified over the raw body before anything reads it."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request

from bondfire.api.bodies import RawBody, takes
from bondfire.api.changes import UnusedIdempotencyKey
from bondfire.api.doors.answers import DeliveryAnswer, answer_of
from bondfire.api.doors.handing import hand_over
from bondfire.api.doors.lost import refused_if_lost
from bondfire.api.guard import house_of
from bondfire.api.house import House
from bondfire.api.problems import problem
from bondfire.api.visits import visit_of
from bondfire.db import Connection
from bondfire.deliveries import OpenHook, open_hook
from bondfire.doors import Parcel, delivery_of, is_ping, verify
from bondfire.programs import Brand, brand_numbered

router = APIRouter(prefix="/v1/webhooks", tags=["doors"])

_BODY: Final = takes(
    "What the shop sends, unchanged: its signature is over these bytes.",
    {
        "application/json": {"schema": {"type": "object"}},
        "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
    },
)


@router.post(
    "/{shop}/{endpoint}",
    responses=problem(401, 404, 413, 422, 503, 507),
    openapi_extra=_BODY,
    response_model=DeliveryAnswer,
)
def post_webhook(
    *,
    house: Annotated[House, Depends(house_of)],
    shop: Annotated[str, Path(description="shopify, woocommerce or stripe", examples=["shopify"])],
    endpoint: Annotated[str, Path(description="As `bondfire hooks add` printed it.")],
    body: RawBody,
    request: Request,
    _key: UnusedIdempotencyKey = None,
) -> Any:
    """Deliver what happened in a shop; the shop's signature says that it did, so no key is needed.

    Answers 200 for everything that was signed: what cannot be taken is kept. The same delivery again
    changes nothing.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    opened, brand = house.read(lambda conn: _opened(conn, shop, endpoint))
    if is_ping(opened.hook.shop, headers, body):
        return answer_of([])
    visit_of(request.scope).brand = brand
    parcel = _verified(house, opened, headers, body)
    return refused_if_lost(answer_of(hand_over(house, brand, [parcel])))


def _opened(conn: Connection, shop: str, endpoint: str) -> tuple[OpenHook, Brand]:
    opened = open_hook(conn, shop, endpoint)
    return opened, brand_numbered(conn, opened.hook.brand_id)


def _verified(house: House, opened: OpenHook, headers: Mapping[str, str], body: bytes) -> Parcel:
    hook, now = opened.hook, house.now()
    verify(hook.shop, headers, body, secrets=opened.secrets, now=now)
    return delivery_of(hook.shop, headers, body, source=hook.name, prefix=hook.prefix, received_at=now)
