"""Removes what nobody needs any more, some at a time: done deliveries, removed endpoints, old secrets."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from bondfire.db import Connection
from bondfire.kit import BUCKETS
from bondfire.webhooks.deliveries import store as deliveries
from bondfire.webhooks.endpoints import store as endpoints
from bondfire.webhooks.model import KEPT_FOR, REMOVED_AFTER

_EVERYWHERE: Final = range(BUCKETS)


def tidy(conn: Connection, brands: Iterable[int], *, now: datetime, most: int) -> int:
    """Delete up to so many deliveries that were done `KEPT_FOR` ago or belong to a removed endpoint.

    An endpoint goes when its last delivery has gone; a secret when its overlap is over.

    Args:
        conn: in a transaction; never committed here.
        brands: whose deliveries.
        now: the time.
        most: how many deliveries at most.

    Returns:
        How many: call it again until it is fewer than `most`.
    """
    endpoints.forget_secrets(conn, now=now)
    gone = 0
    for brand_id in brands:
        gone += deliveries.delete_done(conn, brand_id, _EVERYWHERE, before=now - KEPT_FOR, most=most - gone)
    for endpoint_id, brand_id in endpoints.removed_endpoints(conn, before=now - REMOVED_AFTER):
        left = most - gone
        some = deliveries.delete_of_endpoint(conn, brand_id, endpoint_id, _EVERYWHERE, most=left)
        if some < left:
            endpoints.delete_endpoint(conn, brand_id, endpoint_id, _EVERYWHERE)
        gone += some
    return gone


def forget_answers(conn: Connection, brand_id: int, member_id: UUID) -> int:
    """Drop what receivers answered to deliveries about a member, whatever it was: a part of erasing a person.

    Deliveries themselves hold the member's id and nothing personal. Gives how many answers there were.
    """
    return deliveries.forget_answers(conn, brand_id, member_id)
