"""The table of rejects."""

import json
from collections.abc import Sequence
from typing import Final, get_args
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from bondfire.deliveries.rejects.model import Pile, Place, Reject
from bondfire.doors import Door, Parcel

PILES: Final = """
SELECT door, topic, is_public, count(*), sum(length(raw) + length(frame)) FROM reject
WHERE brand_id = %(brand_id)s GROUP BY door, topic, is_public
"""
KNOWN: Final = """
SELECT reject_id FROM reject WHERE brand_id = %(brand_id)s AND reject_id = ANY(%(reject_ids)s::uuid[])
"""
KEEP: Final = """
INSERT INTO reject (brand_id, reject_id, door, source, topic, frame, raw, people, waits_for, is_public,
    received_at, code, message, next_step)
VALUES (%(brand_id)s, %(reject_id)s, %(door)s, %(source)s, %(topic)s, %(frame)s, %(raw)s, %(people)s,
    %(waits_for)s, %(is_public)s, %(received_at)s, %(code)s, %(message)s, %(next_step)s)
ON CONFLICT (brand_id, reject_id) DO UPDATE SET
    code = excluded.code, message = excluded.message, next_step = excluded.next_step,
    waits_for = excluded.waits_for
"""
PAGE: Final = """
SELECT reject_id, door, source, topic, frame, raw, people, waits_for, received_at, code, message, next_step
FROM reject
WHERE brand_id = %(brand_id)s AND (received_at, reject_id) < (%(received_at)s, %(reject_id)s)
ORDER BY received_at DESC, reject_id DESC LIMIT %(most)s
"""
FIRST_PAGE: Final = """
SELECT reject_id, door, source, topic, frame, raw, people, waits_for, received_at, code, message, next_step
FROM reject WHERE brand_id = %(brand_id)s
ORDER BY received_at DESC, reject_id DESC LIMIT %(most)s
"""
ONE: Final = """
SELECT reject_id, door, source, topic, frame, raw, people, waits_for, received_at, code, message, next_step
FROM reject WHERE brand_id = %(brand_id)s AND reject_id = %(reject_id)s
"""
WAITING: Final = """
SELECT reject_id, door, source, topic, frame, raw, people, waits_for, received_at, code, message, next_step
FROM reject
WHERE brand_id = %(brand_id)s AND source = %(source)s AND waits_for = %(order)s
ORDER BY received_at, reject_id
"""
DROP: Final = """
DELETE FROM reject WHERE brand_id = %(brand_id)s AND reject_id = ANY(%(reject_ids)s::uuid[])
"""
DROP_TOPIC: Final = """
DELETE FROM reject WHERE brand_id = %(brand_id)s AND topic = %(topic)s
"""
FORGET: Final = """
DELETE FROM reject WHERE brand_id = %(brand_id)s AND people && %(people)s::text[]
"""


def piles(conn: Connection, brand_id: int) -> list[Pile]:
    """What is on the shelf, by topic."""
    return [Pile(*row) for row in conn.execute(PILES, {"brand_id": brand_id})]


def known(conn: Connection, brand_id: int, reject_ids: Sequence[UUID]) -> set[UUID]:
    """Which of them are kept already."""
    values = {"brand_id": brand_id, "reject_ids": list(reject_ids)}
    return {row[0] for row in conn.execute(KNOWN, values)}


def keep(conn: Connection, brand_id: int, reject: Reject) -> None:
    """Keep a reject; one that is there gets the newest reason."""
    parcel = reject.parcel
    values = {
        "brand_id": brand_id,
        "reject_id": reject.reject_id,
        "door": parcel.door,
        "source": parcel.source,
        "topic": parcel.topic,
        "frame": json.dumps(dict(parcel.frame)),
        "raw": parcel.raw,
        "people": list(reject.people),
        "waits_for": reject.waits_for,
        "is_public": parcel.is_public,
        "received_at": parcel.received_at,
        "code": reject.code,
        "message": reject.message,
        "next_step": reject.next_step,
    }
    conn.execute(KEEP, values)


def page(conn: Connection, brand_id: int, after: Place | None, *, most: int) -> list[Reject]:
    """Rejects, the newest first, from after a place."""
    if after is None:
        return [_reject(row) for row in conn.execute(FIRST_PAGE, {"brand_id": brand_id, "most": most})]
    values = {"brand_id": brand_id, "most": most, **after._asdict()}
    return [_reject(row) for row in conn.execute(PAGE, values)]


def one(conn: Connection, brand_id: int, reject_id: UUID) -> Reject | None:
    """The reject, or None."""
    row = conn.execute(ONE, {"brand_id": brand_id, "reject_id": reject_id}).fetchone()
    return None if row is None else _reject(row)


def waiting(conn: Connection, brand_id: int, source: str, order: str) -> list[Reject]:
    """What waits for an order, in the order in which it came."""
    values = {"brand_id": brand_id, "source": source, "order": order}
    return [_reject(row) for row in conn.execute(WAITING, values)]


def drop(conn: Connection, brand_id: int, reject_ids: Sequence[UUID]) -> int:
    """Take rejects off the shelf; how many there were."""
    values = {"brand_id": brand_id, "reject_ids": list(reject_ids)}
    return conn.execute(DROP, values).rowcount


def drop_topic(conn: Connection, brand_id: int, topic: str) -> int:
    """Take all rejects of a topic off the shelf; how many there were."""
    return conn.execute(DROP_TOPIC, {"brand_id": brand_id, "topic": topic}).rowcount


def forget(conn: Connection, brand_id: int, people: Sequence[str]) -> int:
    """Take off everything in which one of these names is; how many there were."""
    return conn.execute(FORGET, {"brand_id": brand_id, "people": list(people)}).rowcount


def _reject(row: TupleRow) -> Reject:
    doors: dict[str, Door] = {door: door for door in get_args(Door)}
    parcel = Parcel(
        door=doors[row[1]],
        source=row[2],
        topic=row[3],
        raw=bytes(row[5]),
        received_at=row[8],
        frame=json.loads(row[4]),
    )
    return Reject(
        reject_id=row[0],
        parcel=parcel,
        people=tuple(row[6]),
        waits_for=row[7],
        code=row[9],
        message=row[10],
        next_step=row[11],
    )
