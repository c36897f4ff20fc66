"""Two hundred at once against one balance: as many are served as can be paid, and not one more."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from threading import Barrier

import pytest

from bondfire.db import Pool, connect, migrate, running_server
from bondfire.events import Event
from bondfire.journal import Result, entries_of, process_events
from bondfire.kit import member_id_of
from bondfire.settings import Settings
from db.scratch import scratch_folder
from journal.store_makers import SIMPLE, T0, Store, captured, event_of, held, order, spent, store_of

AT_ONCE = 200


class Crowd:
    """People who all press the button at the same moment, each in a thread of their own."""

    def __init__(self, store: Store, pool: Pool, threads: ThreadPoolExecutor) -> None:
        self.store = store
        self._pool = pool
        self._threads = threads
        self._together = Barrier(AT_ONCE)

    def press(self, events: list[Event]) -> list[Result]:
        """What each was told."""
        return list(self._threads.map(self._one, events))

    def _one(self, event: Event) -> Result:
        self._together.wait()
        with self._pool.transaction() as conn:
            (result,) = process_events(conn, self.store.brand, self.store.timeline, [event])
        return result


@contextmanager
def crowd_over(connections: int) -> Iterator[Crowd]:
    """Two hundred over so many connections, to a PostgreSQL of their own that takes as many."""
    roomy = {"max_connections": str(AT_ONCE + 10)}
    with (
        scratch_folder() as folder,
        running_server(Settings(state_dir=folder), options=roomy) as dsn,
        closing(Pool(dsn, size=connections, patience_s=300)) as pool,
        ThreadPoolExecutor(AT_ONCE) as threads,
    ):
        migrate(dsn)
        yield Crowd(store_of(dsn, SIMPLE), pool, threads)


def taken(number: int, at: datetime, amount: int, member: str) -> Event:
    """A correction that takes points away."""
    fields = {"unit": "points", "amount": f"-{amount}", "reason": "double", "actor": "ada", "member": member}
    return event_of("points.adjusted", at, id=f"adj-{number}", **fields)


def sum_of_entries(store: Store, member: str) -> Decimal:
    """What the entries, one by one, say can be spent."""
    member_id = member_id_of(store.brand.name, member)
    with connect(store.dsn) as conn:
        views = entries_of(conn, store.brand, store.timeline, member_id, limit=2 * AT_ONCE)
    moved = [view.entry for view in views]
    into = sum((one.amount for one in moved if one.credit == "active"), Decimal(0))
    return into - sum((one.amount for one in moved if one.debit == "active"), Decimal(0))


def stampede(crowd: Crowd, number: int, chance: Random) -> None:
    """One round: redemptions, holds and corrections of one price, mixed, against one balance."""
    store, member, price = crowd.store, f"m-{number}", chance.randrange(1, 50)
    balance = price * chance.randrange(AT_ONCE) + chance.randrange(price)
    store.send(order(number, total=balance, member=member))
    make = [chance.choice((spent, taken, held)) for _ in range(AT_ONCE)]

    later = T0 + timedelta(days=1)
    results = crowd.press([one(n, later, price, member=member) for n, one in enumerate(make)])

    affordable = balance // price
    told = Counter((result.outcome, result.code) for result in results)
    assert told == Counter({("accepted", ""): affordable, ("refused", "not_enough"): AT_ONCE - affordable})
    refused = [result for result in results if result.code]
    assert all(f"{price} points" in one.message and one.next_step for one in refused)
    left = store.wallet("points", member).active
    assert left == balance - affordable * price == sum_of_entries(store, member)
    holds = [one.event for one in results if one.event.startswith("hold-") and one.outcome == "accepted"]
    assert store.wallet("points", member).held == price * len(holds)
    if holds and number % 5 == 0:
        capture_all(crowd, holds, price, member=member)


def capture_all(crowd: Crowd, holds: list[str], price: int, *, member: str) -> None:
    """Two hundred capture the holds of a round, each of them many times: each is captured once."""
    before, later = crowd.store.wallet("points", member), T0 + timedelta(days=1, hours=1)
    events = [captured(n, later, hold=holds[n % len(holds)], member=member) for n in range(AT_ONCE)]

    results = crowd.press(events)

    told = Counter((result.outcome, result.code) for result in results)
    once = min(len(holds), AT_ONCE)
    assert told == Counter({("accepted", ""): once, ("refused", "no_hold"): AT_ONCE - once})
    after = crowd.store.wallet("points", member)
    assert after.held == 0
    assert (after.active, after.spent) == (before.active, before.spent + price * once)


@pytest.mark.parametrize(("connections", "rounds", "seed"), [(8, 46, 1), (8, 46, 2), (AT_ONCE, 5, 3)])
def test_l13_two_hundred_at_once_take_exactly_what_is_there(connections: int, rounds: int, seed: int) -> None:
    """L13. A hundred rounds, three of them over HTTP (`api.test_stampedes`).

    Most go over a pool, as in the API, where most wait for a connection: with two hundred that all wait for
    one row PostgreSQL looks through every version of it, again and again, and a round takes twice the work.
    So only a few are that: two hundred open transactions.
    """
    chance = Random(seed)
    with crowd_over(connections) as crowd:
        for number in range(rounds):
            stampede(crowd, number, chance)
        assert crowd.store.verified() == []
