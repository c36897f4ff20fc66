"""Which buckets have rows that a reader has not seen, and rows by their place in the journal."""

from collections.abc import Mapping, Sequence
from typing import Final

from bondfire.journal.log.rows import JournalRow
from bondfire.journal.log.store import Connection

BUCKETS_WITH_NEWS: Final = """
SELECT asked.bucket, head.next_seq - 1
FROM unnest(%(buckets)s::int[], %(seqs)s::bigint[]) AS asked (bucket, seq),
LATERAL (
    SELECT next_seq FROM bucket_head
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket
    LIMIT 1
) AS head
WHERE head.next_seq - 1 > asked.seq
ORDER BY asked.bucket
"""
ROWS_AT: Final = """
SELECT told.bucket, told.seq, told.member_id, told.event_key, told.order_key, told.source, told.event_id,
    told.type, told.occurred_at, told.recorded_at, told.version, told.known_version, told.outcome,
    told.first_entry, told.entries, told.body, told.decision
FROM unnest(%(buckets)s::int[], %(seqs)s::bigint[]) AS asked (bucket, seq),
LATERAL (
    SELECT bucket, seq, member_id, event_key, order_key, source, event_id, type, occurred_at, recorded_at,
        version, known_version, outcome, first_entry, entries, body, decision
    FROM journal
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND seq >= asked.seq AND seq <= asked.seq
    ORDER BY seq
    LIMIT 1
) AS told
"""
"""A range and an order for the reason that `KNOWN_EVENTS` has."""


def buckets_behind(conn: Connection, brand_id: int, positions: Mapping[int, int]) -> dict[int, int]:
    """The number of the last row of each bucket that has rows behind these."""
    values = {"brand_id": brand_id, "buckets": [*positions], "seqs": [*positions.values()]}
    return dict(conn.execute(BUCKETS_WITH_NEWS, values).fetchall())


def rows_at(conn: Connection, brand_id: int, places: Sequence[tuple[int, int]]) -> list[JournalRow]:
    """The rows at these places, each a bucket and a number."""
    values = {
        "brand_id": brand_id,
        "buckets": [bucket for bucket, _ in places],
        "seqs": [seq for _, seq in places],
    }
    return [JournalRow(*row) for row in conn.cursor(binary=True).execute(ROWS_AT, values)]
