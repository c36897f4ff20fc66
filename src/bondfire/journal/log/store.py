"""The tables of the journal: heads of buckets, events with decisions, notes, entries, outbox."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import psycopg

from bondfire.journal.log.arrays import array_of
from bondfire.journal.log.rows import JournalRow
from bondfire.ledger import Account, Cause, Entry, Kind

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
INSERT INTO bucket_head (brand_id, bucket, next_seq)
SELECT %(brand_id)s, moved.bucket, moved.next_seq
FROM unnest(%(buckets)s::int[], %(next_seqs)s::bigint[]) AS moved (bucket, next_seq)
ON CONFLICT (brand_id, bucket) DO UPDATE SET next_seq = excluded.next_seq
"""
KNOWN_EVENTS: Final = """
SELECT known.bucket, known.seq, known.member_id, known.event_key, known.source, known.event_id, known.type,
    known.occurred_at, known.recorded_at, known.body, known.version, known.outcome, known.decision,
    known.first_entry, known.entries, known.known_version
FROM unnest(%(buckets)s::int[], %(keys)s::uuid[]) AS asked (bucket, event_key),
LATERAL (
    SELECT bucket, seq, member_id, event_key, source, event_id, type, occurred_at, recorded_at, body, version,
        outcome, decision, first_entry, entries, known_version
    FROM journal
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND event_key = asked.event_key
    LIMIT 1
) AS known
"""
BUCKET_ROWS: Final = """
SELECT bucket, seq, member_id, event_key, source, event_id, type, occurred_at, recorded_at, body, version,
    outcome, decision, first_entry, entries, known_version
FROM journal
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND seq >= %(after)s
ORDER BY seq
LIMIT %(most)s
"""
COPY_JOURNAL: Final = """
COPY journal (brand_id, bucket, seq, member_id, event_key, source, event_id, type, occurred_at, recorded_at,
    body, version, outcome, decision, first_entry, entries, known_version)
FROM STDIN (FORMAT BINARY)
"""
COPY_NOTES: Final = """
COPY event_note (brand_id, bucket, member_id, event_key, body) FROM STDIN (FORMAT BINARY)
"""
COPY_OUTBOX: Final = "COPY outbox (brand_id, bucket, seq, line, kind, body) FROM STDIN (FORMAT BINARY)"
COPY_ENTRIES: Final = """
COPY entry (brand_id, bucket, member_id, number, seq, unit, kind, debit, credit, amount, lot, event_id, rule,
    version, effective_at, posted_at, reverses)
FROM STDIN (FORMAT BINARY)
"""
ENTRIES_IN: Final = """
SELECT asked.member_id, found.number, found.seq, found.unit, found.kind, found.debit, found.credit,
    found.amount, found.lot, found.event_id, found.rule, found.version, found.effective_at, found.posted_at,
    found.reverses
FROM unnest(%(buckets)s::int[], %(members)s::uuid[], %(firsts)s::bigint[], %(ends)s::bigint[])
    AS asked (bucket, member_id, first_number, end_number),
LATERAL (
    SELECT number, seq, unit, kind, debit, credit, amount, lot, event_id, rule, version, effective_at,
        posted_at, reverses
    FROM entry
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND member_id = asked.member_id
        AND number >= asked.first_number AND number < asked.end_number
    ORDER BY number
    OFFSET 0
) AS found
"""

_JOURNAL_TYPES: Final = (
    "int4",
    "int4",
    "int8",
    "uuid",
    "uuid",
    "text",
    "text",
    "text",
    "timestamptz",
    "timestamptz",
    "text",
    "int4",
    "text",
    "text",
    "int8",
    "int4",
    "int4",
)

_NOTE_TYPES: Final = ("int4", "int4", "uuid", "uuid", "text")
_OUTBOX_TYPES: Final = ("int4", "int4", "int8", "int4", "text", "text")
_ENTRY_TYPES: Final = (
    "int4",
    "int4",
    "uuid",
    "int8",
    "int8",
    "text",
    "text",
    "text",
    "text",
    "numeric",
    "int8",
    "text",
    "text",
    "int4",
    "timestamptz",
    "timestamptz",
    "int8",
)


class Written(NamedTuple):
    """An entry and the journal row that it belongs to."""

    seq: int
    entry: Entry


class NumberRange(NamedTuple):
    """Some entries of a member: from `first` up to, not including, `end`."""

    bucket: int
    member_id: UUID
    first: int
    end: int


def lock_heads(conn: Connection, brand_id: int, buckets: Sequence[int]) -> dict[int, int]:
    """Own buckets until the transaction ends; the next number of each.

    Missing heads are made first, all of them ascending, and then all are locked ascending: two batches
    always meet in the same order, so they wait for each other but never in a circle.

    Args:
        conn: in a transaction.
        brand_id: whose buckets.
        buckets: ascending.
    """
    values = {"brand_id": brand_id, "buckets": array_of(buckets)}
    conn.execute(OPEN_HEADS, values)
    return dict(conn.execute(LOCK_HEADS, values).fetchall())


