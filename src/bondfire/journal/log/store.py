"""The tables of the journal: heads of buckets, events with decisions, personal notes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import psycopg

from bondfire.journal.log.arrays import array_of, cell, copy_lines
from bondfire.journal.log.rows import JournalRow

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

OPEN_HEADS: Final = """
INSERT INTO bucket_head (brand_id, bucket, next_seq)
SELECT %(brand_id)s, asked.bucket, 1
FROM unnest(%(buckets)s::int[]) AS asked (bucket)
WHERE NOT EXISTS (
    SELECT 1 FROM bucket_head AS head WHERE head.brand_id = %(brand_id)s AND head.bucket = asked.bucket
)
ORDER BY asked.bucket
ON CONFLICT (brand_id, bucket) DO NOTHING
"""
LOCK_HEADS: Final = """
SELECT head.bucket, head.next_seq
FROM unnest(%(buckets)s::int[]) AS asked (bucket),
LATERAL (
    SELECT bucket, next_seq FROM bucket_head
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket
    LIMIT 1 FOR UPDATE
) AS head
"""
MOVE_HEADS: Final = """
UPDATE bucket_head AS head SET next_seq = moved.next_seq
FROM unnest(%(buckets)s::int[], %(next_seqs)s::bigint[]) AS moved (bucket, next_seq)
WHERE head.brand_id = %(brand_id)s AND head.bucket = moved.bucket
"""
KNOWN_EVENTS: Final = """
SELECT known.bucket, known.seq, known.member_id, known.event_key, known.order_key, known.source,
    known.event_id, known.type, known.occurred_at, known.recorded_at, known.version, known.known_version,
    known.outcome, known.first_entry, known.entries, known.body, known.decision
FROM unnest(%(buckets)s::int[], %(keys)s::uuid[]) AS asked (bucket, event_key),
LATERAL (
    SELECT bucket, seq, member_id, event_key, order_key, source, event_id, type, occurred_at, recorded_at,
        version, known_version, outcome, first_entry, entries, body, decision
    FROM journal
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket
        AND event_key >= asked.event_key AND event_key <= asked.event_key
    ORDER BY event_key
    LIMIT 1
) AS known
"""
"""A range and an order, where = would say the same: without statistics the planner takes each index of the
bucket for as good and may read all of it; only the index of the key saves it from sorting."""
ORDERS_PLACED: Final = """
SELECT placed.bucket, placed.seq, placed.member_id, placed.event_key, placed.order_key, placed.source,
    placed.event_id, placed.type, placed.occurred_at, placed.recorded_at, placed.version,
    placed.known_version, placed.outcome, placed.first_entry, placed.entries, placed.body, placed.decision
FROM unnest(%(buckets)s::int[], %(keys)s::uuid[]) AS asked (bucket, order_key),
LATERAL (
    SELECT bucket, seq, member_id, event_key, order_key, source, event_id, type, occurred_at, recorded_at,
        version, known_version, outcome, first_entry, entries, body, decision
    FROM journal
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket
        AND order_key >= asked.order_key AND order_key <= asked.order_key
    ORDER BY order_key
    LIMIT 1
) AS placed
"""
MEMBER_ROWS_BEFORE: Final = """
SELECT bucket, seq, member_id, event_key, order_key, source, event_id, type, occurred_at, recorded_at,
    version, known_version, outcome, first_entry, entries, body, decision
FROM journal
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s AND seq < %(before)s
ORDER BY seq DESC
LIMIT %(most)s
"""
MEMBER_ROWS_AFTER: Final = """
SELECT bucket, seq, member_id, event_key, order_key, source, event_id, type, occurred_at, recorded_at,
    version, known_version, outcome, first_entry, entries, body, decision
FROM journal
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s AND seq > %(after)s
ORDER BY seq
LIMIT %(most)s
"""
BUCKET_ROWS: Final = """
SELECT bucket, seq, member_id, event_key, order_key, source, event_id, type, occurred_at, recorded_at,
    version, known_version, outcome, first_entry, entries, body, decision
FROM journal
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND seq >= %(after)s
ORDER BY seq
LIMIT %(most)s
"""
REPORT_ROWS_OF_TYPE: Final = """
SELECT bucket, seq, member_id, event_key, order_key, source, event_id, type, occurred_at, recorded_at,
    version, known_version, outcome, first_entry, entries, body, decision
FROM journal
WHERE brand_id = %(brand_id)s AND type = %(type)s
ORDER BY bucket, seq
"""
COPY_JOURNAL: Final = """
COPY journal (brand_id, bucket, seq, member_id, event_key, order_key, source, event_id, type, occurred_at,
    recorded_at, version, known_version, outcome, first_entry, entries, body, decision)
