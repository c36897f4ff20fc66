"""Transfers that nobody has carried on yet, and how far that has come in each bucket."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from bondfire.journal.log.rows import JournalRow
from bondfire.journal.log.store import Connection, read_row
from bondfire.kit import bucket_of

REPORT_POSITIONS: Final = "SELECT bucket, seq FROM transfer_position WHERE brand_id = %(brand_id)s"
TRANSFERS_BEHIND: Final = """
SELECT sent.bucket, sent.seq, sent.member_id, sent.event_key, sent.order_key, sent.source, sent.event_id,
    sent.type, sent.occurred_at, sent.recorded_at, sent.version, sent.known_version, sent.outcome,
    sent.first_entry, sent.entries, sent.body, sent.decision
FROM unnest(%(buckets)s::int[], %(seqs)s::bigint[]) AS asked (bucket, seq),
LATERAL (
    SELECT bucket, seq, member_id, event_key, order_key, source, event_id, type, occurred_at, recorded_at,
        version, known_version, outcome, first_entry, entries, body, decision
    FROM journal
    WHERE brand_id = %(brand_id)s AND bucket = asked.bucket AND seq > asked.seq
        AND ((type = 'points.sent' AND outcome = 'accepted')
            OR (type = 'points.received' AND outcome = 'refused')
            OR (type IN ('referral.checked', 'referral.approved') AND outcome = 'accepted'))
    ORDER BY seq
    LIMIT %(most)s
) AS sent
LIMIT %(most)s
"""
"""The condition is that of the index `journal_transfers`, which holds no other rows."""
SENT_BY: Final = """
SELECT body FROM journal
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
    AND type = 'points.sent' AND outcome = 'accepted'
ORDER BY seq
LIMIT %(most)s
"""
"""Found by the index `journal_transfers`, whose rows of one bucket are few."""
MOVE_POSITIONS: Final = """
INSERT INTO transfer_position AS known (brand_id, bucket, seq)
SELECT %(brand_id)s, moved.bucket, moved.seq
FROM unnest(%(buckets)s::int[], %(seqs)s::bigint[]) AS moved (bucket, seq)
ORDER BY moved.bucket
ON CONFLICT (brand_id, bucket) DO UPDATE SET seq = GREATEST(known.seq, excluded.seq)
"""


def positions(conn: Connection, brand_id: int) -> dict[int, int]:
    """The row that was carried on last, by bucket."""
    return dict(conn.execute(REPORT_POSITIONS, {"brand_id": brand_id}).fetchall())


def transfers_behind(
    conn: Connection, brand_id: int, positions: Mapping[int, int], *, most: int
) -> list[JournalRow]:
    """Rows behind these places that another member has to hear of: of each bucket the first of them."""
    values = {"brand_id": brand_id, "buckets": [*positions], "seqs": [*positions.values()], "most": most}
    return [read_row(row) for row in conn.cursor(binary=True).execute(TRANSFERS_BEHIND, values)]


def sent_by(conn: Connection, brand_id: int, member_id: UUID, *, most: int) -> list[str]:
    """The bodies of the first transfers of a member, in order."""
    values = {"brand_id": brand_id, "bucket": bucket_of(member_id), "member_id": member_id, "most": most}
    return [body for (body,) in conn.execute(SENT_BY, values)]


def move_positions(conn: Connection, brand_id: int, positions: Mapping[int, int]) -> None:
    """Remember how far it has come; never back, whoever is slower."""
    values = {"brand_id": brand_id, "buckets": [*positions], "seqs": [*positions.values()]}
    conn.execute(MOVE_POSITIONS, values)
