"""Rankings over scores, results of periods that are over, and who was given their prize."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from bondfire.db import Connection
from bondfire.kit import bucket_of
from bondfire.leaderboards.model import Place

REPORT_TOP: Final = """
SELECT member_id, rank() OVER (ORDER BY score DESC), score FROM board_score
WHERE brand_id = %(brand_id)s AND board = %(board)s AND moment = %(moment)s AND segment = %(segment)s
    AND is_shown AND score > 0
ORDER BY score DESC, member_id
LIMIT %(most)s
"""
REPORT_AHEAD: Final = """
SELECT count(*) FROM board_score
WHERE brand_id = %(brand_id)s AND board = %(board)s AND moment = %(moment)s AND segment = %(segment)s
    AND is_shown AND score > %(score)s
"""
REPORT_ABOVE: Final = """
SELECT member_id, score FROM board_score
WHERE brand_id = %(brand_id)s AND board = %(board)s AND moment = %(moment)s AND segment = %(segment)s
    AND is_shown AND score >= %(score)s AND member_id <> %(member_id)s
ORDER BY score, member_id
LIMIT %(most)s
"""
REPORT_BELOW: Final = """
SELECT member_id, score FROM board_score
WHERE brand_id = %(brand_id)s AND board = %(board)s AND moment = %(moment)s AND segment = %(segment)s
    AND is_shown AND score > 0 AND score < %(score)s
ORDER BY score DESC, member_id
LIMIT %(most)s
"""
SEAT: Final = """
SELECT score, segment, is_shown FROM board_score
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND board = %(board)s AND moment = %(moment)s
    AND member_id = %(member_id)s
"""
REPORT_RESULT: Final = """
SELECT member_id, rank, score FROM board_result
WHERE brand_id = %(brand_id)s AND board = %(board)s AND moment = %(moment)s AND segment = %(segment)s
ORDER BY rank, member_id
LIMIT %(most)s
"""
RESULT_OF: Final = """
SELECT rank, score, segment FROM board_result
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND board = %(board)s AND moment = %(moment)s
    AND member_id = %(member_id)s
"""
PSEUDONYMS: Final = "SELECT secret FROM board_secret WHERE brand_id = %(brand_id)s"
MAKE_PSEUDONYMS: Final = """
INSERT INTO board_secret (brand_id, secret) VALUES (%(brand_id)s, %(secret)s)
ON CONFLICT (brand_id) DO NOTHING
"""
IS_CLOSED: Final = """
SELECT 1 FROM board_close WHERE brand_id = %(brand_id)s AND board = %(board)s AND moment = %(moment)s
"""
REPORT_NEXT: Final = """
SELECT min(moment) FROM board_score
WHERE brand_id = %(brand_id)s AND board = %(board)s AND is_shown AND moment > coalesce(
    (SELECT max(closed.moment) FROM board_close AS closed
        WHERE closed.brand_id = %(brand_id)s AND closed.board = %(board)s),
    '-infinity'
)
"""
CLOSE: Final = """
INSERT INTO board_close (brand_id, board, moment, ended_at)
VALUES (%(brand_id)s, %(board)s, %(moment)s, %(ended_at)s)
ON CONFLICT (brand_id, board, moment) DO NOTHING
"""
REPORT_INTO_RESULT: Final = """
INSERT INTO board_result (brand_id, bucket, board, moment, member_id, segment, rank, score, is_given)
SELECT %(brand_id)s, ranked.bucket, %(board)s, %(moment)s, ranked.member_id, ranked.segment, ranked.rank,
    ranked.score, ranked.rank > %(last_prize)s
FROM (
    SELECT bucket, member_id, segment, score, rank() OVER (PARTITION BY segment ORDER BY score DESC) AS rank
    FROM board_score
    WHERE brand_id = %(brand_id)s AND board = %(board)s AND moment = %(moment)s AND is_shown AND score > 0
) AS ranked
WHERE ranked.rank <= %(most)s
"""
REPORT_TO_GIVE: Final = """
SELECT result.board, result.moment, closed.ended_at, result.member_id, result.segment, result.rank
FROM board_result AS result
JOIN board_close AS closed ON closed.brand_id = %(brand_id)s AND closed.board = result.board
    AND closed.moment = result.moment
WHERE result.brand_id = %(brand_id)s AND NOT result.is_given
ORDER BY result.board, result.moment, result.rank, result.member_id
LIMIT %(most)s
"""
GIVEN: Final = """
UPDATE board_result AS result SET is_given = true
FROM unnest(%(buckets)s::int[], %(boards)s::text[], %(moments)s::timestamptz[], %(members)s::uuid[])
    AS given (bucket, board, moment, member_id)
WHERE result.brand_id = %(brand_id)s AND result.bucket = given.bucket AND result.board = given.board
    AND result.moment = given.moment AND result.member_id = given.member_id
