"""Counts over the journal of a time, by member or by who made a correction."""

from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from bondfire.journal.log.store import Connection

REPORT_EARNED: Final = """
SELECT journal.member_id, one.entry ->> 1, SUM((one.entry ->> 2)::numeric)
FROM journal,
    LATERAL json_to_record(journal.decision::json) AS decided (entries json),
    LATERAL json_array_elements(decided.entries) AS one (entry)
WHERE journal.brand_id = %(brand_id)s AND journal.entries > 0
    AND journal.occurred_at >= %(since)s AND journal.occurred_at < %(until)s
    AND one.entry ->> 0 LIKE 'earn.%%' AND one.entry ->> 4 <> ''
GROUP BY 1, 2
ORDER BY 1, 2
"""
REPORT_RETURNED: Final = """
SELECT back.member_id, COUNT(*)
FROM journal AS back
WHERE back.brand_id = %(brand_id)s AND back.type IN ('order.returned', 'order.cancelled')
    AND back.outcome = 'accepted' AND back.occurred_at >= %(since)s AND back.occurred_at < %(until)s
    AND EXISTS (
        SELECT 1 FROM journal AS paid
        WHERE paid.brand_id = %(brand_id)s AND paid.bucket = back.bucket AND paid.member_id = back.member_id
            AND paid.type IN ('points.spent', 'points.captured') AND paid.outcome = 'accepted'
            AND paid.occurred_at >= %(since)s AND paid.occurred_at < back.occurred_at
    )
GROUP BY 1
ORDER BY 1
"""
REPORT_ADJUSTED: Final = """
SELECT body::json ->> 'actor', COUNT(*), COUNT(DISTINCT member_id)
FROM journal
WHERE brand_id = %(brand_id)s AND type = 'points.adjusted' AND outcome = 'accepted'
    AND occurred_at >= %(since)s AND occurred_at < %(until)s
GROUP BY 1
ORDER BY 1
"""


class Corrections(NamedTuple):
    """How many corrections one person made, and of how many members."""

    actor: str
    corrections: int
    members: int


class Activity(NamedTuple):
    """What happened in a time.

    Attributes:
        earned: by unit and member, what rules gave.
        returned: by member, how many orders came back after the member had redeemed something in that time.
        corrections: by who made them.
    """

    earned: dict[str, dict[UUID, Decimal]]
    returned: dict[UUID, int]
    corrections: list[Corrections]


def activity(conn: Connection, brand_id: int, since: datetime, until: datetime) -> Activity:
    """What happened from a moment on and before another."""
    values = {"brand_id": brand_id, "since": since, "until": until}
    earned: dict[str, dict[UUID, Decimal]] = {}
    for member_id, unit, amount in conn.execute(REPORT_EARNED, values):
        earned.setdefault(unit, {})[member_id] = amount
    returned: dict[UUID, int] = dict(conn.execute(REPORT_RETURNED, values).fetchall())
    corrections = [Corrections(*row) for row in conn.execute(REPORT_ADJUSTED, values)]
    return Activity(earned, returned, corrections)
