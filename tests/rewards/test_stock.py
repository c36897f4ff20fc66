"""Stock and seats: claimed with the decision, given back by release, cancelling and time, never oversold."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier

import pytest

from bondfire.db import Pool, connect, retrying, transaction
from bondfire.errors import BondfireError
from bondfire.rewards import NoRedemption, SoldOut, cancel, capture, end_claims, open_desk, redeem, release
from rewards.makers import Club, bytes_of, club_of, wish_for

REWARDS = """
rewards:
  tote: {price: {points: 100, stars: 1}, stock: 3}
  mug: {price: {points: 100}, limit: {times: 2}}
  last_one: {price: {points: 10}, stock: 1}
"""
HOUR = timedelta(hours=1)
CROWD = 200
ROUNDS = 3


@pytest.fixture
def club(shared_database: str) -> Club:
    """Ann and Ben with a thousand points each."""
    club = club_of(shared_database, REWARDS)
    club.earn("ann", "ben")
    return club


def end(club: Club) -> int:
    with connect(club.dsn) as conn, transaction(conn):
        return end_claims(conn, club.brand, now=club.now)


def test_u15_stock_one_goes_to_one_of_two_claimants(club: Club) -> None:
    club.redeem("ann", "last_one")
    with pytest.raises(SoldOut):
        club.redeem("ben", "last_one")
    assert (club.active("ann"), club.active("ben")) == (990, 1000)
    assert club.seen("ben").rewards == []
    assert club.taken("last_one") == (1, 0)
    assert club.is_true()


def test_what_is_refused_claims_nothing(club: Club) -> None:
    with pytest.raises(SoldOut):
        club.redeem("ann", "tote", quantity=4)
    club.redeem("ann", "mug", quantity=2)
    with pytest.raises(BondfireError, match="0 of them are left"):
        club.redeem("ann", "mug")
    for _ in range(8):
        club.send({"type": "points.spent", "member": "ben", "unit": "points", "amount": "120"})
    with pytest.raises(BondfireError, match="40 can be spent"):
        club.redeem("ben", "tote")
    assert club.taken("tote") == (0, 0)
    assert club.is_true()


def test_a_hold_is_captured_in_parts_and_the_rest_released(club: Club) -> None:
    held = club.redeem("ann", "tote", quantity=3, until=HOUR).redeemed.event
    assert (club.active("ann"), club.active("ann", "stars"), club.taken("tote")) == (700, 2, (3, 0))
    club.at_desk("ann", lambda desk: capture(desk, held, event="c1", quantity=1, random=bytes(10)))
    wallet = club.seen("ann").ledger.wallet("points")
    assert wallet.held == 200
    assert wallet.spent == 100
    club.at_desk("ann", lambda desk: release(desk, held, event="r1", quantity=1))
    assert (club.active("ann"), club.active("ann", "stars"), club.taken("tote")) == (800, 3, (2, 0))
    assert club.statuses("ann") == [("tote", "held")]
    club.at_desk("ann", lambda desk: release(desk, held, event="r2"))
    assert (club.active("ann"), club.taken("tote")) == (900, (1, 0))
    assert club.statuses("ann") == [("tote", "taken")]
    with pytest.raises(NoRedemption):
        club.at_desk("ann", lambda desk: capture(desk, held, event="c2", random=bytes(10)))
    assert club.is_true()


def test_a_hold_ends_by_time_in_the_books_and_in_the_stock(club: Club) -> None:
    held = club.redeem("ann", "last_one", until=HOUR).redeemed.event
    club.now += HOUR - timedelta(microseconds=1)
    assert (club.active("ann"), end(club)) == (990, 0)
    club.now += timedelta(microseconds=1)
    assert club.active("ann") == 1000
    assert club.statuses("ann") == [("last_one", "ended")]
    with pytest.raises(BondfireError):
        club.at_desk("ann", lambda desk: capture(desk, held, event="c", random=bytes(10)))
    with pytest.raises(SoldOut):
        club.redeem("ben", "last_one")
    assert (end(club), end(club)) == (1, 0)
    club.redeem("ben", "last_one")
    assert club.taken("last_one") == (1, 0)
    assert club.is_true()


def test_many_holds_that_ended_long_ago_end_in_bounded_batches(club: Club) -> None:
    for _ in range(5):
        club.redeem("ann", "mug" if club.taken("tote")[0] == 3 else "tote", until=HOUR)
    club.now += timedelta(days=21)
    with connect(club.dsn) as conn:
        ended = []
        for _ in range(4):
            with transaction(conn):
                ended.append(end_claims(conn, club.brand, now=club.now, limit=2))
    assert ended == [2, 2, 1, 0]
    assert (club.taken("tote"), club.active("ann")) == ((0, 0), 1000)


def test_what_was_taken_goes_back_with_its_price_its_limit_and_its_place(club: Club) -> None:
    bought = club.redeem("ann", "tote", quantity=2).redeemed.event
    mugs = club.redeem("ann", "mug", quantity=2).redeemed.event
    for name in (bought, mugs):
        club.at_desk("ann", partial(cancel, redemption=name, event=f"{name}/x", reason="ill", actor="ada"))
    assert (club.active("ann"), club.active("ann", "stars"), club.taken("tote")) == (1000, 5, (0, 0))
    club.redeem("ann", "mug", quantity=2)
    with pytest.raises(BondfireError, match="cancelled"):
        club.at_desk("ann", lambda desk: cancel(desk, bought, event="x3", reason="ill", actor="ada"))
    assert club.is_true()


def test_nobody_touches_what_is_held_for_another(club: Club) -> None:
    held = club.redeem("ann", "tote", until=HOUR).redeemed.event
    for act in (
        lambda desk: capture(desk, held, event="c", random=bytes(10)),
        lambda desk: release(desk, held, event="r"),
        lambda desk: cancel(desk, held, event="x", reason="ill", actor="ada"),
    ):
        with pytest.raises(NoRedemption):
            club.at_desk("ben", act)
    assert club.taken("tote") == (1, 0)


def test_a_stampede_takes_what_is_there_and_not_one_more(shared_database: str) -> None:
    club = club_of(shared_database, REWARDS.replace("stock: 1}", "stock: 7}"))
    people = [f"p{number}" for number in range(40)]
    club.earn(*people)
    with closing(Pool(club.dsn, size=12, patience_s=120)) as pool, ThreadPoolExecutor(CROWD) as threads:
        gate = Barrier(CROWD)

        def press(number: int) -> str:
            """Every third holds, and lets go again what it got."""
            until = club.now + HOUR if number % 3 == 0 else None
            wish, member = wish_for("last_one", until=until), club.member(people[number % len(people)])

            def once() -> str:
                with pool.transaction() as conn:
                    desk = open_desk(conn, club.brand, club.timeline, member, now=club.now)
                    return redeem(desk, wish, random=bytes_of(wish)).redeemed.event

            def undo(name: str) -> None:
                with pool.transaction() as conn:
                    desk = open_desk(conn, club.brand, club.timeline, member, now=club.now)
                    release(desk, name, event=f"{name}/r")

            gate.wait()
            try:
                got = retrying(once)
            except SoldOut as refusal:
                return refusal.code
            if until is None:
                return "taken"
            retrying(lambda: undo(got))
            return "released"

        for round_ in range(ROUNDS):
            said = Counter(threads.map(press, range(CROWD)))
            assert said["taken"] + said["released"] + said["sold_out"] == CROWD
            taken, waiting = club.taken("last_one")
            assert (waiting, taken <= 7) == (0, True)
            assert round_ or taken + said["released"] >= 7
    spent = sum((club.seen(one).ledger.wallet("points").spent for one in people), Decimal(0))
    assert spent == taken * 10
    assert club.is_true()