"""


class Run(NamedTuple):
    """A leaderboard of a brand in the period that begins at a moment."""

    brand_id: int
    board: str
    moment: datetime


class Seated(NamedTuple):
    """A member's row."""

    score: Decimal
    segment: str
    is_shown: bool


class ToGive(NamedTuple):
    """A rank that has a prize, which nobody has given yet."""

    board: str
    moment: datetime
    ended_at: datetime
    member_id: UUID
    segment: str
    rank: int


def secret_of(conn: Connection, brand_id: int) -> bytes:
    """What the brand's pseudonyms are made with; empty when nothing was kept yet."""
    row = conn.execute(PSEUDONYMS, {"brand_id": brand_id}).fetchone()
    return bytes(row[0]) if row else b""


def keep_secret(conn: Connection, brand_id: int, secret: bytes) -> None:
    """Keep what the brand's pseudonyms are made with, if there is nothing yet."""
    conn.execute(MAKE_PSEUDONYMS, {"brand_id": brand_id, "secret": secret})


def top(conn: Connection, run: Run, segment: str, most: int) -> list[Place]:
    """The first ones of a segment as it stands."""
    rows = conn.execute(REPORT_TOP, {**run._asdict(), "segment": segment, "most": most}).fetchall()
    return [Place(*row) for row in rows]


def seat_of(conn: Connection, run: Run, member_id: UUID) -> Seated | None:
    """A member's row; None for who did nothing in the period."""
    row = conn.execute(SEAT, _of_member(run, member_id)).fetchone()
    return Seated(*row) if row else None


def _of_member(run: Run, member_id: UUID) -> dict[str, Any]:
    return {**run._asdict(), "bucket": bucket_of(member_id), "member_id": member_id}


def rank_of(conn: Connection, run: Run, segment: str, score: Decimal) -> int:
    """The rank of a score: how many have more, and one."""
    row = conn.execute(REPORT_AHEAD, {**run._asdict(), "segment": segment, "score": score}).fetchone()
    return 1 + int(row[0] if row else 0)


def neighbours(
    conn: Connection, run: Run, segment: str, me: Place, *, each_way: int
) -> tuple[list[tuple[UUID, Decimal]], list[tuple[UUID, Decimal]]]:
    """The nearest who have as much or more, the highest first, and the nearest who have less."""
    values = {
        **run._asdict(),
        "segment": segment,
        "score": me.score,
        "member_id": me.member_id,
        "most": each_way,
    }
    above = conn.execute(REPORT_ABOVE, values).fetchall()
    below = conn.execute(REPORT_BELOW, values).fetchall()
    return [(who, score) for who, score in reversed(above)], [(who, score) for who, score in below]


def result(conn: Connection, run: Run, segment: str, most: int) -> list[Place]:
    """How a segment ended."""
    rows = conn.execute(REPORT_RESULT, {**run._asdict(), "segment": segment, "most": most}).fetchall()
    return [Place(*row) for row in rows]


def result_of(conn: Connection, run: Run, member_id: UUID) -> tuple[Place, str] | None:
    """Where a member ended and in which segment; None for who is not in the result."""
    row = conn.execute(RESULT_OF, _of_member(run, member_id)).fetchone()
    return (Place(member_id, row[0], row[1]), row[2]) if row else None


def is_closed(conn: Connection, run: Run) -> bool:
    """Whether the result stands."""
    return conn.execute(IS_CLOSED, run._asdict()).fetchone() is not None


def next_open(conn: Connection, brand_id: int, board: str) -> datetime | None:
    """When the first period began that anybody scored in and that is not closed."""
    row = conn.execute(REPORT_NEXT, {"brand_id": brand_id, "board": board}).fetchone()
    return row[0] if row else None


def close(conn: Connection, run: Run, *, ended_at: datetime, last_prize: int, most: int) -> bool:
    """Write the result of a period down; False when somebody else has."""
    if conn.execute(CLOSE, {**run._asdict(), "ended_at": ended_at}).rowcount == 0:
        return False
    conn.execute(REPORT_INTO_RESULT, {**run._asdict(), "last_prize": last_prize, "most": most})
    return True


def to_give(conn: Connection, brand_id: int, most: int) -> list[ToGive]:
    """Prizes that nobody has given yet."""
    rows = conn.execute(REPORT_TO_GIVE, {"brand_id": brand_id, "most": most}).fetchall()
    return [ToGive(*row) for row in rows]


def mark_given(conn: Connection, brand_id: int, given: Sequence[ToGive]) -> None:
    """Remember that prizes were given."""
    values = {
        "buckets": [bucket_of(one.member_id) for one in given],
        "boards": [one.board for one in given],
        "moments": [one.moment for one in given],
        "members": [one.member_id for one in given],
    }
    conn.execute(GIVEN, {"brand_id": brand_id, **values})
