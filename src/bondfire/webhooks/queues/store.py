"""The table of queues: one member before one endpoint; what waits first in each, and when it is due."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import psycopg

from bondfire.webhooks.model import Delivery

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

JOIN_QUEUE: Final = """
INSERT INTO webhook_queue (brand_id, bucket, endpoint_id, member_id, due_at)
VALUES (%(brand_id)s, %(bucket)s, %(endpoint_id)s, %(member_id)s, %(due_at)s)
ON CONFLICT (brand_id, bucket, endpoint_id, member_id) DO UPDATE SET due_at = webhook_queue.due_at
"""
HURRY_QUEUE: Final = """
INSERT INTO webhook_queue (brand_id, bucket, endpoint_id, member_id, due_at)
VALUES (%(brand_id)s, %(bucket)s, %(endpoint_id)s, %(member_id)s, %(due_at)s)
ON CONFLICT (brand_id, bucket, endpoint_id, member_id) DO UPDATE SET due_at = excluded.due_at
"""
LOCK_QUEUE: Final = """
SELECT due_at FROM webhook_queue
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND endpoint_id = %(endpoint_id)s
    AND member_id = %(member_id)s
FOR UPDATE
"""
MOVE_QUEUE: Final = """
UPDATE webhook_queue SET due_at = %(due_at)s
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND endpoint_id = %(endpoint_id)s
    AND member_id = %(member_id)s
"""
POSTPONE_QUEUE: Final = """
UPDATE webhook_queue AS queue SET due_at = %(due_at)s
WHERE queue.brand_id = %(brand_id)s AND queue.bucket = %(bucket)s AND queue.endpoint_id = %(endpoint_id)s
    AND queue.member_id = %(member_id)s
    AND NOT EXISTS (
        SELECT 1 FROM webhook_delivery AS earlier
        WHERE earlier.brand_id = %(brand_id)s AND earlier.bucket = %(bucket)s
            AND earlier.endpoint_id = %(endpoint_id)s AND earlier.member_id = %(member_id)s
            AND earlier.state = 'waiting' AND (earlier.seq, earlier.line) < (%(seq)s, %(line)s)
    )
"""
END_QUEUE: Final = """
DELETE FROM webhook_queue AS queue
WHERE queue.brand_id = %(brand_id)s AND queue.bucket = %(bucket)s AND queue.endpoint_id = %(endpoint_id)s
    AND queue.member_id = %(member_id)s
    AND NOT EXISTS (
        SELECT 1 FROM webhook_delivery AS later
        WHERE later.brand_id = %(brand_id)s AND later.bucket = %(bucket)s
            AND later.endpoint_id = %(endpoint_id)s AND later.member_id = %(member_id)s
            AND later.state = 'waiting'
    )
"""
DUE_DELIVERIES: Final = """
SELECT first.bucket, first.delivery_id, first.endpoint_id, first.member_id, first.seq, first.line, first.type,
    first.body, first.source, first.event_type, first.occurred_at, first.created_at, first.state,
    first.attempts, first.tries, first.done_at
FROM (
    SELECT bucket, member_id, due_at FROM webhook_queue
    WHERE brand_id = %(brand_id)s AND endpoint_id = %(endpoint_id)s AND bucket = ANY(%(buckets)s)
        AND due_at <= %(now)s
    ORDER BY due_at, bucket, member_id
    LIMIT %(most)s
) AS due,
LATERAL (
    SELECT bucket, delivery_id, endpoint_id, member_id, seq, line, type, body, source, event_type,
        occurred_at, created_at, state, attempts, tries, done_at
    FROM webhook_delivery
    WHERE brand_id = %(brand_id)s AND bucket = due.bucket AND endpoint_id = %(endpoint_id)s
        AND member_id = due.member_id AND state = 'waiting'
    ORDER BY seq, line
    LIMIT 1
) AS first
ORDER BY due.due_at, due.bucket, due.member_id
"""
NEXT_ATTEMPT: Final = """
SELECT queue.due_at, first.delivery_id
FROM webhook_queue AS queue,
LATERAL (
    SELECT delivery_id FROM webhook_delivery
    WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND endpoint_id = %(endpoint_id)s
        AND member_id = %(member_id)s AND state = 'waiting'
    ORDER BY seq, line
    LIMIT 1
) AS first
WHERE queue.brand_id = %(brand_id)s AND queue.bucket = %(bucket)s AND queue.endpoint_id = %(endpoint_id)s
    AND queue.member_id = %(member_id)s
