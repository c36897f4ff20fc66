"""Leaderboards in the database: ranks, what members see of each other, results, prizes given once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from bondfire.db import Pool, connect, transaction
from bondfire.events import parse_event
from bondfire.journal import replay
from bondfire.kit import format_amount, member_id_of
from bondfire.leaderboards import BoardPage, board_page, close_boards, make_pseudonyms
from journal.store_makers import T0, Store, back, event_of, order, store_of

BOARDS = """
program: plain
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units: {points: {}}
member: {attributes: {team: string}}
leaderboards:
  spenders:
    by: spend
    per: month
    size: 3
    prizes: [{rank: 1, award: {points: 500}, badge: champion}, {rank: 2, to: 5, award: {points: 100}}]
  teams: {by: visits, per: month, attribute: team, scores: true}
"""
GIVEN = "SELECT count(*) FROM board_result WHERE board = 'spenders' AND rank <= 5 AND is_given"
FEBRUARY = datetime(2026, 1, 31, 23, 0, tzinfo=UTC)


@pytest.fixture
def store(database: str) -> Store:
    store = store_of(database, BOARDS)
    with connect(store.dsn) as conn, transaction(conn):
        make_pseudonyms(conn, store.brand, b"not to be guessed by anybody out")
        make_pseudonyms(conn, store.brand, b"the first one stays, not another")
    return store


def page(store: Store, board: str = "spenders", me: str = "", **asked: object) -> BoardPage:
    member_id = member_id_of("kaminrot", me) if me else None
    values = {"now": T0, "member_id": member_id, **asked}
    with connect(store.dsn) as conn, transaction(conn, snapshot=True):
        return board_page(conn, store.brand, store.timeline, board, **values)  # type: ignore[arg-type]


def close(store: Store, now: datetime = FEBRUARY, limit: int = 500) -> int:
    done = 0
    while True:
        with connect(store.dsn) as conn, transaction(conn):
            some = close_boards(conn, store.brand, store.timeline, now=now, limit=limit)
        if not some:
            return done
        done += some


def spend(store: Store, **amounts: int) -> None:
    bought = [order(f"{name}-{amount}", total=amount, member=name) for name, amount in amounts.items()]
    store.send(*bought)


def ranks(lines: Sequence[object]) -> list[int]:
    return [one.rank for one in lines]  # type: ignore[attr-defined]


def test_c2_ties_share_a_rank_1_2_2_4(store: Store) -> None:
    spend(store, a=50, b=70, c=50, d=20)

    assert ranks(page(store, me="d").near) == [2, 2, 4]
    assert ranks(page(store).top) == [1, 2, 2]
    mine = {name: page(store, me=name).me for name in "abcd"}
    assert {name: one.rank for name, one in mine.items() if one} == {"a": 2, "b": 1, "c": 2, "d": 4}


def test_nobody_learns_the_score_or_the_id_of_another(store: Store) -> None:
    spend(store, a=50, b=70)

    seen = page(store, me="a")

    assert [(one.score and format_amount(one.score), one.is_me) for one in seen.top] == [
        (None, False),
        ("50", True),
    ]
    names = [one.name for one in seen.top]
    assert len({*names}) == 2
    assert all(member_id_of("kaminrot", who).hex[:6] not in " ".join(names) for who in "ab")
    store.send(order("later", FEBRUARY, total=5, member="a"))
    after = page(store, me="a", now=FEBRUARY)
    assert after.me
    assert after.me.name not in names, "another month, another name"
    assert page(store, "teams", me="a").top[0].score == 1, "where the programme says so, scores are shown"


def test_c2_who_leaves_is_gone_at_once_and_ranks_close_up(store: Store) -> None:
    spend(store, a=50, b=70, c=10)

    store.send(event_of("leaderboard.left", T0, member="b", leaderboard="spenders"))

    assert ranks(page(store).top) == [1, 2]
    gone = page(store, me="b")
    assert (gone.me, gone.is_shown) == (None, False)
    store.send(event_of("leaderboard.joined", T0 + timedelta(hours=1), member="b", leaderboard="spenders"))
    again = page(store, me="b")
    assert again.me
    assert (again.me.rank, again.is_shown) == (1, True)


def test_c2_members_are_compared_within_their_segment(store: Store) -> None:
    catalogue = store.timeline.newest.program.catalogue
    for name, team in (("a", "north"), ("b", "south"), ("c", "north")):
        raw = {"id": f"join-{name}", "type": "member.joined", "member": name, "attributes": {"team": team}}
        store.send(parse_event({**raw, "occurred_at": T0.isoformat()}, catalogue))
    spend(store, a=1, b=2, c=3)
    store.send(order("more", T0 + timedelta(days=1), total=1, member="c"))

    assert [ranks(page(store, "teams", segment=one).top) for one in ("north", "south", "")] == [
        [1, 2],
        [1],
        [],
    ]
    mine = page(store, "teams", me="a")
    assert (mine.segment, mine.me and mine.me.rank) == ("north", 2)


def test_c2_prizes_are_given_once_as_of_the_end_of_the_period(store: Store) -> None:
    spend(store, a=50, b=70, c=50, d=20, e=10, f=5)
    assert page(store, at=T0, now=FEBRUARY).state == "over"

    assert close(store, FEBRUARY - timedelta(microseconds=1)) == 0
    assert close(store, FEBRUARY + timedelta(weeks=3), limit=2) > 0
    assert close(store, FEBRUARY + timedelta(weeks=4)) == 0

    given = {name: format_amount(store.wallet("points", name).active) for name in "abcde"}
    assert given == {"a": "100", "b": "500", "c": "100", "d": "100", "e": "100"}
    with connect(store.dsn) as conn:
        rows = conn.execute(
            "SELECT DISTINCT occurred_at FROM journal WHERE type = 'leaderboard.won'"
        ).fetchall()
    assert rows == [(FEBRUARY,)]
    assert store.verified() == []
    assert replay(store.dsn, store.brand, store.timeline).differences == []


def test_c2_a_result_stands_whatever_comes_late_or_back(store: Store) -> None:
    spend(store, a=50, b=70)
    close(store)
    before = page(store, me="a", at=T0, now=FEBRUARY)

    store.send(order("late", T0, total=500, member="a"), back("b", FEBRUARY, order="b-70", member="b"))
    store.send(event_of("leaderboard.left", FEBRUARY, member="b", leaderboard="spenders"))

    after = page(store, me="a", at=T0, now=FEBRUARY)
    assert (before, before.state) == (after, "closed")
    assert close(store, FEBRUARY + timedelta(days=1)) == 0
    assert store.verified() == []


def test_c2_several_who_close_at_once_give_each_prize_once(store: Store) -> None:
    chance = Random(5)
    spend(store, **{f"m{n}": chance.randrange(1, 9) for n in range(60)})

    with closing(Pool(store.dsn, size=6, patience_s=60)) as pool, ThreadPoolExecutor(6) as threads:

        def run(_: int) -> None:
            done = 1
            while done:
                with pool.transaction() as conn:
                    done = close_boards(conn, store.brand, store.timeline, now=FEBRUARY, limit=7)

        list(threads.map(run, range(6)))

    with connect(store.dsn) as conn:
        told = conn.execute("SELECT count(*) FROM journal WHERE type = 'leaderboard.won'").fetchone()
        owed = conn.execute(GIVEN).fetchone()
    assert told == owed
    assert told
    assert told[0] > 1
    assert store.verified() == []


def test_a_score_changed_by_hand_is_named_by_verify(store: Store) -> None:
    spend(store, a=50)
    with connect(store.dsn) as conn, transaction(conn):
        conn.execute("UPDATE board_score SET score = 51 WHERE board = 'spenders'")
    (only,) = store.verified()
    assert only.startswith("board_score (")
    assert only.endswith("score is 51, but follows as 50.000000")
