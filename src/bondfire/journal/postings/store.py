"""Entries read out of the journal by PostgreSQL: added up for reports, one by one for an export."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from bondfire.journal.log.store import Connection

_POSTED: Final = """
version AS (
    SELECT known.number, known.zone, known.close_months, known.close_days
    FROM unnest(%(numbers)s::int[], %(zones)s::text[], %(close_months)s::int[], %(close_days)s::int[])
        AS known (number, zone, close_months, close_days)
), kept AS (
    SELECT journal.bucket, journal.seq, journal.member_id, journal.source, journal.event_id,
        journal.occurred_at, journal.recorded_at, journal.first_entry + one.place - 1 AS number,
        one.entry ->> 0 AS move, one.entry ->> 1 AS unit, (one.entry ->> 2)::numeric AS amount,
        (one.entry ->> 3)::bigint AS lot, one.entry ->> 4 AS rule,
        COALESCE(NULLIF((one.entry ->> 6)::int, 0), journal.version) AS version,
        (one.entry ->> 7)::timestamptz AS due_at, decided.posted_at
    FROM journal,
        LATERAL json_to_record(journal.decision::json) AS decided (entries json, posted_at timestamptz),
        LATERAL json_array_elements(decided.entries) WITH ORDINALITY AS one (entry, place)
    WHERE journal.brand_id = %(brand_id)s AND journal.bucket >= %(first_bucket)s
        AND journal.bucket < %(end_bucket)s AND journal.entries > 0
), timed AS (
    SELECT kept.*, version.zone, COALESCE(kept.due_at, kept.occurred_at) AS effective_at,
        CASE
            WHEN kept.due_at IS NULL THEN COALESCE(kept.posted_at, kept.occurred_at)
            WHEN %(closes)s AND kept.recorded_at >= (
                date_trunc('month', kept.due_at AT TIME ZONE version.zone)
                + make_interval(0, 1 + version.close_months, 0, version.close_days)
            ) AT TIME ZONE version.zone THEN kept.recorded_at
            ELSE kept.due_at
        END AS own_at
    FROM kept JOIN version ON version.number = kept.version
), posted AS (
    SELECT timed.*,
        MAX((timed.own_at AT TIME ZONE timed.zone)::date) OVER of_lot AS posted_on,
        FIRST_VALUE(timed.effective_at AT TIME ZONE timed.zone) OVER of_lot AS earned_at,
        FIRST_VALUE(timed.version) OVER of_lot AS earned_by,
        CASE
            WHEN FIRST_VALUE(timed.move) OVER of_lot = ANY(%(whole)s::text[])
            THEN FIRST_VALUE(timed.amount) OVER of_lot
        END AS earned,
        SUM(
            CASE
                WHEN timed.move = ANY(%(coming)s::text[]) THEN timed.amount
                WHEN timed.move = ANY(%(going)s::text[]) THEN -timed.amount
                ELSE 0
            END
        ) OVER of_lot AS remaining
    FROM timed
    WINDOW of_lot AS (PARTITION BY timed.bucket, timed.member_id, timed.lot ORDER BY timed.number)
)
"""
"""Every entry with the day it is posted on.

An event's entries say themselves when they count (L16). What time alone did counts when it was due, unless
that month had closed before anybody knew: then when it was recorded. And nothing counts before what came
before it in its lot, so on every day a lot is what it was at some point of its own history. How much was
earned is known of a lot that came as a whole, not of one that came with a merge after it was partly spent."""
REPORT_MOVED: Final = (
    "WITH"
    + _POSTED
    + """
SELECT unit, date_trunc('month', earned_at)::date, earned_by,
    date_trunc(%(grain)s::text, posted_on::timestamp)::date, move, SUM(amount),
    SUM(CASE WHEN remaining < 0 OR remaining > earned THEN 1 ELSE 0 END)
FROM posted
WHERE posted_on <= %(until)s
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4, 5
"""
)
REPORT_LINES: Final = (
    "WITH"
    + _POSTED
    + """
SELECT posted_on, effective_at, unit, move, amount, member_id, bucket, seq, number, lot, source, event_id,
    due_at IS NOT NULL, rule, version, earned_by
FROM posted
WHERE posted_on >= %(since)s AND posted_on <= %(until)s
ORDER BY bucket, seq, number
"""
)
REPORT_OPEN_LOTS: Final = """
SELECT unit, SUM(remaining) FROM lot
WHERE brand_id = %(brand_id)s AND is_open
GROUP BY unit
"""
REPORT_STATES: Final = "SELECT body FROM member_state WHERE brand_id = %(brand_id)s"
_LINES_AT_ONCE: Final = 1_000


class Moved(NamedTuple):
    """What one kind of movement came to, over all members.

    Attributes:
        earned_in: the month in which the lots were earned: their vintage.
        earned_by: the programme version that gave them.
        posted: the day, or the first day of the month, on which it counts in the books.
        move: the kind of movement, as in `MOVES`.
        broken: movements after which a lot was less than nothing, or more than was earned.
    """

    unit: str
    earned_in: date
    earned_by: int
    posted: date
    move: str
    amount: Decimal
    broken: int


class Line(NamedTuple):
    """One entry of one member.

    Attributes:
        bucket, seq: its row in the journal. number: counts from 1 for each member.
        by_time: time alone did it; `event_id` is then none that anybody sent.
        version: the programme version that decided. earned_by: the one that gave the lot.
    """

    posted_on: date
    effective_at: datetime
    unit: str
    move: str
    amount: Decimal
    member_id: UUID
    bucket: int
    seq: int
    number: int
    lot: int
    source: str
    event_id: str
    by_time: bool
    rule: str
    version: int
    earned_by: int


def moved(conn: Connection, asked: dict[str, Any], buckets: Sequence[int]) -> Iterator[Moved]:
    """Movements of a range of buckets, added up."""
    values = asked | {"first_bucket": buckets[0], "end_bucket": buckets[-1] + 1}
    yield from map(Moved._make, conn.execute(REPORT_MOVED, values))


def lines(conn: Connection, asked: dict[str, Any], buckets: Sequence[int]) -> Iterator[Line]:
    """The entries of a range of buckets in their order, a few at a time."""
    values = asked | {"first_bucket": buckets[0], "end_bucket": buckets[-1] + 1}
    yield from map(Line._make, conn.cursor(binary=True).stream(REPORT_LINES, values, size=_LINES_AT_ONCE))


def open_in_rows(conn: Connection, brand_id: int) -> dict[str, Decimal]:
    """What is left in the lots that have rows, by unit."""
    return dict(conn.execute(REPORT_OPEN_LOTS, {"brand_id": brand_id}).fetchall())


def bodies(conn: Connection, brand_id: int) -> Iterator[bytes]:
    """Every member's state, one at a time."""
    for (body,) in conn.cursor(binary=True).stream(REPORT_STATES, {"brand_id": brand_id}):
        yield body
