"""Whole buckets as they are stored, for verification, and the progress of replays."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from bondfire.journal.log.store import Connection

REPORT_HEADS: Final = "SELECT bucket, next_seq FROM bucket_head WHERE brand_id = %(brand_id)s ORDER BY bucket"
HEAD: Final = "SELECT next_seq FROM bucket_head WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s"
LOTS: Final = """
SELECT bucket, member_id, number, unit, amount, remaining, event_id, rule, entry, earned_at, available_at,
    expires_at, is_pending, expired, is_open, due_at
FROM lot WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s ORDER BY member_id, number
"""
PURCHASES: Final = """
SELECT bucket, member_id, order_number, body
FROM purchase WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s
"""
REDEMPTIONS: Final = """
SELECT bucket, member_id, event_id, source, unit, order_number, is_open, body
FROM redemption WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s
"""
STATES: Final = """
SELECT bucket, member_id, seq, chain, due_at, joined_at, first_on, last_on, repeat_days, orders, order_total,
    wallets, body
FROM member_state WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s ORDER BY member_id
"""
PARKED: Final = """
SELECT bucket, member_id, order_number, body
FROM parked_return WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s
"""
CAP_USES: Final = """
SELECT bucket, member_id, cap, moment, amount
FROM cap_use WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s
"""
BUDGET_SHARES: Final = """
SELECT bucket, budget, moment, used
FROM budget_share WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s
"""
BOARD_SCORES: Final = """
SELECT bucket, board, moment, member_id, score, segment, is_shown
FROM board_score WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s
"""
REPORT_PROGRESS: Final = """
SELECT bucket, next_seq, programs, chains, body FROM replay_progress
WHERE brand_id = %(brand_id)s AND purpose = %(purpose)s
"""
SAVE_PROGRESS: Final = """
INSERT INTO replay_progress (brand_id, purpose, bucket, next_seq, programs, chains, body)
VALUES (%(brand_id)s, %(purpose)s, %(bucket)s, %(next_seq)s, %(programs)s, %(chains)s, %(body)s)
ON CONFLICT (brand_id, purpose, bucket) DO UPDATE SET
    next_seq = excluded.next_seq, programs = excluded.programs, chains = excluded.chains,
    body = excluded.body
"""
CLEAR_PROGRESS: Final = """
DELETE FROM replay_progress WHERE brand_id = %(brand_id)s AND purpose = %(purpose)s
"""


class StoredTable(NamedTuple):
    """A table of one bucket: its name, its columns (the key comes first) and its rows.

    Attributes:
        key: how many columns are the key; the bucket is the first of them.
    """

    name: str
    columns: tuple[str, ...]
    key: int
    rows: list[tuple[Any, ...]]


_TABLES: Final = {
    "lot": (LOTS, 3),
    "purchase": (PURCHASES, 3),
    "redemption": (REDEMPTIONS, 4),
    "parked_return": (PARKED, 3),
    "cap_use": (CAP_USES, 4),
    "budget_share": (BUDGET_SHARES, 3),
    "board_score": (BOARD_SCORES, 4),
    "member_state": (STATES, 2),
}


class Progress(NamedTuple):
    """What was found out about a bucket.

    Attributes:
        next_seq: where its head stood; when it has moved since, the bucket is looked at again.
        programs: which versions decided.
        chains: 16 bytes of id and 16 bytes of chain for each member.
        body: figures and differences as JSON.
    """

    bucket: int
    next_seq: int
    programs: str
    chains: bytes
    body: str


def heads(conn: Connection, brand_id: int) -> dict[int, int]:
    """Where the journal of each bucket ends."""
    return dict(conn.execute(REPORT_HEADS, {"brand_id": brand_id}).fetchall())


def head_of(conn: Connection, brand_id: int, bucket: int) -> int:
    """Where the journal of a bucket ends; 1 when it has not begun."""
    row = conn.execute(HEAD, {"brand_id": brand_id, "bucket": bucket}).fetchone()
    return row[0] if row else 1


def stored_tables(conn: Connection, brand_id: int, bucket: int) -> Iterator[StoredTable]:
    """Everything that is derived from the journal of a bucket, as stored."""
    for name in _TABLES:
        yield stored_table(conn, brand_id, bucket, name)


def stored_table(conn: Connection, brand_id: int, bucket: int, name: str) -> StoredTable:
    """One of the tables that are derived from the journal."""
    statement, key = _TABLES[name]
    cursor = conn.cursor(binary=True)
    cursor.execute(statement, {"brand_id": brand_id, "bucket": bucket})
    columns = tuple(column.name for column in cursor.description or ())
    return StoredTable(name, columns, key, cursor.fetchall())


def progress_of(conn: Connection, brand_id: int, purpose: str) -> list[Progress]:
    """What an interrupted run found out already."""
    values = {"brand_id": brand_id, "purpose": purpose}
    return [Progress(*row) for row in conn.execute(REPORT_PROGRESS, values)]


def save_progress(conn: Connection, brand_id: int, purpose: str, done: Iterable[Progress]) -> None:
    """Remember what was found out about buckets."""
    rows = [{"brand_id": brand_id, "purpose": purpose, **one._asdict()} for one in done]
    conn.cursor().executemany(SAVE_PROGRESS, rows)


def clear_progress(conn: Connection, brand_id: int, purpose: str) -> None:
    """Forget it: the run is complete, or begins from the start."""
    conn.execute(CLEAR_PROGRESS, {"brand_id": brand_id, "purpose": purpose})
