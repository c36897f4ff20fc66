"""Budgets that all members share, in the database: never a unit too many, however many come at once (U7)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from bondfire.db import Pool, connect, transaction
from bondfire.events import Event
from bondfire.journal import dry_run, import_events, process_events, replay, report
from bondfire.simulation import simulate
from journal.store_makers import T0, Store, back, order, store_of

AT_ONCE = 200
BUDGETS = """
program: plain
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {value: 0.01}
  coins: {}
budgets:
  launch: {unit: points, amount: 5000, per: month}
  alpha: {unit: coins, amount: 700}
earn:
  base: {on: order.placed, award: {points: floor(event.total)}, budget: launch}
  coin:
    on: order.placed
    when: event.total > 20.00
    award: {coins: 10}
    budget: {from: alpha, over: nothing}
challenges:
  regular: {on: order.placed, target: 2, award: {points: 7}, repeat: true, budget: launch}
"""


@pytest.fixture
def store(database: str) -> Store:
    return store_of(database, BUDGETS)


def used(store: Store) -> dict[str, Decimal]:
    with connect(store.dsn) as conn:
        return dict(conn.execute("SELECT budget || moment::date, used FROM budget_use").fetchall())


def kept(store: Store, unit: str) -> Decimal:
    """What was given and not taken back, of all members."""
    with connect(store.dsn) as conn:
        totals = report(conn, store.brand).totals[unit]
    return totals.issued - totals.clawed_back


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as threads:
        yield threads


def test_u7_two_hundred_at_once_spend_a_budget_to_its_last_unit_and_never_more(
    store: Store, crowd: ThreadPoolExecutor
) -> None:
    """Three rounds, each in a month of its own; requests of one event or several, with returns between."""
    chance = Random(7)

    with closing(Pool(store.dsn, size=12, patience_s=300)) as pool:

        def request(events: list[Event]) -> None:
            with pool.transaction() as conn:
                process_events(conn, store.brand, store.timeline, events)

        for number in range(3):
            at = T0 + timedelta(days=31 * number)
            requests = []
            for n in range(AT_ONCE):
                names = [f"m-{chance.randrange(400)}" for _ in range(chance.choice((1, 1, 3)))]
                bought = [
                    order(f"{number}-{n}-{place}", at, total=chance.randrange(10, 60), member=name)
                    for place, name in enumerate(names)
                ]
                if n % 10 == 0:
                    bought.append(
                        back(f"{number}-{n}", at, order=f"{number}-{n}-0", total="5", member=names[0])
                    )
                requests.append(bought)
            list(crowd.map(request, requests))
            last = [order(f"{number}-last-{n}", at, total=60, member=f"m-{n}") for n in range(5)]
            store.send(*last)

    spent = used(store)
    assert len(spent) == 4
    assert [amount for key, amount in spent.items() if key.startswith("launch")] == [Decimal(5000)] * 3
    coins = sum(amount for key, amount in spent.items() if key.startswith("alpha"))
    assert 690 < kept(store, "coins") == coins <= 700, "a coin of ten that does not fit is not given"
    assert kept(store, "points") == 3 * 5000
    assert store.verified() == []
    assert replay(store.dsn, store.brand, store.timeline).differences == []


def test_u7_an_import_takes_from_a_budget_in_the_order_of_its_events_as_a_simulation_does(
    store: Store,
) -> None:
    chance = Random(3)
    events = [
        order(n, T0 + timedelta(hours=3 * n), total=chance.randrange(10, 90), member=f"m-{n % 37}")
        for n in range(300)
    ]

    import_events(store.dsn, store.brand, store.timeline, events, batch=64, workers=2)

    simulated = simulate(store.timeline.newest.program, events)
    store.bring_to(events[-1].occurred_at)
    assert store.digest() == simulated.digest
    assert replay(store.dsn, store.brand, store.timeline).digest == simulated.digest


def test_r15_u7_what_comes_back_later_is_given_back_to_the_month_that_paid(store: Store) -> None:
    store.send(order(1, total=100), order(2, T0 + timedelta(days=1), total=60))
    assert sum(used(store).values()) == 100 + 60 + 7 + 20

    store.send(back("all", T0 + timedelta(days=40), order="2", total="60"))

    assert sorted(used(store).values()) == [10, 100]
    assert store.wallet("points").active == 100
    assert store.verified() == []


def test_u7_what_could_be_had_is_told_without_taking_it(store: Store) -> None:
    store.send(order(1, total=4990, member="a"))

    with connect(store.dsn) as conn:
        decision = dry_run(conn, store.brand, store.timeline, order(2, total=50, member="b"))

    assert [str(entry.amount) for entry in decision.entries if entry.unit == "points"] == ["10"]
    store.send(order(3, total=50, member="c"))
    assert store.wallet("points", "c").active == 10


def test_a_budget_changed_by_hand_is_named_by_verify(store: Store) -> None:
    store.send(order(1, total=100))
    with connect(store.dsn) as conn, transaction(conn):
        conn.execute("UPDATE budget_use SET used = used - 1 WHERE budget LIKE 'launch%'")
    assert [part for one in store.verified() for part in _told(one)] == ["budget_use", "99 100"]

    with connect(store.dsn) as conn, transaction(conn):
        conn.execute("UPDATE budget_share SET used = used - 1 WHERE budget LIKE 'launch%'")
    (only,) = store.verified()
    assert only.startswith("budget_share (")
    assert only.endswith("used is 99, but follows as 100")


def _told(difference: str) -> list[str]:
    table, _, rest = difference.partition(" (")
    stored, follows = rest.split("used is ")[1].split(", but follows as ")
    return [table, f"{stored} {follows}"]
