"""The tables of deliveries and attempts: what waits, what was sent, and what was answered."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import psycopg

from bondfire.kit import bucket_of
from bondfire.webhooks.model import Attempt, Delivery, DeliveryPlace
from bondfire.webhooks.queues import store as queues
from bondfire.webhooks.queues.store import Queue, queue_of

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

INSERT_DELIVERY: Final = """
INSERT INTO webhook_delivery (brand_id, bucket, delivery_id, endpoint_id, member_id, seq, line, type, body,
    source, event_type, occurred_at, created_at, state, attempts, tries)
VALUES (%(brand_id)s, %(bucket)s, %(delivery_id)s, %(endpoint_id)s, %(member_id)s, %(seq)s, %(line)s,
    %(type)s, %(body)s, %(source)s, %(event_type)s, %(occurred_at)s, %(created_at)s, 'waiting', 0, 0)
ON CONFLICT (brand_id, bucket, delivery_id) DO NOTHING
"""
LOCK_DELIVERY: Final = """
SELECT bucket, delivery_id, endpoint_id, member_id, seq, line, type, body, source, event_type, occurred_at,
    created_at, state, attempts, tries, done_at
FROM webhook_delivery
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND delivery_id = %(delivery_id)s
FOR UPDATE
"""
DELIVERY: Final = """
SELECT bucket, delivery_id, endpoint_id, member_id, seq, line, type, body, source, event_type, occurred_at,
    created_at, state, attempts, tries, done_at
FROM webhook_delivery
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND delivery_id = %(delivery_id)s
"""
CHANGE_DELIVERY: Final = """
UPDATE webhook_delivery SET state = %(state)s, attempts = %(attempts)s, tries = %(tries)s,
    done_at = %(done_at)s
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND delivery_id = %(delivery_id)s
"""
LET_WAIT: Final = """
UPDATE webhook_delivery SET state = 'waiting', tries = 0, done_at = NULL
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND delivery_id = %(delivery_id)s
"""
INSERT_ATTEMPT: Final = """
INSERT INTO webhook_attempt (brand_id, bucket, delivery_id, number, attempted_at, status, error, took_ms,
    answer)
VALUES (%(brand_id)s, %(bucket)s, %(delivery_id)s, %(number)s, %(attempted_at)s, %(status)s, %(error)s,
    %(took_ms)s, %(answer)s)
"""
ATTEMPTS: Final = """
SELECT number, attempted_at, status, error, took_ms, answer FROM webhook_attempt
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND delivery_id = %(delivery_id)s
ORDER BY number
"""
REPORT_DELIVERIES: Final = """
SELECT found.bucket, found.delivery_id, found.endpoint_id, found.member_id, found.seq, found.line, found.type,
    found.body, found.source, found.event_type, found.occurred_at, found.created_at, found.state,
    found.attempts, found.tries, found.done_at
FROM unnest(%(endpoints)s::uuid[]) AS asked (endpoint_id),
LATERAL (
    SELECT bucket, delivery_id, endpoint_id, member_id, seq, line, type, body, source, event_type,
        occurred_at, created_at, state, attempts, tries, done_at
    FROM webhook_delivery
    WHERE brand_id = %(brand_id)s AND endpoint_id = asked.endpoint_id
        AND (created_at, delivery_id) < (%(before)s, %(before_id)s)
        AND (%(state)s = '' OR state = %(state)s) AND (%(type)s = '' OR type = %(type)s)
    ORDER BY created_at DESC, delivery_id DESC
    LIMIT %(most)s
) AS found
ORDER BY found.created_at DESC, found.delivery_id DESC
LIMIT %(most)s
"""
DELIVERIES_OF_MEMBER: Final = """
SELECT bucket, delivery_id, endpoint_id, member_id, seq, line, type, body, source, event_type, occurred_at,
    created_at, state, attempts, tries, done_at
FROM webhook_delivery
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
    AND endpoint_id = ANY(%(endpoints)s) AND (created_at, delivery_id) < (%(before)s, %(before_id)s)
    AND (%(state)s = '' OR state = %(state)s) AND (%(type)s = '' OR type = %(type)s)
ORDER BY created_at DESC, delivery_id DESC
LIMIT %(most)s
"""
REPORT_SINCE: Final = """
SELECT bucket, delivery_id, endpoint_id, member_id, seq, line, type, body, source, event_type, occurred_at,
    created_at, state, attempts, tries, done_at
FROM webhook_delivery
WHERE brand_id = %(brand_id)s AND endpoint_id = %(endpoint_id)s AND created_at >= %(since)s
    AND (created_at, delivery_id) > (%(after)s, %(after_id)s)
