"""Endpoints of outgoing webhooks: made, listed, changed, tried, given a new secret, removed."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from bondfire.api.bodies import StrictJsonRoute
from bondfire.api.changes import IdempotencyKey, change
from bondfire.api.guard import MayReadWebhooks, MayWriteWebhooks
from bondfire.api.house import Caller
from bondfire.api.pages import Cursor, Limit, Page, RowPlace, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.db import Connection
from bondfire.kit import parse_id, show_id
from bondfire.webhooks import (
    ID_BYTES,
    RANDOM_BYTES,
    SECRET_BYTES,
    Change,
    Endpoint,
    EndpointPlace,
    NewEndpoint,
    change_endpoint,
    create_endpoint,
    endpoints_page,
    prepare_trial,
    read_endpoint,
    remove_endpoint,
    rotate_secret,
)

router = APIRouter(
    prefix="/v1/outgoing-webhooks/endpoints", tags=["outgoing webhooks"], route_class=StrictJsonRoute
)

EndpointId = Annotated[str, Path(description="Its id: ep_...", examples=["ep_7f4k2v6q3znh5x2c4y6a7b3d2e"])]
TrialKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Taken and not needed: a message of the type webhook.test changes nothing.",
    ),
]
Types = Annotated[
    list[str],
    Field(
        description="points.posted, tier.reached, tier.lost, reward.changed, return.parked, "
        "return.unmatched; [] for all.",
        examples=[["points.posted", "tier.reached"]],
        max_length=20,
    ),
]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewWebhookEndpoint(_Sent):
    """An endpoint that shall be."""

    url: str = Field(description="https, in a public network.", examples=["https://shop.example/hooks"])
    types: Types = []
    description: str = Field("", description="For people.", examples=["crm, production"])
    allow_private: bool = Field(
        default=False, description="It may lie in a private network and speak plain HTTP. Needs `admin`."
    )
    from_beginning: bool = Field(
        default=False, description="It hears everything that ever happened, not only what happens now."
    )


class ChangedWebhookEndpoint(_Sent):
    """What changes; what is not sent stays."""

    url: str | None = None
    types: Types | None = None
    description: str | None = None
    state: Literal["active", "disabled"] | None = Field(
        None, description="active: it goes on where it stopped, and hears what it missed."
    )


class SecretRotation(_Sent):
    """How the secret changes."""

    overlap_hours: int = Field(
        24, ge=0, le=168, description="So long both secrets sign; 0 when somebody else knows the old one."
    )


class WebhookEndpoint(BaseModel):
    """An endpoint; its secret is never shown again."""

    id: str = Field(examples=["ep_7f4k2v6q3znh5x2c4y6a7b3d2e"])
    url: str
    types: list[str] = Field(description="What it hears; empty for everything.")
    description: str
    allow_private: bool
    state: Literal["active", "disabled", "removed"]
    reason: Literal["by_hand", "gone", "failing"] | None = Field(
        description="Why it is disabled. gone: it answered 410; failing: it has taken nothing for 5 days."
    )
    state_at: datetime = Field(description="Since when it is so.")
    created_at: datetime
    previous_secret_until: datetime | None = Field(description="Until then the secret before signs too.")
    failing_since: datetime | None = Field(description="Null: the last message was taken.")
    rests_until: datetime | None = Field(
        description="It was overloaded or out of reach; nothing is sent before."
    )


class FullWebhookEndpoint(WebhookEndpoint):
    """An endpoint and what is left to do for it."""

    waiting: int = Field(description="Deliveries that wait.")
    waiting_since: datetime | None = Field(description="When the oldest of them was made.")
    behind: int = Field(description="Rows of the journal that it has not heard yet.")


class SecretWebhookEndpoint(WebhookEndpoint):
    """An endpoint with its new secret, shown this once."""

    secret: str | None = Field(
        description="Kept by nobody but you. Null when a request with an Idempotency-Key comes again: no "
        "answer with a secret is stored. If the first answer was lost, rotate the secret.",
        examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
    )


class WebhookEndpointsPage(Page):
    """A brand's endpoints, the oldest first."""

    endpoints: list[WebhookEndpoint]


class ListedEndpoint(RowPlace, tag="endpoints"):
    """Where an endpoint stands in the list."""

    created_at: Annotated[datetime, msgspec.Meta(tz=True)]
    endpoint_id: UUID


class WebhookTrial(BaseModel):
    """What came of a message that tried an endpoint."""

    webhook_id: str
    delivered: bool
    status: int | None = Field(description="Null: there was no answer.")
    error: str | None = Field(
        description="timeout, unknown_host, private_address, no_connection, bad_certificate or not_http"
    )
    answer: str = Field(description="The beginning of an answer that was not 2xx.")
    took_ms: int


@router.post("", status_code=201, responses=problems(409), response_model=SecretWebhookEndpoint)
def create_webhook_endpoint(
    caller: MayWriteWebhooks, wanted: NewWebhookEndpoint, idempotency_key: IdempotencyKey = None
) -> Response:
    """Make an endpoint; the answer shows its secret, this once."""
    new = NewEndpoint(
        url=wanted.url,
        types=wanted.types,
        description=wanted.description,
        may_private=wanted.allow_private,
        from_beginning=wanted.from_beginning,
    )
    random = secrets.token_bytes(RANDOM_BYTES)

    def act(conn: Connection) -> SecretWebhookEndpoint:
        endpoint, secret = create_endpoint(
            conn,
            caller.brand,
            new,
            is_operator=_is_operator(caller),
            created_at=caller.house.now(),
            random=random,
        )
        return SecretWebhookEndpoint(**_fields(endpoint), secret=secret)

    return change(caller, act, idempotency_key, status=201, not_kept=("secret",))


