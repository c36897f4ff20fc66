"""Time passes once, in order, however late somebody looks."""

from datetime import timedelta

from bondfire.db import connect, transaction
from bondfire.journal import import_events, run_due
from bondfire.programs import brand_named
from bondfire.simulation import simulate
from journal.store_makers import T0, Store, history, order, store_of

YEAR = timedelta(days=400)


def ticked(store: Store, every: timedelta) -> str:
    until = T0
    while until < T0 + YEAR:
        until = min(until + every, T0 + YEAR)
        store.bring_to(until)
    return store.digest()


def test_ticks_after_three_weeks_without_any_equal_ticks_on_time(database: str) -> None:
    store = store_of(database)
    events = history(150)
    import_events(store.dsn, store.brand, store.timeline, events)
    expected = simulate(store.timeline.newest.program, events, until=T0 + YEAR).digest

    assert ticked(store, timedelta(weeks=3)) == expected
    assert store.verified() == []


def test_ticks_every_second_day_give_the_same(database: str) -> None:
    store = store_of(database)
    events = history(60)
    import_events(store.dsn, store.brand, store.timeline, events)

    expected = simulate(store.timeline.newest.program, events, until=T0 + YEAR).digest
    assert ticked(store, timedelta(days=2)) == expected


def test_a_tick_again_changes_nothing(database: str) -> None:
    """L5."""
    store = store_of(database)
    store.send(order(1))
    store.bring_to(T0 + YEAR)
    before = store.digest()

    with connect(store.dsn) as conn, transaction(conn):
        assert run_due(conn, store.brand, store.timeline, until=T0 + YEAR) == 0

    assert store.digest() == before
    assert store.wallet("points").expired == 100


def test_batches_are_bounded_and_go_on_where_they_stopped(database: str) -> None:
    store = store_of(database)
    store.send(*(order(number, member=f"c-{number}") for number in range(25)))
    done: list[int] = []
    with connect(store.dsn) as conn:
        while not done or done[-1]:
            with transaction(conn):
                done.append(run_due(conn, store.brand, store.timeline, until=T0 + YEAR, limit=10))

    assert done == [10, 10, 5, 0]
    assert store.verified() == []


def test_a_tick_that_is_rolled_back_is_done_by_the_next(database: str) -> None:
    """L5."""
    store = store_of(database)
    store.send(order(1), order(2, member="c-2"))
    with connect(store.dsn) as conn:
        assert run_due(conn, store.brand, store.timeline, until=T0 + YEAR) == 2
        conn.rollback()
    assert store.wallet("points").expired == 0

    store.bring_to(T0 + YEAR)

    assert store.wallet("points").expired == 100
    assert store.verified() == []


def test_the_clock_of_a_history_moves_on_with_its_ticks(database: str) -> None:
    store = store_of(database)
    store.send(order(1))

    store.bring_to(T0 + YEAR)

    with connect(store.dsn) as conn:
        assert brand_named(conn, store.brand.name).clock_at == T0 + YEAR