ORDER BY created_at, delivery_id
LIMIT %(most)s
"""
SINCE_OF_MEMBER: Final = """
SELECT bucket, delivery_id, endpoint_id, member_id, seq, line, type, body, source, event_type, occurred_at,
    created_at, state, attempts, tries, done_at
FROM webhook_delivery
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
    AND endpoint_id = ANY(%(endpoints)s) AND created_at >= %(since)s
    AND (created_at, delivery_id) > (%(after)s, %(after_id)s)
ORDER BY created_at, delivery_id
LIMIT %(most)s
"""
REPORT_WAITING: Final = """
SELECT COUNT(*), MIN(created_at) FROM webhook_delivery
WHERE brand_id = %(brand_id)s AND endpoint_id = %(endpoint_id)s AND state = 'waiting'
"""
DELETE_DONE: Final = """
DELETE FROM webhook_delivery AS gone
USING (
    SELECT bucket, delivery_id FROM webhook_delivery
    WHERE brand_id = %(brand_id)s AND bucket = ANY(%(buckets)s) AND done_at < %(before)s
    ORDER BY done_at
    LIMIT %(most)s
) AS old
WHERE gone.brand_id = %(brand_id)s AND gone.bucket = old.bucket AND gone.delivery_id = old.delivery_id
    AND gone.done_at < %(before)s
RETURNING gone.bucket, gone.delivery_id
"""
DELETE_OF_ENDPOINT: Final = """
DELETE FROM webhook_delivery AS gone
USING (
    SELECT bucket, delivery_id FROM webhook_delivery
    WHERE brand_id = %(brand_id)s AND bucket = ANY(%(buckets)s) AND endpoint_id = %(endpoint_id)s
    LIMIT %(most)s
) AS old
WHERE gone.brand_id = %(brand_id)s AND gone.bucket = old.bucket AND gone.delivery_id = old.delivery_id
RETURNING gone.bucket, gone.delivery_id, gone.member_id
"""
FORGET_ANSWERS: Final = """
UPDATE webhook_attempt AS attempt SET answer = '', error = ''
FROM webhook_delivery AS told
WHERE told.brand_id = %(brand_id)s AND told.bucket = %(bucket)s AND told.member_id = %(member_id)s
    AND attempt.brand_id = told.brand_id AND attempt.bucket = told.bucket
    AND attempt.delivery_id = told.delivery_id AND (attempt.answer <> '' OR attempt.error <> '')
