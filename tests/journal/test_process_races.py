"""Many at the same door at once: nobody is served twice, nobody waits for ever."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from bondfire.db import connect, retrying, transaction
from bondfire.events import Event
from bondfire.journal import Result, process_events
from journal.store_makers import SIMPLE, T0, Store, history, order, spent, store_of


def all_at_once(store: Store, batches: list[list[Event]]) -> list[Result]:
    """Each batch in its own thread and transaction, all begun together."""
    barrier = Barrier(len(batches))

    def send(events: list[Event]) -> list[Result]:
        with connect(store.dsn) as conn:
            barrier.wait()

            def attempt() -> list[Result]:
                with transaction(conn):
                    return process_events(conn, store.brand, store.timeline, events)

            return retrying(attempt)

    with ThreadPoolExecutor(len(batches)) as threads:
        return [result for results in threads.map(send, batches) for result in results]


def test_l13_of_twenty_parallel_redemptions_of_the_whole_balance_exactly_one_succeeds(database: str) -> None:
    """L13."""
    store = store_of(database, SIMPLE)
    store.send(order(1, total="100"))

    results = all_at_once(store, [[spent(number, T0 + timedelta(days=1), 100)] for number in range(20)])

    assert sorted(result.outcome for result in results) == ["accepted", *["refused"] * 19]
    assert {result.code for result in results} == {"", "not_enough"}
    assert store.wallet("points").active == 0
    assert store.wallet("points").spent == 100
    assert store.verified() == []


def test_one_event_sent_by_ten_at_once_counts_once(database: str) -> None:
    store = store_of(database, SIMPLE)

    results = all_at_once(store, [[order(1)] for _ in range(10)])

    assert sorted(result.outcome for result in results) == ["accepted", *["duplicate"] * 9]
    assert all(result.decision == results[0].decision for result in results)
    assert store.wallet("points").issued == 100


def test_batches_over_the_same_buckets_in_opposite_order_do_not_deadlock(database: str) -> None:
    store = store_of(database, SIMPLE)
    orders = [order(number, member=f"c-{number % 40}") for number in range(240)]
    batches = [orders[first::6] for first in range(6)]

    results = all_at_once(store, [batch if n % 2 else batch[::-1] for n, batch in enumerate(batches)])

    assert {result.outcome for result in results} == {"accepted"}
    assert store.verified() == []


def test_the_same_history_sent_by_four_at_once_is_there_once(database: str) -> None:
    store = store_of(database)
    events = history(200)

    results = all_at_once(store, [events] * 4)

    assert len([one for one in results if one.outcome != "duplicate"]) == 200
    assert store.verified() == []
