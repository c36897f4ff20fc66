"""Announcements as others read them: by bucket and number of the row, from any place on, for ever."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from bondfire.journal.announcements import announcements_of
from bondfire.journal.log import store as journal
from bondfire.journal.log.rows import entries_of_row
from bondfire.journal.log.store import Connection
from bondfire.journal.news import store
from bondfire.kit import BUCKETS
from bondfire.ledger import Entry
from bondfire.programs import Brand


class Announcement(NamedTuple):
    """What a row of the journal means to the rest of the house; (bucket, seq, line) names it for ever.

    Attributes:
        seq: number of the journal's row in its bucket; `line`: which of the row's announcements, from 1.
        kind, body: as `announcements_of` writes them; the body is JSON.
        source, type, occurred_at: of the event; the source is "" when time passed.
    """

    bucket: int
    seq: int
    line: int
    member_id: UUID
    kind: str
    body: str
    source: str
    type: str
    occurred_at: datetime


def announcements_after(
    conn: Connection, brand: Brand, bucket: int, *, after_seq: int, limit: int
) -> list[Announcement]:
    """The announcements of the next `limit` rows of a bucket's journal, in order.

    Rows are numbered without gaps and become visible in that order, so whoever has read this stands at
    `after_seq + limit`, or at the bucket's end if that is nearer, and has missed nothing. A row's
    announcements always come together; many rows have none.

    Args:
        conn: in a transaction.
        brand: whose journal.
        bucket: which bucket.
        after_seq: the row that was read last, 0 for none.
        limit: how many rows of the journal to look at, at least one.
    """
    rows = journal.rows_of_bucket(conn, brand.id, bucket, after=after_seq, page=limit)
    return [
        Announcement(bucket, row.seq, line, row.member_id, kind, body, row.source, row.type, row.occurred_at)
        for row in islice(rows, limit)
        for line, (kind, body) in enumerate(announcements_of(row), start=1)
    ]


def news_after(
    conn: Connection, brand: Brand, positions: Mapping[int, int], *, limit: int
) -> tuple[list[Announcement], dict[int, int]]:
    """The announcements of the next rows behind these places, bucket by bucket, and where they end.

    Args:
        conn: in a transaction.
        brand: whose journal.
        positions: by bucket, the row that was read last; a bucket that is not there was never read.
        limit: how many rows of the journal to look at, in all.
    """
    known = dict.fromkeys(range(BUCKETS), 0) | dict(positions)
    found: list[Announcement] = []
    read: dict[int, int] = {}
    for bucket, end in buckets_with_news(conn, brand, known).items():
        if limit <= 0:
            break
        after = known[bucket]
        found += announcements_after(conn, brand, bucket, after_seq=after, limit=limit)
        read[bucket] = min(end, after + limit)
        limit -= read[bucket] - after
    return found, read


def buckets_with_news(conn: Connection, brand: Brand, positions: Mapping[int, int]) -> dict[int, int]:
    """Where the journal ends in each bucket that has rows behind the place a reader stands at.

    One descent of an index for each bucket, however long the journal is.

    Args:
        conn: in a transaction.
        brand: whose journal.
        positions: by bucket, the row that was read last, 0 for none.
    """
    return store.buckets_behind(conn, brand.id, positions)


def entries_posted(
    conn: Connection, brand: Brand, places: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], list[Entry]]:
    """The entries of some rows, by place; one query for all of them.

    Args:
        conn: a connection.
        brand: whose journal.
        places: bucket and number of each row.
    """
    rows = store.rows_at(conn, brand.id, places) if places else []
    return {(row.bucket, row.seq): entries_of_row(row) for row in rows}