@router.get("", responses=problems())
def list_webhook_endpoints(
    caller: MayReadWebhooks, cursor: Cursor = None, limit: Limit = 100
) -> WebhookEndpointsPage:
    """List the endpoints, the oldest first."""
    sent = read_cursor(cursor, ListedEndpoint)
    after = EndpointPlace(sent.created_at, sent.endpoint_id) if sent else None
    found = caller.read(lambda conn: endpoints_page(conn, caller.brand, after=after, limit=limit + 1))
    page, last = cut(found, limit)
    return WebhookEndpointsPage(
        endpoints=[_answer(one) for one in page],
        next_cursor=write_cursor(ListedEndpoint(last.created_at, last.id)) if last else None,
        limit=limit,
    )


@router.get("/{endpoint}", responses=problems(404))
def read_webhook_endpoint(caller: MayReadWebhooks, endpoint: EndpointId) -> FullWebhookEndpoint:
    """Read an endpoint and what is left to do for it."""
    endpoint_id = _id(endpoint)
    view = caller.read(lambda conn: read_endpoint(conn, caller.brand, endpoint_id))
    return FullWebhookEndpoint(
        **_fields(view.endpoint),
        waiting=view.waiting,
        waiting_since=view.waiting_since,
        behind=view.behind,
    )


@router.patch("/{endpoint}", responses=problems(404, 409), response_model=WebhookEndpoint)
def change_webhook_endpoint(
    caller: MayWriteWebhooks,
    endpoint: EndpointId,
    changed: ChangedWebhookEndpoint,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Change an endpoint: its address, what it hears, whether it is active."""
    endpoint_id = _id(endpoint)
    wanted = Change(
        url=changed.url,
        types=changed.types,
        description=changed.description,
        is_active=None if changed.state is None else changed.state == "active",
    )

    def act(conn: Connection) -> WebhookEndpoint:
        now, is_operator = caller.house.now(), _is_operator(caller)
        return _answer(
            change_endpoint(conn, caller.brand, endpoint_id, wanted, is_operator=is_operator, changed_at=now)
        )

    return change(caller, act, idempotency_key)


@router.post("/{endpoint}/rotate", responses=problems(404, 409), response_model=SecretWebhookEndpoint)
def rotate_webhook_secret(
    caller: MayWriteWebhooks,
    endpoint: EndpointId,
    rotation: SecretRotation,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Give an endpoint a new secret; for a while the old one signs too."""
    endpoint_id, random = _id(endpoint), secrets.token_bytes(SECRET_BYTES)
    overlap = timedelta(hours=rotation.overlap_hours)

    def act(conn: Connection) -> SecretWebhookEndpoint:
        now = caller.house.now()
        found, secret = rotate_secret(
            conn, caller.brand, endpoint_id, overlap=overlap, rotated_at=now, random=random
        )
        return SecretWebhookEndpoint(**_fields(found), secret=secret)

    return change(caller, act, idempotency_key, not_kept=("secret",))


@router.post("/{endpoint}/test", responses=problems(404))
def try_webhook_endpoint(
    caller: MayWriteWebhooks, endpoint: EndpointId, _key: TrialKey = None
) -> WebhookTrial:
    """Send a message of the type webhook.test now, and say what the receiver answered.

    Each call sends one of its own, also with the same Idempotency-Key: nothing is changed by it.
    """
    endpoint_id, random, now = _id(endpoint), secrets.token_bytes(ID_BYTES), caller.house.now()
    webhook_id, message = caller.read(
        lambda conn: prepare_trial(conn, caller.brand, endpoint_id, now=now, random=random)
    )
    answer = caller.house.gateway.post(message)
    return WebhookTrial(
        webhook_id=webhook_id,
        delivered=answer.is_success,
        status=answer.status,
        error=answer.error or None,
        answer=answer.text,
        took_ms=answer.took_ms,
    )


@router.delete("/{endpoint}", responses=problems(404, 409), response_model=WebhookEndpoint)
def remove_webhook_endpoint(
    caller: MayWriteWebhooks, endpoint: EndpointId, idempotency_key: IdempotencyKey = None
) -> Response:
    """Remove an endpoint for ever: nothing more is sent to it, and its deliveries go."""
    endpoint_id = _id(endpoint)

    def act(conn: Connection) -> WebhookEndpoint:
        return _answer(remove_endpoint(conn, caller.brand, endpoint_id, removed_at=caller.house.now()))

    return change(caller, act, idempotency_key)


def _is_operator(caller: Caller) -> bool:
    return "admin" in caller.key.scopes


def _id(shown: str) -> UUID:
    return parse_id("ep", shown)


def _answer(endpoint: Endpoint) -> WebhookEndpoint:
    return WebhookEndpoint(**_fields(endpoint))


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    health = endpoint.health
    return {
        "id": show_id("ep", endpoint.id),
        "url": endpoint.url,
        "types": list(endpoint.types),
        "description": endpoint.description,
        "allow_private": endpoint.may_private,
        "state": health.state,
        "reason": health.reason or None,
        "state_at": health.state_at,
        "created_at": endpoint.created_at,
        "previous_secret_until": endpoint.previous_until,
        "failing_since": health.failing_since,
        "rests_until": health.rests_until,
    }