def move_heads(conn: Connection, brand_id: int, heads: dict[int, int]) -> None:
    """Remember the next number of each bucket."""
    values = {"buckets": array_of([*heads]), "next_seqs": array_of([*heads.values()])}
    conn.execute(MOVE_HEADS, {"brand_id": brand_id, **values})


def known_events(
    conn: Connection, brand_id: int, buckets: Sequence[int], keys: Sequence[UUID]
) -> dict[UUID, JournalRow]:
    """The events among these keys that the journal has, by key."""
    cursor = conn.cursor(binary=True)
    cursor.execute(KNOWN_EVENTS, {"brand_id": brand_id, "buckets": array_of(buckets), "keys": array_of(keys)})
    return {row[3]: JournalRow(*row) for row in cursor}


def rows_of_bucket(
    conn: Connection, brand_id: int, bucket: int, *, page: int = 2_000
) -> Iterator[JournalRow]:
    """The journal of a bucket in its order, page by page."""
    cursor = conn.cursor(binary=True)
    after = 0
    while True:
        values = {"brand_id": brand_id, "bucket": bucket, "after": after, "most": page}
        rows = [JournalRow(*row) for row in cursor.execute(BUCKET_ROWS, values)]
        yield from rows
        if len(rows) < page:
            return
        after = rows[-1].seq + 1


def add_rows(conn: Connection, brand_id: int, rows: Iterable[JournalRow]) -> None:
    """Append to the journal; the order within each bucket is that of the numbers."""
    copy_rows(conn, COPY_JOURNAL, _JOURNAL_TYPES, ((brand_id, *_values_of(row)) for row in rows))


def _values_of(row: JournalRow) -> tuple[Any, ...]:
    return (
        row.bucket,
        row.seq,
        row.member_id,
        row.event_key,
        row.source,
        row.event_id,
        row.type,
        row.occurred_at,
        row.recorded_at,
        row.body,
        row.version,
        row.outcome,
        row.decision,
        row.first_entry,
        row.entries,
        row.known_version,
    )


def add_notes(conn: Connection, brand_id: int, notes: Iterable[tuple[int, UUID, UUID, str]]) -> None:
    """Keep personal words: bucket, member, event key and JSON each."""
    copy_rows(conn, COPY_NOTES, _NOTE_TYPES, ((brand_id, *note) for note in notes))


def add_announcements(
    conn: Connection, brand_id: int, announcements: Iterable[tuple[int, int, int, str, str]]
) -> None:
    """Put announcements into the outbox: bucket, seq, line, kind and JSON each."""
    copy_rows(conn, COPY_OUTBOX, _OUTBOX_TYPES, ((brand_id, *one) for one in announcements))


def add_entries(conn: Connection, brand_id: int, entries: Iterable[tuple[int, UUID, int, Entry]]) -> None:
    """Append entries: bucket, member, seq of the journal row, and the entry each."""
    copy_rows(
        conn,
        COPY_ENTRIES,
        _ENTRY_TYPES,
        (
            (brand_id, bucket, member_id, *entry_values(seq, entry))
            for bucket, member_id, seq, entry in entries
        ),
    )


def entry_values(seq: int, entry: Entry) -> tuple[Any, ...]:
    """The columns of an entry's row, from the number on."""
    cause = entry.cause
    return (
        entry.number,
        seq,
        entry.unit,
        entry.kind,
        entry.debit,
        entry.credit,
        entry.amount,
        entry.lot,
        cause.event,
        cause.rule,
        cause.version,
        cause.effective_at,
        cause.posted_at,
        cause.reverses,
    )


def copy_rows(
    conn: Connection, statement: str, types: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Add rows by a binary COPY, which costs half of an INSERT."""
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def in_columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, str]:
    """Rows turned into one array for each column, as `unnest` takes them."""
    return {name: array_of(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def entries_in(conn: Connection, brand_id: int, ranges: Sequence[NumberRange]) -> dict[UUID, list[Written]]:
    """Entries by member, ascending by number."""
    cursor = conn.cursor(binary=True)
    cursor.execute(
        ENTRIES_IN,
        {
            "brand_id": brand_id,
            "buckets": [one.bucket for one in ranges],
            "members": [one.member_id for one in ranges],
            "firsts": [one.first for one in ranges],
            "ends": [one.end for one in ranges],
        },
    )
    found: dict[UUID, list[Written]] = {}
    for member_id, *values in cursor:
        found.setdefault(member_id, []).append(written_of(values))
    return found


def written_of(values: Sequence[Any]) -> Written:
    """An entry from the values of its row, from the number on."""
    number, seq, unit, kind, debit, credit, amount, lot, event, rule, version, effective, posted, back = (
        values
    )
    cause = Cause(event, version, effective, posted, rule, back)
    return Written(seq, Entry(number, unit, Kind(kind), Account(debit), Account(credit), amount, lot, cause))
