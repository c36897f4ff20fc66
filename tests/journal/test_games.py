"""Playing in the database: commit, draw, reveal, prove; once each, and no prize more than there is."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bondfire.db import Connection, Pool, connect, transaction
from bondfire.engine import IdentityConflict, shown_member
from bondfire.errors import BondfireError
from bondfire.games import (
    GameView,
    NotCommitted,
    PlayAsked,
    WrongCommitment,
    commit,
    commitment_of,
    play,
    prove,
    view_game,
)
from bondfire.journal import Decided, replay
from bondfire.kit import member_id_of
from journal.store_makers import T0, Store, order, store_of

GAMES = """
program: plain
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units: {points: {}}
earn: {base: {on: order.placed, award: {points: floor(event.total)}}}
games:
  wheel:
    price: {points: 10}
    limits: {plays: 3, per: month}
    prizes:
      grand: {odds: 1/2, award: {points: 100}, stock: 7, otherwise: small}
      small: {odds: 1/2, award: {points: 1}}
"""
SEED = bytes(range(32))
NOW = T0 + timedelta(days=1)
FEBRUARY = datetime(2026, 1, 31, 23, 0, tzinfo=UTC)


@pytest.fixture
def store(database: str) -> Store:
    store = store_of(database, GAMES)
    with connect(store.dsn) as conn, transaction(conn):
        commit(conn, store.brand, store.timeline, "wheel", now=NOW, seed=SEED)
        commit(conn, store.brand, store.timeline, "wheel", now=NOW, seed=bytes(32))
    return store


def asked(number: int | str, nonce: str = "n", commitment: str = commitment_of(SEED)) -> PlayAsked:
    return PlayAsked("wheel", f"p-{number}", nonce, commitment)


def playing(
    store: Store, wanted: PlayAsked, member: str, now: datetime = NOW
) -> Callable[[Connection], Decided]:
    member_id = member_id_of("kaminrot", member)
    return lambda conn: play(conn, store.brand, store.timeline, wanted, member_id=member_id, now=now)


def one(store: Store, wanted: PlayAsked, member: str = "a", now: datetime = NOW) -> Decided:
    with connect(store.dsn) as conn, transaction(conn):
        return playing(store, wanted, member, now)(conn)


def view(store: Store, now: datetime = NOW, at: datetime = NOW) -> GameView:
    with connect(store.dsn) as conn:
        return view_game(conn, store.brand, store.timeline, "wheel", now=now, at=at)


def test_a_seed_is_hidden_while_its_period_runs_and_shown_when_it_is_over(store: Store) -> None:
    before, after = view(store, FEBRUARY - timedelta(microseconds=1)), view(store, FEBRUARY)
    assert (before.commitment, before.seed) == (commitment_of(SEED), "")
    assert (after.commitment, after.seed) == (commitment_of(SEED), SEED.hex())
    assert (before.odds, before.left) == ({"grand": "1/2", "small": "1/2"}, {"grand": Decimal(7)})


def test_the_same_play_again_gets_the_first_answer(store: Store) -> None:
    store.send(order(1, total=100, member="a"))
    first = one(store, asked(1))
    again = one(store, asked(1), now=NOW + timedelta(hours=1))

    assert first.event.body == again.event.body
    assert store.wallet("points", "a").spent == 10
    with pytest.raises(IdentityConflict):
        one(store, asked(1, nonce="other"))


def test_a_play_that_is_refused_was_never_drawn(store: Store) -> None:
    store.send(order(1, total=5, member="a"))
    with pytest.raises(BondfireError) as refused:
        one(store, asked(1))
    assert refused.value.code == "not_enough"
    with connect(store.dsn) as conn:
        assert conn.execute("SELECT count(*) FROM journal WHERE type = 'game.played'").fetchone() == (0,)


def test_who_has_not_seen_the_commitment_cannot_play(store: Store) -> None:
    store.send(order(1, total=100, member="a"))
    with pytest.raises(WrongCommitment):
        one(store, asked(1, commitment=commitment_of(bytes(32))))
    with pytest.raises(NotCommitted):
        one(store, asked(1), now=FEBRUARY)


def test_a_stampede_never_gives_more_than_there_is_and_every_draw_can_be_proved(store: Store) -> None:
    members = [f"m-{n}" for n in range(60)]
    store.send(*[order(name, total=20, member=name) for name in members])

    with closing(Pool(store.dsn, size=10, patience_s=120)) as pool, ThreadPoolExecutor(16) as threads:

        def go(name: str) -> Decided:
            with pool.transaction() as conn:
                return playing(store, asked(name, nonce=name), name)(conn)

        plays = list(threads.map(go, members))

    given = [next(r.note for r in one.decision.told if r.code == "prize_given") for one in plays]
    drawn = [one.event.body["drawn"] for one in plays]
    assert given.count("grand") == 7 < drawn.count("grand")
    assert view(store).left == {"grand": 0}
    assert store.verified() == []
    assert replay(store.dsn, store.brand, store.timeline).differences == []
    with connect(store.dsn) as conn:
        proof = prove(conn, store.brand, store.timeline, "wheel", now=FEBRUARY, at=NOW)
    assert (proof.plays, proof.wrong, proof.seed) == (60, [], SEED.hex())


def test_a_draw_that_was_changed_or_left_out_is_found_by_the_proof(store: Store) -> None:
    store.send(order(1, total=100, member="a"))
    plays = [one(store, asked(number)) for number in range(3)]
    drawn = str(plays[0].event.body["drawn"])
    other = "small" if drawn == "grand" else "grand"
    with connect(store.dsn) as conn, transaction(conn):
        conn.execute(
            "UPDATE journal SET body = replace(body, %s, %s) WHERE event_id = 'game/wheel/p-0'",
            (drawn, other),
        )
        conn.execute("DELETE FROM journal WHERE event_id = 'game/wheel/p-1'")

    with connect(store.dsn) as conn:
        proof = prove(conn, store.brand, store.timeline, "wheel", now=FEBRUARY, at=NOW)

    me = shown_member(member_id_of("kaminrot", "a"))
    commitment = commitment_of(SEED)
    assert [(one.member, one.stored, one.follows) for one in proof.wrong] == [
        (me, f"{other} by {commitment}", f"{drawn} by {commitment}"),
        (me, "play 3", "play 2"),
    ]


def test_a_seed_is_not_shown_to_prove_what_is_not_over(store: Store) -> None:
    with connect(store.dsn) as conn, pytest.raises(NotCommitted):
        prove(conn, store.brand, store.timeline, "wheel", now=NOW, at=NOW)
