"""Held awards as they are stored: listed, decided once by a person, and told again by the journal."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from threading import Barrier

import pytest

from acceptance.referral_makers import DAY, club
from bondfire.db import connect, retrying, transaction
from bondfire.errors import Conflict
from bondfire.journal import replay
from bondfire.kit import member_id_of
from bondfire.review import AwardVerdict, HeldAward, decide_award, follow_awards, held_awards
from bondfire.simulation import simulate
from journal.store_makers import T0, Store, order

LIMITED = """
program: hearth-club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {pending: 2 days, expires: {after: 12 months}}
earn:
  base: {on: order.placed, award: {points: floor(event.total)}}
review: {awards: {points: 100, per: day}}
"""


def listed(store: Store) -> list[HeldAward]:
    """What the worker lists."""
    with connect(store.dsn) as conn:
        more = 1
        while more:
            with transaction(conn):
                more = follow_awards(conn, store.brand, store.timeline, limit=2)
        return held_awards(conn, store.brand)


def decide(store: Store, member: str, lot: int, verdict: AwardVerdict) -> None:
    """A person decides, on the third day."""
    why = {"reason": "looked into it", "actor": "ada", "at": T0 + 3 * DAY}
    with connect(store.dsn) as conn, transaction(conn):
        award = member_id_of(store.brand.name, member), lot
        decide_award(conn, store.brand, store.timeline, award, verdict=verdict, **why)  # type: ignore[arg-type]


def test_held_awards_are_listed_decided_and_replayed(shared_database: str) -> None:
    store = club(shared_database, LIMITED)
    events = [order(number, T0, total=150, member=f"m{number}") for number in range(4)]
    store.send(*events)
    store.bring_to(T0 + 3 * DAY)
    first = listed(store)
    as_simulated = simulate(store.timeline.newest.program, events, until=T0 + 3 * DAY).digest

    digest = store.digest()
    decide(store, "m1", 1, "released")
    decide(store, "m2", 1, "taken_back")
    with pytest.raises(Conflict, match="not held for review"):
        decide(store, "m2", 1, "released")
    left = listed(store)

    assert {(one.lot, one.amount, one.rule, one.reason) for one in first} == {
        (1, Decimal(150), "base", "more than 100 points per day")
    }
    assert (len(first), len(left), digest == as_simulated) == (4, 2, True)
    assert [int(store.wallet("points", f"m{number}").active) for number in range(4)] == [0, 150, 0, 0]
    assert [int(store.wallet("points", f"m{number}").pending) for number in range(4)] == [150, 0, 0, 150]
    assert store.wallet("points", "m0").releases == []
    assert store.verified() == []
    assert replay(store.dsn, store.brand, store.timeline).digest == store.digest()


def test_two_who_decide_at_once_decide_once(shared_database: str) -> None:
    store = club(shared_database, LIMITED)
    store.send(*(order(number, T0, total=150, member=f"m{number}") for number in range(5)))
    together = Barrier(2)

    def act(verdict: AwardVerdict) -> int:
        done = 0
        for number in range(5):
            together.wait()
            try:
                retrying(partial(decide, store, f"m{number}", 1, verdict))
            except Conflict:
                continue
            done += 1
        return done

    with ThreadPoolExecutor(2) as pool:
        done = sum(pool.map(act, ("released", "taken_back")))

    assert done == 5
    assert store.verified() == []
