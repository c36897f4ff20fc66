"""Turns announcements into deliveries: each endpoint reads the journal at its own pace, bucket by bucket."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bondfire.db import Connection
from bondfire.journal import announcements_after, buckets_with_news
from bondfire.programs import Brand
from bondfire.webhooks.deliveries import store as deliveries
from bondfire.webhooks.endpoints import store as endpoints
from bondfire.webhooks.model import Delivery, Endpoint, delivery_of

ROWS_AT_ONCE: Final = 2_000
"""In one transaction, shared by the buckets that have news, so that none waits for another."""


def collect(
    conn: Connection,
    brand: Brand,
    endpoint: Endpoint,
    buckets: Sequence[int],
    *,
    now: datetime,
    limit: int = ROWS_AT_ONCE,
) -> int:
    """Make deliveries of what an endpoint has not heard yet, and move its positions, in one transaction.

    Args:
        conn: in a transaction; never committed here.
        brand: the endpoint's.
        endpoint: who hears.
        buckets: ascending; only these.
        now: when the deliveries are made, and due.
        limit: how many rows of the journal, but at least one of each bucket that has news.

    Returns:
        How many rows of the journal it has gone through: call it again until that is none.
    """
    news = buckets_with_news(conn, brand, endpoints.positions(conn, endpoint, buckets))
    if not news:
        return 0
    share = max(limit // len(news), 1)
    places = endpoints.lock_positions(conn, endpoint, sorted(news))
    fresh: list[Delivery] = []
    heard = 0
    for bucket, seq in places.items():
        rows = min(news[bucket] - seq, share)
        if rows > 0:
            told = announcements_after(conn, brand, bucket, after_seq=seq, limit=rows)
            made = (delivery_of(endpoint, one, created_at=now) for one in told)
            fresh += [one for one in made if one is not None]
            places[bucket] = seq + rows
            heard += rows
    deliveries.add_deliveries(conn, brand.id, fresh, due_at=now)
    endpoints.move_positions(conn, endpoint, places)
    return heard