FROM STDIN
"""
COPY_NOTES: Final = "COPY event_note (brand_id, bucket, member_id, event_key, body) FROM STDIN"
DELETE_NOTES: Final = """
DELETE FROM event_note
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
"""
_NULL: Final = "\\N"
LAST: Final = 2**62
"""Behind every row."""


def lock_heads(conn: Connection, brand_id: int, buckets: Sequence[int]) -> dict[int, int]:
    """Own buckets until the transaction ends; the next number of each.

    Locked ascending: two batches always meet in the same order, so they wait for each other but never in a
    circle. Only where heads are made, once in the life of a brand, may they; then one of them is tried again.

    Args:
        conn: in a transaction.
        brand_id: whose buckets.
        buckets: ascending.
    """
    values = {"brand_id": brand_id, "buckets": array_of(buckets)}
    heads: dict[int, int] = dict(conn.execute(LOCK_HEADS, values).fetchall())
    if len(heads) < len(buckets):
        conn.execute(OPEN_HEADS, values)
        heads = dict(conn.execute(LOCK_HEADS, values).fetchall())
    return heads


def move_heads(conn: Connection, brand_id: int, heads: dict[int, int]) -> None:
    """Remember the next number of each bucket."""
    values = {"buckets": array_of([*heads]), "next_seqs": array_of([*heads.values()])}
    conn.execute(MOVE_HEADS, {"brand_id": brand_id, **values})


def known_events(
    conn: Connection, brand_id: int, buckets: Sequence[int], keys: Sequence[str]
) -> dict[str, JournalRow]:
    """The events among these keys that the journal has, by key."""
    return {row.event_key: row for row in _by_key(conn, KNOWN_EVENTS, brand_id, (buckets, keys))}


def orders_placed(
    conn: Connection, brand_id: int, buckets: Sequence[int], keys: Sequence[str]
) -> list[JournalRow]:
    """The orders among these keys, as they were placed."""
    return _by_key(conn, ORDERS_PLACED, brand_id, (buckets, keys))


def _by_key(
    conn: Connection, statement: str, brand_id: int, asked: tuple[Sequence[int], Sequence[str]]
) -> list[JournalRow]:
    buckets, keys = asked
    values = {"brand_id": brand_id, "buckets": array_of(buckets), "keys": array_of(keys)}
    return [read_row(row) for row in conn.cursor(binary=True).execute(statement, values)]


def read_row(values: Sequence[Any]) -> JournalRow:
    """A row of a binary cursor, its columns in the order of the fields."""
    bucket, seq, member_id, event_key, order_key, *more = values
    return JournalRow(bucket, seq, member_id, event_key.hex, order_key and order_key.hex, *more)


def rows_of_member(
    conn: Connection,
    brand_id: int,
    place: tuple[int, UUID],
    *,
    before: int = LAST,
    after: int | None = None,
    page: int = 100,
) -> Iterator[JournalRow]:
    """A member's rows: backwards from before a number, or, where `after` is given, forwards from behind it.

    They are read page by page, each four times as long, as far as they are asked for.
    """
    bucket, member_id = place
    values: dict[str, Any] = {"brand_id": brand_id, "bucket": bucket, "member_id": member_id}
    cursor = conn.cursor(binary=True)
    while True:
        if after is None:
            cursor.execute(MEMBER_ROWS_BEFORE, values | {"before": before, "most": page})
        else:
            cursor.execute(MEMBER_ROWS_AFTER, values | {"after": after, "most": page})
        rows = [read_row(row) for row in cursor]
        yield from rows
        if len(rows) < page:
            return
        before, after = rows[-1].seq, None if after is None else rows[-1].seq
        page = min(4 * page, 2_000)


def rows_of_bucket(
    conn: Connection, brand_id: int, bucket: int, *, after: int = 0, page: int = 2_000
) -> Iterator[JournalRow]:
    """The journal of a bucket in its order from behind a number on, page by page."""
    cursor = conn.cursor(binary=True)
    first = after + 1
    while True:
        values = {"brand_id": brand_id, "bucket": bucket, "after": first, "most": page}
        rows = [read_row(row) for row in cursor.execute(BUCKET_ROWS, values)]
        yield from rows
        if len(rows) < page:
            return
        first = rows[-1].seq + 1


def rows_of_type(conn: Connection, brand_id: int, kind: str) -> Iterator[JournalRow]:
    """Every row of a type of event, bucket by bucket; it reads the whole journal."""
    values = {"brand_id": brand_id, "type": kind}
    for row in conn.cursor(binary=True).execute(REPORT_ROWS_OF_TYPE, values):
        yield read_row(row)


def add_rows(conn: Connection, brand_id: int, rows: Iterable[JournalRow]) -> None:
    """Append to the journal; the order within each bucket is that of the numbers."""
    times: dict[datetime, str] = {}
    copy_lines(conn, COPY_JOURNAL, (_line(brand_id, row, times) for row in rows))


def _line(brand_id: int, row: JournalRow, times: dict[datetime, str]) -> str:
    """A row as a line of COPY; a batch often has been recorded at one time."""
    occurred_at = row.occurred_at.isoformat()
    recorded_at = occurred_at if row.recorded_at is row.occurred_at else times.get(row.recorded_at)
    if recorded_at is None:
        recorded_at = times[row.recorded_at] = row.recorded_at.isoformat()
    return (
        f"{brand_id}\t{row.bucket}\t{row.seq}\t{row.member_id.hex}\t{row.event_key}\t"
        f"{row.order_key or _NULL}\t{cell(row.source)}\t{cell(row.event_id)}\t{row.type}\t"
        f"{occurred_at}\t{recorded_at}\t"
        f"{row.version}\t{row.known_version}\t{row.outcome}\t{row.first_entry}\t{row.entries}\t"
        f"{cell(row.body)}\t{cell(row.decision)}\n"
    )


def add_notes(conn: Connection, brand_id: int, notes: Iterable[tuple[int, UUID, str, str]]) -> None:
    """Keep personal words: bucket, member, event key and JSON each."""
    lines = (
        f"{brand_id}\t{bucket}\t{member_id.hex}\t{event_key}\t{cell(body)}\n"
        for bucket, member_id, event_key, body in notes
    )
    copy_lines(conn, COPY_NOTES, lines)


def delete_notes(conn: Connection, brand_id: int, bucket: int, member_id: UUID) -> int:
    """Forget a member's personal words; of how many events."""
    values = {"brand_id": brand_id, "bucket": bucket, "member_id": member_id}
    return conn.execute(DELETE_NOTES, values).rowcount
