"""The tables of endpoints and of their positions in the journal."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import psycopg

from bondfire.webhooks.model import Endpoint, Health, Keys

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

INSERT_ENDPOINT: Final = """
INSERT INTO webhook_endpoint (endpoint_id, brand_id, url, description, types, may_private, state, reason,
    state_at, created_at, secret, strikes)
VALUES (%(endpoint_id)s, %(brand_id)s, %(url)s, %(description)s, %(types)s, %(may_private)s, 'active', '',
    %(created_at)s, %(created_at)s, %(secret)s, 0)
"""
ENDPOINTS: Final = """
SELECT endpoint_id, brand_id, url, description, types, may_private, created_at, previous_until, state, reason,
    state_at, strikes, failing_since, rests_until
FROM webhook_endpoint
WHERE brand_id = %(brand_id)s AND state <> 'removed'
ORDER BY created_at, endpoint_id
"""
ACTIVE_ENDPOINTS: Final = """
SELECT endpoint_id, brand_id, url, description, types, may_private, created_at, previous_until, state, reason,
    state_at, strikes, failing_since, rests_until, secret, previous_secret
FROM webhook_endpoint
WHERE state = 'active'
ORDER BY brand_id, endpoint_id
"""
KEYS: Final = """
SELECT secret, previous_secret, previous_until FROM webhook_endpoint
WHERE brand_id = %(brand_id)s AND endpoint_id = %(endpoint_id)s
"""
LOCK_ENDPOINTS: Final = """
SELECT endpoint_id, brand_id, url, description, types, may_private, created_at, previous_until, state, reason,
    state_at, strikes, failing_since, rests_until
FROM webhook_endpoint
WHERE brand_id = %(brand_id)s AND endpoint_id = ANY(%(endpoints)s) AND state <> 'removed'
ORDER BY endpoint_id
FOR UPDATE
"""
LOCK_BRAND: Final = "SELECT brand_id FROM brand WHERE brand_id = %(brand_id)s FOR NO KEY UPDATE"
CHANGE_ENDPOINT: Final = """
UPDATE webhook_endpoint SET url = %(url)s, description = %(description)s, types = %(types)s
WHERE brand_id = %(brand_id)s AND endpoint_id = %(endpoint_id)s
"""
CHANGE_HEALTH: Final = """
UPDATE webhook_endpoint SET state = %(state)s, reason = %(reason)s, state_at = %(state_at)s,
    strikes = %(strikes)s, failing_since = %(failing_since)s, rests_until = %(rests_until)s
WHERE brand_id = %(brand_id)s AND endpoint_id = %(endpoint_id)s
"""
ROTATE: Final = """
UPDATE webhook_endpoint SET secret = %(secret)s, previous_secret = CASE WHEN %(keeps)s THEN secret END,
    previous_until = CASE WHEN %(keeps)s THEN %(until)s::timestamptz END
WHERE brand_id = %(brand_id)s AND endpoint_id = %(endpoint_id)s
"""
FORGET_SECRETS: Final = """
UPDATE webhook_endpoint SET previous_secret = NULL, previous_until = NULL WHERE previous_until <= %(now)s
"""
REMOVED_ENDPOINTS: Final = """
SELECT endpoint_id, brand_id FROM webhook_endpoint WHERE state = 'removed' AND state_at <= %(before)s
ORDER BY state_at
"""
DELETE_POSITIONS: Final = """
DELETE FROM webhook_position
WHERE brand_id = %(brand_id)s AND bucket = ANY(%(buckets)s) AND endpoint_id = %(endpoint_id)s
"""
DELETE_ENDPOINT: Final = """
DELETE FROM webhook_endpoint WHERE brand_id = %(brand_id)s AND endpoint_id = %(endpoint_id)s
"""
POSITIONS: Final = """
SELECT asked.bucket, COALESCE(place.seq, 0)
FROM unnest(%(buckets)s::int[]) AS asked (bucket)
LEFT JOIN LATERAL (
    SELECT seq FROM webhook_position
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND endpoint_id = %(endpoint_id)s
    LIMIT 1
) AS place ON true
"""
OPEN_POSITIONS: Final = """
INSERT INTO webhook_position (brand_id, bucket, endpoint_id, seq)
SELECT %(brand_id)s, asked.bucket, %(endpoint_id)s, asked.seq
FROM unnest(%(buckets)s::int[], %(seqs)s::bigint[]) AS asked (bucket, seq)
ORDER BY asked.bucket
ON CONFLICT (brand_id, bucket, endpoint_id) DO NOTHING
"""
LOCK_POSITIONS: Final = """
SELECT asked.bucket, place.seq
FROM unnest(%(buckets)s::int[]) AS asked (bucket),
LATERAL (
    SELECT seq FROM webhook_position
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND endpoint_id = %(endpoint_id)s
    LIMIT 1 FOR UPDATE
) AS place
"""
MOVE_POSITION: Final = """
UPDATE webhook_position SET seq = %(seq)s
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND endpoint_id = %(endpoint_id)s
"""


def insert_endpoint(conn: Connection, endpoint: Endpoint, secret: bytes) -> None:
    """Add an endpoint that is active."""
    values = {
        "endpoint_id": endpoint.id,
        "brand_id": endpoint.brand_id,
        "url": endpoint.url,
        "description": endpoint.description,
        "types": [*endpoint.types],
        "may_private": endpoint.may_private,
        "created_at": endpoint.created_at,
        "secret": secret,
    }
    conn.execute(INSERT_ENDPOINT, values)


def lock_brand(conn: Connection, brand_id: int) -> None:
    """Of two who make endpoints of a brand, one waits."""
    conn.execute(LOCK_BRAND, {"brand_id": brand_id})


def endpoints(conn: Connection, brand_id: int) -> list[Endpoint]:
    """A brand's endpoints, the oldest first."""
    return [_endpoint(row) for row in conn.execute(ENDPOINTS, {"brand_id": brand_id})]


