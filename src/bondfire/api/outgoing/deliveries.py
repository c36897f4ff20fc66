"""Deliveries of outgoing webhooks: what was sent and answered, what waits, and sending it again."""

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from bondfire.api.bodies import StrictJsonRoute
from bondfire.api.changes import IdempotencyKey, change
from bondfire.api.guard import MayReadWebhooks, MayWriteWebhooks
from bondfire.api.house import Caller
from bondfire.api.pages import Cursor, Limit, Page, RowPlace, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.db import Connection
from bondfire.kit import parse_id, parse_time, show_id
from bondfire.members import find_member
from bondfire.webhooks import (
    Attempt,
    Delivery,
    DeliveryPlace,
    DeliveryState,
    Which,
    list_deliveries,
    read_delivery,
    resend_deliveries,
    resend_delivery,
)

router = APIRouter(prefix="/v1/outgoing-webhooks", tags=["outgoing webhooks"], route_class=StrictJsonRoute)

DeliveryId = Annotated[
    str, Path(description="The webhook-id: msg_...", examples=["msg_7f4k2v6q3znh5x2c4y6a7b3d2e"])
]


class WebhookDelivery(BaseModel):
    """One announcement for one endpoint."""

    id: str = Field(description="The webhook-id, the same for every attempt.")
    endpoint: str = Field(examples=["ep_7f4k2v6q3znh5x2c4y6a7b3d2e"])
    type: str = Field(examples=["points.posted"])
    member_id: str
    occurred_at: datetime = Field(description="When the event happened.")
    created_at: datetime = Field(description="When the endpoint heard of it.")
    state: DeliveryState
    attempt_count: int
    done_at: datetime | None = Field(description="When it was delivered or given up.")


class WebhookAttempt(BaseModel):
    """One attempt, and what was answered."""

    number: int
    attempted_at: datetime
    status: int | None = Field(description="Null: there was no answer.")
    error: str | None = Field(
        description="timeout, unknown_host, private_address, no_connection, bad_certificate, not_http, "
        "internal"
    )
    took_ms: int
    answer: str = Field(description="The beginning of an answer that was not 2xx.")


class FullWebhookDelivery(WebhookDelivery):
    """A delivery with its payload and every attempt."""

    next_attempt_at: datetime | None = Field(
        description="Null: it is done, or waits behind an earlier one of the same member."
    )
    payload: dict[str, Any] = Field(description="As it is sent; docs/reference/webhooks.md.")
    attempts: list[WebhookAttempt] = Field(description="The first first.")


class WebhookDeliveriesPage(Page):
    """Deliveries, the newest first."""

    deliveries: list[WebhookDelivery]


class ListedDelivery(RowPlace, tag="deliveries"):
    """Where a delivery stands in the list."""

    created_at: Annotated[datetime, msgspec.Meta(tz=True)]
    delivery_id: UUID


class ResentUpTo(RowPlace, tag="resent"):
    """The last delivery that a call let be sent again."""

    created_at: Annotated[datetime, msgspec.Meta(tz=True)]
    delivery_id: UUID


class ResendFields(BaseModel):
    """What is sent again: everything of a member, or of an endpoint since a time."""

    model_config = ConfigDict(extra="forbid", strict=True)

    endpoint: str | None = Field(None, description="Of this endpoint only.")
    member: str | None = Field(None, description="Of this member only.", examples=["c-17"])
    since: str | None = Field(
        None, description="Made since then, RFC 3339.", examples=["2026-03-29T00:00:00+01:00"]
    )
    cursor: str | None = Field(None, max_length=1_000, description="The next_cursor of the call before.")


class Resent(BaseModel):
    """How many wait again, and how to go on."""

    resent: int
    next_cursor: str | None = Field(description="Send the same with this as cursor; null: all are done.")


