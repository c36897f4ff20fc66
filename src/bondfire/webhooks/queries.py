"""What can be asked: endpoints and how they fare, deliveries and what was answered to each attempt."""

from datetime import datetime
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from bondfire.db import Connection
from bondfire.errors import NotFound
from bondfire.journal import buckets_with_news
from bondfire.kit import BUCKETS, bucket_of, show_id
from bondfire.programs import Brand
from bondfire.webhooks.deliveries import store as deliveries
from bondfire.webhooks.deliveries.store import Page
from bondfire.webhooks.endpoints import store as endpoints
from bondfire.webhooks.gateways import Message
from bondfire.webhooks.messages import letters_of, trial_of
from bondfire.webhooks.model import (
    LAST,
    Attempt,
    Delivery,
    DeliveryPlace,
    DeliveryState,
    Endpoint,
    EndpointPlace,
    check_types,
)
from bondfire.webhooks.queues import store as queues


class EndpointView(NamedTuple):
    """An endpoint and what is left to do for it.

    Attributes:
        waiting: how many deliveries wait; `waiting_since`: when the oldest of them was made.
        behind: how many rows of the journal it has not heard yet.
    """

    endpoint: Endpoint
    waiting: int
    waiting_since: datetime | None
    behind: int


class Lag(NamedTuple):
    """How far behind a brand's slowest active endpoint is.

    Attributes:
        late_seconds: since when something could have been sent; 0 when nothing is due.
        rows: how many rows of the journal it has not heard yet.
    """

    late_seconds: float
    rows: int


class DeliveryView(NamedTuple):
    """A delivery, what it says, and what was answered.

    Attributes:
        next_attempt_at: None when it is done, or waits behind an earlier one of the member.
        payload: the body, as it would be sent now.
    """

    delivery: Delivery
    next_attempt_at: datetime | None
    payload: bytes
    attempts: list[Attempt]


class Which(NamedTuple):
    """Which deliveries: of one endpoint, of one member, in one state, of one type; None for all."""

    endpoint_id: UUID | None = None
    member_id: UUID | None = None
    state: DeliveryState | None = None
    type: str | None = None


def list_endpoints(conn: Connection, brand: Brand) -> list[Endpoint]:
    """A brand's endpoints, the oldest first."""
    return endpoints.endpoints(conn, brand.id)


def endpoints_page(
    conn: Connection, brand: Brand, *, after: EndpointPlace | None, limit: int
) -> list[Endpoint]:
    """The next of a brand's endpoints behind a place, the oldest first."""
    behind = (one for one in list_endpoints(conn, brand) if after is None or (one.created_at, one.id) > after)
    return list(islice(behind, limit))


def find_endpoint(conn: Connection, brand: Brand, endpoint_id: UUID) -> Endpoint:
    """One endpoint.

    Raises:
        NotFound: `unknown_endpoint`.
    """
    found = next((one for one in list_endpoints(conn, brand) if one.id == endpoint_id), None)
    if found is None:
        raise unknown_endpoint(brand, endpoint_id)
    return found


def unknown_endpoint(brand: Brand, endpoint_id: UUID) -> NotFound:
    """The refusal of an endpoint that the brand does not have."""
    return NotFound(
        f"{brand.name} has no endpoint {show_id('ep', endpoint_id)}.",
        next_step="List the endpoints; one that was removed is gone.",
        code="unknown_endpoint",
    )


def read_endpoint(conn: Connection, brand: Brand, endpoint_id: UUID) -> EndpointView:
    """One endpoint and what is left to do for it.

    Raises:
        NotFound: `unknown_endpoint`.
    """
    endpoint = find_endpoint(conn, brand, endpoint_id)
    waiting, since = deliveries.waiting(conn, brand.id, endpoint_id)
    return EndpointView(endpoint, waiting, since, _rows_behind(conn, brand, endpoint))


def _rows_behind(conn: Connection, brand: Brand, endpoint: Endpoint) -> int:
    """How many rows of the journal an endpoint has not heard; two looks at indexes for each bucket."""
    places = endpoints.positions(conn, endpoint, range(BUCKETS))
    ends = buckets_with_news(conn, brand, places)
    return sum(end - places[bucket] for bucket, end in ends.items())


def lag_of(conn: Connection, brand: Brand, *, now: datetime) -> Lag:
    """How far behind the slowest active endpoint is, by each measure; nothing for a brand without one.

    An endpoint that rests is late too. What failed is due again at its next attempt, and not late before.
    """
    active = [one for one in list_endpoints(conn, brand) if one.health.state == "active"]
    due = [queues.first_due(conn, brand.id, one.id) or now for one in active]
    return Lag(
        max((now - min(due, default=now)).total_seconds(), 0.0),
        max((_rows_behind(conn, brand, one) for one in active), default=0),
    )


def list_deliveries(
    conn: Connection, brand: Brand, which: Which, *, after: DeliveryPlace | None = None, limit: int = 50
) -> list[Delivery]:
    """The next deliveries behind a place, the newest first.

    Raises:
        BadInput: `unknown_type`.
        NotFound: `unknown_endpoint`.
    """
    page = Page(
        endpoints=endpoints_of(conn, brand, which.endpoint_id),
        member=None if which.member_id is None else (bucket_of(which.member_id), which.member_id),
        edge=after or LAST,
        most=limit,
        state=which.state or "",
        type=check_types([which.type])[0] if which.type else "",
    )
    return deliveries.newest_deliveries(conn, brand.id, page)


def endpoints_of(conn: Connection, brand: Brand, endpoint_id: UUID | None) -> list[UUID]:
    """The endpoint that is named, or all of the brand.

    Raises:
        NotFound: `unknown_endpoint`.
    """
    if endpoint_id is None:
        return [one.id for one in list_endpoints(conn, brand)]
    return [find_endpoint(conn, brand, endpoint_id).id]


def read_delivery(conn: Connection, brand: Brand, delivery_id: UUID) -> DeliveryView:
    """One delivery with its payload and all attempts.

    Raises:
        NotFound: `unknown_delivery`.
    """
    delivery = deliveries.read_delivery(conn, brand.id, delivery_id)
    if delivery is None:
        raise unknown_delivery(brand, delivery_id)
    (letter,) = letters_of(conn, brand, [delivery])
    due_at = queues.next_attempt_at(conn, brand.id, delivery)
    return DeliveryView(delivery, due_at, letter.body, deliveries.attempts_of(conn, brand.id, delivery_id))


def unknown_delivery(brand: Brand, delivery_id: UUID) -> NotFound:
    """The refusal of a delivery that the brand does not have."""
    return NotFound(
        f"{brand.name} has no delivery {show_id('msg', delivery_id)}.",
        next_step="List the deliveries; they are kept for 30 days after they are done.",
        code="unknown_delivery",
    )


def prepare_trial(
    conn: Connection, brand: Brand, endpoint_id: UUID, *, now: datetime, random: bytes
) -> tuple[str, Message]:
    """A message that tries an endpoint, also a disabled one, for a gateway; and its webhook-id.

    Args:
        conn: in a transaction, which should end before the message is posted.
        brand: whose endpoint.
        endpoint_id: which.
        now: when it is sent.
        random: `ID_BYTES` bytes.

    Raises:
        NotFound: `unknown_endpoint`.
    """
    endpoint, keys = find_endpoint(conn, brand, endpoint_id), endpoints.keys_of(conn, brand.id, endpoint_id)
    if keys is None:
        raise unknown_endpoint(brand, endpoint_id)
    return trial_of(endpoint, keys, sent_at=now, random=random)