"""
REPORT_FIRST_DUE: Final = """
SELECT due_at FROM webhook_queue
WHERE brand_id = %(brand_id)s AND endpoint_id = %(endpoint_id)s
ORDER BY due_at
LIMIT 1
"""


class Queue(NamedTuple):
    """One member before one endpoint."""

    bucket: int
    endpoint_id: UUID
    member_id: UUID


def queue_of(delivery: Delivery) -> Queue:
    """The queue that a delivery waits in."""
    return Queue(delivery.bucket, delivery.endpoint_id, delivery.member_id)


def lock_queues(conn: Connection, brand_id: int, queues: Collection[Queue]) -> None:
    """Hold queues until the transaction ends, ascending: what waits in them is changed by nobody else."""
    conn.cursor().executemany(LOCK_QUEUE, [_values(brand_id, queue) for queue in sorted(queues)])


def join_queues(conn: Connection, brand_id: int, queues: Collection[Queue], *, due_at: datetime) -> None:
    """As `lock_queues`; queues that are not there are opened, and due at this time."""
    conn.cursor().executemany(JOIN_QUEUE, [_values(brand_id, queue, due_at) for queue in sorted(queues)])


def hurry_queues(conn: Connection, brand_id: int, queues: Collection[Queue], *, due_at: datetime) -> None:
    """As `lock_queues`; what waits first is due at this time, and queues that are not there are opened."""
    rows = [_values(brand_id, queue, due_at) for queue in sorted(queues)]
    conn.cursor().executemany(HURRY_QUEUE, rows)


def go_on(conn: Connection, brand_id: int, done: Iterable[Delivery], *, due_at: datetime) -> None:
    """Let what waits behind these deliveries be due; queues in which nothing waits any more are closed."""
    queues = [queue_of(one) for one in done]
    conn.cursor().executemany(MOVE_QUEUE, [_values(brand_id, queue, due_at) for queue in queues])
    end_queues(conn, brand_id, queues)


def postpone(conn: Connection, brand_id: int, again: Iterable[tuple[Delivery, datetime]]) -> None:
    """Let deliveries be due later, unless an earlier one has come before them in the meantime."""
    rows = [
        {**_values(brand_id, queue_of(one), due_at), "seq": one.seq, "line": one.line}
        for one, due_at in again
    ]
    conn.cursor().executemany(POSTPONE_QUEUE, rows)


def end_queues(conn: Connection, brand_id: int, queues: Iterable[Queue]) -> None:
    """Close those of these queues in which nothing waits any more."""
    conn.cursor().executemany(END_QUEUE, [_values(brand_id, queue) for queue in queues])


def due_deliveries(
    conn: Connection, brand_id: int, endpoint_id: UUID, buckets: Sequence[int], *, now: datetime, most: int
) -> list[Delivery]:
    """What waits first in each queue that is due, the longest due first."""
    values = {
        "brand_id": brand_id,
        "endpoint_id": endpoint_id,
        "buckets": [*buckets],
        "now": now,
        "most": most,
    }
    return [Delivery(*row) for row in conn.execute(DUE_DELIVERIES, values)]


def next_attempt_at(conn: Connection, brand_id: int, delivery: Delivery) -> datetime | None:
    """When a delivery is due; None when it is done, or waits behind an earlier one."""
    row = conn.execute(NEXT_ATTEMPT, _values(brand_id, queue_of(delivery))).fetchone()
    return row[0] if row and row[1] == delivery.id else None


def first_due(conn: Connection, brand_id: int, endpoint_id: UUID) -> datetime | None:
    """When the first of what waits for an endpoint is due, or was; None when nothing waits."""
    values = {"brand_id": brand_id, "endpoint_id": endpoint_id}
    row = conn.execute(REPORT_FIRST_DUE, values).fetchone()
    return row[0] if row else None


def _values(brand_id: int, queue: Queue, due_at: datetime | None = None) -> dict[str, Any]:
    return {"brand_id": brand_id, "due_at": due_at, **queue._asdict()}
