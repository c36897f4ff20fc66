"""The table of scores, one row for each member on a leaderboard in a period, written with the decisions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from bondfire.engine import Score
from bondfire.journal.log.arrays import in_columns
from bondfire.journal.log.store import Connection
from bondfire.kit import bucket_of

ADD_SCORES: Final = """
INSERT INTO board_score (brand_id, bucket, board, moment, member_id, score, segment, is_shown)
SELECT %(brand_id)s, scored.*
FROM unnest(%(bucket)s::int[], %(board)s::text[], %(moment)s::timestamptz[], %(member_id)s::uuid[],
    %(score)s::numeric[], %(segment)s::text[], %(is_shown)s::boolean[]) AS scored
ON CONFLICT (brand_id, bucket, board, moment, member_id) DO UPDATE SET
    score = board_score.score + excluded.score, segment = excluded.segment, is_shown = excluded.is_shown
"""
SCORES_OF: Final = """
SELECT asked.board, asked.moment, known.score
FROM unnest(%(boards)s::text[], %(moments)s::timestamptz[]) AS asked (board, moment),
LATERAL (
    SELECT score FROM board_score
    WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND board = asked.board AND moment = asked.moment
        AND member_id = %(member_id)s
    LIMIT 1
) AS known
ORDER BY asked.board
"""
_FIELDS: Final = ("bucket", "board", "moment", "member_id", "score", "segment", "is_shown")

Scores = dict[tuple[UUID, str, datetime], Score]
"""What members scored together, by member, leaderboard and period."""


def add_score(scores: Scores, member_id: UUID, score: Score) -> None:
    """Add what a decision counts to what others before it did; segment and choice are those of the last."""
    key = member_id, score.board, score.moment
    before = scores.get(key)
    amount = score.amount if before is None else before.amount + score.amount
    scores[key] = msgspec.structs.replace(score, amount=amount)


def write_scores(conn: Connection, brand_id: int, scores: Mapping[Any, Score]) -> None:
    """Write what was scored."""
    rows = [score_values(member_id, scores[member_id, board, at]) for member_id, board, at in sorted(scores)]
    rows.sort(key=lambda row: row[0])
    conn.execute(ADD_SCORES, {"brand_id": brand_id, **in_columns(_FIELDS, rows)})


def scores_of_member(
    conn: Connection, brand_id: int, member_id: UUID, periods: Sequence[tuple[str, datetime]]
) -> list[tuple[str, datetime, Decimal]]:
    """What a member scored on these leaderboards in the periods that begin then, where they scored at all."""
    values = {
        "boards": [board for board, _ in periods],
        "moments": [moment for _, moment in periods],
        "bucket": bucket_of(member_id),
        "member_id": member_id,
    }
    return conn.execute(SCORES_OF, {"brand_id": brand_id, **values}).fetchall()


def score_values(member_id: UUID, score: Score) -> tuple[Any, ...]:
    """The columns of a row, from the bucket on."""
    scored = (score.amount, score.segment, score.is_shown)
    return (bucket_of(member_id), score.board, score.moment, member_id, *scored)