@router.get("/deliveries", responses=problems(404))
def list_webhook_deliveries(
    caller: MayReadWebhooks,
    *,
    endpoint: Annotated[str | None, Query(description="Of this endpoint only.")] = None,
    member: Annotated[str | None, Query(description="Of this member only.")] = None,
    state: Annotated[DeliveryState | None, Query(description="In this state only.")] = None,
    type: Annotated[str | None, Query(description="Of this type only.")] = None,  # noqa: A002 - the wire's word
    cursor: Cursor = None,
    limit: Limit = 50,
) -> WebhookDeliveriesPage:
    """List deliveries, the newest first."""
    sent = read_cursor(cursor, ListedDelivery)
    after = DeliveryPlace(sent.created_at, sent.delivery_id) if sent else None
    endpoint_id = _endpoint_id(endpoint)

    def act(conn: Connection) -> list[Delivery]:
        which = Which(endpoint_id, _member_id(conn, caller, member), state, type)
        return list_deliveries(conn, caller.brand, which, after=after, limit=limit + 1)

    page, last = cut(caller.read(act), limit)
    return WebhookDeliveriesPage(
        deliveries=[_answer(one) for one in page],
        next_cursor=write_cursor(ListedDelivery(last.created_at, last.id)) if last else None,
        limit=limit,
    )


@router.post("/resend", responses=problems(404, 409), response_model=Resent)
def resend_webhook_deliveries(
    caller: MayWriteWebhooks, wanted: ResendFields, idempotency_key: IdempotencyKey = None
) -> Response:
    """Send again everything of a member, or of an endpoint since a time: 1,000 with each call.

    Each call with another cursor is another request, and needs an Idempotency-Key of its own.
    """
    since = parse_time(wanted.since, "since") if wanted.since is not None else None
    sent = read_cursor(wanted.cursor, ResentUpTo)
    endpoint_id = _endpoint_id(wanted.endpoint)

    def act(conn: Connection) -> Resent:
        resent, place = resend_deliveries(
            conn,
            caller.brand,
            endpoint_id=endpoint_id,
            member_id=_member_id(conn, caller, wanted.member),
            since=since,
            now=caller.house.now(),
            after=DeliveryPlace(sent.created_at, sent.delivery_id) if sent else None,
        )
        return Resent(resent=resent, next_cursor=write_cursor(ResentUpTo(*place)) if place else None)

    return change(caller, act, idempotency_key)


@router.get("/deliveries/{delivery}", responses=problems(404))
def read_webhook_delivery(caller: MayReadWebhooks, delivery: DeliveryId) -> FullWebhookDelivery:
    """Read a delivery with its payload and every attempt."""
    delivery_id = parse_id("msg", delivery)
    view = caller.read(lambda conn: read_delivery(conn, caller.brand, delivery_id))
    return FullWebhookDelivery(
        **_fields(view.delivery),
        next_attempt_at=view.next_attempt_at,
        payload=json.loads(view.payload),
        attempts=[_attempt(one) for one in view.attempts],
    )


@router.post("/deliveries/{delivery}/resend", responses=problems(404, 409), response_model=WebhookDelivery)
def resend_webhook_delivery(
    caller: MayWriteWebhooks, delivery: DeliveryId, idempotency_key: IdempotencyKey = None
) -> Response:
    """Send a delivery again, in its place in the member's order; one that waits is tried at once."""
    delivery_id = parse_id("msg", delivery)

    def act(conn: Connection) -> WebhookDelivery:
        return _answer(resend_delivery(conn, caller.brand, delivery_id, now=caller.house.now()))

    return change(caller, act, idempotency_key)


def _endpoint_id(shown: str | None) -> UUID | None:
    return None if shown is None else parse_id("ep", shown)


def _member_id(conn: Connection, caller: Caller, reference: str | None) -> UUID | None:
    return None if reference is None else find_member(conn, caller.brand, reference)


def _answer(delivery: Delivery) -> WebhookDelivery:
    return WebhookDelivery(**_fields(delivery))


def _fields(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.shown_id,
        "endpoint": show_id("ep", delivery.endpoint_id),
        "type": delivery.type,
        "member_id": show_id("mem", delivery.member_id),
        "occurred_at": delivery.occurred_at,
        "created_at": delivery.created_at,
        "state": delivery.state,
        "attempt_count": delivery.attempts,
        "done_at": delivery.done_at,
    }


def _attempt(one: Attempt) -> WebhookAttempt:
    return WebhookAttempt(**{**one._asdict(), "error": one.error or None})