def active_endpoints(conn: Connection) -> list[tuple[Endpoint, Keys]]:
    """The endpoints of all brands that something may be sent to, with their secrets."""
    return [(_endpoint(row), Keys(row[14], row[15], row[7])) for row in conn.execute(ACTIVE_ENDPOINTS)]


def keys_of(conn: Connection, brand_id: int, endpoint_id: UUID) -> Keys | None:
    """The secrets of an endpoint."""
    row = conn.execute(KEYS, {"brand_id": brand_id, "endpoint_id": endpoint_id}).fetchone()
    return Keys(*row) if row else None


def lock_endpoints(conn: Connection, brand_id: int, wanted: Collection[UUID]) -> dict[UUID, Endpoint]:
    """Endpoints of a brand, locked until the transaction ends; those that were removed are left out."""
    values = {"brand_id": brand_id, "endpoints": [*wanted]}
    return {row[0]: _endpoint(row) for row in conn.execute(LOCK_ENDPOINTS, values)}


def change_endpoint(conn: Connection, endpoint: Endpoint) -> None:
    """Write the URL, the description and the types."""
    values = {
        "brand_id": endpoint.brand_id,
        "endpoint_id": endpoint.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "types": [*endpoint.types],
    }
    conn.execute(CHANGE_ENDPOINT, values)


def change_health(conn: Connection, endpoint: Endpoint, health: Health) -> None:
    """Write how an endpoint fares."""
    values = {
        "brand_id": endpoint.brand_id,
        "endpoint_id": endpoint.id,
        "state": health.state,
        "reason": health.reason,
        "state_at": health.state_at,
        "strikes": health.strikes,
        "failing_since": health.failing_since,
        "rests_until": health.rests_until,
    }
    conn.execute(CHANGE_HEALTH, values)


def rotate(conn: Connection, endpoint: Endpoint, secret: bytes, *, until: datetime | None) -> None:
    """Put a secret in place of the present one, which signs too until a time; None: not even now."""
    values = {
        "brand_id": endpoint.brand_id,
        "endpoint_id": endpoint.id,
        "secret": secret,
        "keeps": until is not None,
        "until": until,
    }
    conn.execute(ROTATE, values)


def forget_secrets(conn: Connection, *, now: datetime) -> None:
    """Delete the secrets whose overlap is over."""
    conn.execute(FORGET_SECRETS, {"now": now})


def removed_endpoints(conn: Connection, *, before: datetime) -> list[tuple[UUID, int]]:
    """Endpoints that were removed before a time, each with its brand."""
    return [
        (endpoint_id, brand_id)
        for endpoint_id, brand_id in conn.execute(REMOVED_ENDPOINTS, {"before": before})
    ]


def delete_endpoint(conn: Connection, brand_id: int, endpoint_id: UUID, buckets: Sequence[int]) -> None:
    """Delete an endpoint and its positions."""
    values = {"brand_id": brand_id, "endpoint_id": endpoint_id, "buckets": [*buckets]}
    conn.execute(DELETE_POSITIONS, values)
    conn.execute(DELETE_ENDPOINT, values)


def positions(conn: Connection, endpoint: Endpoint, buckets: Sequence[int]) -> dict[int, int]:
    """By bucket, the row of the journal that an endpoint has heard last; 0 for none."""
    return dict(conn.execute(POSITIONS, {**_place(endpoint), "buckets": [*buckets]}).fetchall())


def open_positions(conn: Connection, endpoint: Endpoint, places: Mapping[int, int]) -> None:
    """Let an endpoint begin behind these rows of the journal, in buckets of which it has heard nothing."""
    values = {"buckets": [*places], "seqs": [*places.values()]}
    conn.execute(OPEN_POSITIONS, {**_place(endpoint), **values})


def lock_positions(conn: Connection, endpoint: Endpoint, buckets: Sequence[int]) -> dict[int, int]:
    """As `positions`, locked in the order given until the transaction ends."""
    open_positions(conn, endpoint, dict.fromkeys(buckets, 0))
    return dict(conn.execute(LOCK_POSITIONS, {**_place(endpoint), "buckets": [*buckets]}).fetchall())


def move_positions(conn: Connection, endpoint: Endpoint, places: Mapping[int, int]) -> None:
    """The endpoint has heard everything up to these rows."""
    rows = [{**_place(endpoint), "bucket": bucket, "seq": seq} for bucket, seq in places.items()]
    conn.cursor().executemany(MOVE_POSITION, rows)


def _place(endpoint: Endpoint) -> dict[str, Any]:
    return {"brand_id": endpoint.brand_id, "endpoint_id": endpoint.id}


def _endpoint(row: Sequence[Any]) -> Endpoint:
    state, reason, state_at, strikes, failing_since, rests_until = row[8:14]
    return Endpoint(
        id=row[0],
        brand_id=row[1],
        url=row[2],
        description=row[3],
        types=tuple(row[4]),
        may_private=row[5],
        created_at=row[6],
        previous_until=row[7],
        health=Health(state, reason, state_at, strikes, failing_since, rests_until),
    )
