"""Returns that were accepted, or settled when their order came; found behind a place in each bucket."""

from collections.abc import Mapping
from typing import Final

from bondfire.journal.log.rows import JournalRow
from bondfire.journal.log.store import Connection, read_row

RETURNS_BEHIND: Final = """
SELECT returned.bucket, returned.seq, returned.member_id, returned.event_key, returned.order_key,
    returned.source, returned.event_id, returned.type, returned.occurred_at, returned.recorded_at,
    returned.version, returned.known_version, returned.outcome, returned.first_entry, returned.entries,
    returned.body, returned.decision
FROM unnest(%(buckets)s::int[], %(seqs)s::bigint[]) AS asked (bucket, seq),
LATERAL (
    SELECT bucket, seq, member_id, event_key, order_key, source, event_id, type, occurred_at, recorded_at,
        version, known_version, outcome, first_entry, entries, body, decision
    FROM journal
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND seq > asked.seq
        AND outcome = 'accepted' AND (
            type IN ('order.returned', 'order.cancelled')
            OR (type = 'order.placed' AND strpos(decision, '"settled"') > 0)
        )
    ORDER BY seq
    LIMIT %(most)s
) AS returned
LIMIT %(most)s
"""
"""The condition is that of the index `journal_returns`, which holds no other rows."""


def returns_behind(
    conn: Connection, brand_id: int, positions: Mapping[int, int], *, most: int
) -> list[JournalRow]:
    """Accepted and settled returns behind these places: of each bucket the first of them."""
    values = {"brand_id": brand_id, "buckets": [*positions], "seqs": [*positions.values()], "most": most}
    return [read_row(row) for row in conn.cursor(binary=True).execute(RETURNS_BEHIND, values)]
