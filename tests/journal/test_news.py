"""Announcements as others read them: in order, whole rows, from any place on, without looking in vain."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bondfire.db import Connection, connect
from bondfire.journal import (
    Announcement,
    announcements_after,
    buckets_with_news,
    entries_of,
    entries_posted,
)
from bondfire.kit import BUCKETS, bucket_of, member_id_of
from journal.store_makers import CAFE, T0, Store, back, history, order, store_of

MEMBER = member_id_of("kaminrot", "c-1")
BUCKET = bucket_of(MEMBER)


@pytest.fixture
def store(database: str) -> Store:
    return store_of(database, CAFE)


@pytest.fixture
def conn(database: str) -> Iterator[Connection]:
    with connect(database) as conn:
        yield conn


def everywhere(conn: Connection, store: Store, seq: int = 0) -> dict[int, int]:
    return buckets_with_news(conn, store.brand, dict.fromkeys(range(BUCKETS), seq))


def read(conn: Connection, store: Store, after_seq: int, limit: int) -> list[Announcement]:
    return announcements_after(conn, store.brand, BUCKET, after_seq=after_seq, limit=limit)


def test_an_event_is_announced_with_whose_it_is_and_when_it_happened(store: Store, conn: Connection) -> None:
    store.send(order(1, T0, total="600"))

    posted, reached = read(conn, store, 0, 10)

    assert (posted.kind, reached.kind) == ("PointsPosted", "TierReached")
    assert [(one.bucket, one.seq, one.line) for one in (posted, reached)] == [(BUCKET, 1, 1), (BUCKET, 1, 2)]
    assert (posted.member_id, posted.source, posted.type, posted.occurred_at) == (
        MEMBER,
        "shop",
        "order.placed",
        T0,
    )
    assert '"event":"ord-1"' in posted.body


def test_a_limit_counts_rows_and_a_rows_announcements_come_together(store: Store, conn: Connection) -> None:
    """Given rows with two, no and one announcement, then each step reads whole rows and misses none."""
    store.send(order(1, T0, total="600"), order(2, T0, total="1"), order(3, T0 + timedelta(days=1)))

    assert [[one.seq for one in read(conn, store, after, 1)] for after in range(4)] == [[1, 1], [], [3], []]
    assert [one.seq for one in read(conn, store, 0, 2)] == [1, 1]
    assert [one.seq for one in read(conn, store, 1, 100)] == [3]


def test_the_entries_of_a_row_are_those_that_were_posted(store: Store, conn: Connection) -> None:
    """Given rows of two members, one without entries, then each place has what was posted there."""
    store.send(order(1, T0, total="600"), order(2, T0, total="1"), order(3, T0, member="c-2", total="70"))
    other = member_id_of("kaminrot", "c-2")

    posted = entries_posted(
        conn, store.brand, [(BUCKET, 1), (BUCKET, 2), (bucket_of(other), 1), (BUCKET, 99)]
    )

    first, second = (
        [view.entry for view in entries_of(conn, store.brand, store.timeline, one, newest_first=False)]
        for one in (MEMBER, other)
    )
    assert len(first) == len(second) == 2
    assert posted == {(BUCKET, 1): first, (BUCKET, 2): [], (bucket_of(other), 1): second}
    assert entries_posted(conn, store.brand, []) == {}


def test_only_buckets_with_rows_behind_a_place_have_news(store: Store, conn: Connection) -> None:
    store.send(*(order(number, T0) for number in range(3)), order(9, T0, member="c-2"))
    other = bucket_of(member_id_of("kaminrot", "c-2"))

    assert everywhere(conn, store) == {BUCKET: 3, other: 1}
    assert everywhere(conn, store, 1) == {BUCKET: 3}
    assert everywhere(conn, store, 3) == {}
    assert buckets_with_news(conn, store.brand, {}) == {}
    assert buckets_with_news(conn, store.brand, {other: 0}) == {other: 1}


def test_whoever_goes_on_from_place_to_place_reads_everything_once(store: Store, conn: Connection) -> None:
    store.send(*history(300))
    ends = everywhere(conn, store)
    whole = {
        bucket: announcements_after(conn, store.brand, bucket, after_seq=0, limit=end)
        for bucket, end in ends.items()
    }

    for bucket, end in ends.items():
        steps = [
            one
            for after in range(0, end, 3)
            for one in announcements_after(conn, store.brand, bucket, after_seq=after, limit=3)
        ]
        assert steps == whole[bucket]
    assert len({one.kind for some in whole.values() for one in some}) >= 4


def test_what_is_not_committed_is_not_announced(store: Store, conn: Connection) -> None:
    store.send(back(1, T0, order="unheard-of", total="5"))
    before = everywhere(conn, store)
    conn.rollback()
    with connect(store.dsn) as writing:
        writing.execute("UPDATE bucket_head SET next_seq = 99")
        assert everywhere(conn, store) == before == {BUCKET: 1}
        writing.rollback()
