"""Sends again: one delivery, everything of a member, everything of an endpoint since a time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from bondfire.db import Connection
from bondfire.errors import BadInput, Conflict
from bondfire.kit import bucket_of, show_id
from bondfire.programs import Brand
from bondfire.webhooks.deliveries import store as deliveries
from bondfire.webhooks.deliveries.store import Page
from bondfire.webhooks.endpoints import store as endpoints
from bondfire.webhooks.model import FIRST, Delivery, DeliveryPlace, Endpoint
from bondfire.webhooks.queries import find_endpoint, list_endpoints, unknown_delivery
from bondfire.webhooks.queues import store as queues
from bondfire.webhooks.queues.store import queue_of


def resend_delivery(conn: Connection, brand: Brand, delivery_id: UUID, *, now: datetime) -> Delivery:
    """Let a delivery wait again, in its place in the member's order, and be tried at once.

    One that waits already is tried at once. Its webhook-id stays the same.

    Raises:
        Conflict: `endpoint_disabled`.
        NotFound: `unknown_delivery`.
    """
    delivery = deliveries.read_delivery(conn, brand.id, delivery_id)
    if delivery is None:
        raise unknown_delivery(brand, delivery_id)
    _check_active(find_endpoint(conn, brand, delivery.endpoint_id))
    (again,) = _let_wait(conn, brand, [delivery], now=now)
    return again


def resend_deliveries(
    conn: Connection,
    brand: Brand,
    *,
    endpoint_id: UUID | None,
    member_id: UUID | None,
    since: datetime | None,
    now: datetime,
    after: DeliveryPlace | None = None,
    limit: int = 1_000,
) -> tuple[int, DeliveryPlace | None]:
    """Let many deliveries wait again: of an endpoint since a time, or of a member; some at a time.

    Args:
        conn: in a transaction.
        brand: whose deliveries.
        endpoint_id: of this endpoint only; needed unless a member is given.
        member_id: of this member only.
        since: made since then; needed unless a member is given.
        now: the time.
        after: where the call before came to.
        limit: how many in this transaction.

    Returns:
        How many, and the place to go on behind; None when all are done.

    Raises:
        BadInput: neither a member nor an endpoint with a time.
        Conflict: `endpoint_disabled`: the endpoint that is named.
        NotFound: `unknown_endpoint`.
    """
    if member_id is None and (endpoint_id is None or since is None):
        raise BadInput(
            "Say what is to be sent again: of a member, or of an endpoint since a time.",
            next_step='Send {"member": "c-17"}, or {"endpoint": "ep_...", "since": "2026-03-01T00:00:00Z"}.',
            code="too_much",
        )
    if endpoint_id is not None:
        _check_active(find_endpoint(conn, brand, endpoint_id))
    active = [one.id for one in list_endpoints(conn, brand) if one.health.state == "active"]
    page = Page(
        endpoints=active if endpoint_id is None else [endpoint_id],
        member=None if member_id is None else (bucket_of(member_id), member_id),
        edge=after or FIRST,
        most=limit + 1,
    )
    found = deliveries.oldest_deliveries(conn, brand.id, page, since=since or FIRST.created_at)
    some = found[:limit]
    _let_wait(conn, brand, some, now=now)
    last = DeliveryPlace(some[-1].created_at, some[-1].id) if len(found) > limit else None
    return len(some), last


def _check_active(endpoint: Endpoint) -> None:
    if endpoint.health.state != "active":
        raise Conflict(
            f"The endpoint {show_id('ep', endpoint.id)} is disabled.",
            next_step="Switch it on first; then it also goes on with what it missed.",
            code="endpoint_disabled",
        )


def _let_wait(conn: Connection, brand: Brand, found: Sequence[Delivery], *, now: datetime) -> list[Delivery]:
    """Begin again with deliveries, as if they had not been tried; their endpoints need no rest any more."""
    again = [msgspec.structs.replace(one, state="waiting", tries=0, done_at=None) for one in found]
    behind = {queue_of(one) for one in again}
    queues.hurry_queues(conn, brand.id, behind, due_at=now)
    deliveries.let_wait(conn, brand.id, [one.id for one in again])
    queues.end_queues(conn, brand.id, behind)
    for endpoint in endpoints.lock_endpoints(conn, brand.id, {one.endpoint_id for one in again}).values():
        endpoints.change_health(conn, endpoint, msgspec.structs.replace(endpoint.health, rests_until=None))
    return again