"""
DELETE_ATTEMPTS: Final = """
DELETE FROM webhook_attempt
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND delivery_id = %(delivery_id)s
"""


class Page(NamedTuple):
    """Which deliveries are asked for, and where the page begins.

    Attributes:
        endpoints: of these.
        member: bucket and id of the only member, None for all.
        state, type: only these; "" for all.
        edge: where the page before ended.
    """

    endpoints: Sequence[UUID]
    member: tuple[int, UUID] | None
    edge: DeliveryPlace
    most: int
    state: str = ""
    type: str = ""


def add_deliveries(conn: Connection, brand_id: int, fresh: Sequence[Delivery], *, due_at: datetime) -> None:
    """Let deliveries wait, behind what waits already; one that is there already changes nothing."""
    queues.join_queues(conn, brand_id, {queue_of(one) for one in fresh}, due_at=due_at)
    conn.cursor().executemany(INSERT_DELIVERY, [_delivery_values(brand_id, one) for one in fresh])


def read_delivery(conn: Connection, brand_id: int, delivery_id: UUID) -> Delivery | None:
    """A delivery, or None."""
    row = conn.execute(DELIVERY, _place(brand_id, delivery_id)).fetchone()
    return Delivery(*row) if row else None


def lock_delivery(conn: Connection, brand_id: int, delivery_id: UUID) -> Delivery | None:
    """A delivery as it is now, locked until the transaction ends; None when it is gone."""
    row = conn.execute(LOCK_DELIVERY, _place(brand_id, delivery_id)).fetchone()
    return Delivery(*row) if row else None


def change_deliveries(conn: Connection, brand_id: int, changed: Iterable[Delivery]) -> None:
    """Write state, attempts and tries."""
    rows = [
        {
            **_place(brand_id, one.id),
            "state": one.state,
            "attempts": one.attempts,
            "tries": one.tries,
            "done_at": one.done_at,
        }
        for one in changed
    ]
    conn.cursor().executemany(CHANGE_DELIVERY, rows)


def let_wait(conn: Connection, brand_id: int, wanted: Iterable[UUID]) -> None:
    """Let deliveries wait as if they had not been tried; one that has gone stays so."""
    conn.cursor().executemany(LET_WAIT, [_place(brand_id, delivery_id) for delivery_id in wanted])


def add_attempts(conn: Connection, brand_id: int, made: Iterable[tuple[Delivery, Attempt]]) -> None:
    """Keep what came of attempts."""
    rows = [{**_place(brand_id, delivery.id), **attempt._asdict()} for delivery, attempt in made]
    conn.cursor().executemany(INSERT_ATTEMPT, rows)


def attempts_of(conn: Connection, brand_id: int, delivery_id: UUID) -> list[Attempt]:
    """All attempts of a delivery, the first first."""
    return [Attempt(*row) for row in conn.execute(ATTEMPTS, _place(brand_id, delivery_id))]


def forget_answers(conn: Connection, brand_id: int, member_id: UUID) -> int:
    """Drop what receivers answered to deliveries about a member; how many answers that were."""
    values = {"brand_id": brand_id, "bucket": bucket_of(member_id), "member_id": member_id}
    return conn.execute(FORGET_ANSWERS, values).rowcount


def newest_deliveries(conn: Connection, brand_id: int, page: Page) -> list[Delivery]:
    """A page of deliveries, the newest first, behind the edge."""
    before, before_id = page.edge
    values = {"brand_id": brand_id, "endpoints": [*page.endpoints], "state": page.state, "type": page.type}
    values |= {"before": before, "before_id": before_id, "most": page.most}
    if page.member is None:
        return [Delivery(*row) for row in conn.execute(REPORT_DELIVERIES, values)]
    bucket, member_id = page.member
    values |= {"bucket": bucket, "member_id": member_id}
    return [Delivery(*row) for row in conn.execute(DELIVERIES_OF_MEMBER, values)]


def oldest_deliveries(conn: Connection, brand_id: int, page: Page, *, since: datetime) -> list[Delivery]:
    """A page of deliveries made since a time, of one endpoint or one member, the oldest first."""
    after, after_id = page.edge
    values: dict[str, Any] = {"brand_id": brand_id, "since": since, "after": after, "after_id": after_id}
    values |= {"most": page.most, "endpoints": [*page.endpoints]}
    if page.member is None:
        (values["endpoint_id"],) = page.endpoints
        return [Delivery(*row) for row in conn.execute(REPORT_SINCE, values)]
    bucket, member_id = page.member
    values |= {"bucket": bucket, "member_id": member_id}
    return [Delivery(*row) for row in conn.execute(SINCE_OF_MEMBER, values)]


def waiting(conn: Connection, brand_id: int, endpoint_id: UUID) -> tuple[int, datetime | None]:
    """How many deliveries wait for an endpoint, and when the oldest was made."""
    values = {"brand_id": brand_id, "endpoint_id": endpoint_id}
    row = conn.execute(REPORT_WAITING, values).fetchone()
    return (row[0], row[1]) if row else (0, None)


def delete_done(
    conn: Connection, brand_id: int, buckets: Sequence[int], *, before: datetime, most: int
) -> int:
    """Delete some of what was done before a time, with its attempts; how many."""
    values = {"brand_id": brand_id, "buckets": [*buckets], "before": before, "most": most}
    gone = conn.execute(DELETE_DONE, values).fetchall()
    _delete_attempts(conn, brand_id, gone)
    return len(gone)


def delete_of_endpoint(
    conn: Connection, brand_id: int, endpoint_id: UUID, buckets: Sequence[int], *, most: int
) -> int:
    """Delete some of an endpoint's deliveries, waiting or not, with queues and attempts; how many."""
    values = {"brand_id": brand_id, "endpoint_id": endpoint_id, "buckets": [*buckets], "most": most}
    gone = conn.execute(DELETE_OF_ENDPOINT, values).fetchall()
    _delete_attempts(conn, brand_id, gone)
    queues.end_queues(conn, brand_id, {Queue(row[0], endpoint_id, row[2]) for row in gone})
    return len(gone)


def _delete_attempts(conn: Connection, brand_id: int, gone: Iterable[Sequence[Any]]) -> None:
    rows = [{"brand_id": brand_id, "bucket": row[0], "delivery_id": row[1]} for row in gone]
    conn.cursor().executemany(DELETE_ATTEMPTS, rows)


def _place(brand_id: int, delivery_id: UUID) -> dict[str, Any]:
    return {"brand_id": brand_id, "bucket": bucket_of(delivery_id), "delivery_id": delivery_id}


def _delivery_values(brand_id: int, one: Delivery) -> dict[str, Any]:
    return {
        "brand_id": brand_id,
        "bucket": one.bucket,
        "delivery_id": one.id,
        "endpoint_id": one.endpoint_id,
        "member_id": one.member_id,
        "seq": one.seq,
        "line": one.line,
        "type": one.type,
        "body": one.body,
        "source": one.source,
        "event_type": one.event_type,
        "occurred_at": one.occurred_at,
        "created_at": one.created_at,
    }
