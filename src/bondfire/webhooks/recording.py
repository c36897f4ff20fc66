"""Writes down what came of sending, and what follows: done, tried again or given up; how endpoints fare."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import NamedTuple
from uuid import UUID

import msgspec

from bondfire.db import Connection
from bondfire.webhooks.deliveries import store as deliveries
from bondfire.webhooks.endpoints import store as endpoints
from bondfire.webhooks.model import Answer, Attempt, Delivery, Endpoint, health_after, next_try
from bondfire.webhooks.queues import store as queues
from bondfire.webhooks.queues.store import queue_of


class Sent(NamedTuple):
    """A delivery as it was when it was sent, and what was answered."""

    delivery: Delivery
    sent_at: datetime
    answer: Answer


class Recorded(NamedTuple):
    """What became of deliveries that were sent: how many of each outcome, and endpoints that went quiet.

    Attributes:
        outcomes: delivered, failed (to be tried again) and given_up.
        disabled: endpoints that were disabled by it.
    """

    outcomes: Counter[str]
    disabled: list[Endpoint]


def record(
    conn: Connection, brand_id: int, sent: Sequence[Sent], *, now: datetime, chance: Random
) -> Recorded:
    """Write down what was answered, in one transaction.

    What somebody else has recorded in the meantime is left alone: a worker that slept through the end of its
    lease changes nothing by waking up.

    Args:
        conn: in a transaction; never committed here.
        brand_id: whose deliveries.
        sent: at most one for each queue.
        now: when the answers came.
        chance: stretches the delays.
    """
    ordered = sorted(sent, key=lambda one: queue_of(one.delivery))
    queues.lock_queues(conn, brand_id, [queue_of(one.delivery) for one in ordered])
    ours = [stored for one in ordered if (stored := _as_stored(conn, brand_id, one)) is not None]
    after = [_after(one, now=now, chance=chance) for one in ours]
    deliveries.change_deliveries(conn, brand_id, [tried for tried, _ in after])
    deliveries.add_attempts(conn, brand_id, [(one.delivery, _attempt(one)) for one in ours])
    queues.go_on(conn, brand_id, [tried for tried, again_at in after if again_at is None], due_at=now)
    again = [(tried, again_at) for tried, again_at in after if again_at is not None]
    queues.postpone(conn, brand_id, again)
    outcomes = Counter("failed" if tried.state == "waiting" else tried.state for tried, _ in after)
    return Recorded(outcomes, _record_health(conn, brand_id, ours, now=now))


def _as_stored(conn: Connection, brand_id: int, sent: Sent) -> Sent | None:
    """The same with the delivery as it is now; None when this attempt is not the next one any more."""
    stored = deliveries.lock_delivery(conn, brand_id, sent.delivery.id)
    if stored is None or (stored.state, stored.attempts) != ("waiting", sent.delivery.attempts):
        return None
    return sent._replace(delivery=stored)


def _after(sent: Sent, *, now: datetime, chance: Random) -> tuple[Delivery, datetime | None]:
    """The delivery after an attempt, and when it is tried again; None when it is done."""
    tries = sent.delivery.tries + 1
    tried = msgspec.structs.replace(sent.delivery, attempts=sent.delivery.attempts + 1, tries=tries)
    if sent.answer.is_success:
        return msgspec.structs.replace(tried, state="delivered", done_at=now), None
    again_at = next_try(tries, sent.answer, now=now, chance=chance.random())
    if again_at is None:
        return msgspec.structs.replace(tried, state="given_up", done_at=now), None
    return tried, again_at


def _attempt(sent: Sent) -> Attempt:
    answer = sent.answer
    return Attempt(
        number=sent.delivery.attempts + 1,
        attempted_at=sent.sent_at,
        status=answer.status,
        error=answer.error,
        took_ms=answer.took_ms,
        answer=answer.text,
    )


def _record_health(conn: Connection, brand_id: int, sent: Sequence[Sent], *, now: datetime) -> list[Endpoint]:
    """Write how endpoints fare, where it has changed; those that were disabled by it."""
    answers: dict[UUID, list[Sent]] = {}
    for one in sorted(sent, key=lambda one: one.sent_at):
        answers.setdefault(one.delivery.endpoint_id, []).append(one)
    disabled = []
    for endpoint in endpoints.lock_endpoints(conn, brand_id, sorted(answers)).values():
        health = endpoint.health
        for one in answers[endpoint.id]:
            health = health_after(health, one.answer, sent_at=one.sent_at, now=now)
        if health != endpoint.health:
            endpoints.change_health(conn, endpoint, health)
        if health.state != endpoint.health.state:
            disabled.append(msgspec.structs.replace(endpoint, health=health))
    return disabled
