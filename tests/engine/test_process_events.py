"""Events are decided once for ever, whatever comes twice, and survive in the tables."""

import pytest

from bondfire.db import connect, transaction
from bondfire.engine import StateCache, digest, process_events
from bondfire.events import Event
from bondfire.programs import Timeline
from bondfire.simulation import simulate
from engine.store_makers import T0, brand_of, history, order


def test_an_order_earns_and_is_answered(database: str) -> None:
    brand, timeline = brand_of(database)
    with connect(database) as conn:
        with transaction(conn):
            (result,) = process_events(conn, brand, timeline, [order(1, T0, total="119.80")])
        with transaction(conn):
            (again,) = process_events(conn, brand, timeline, [order(1, T0, total="119.8")])

    assert result.outcome == "accepted"
    assert again.outcome == "duplicate"
    assert again.decision == result.decision
    assert again.seq == result.seq == 1


def simulated(timeline: Timeline, events: list[Event]) -> str:
    """The digest of a history in memory, without the time after its last event."""
    simulation = simulate(timeline.newest.program, events, until=T0)
    return simulation.digest


@pytest.mark.parametrize("batch", [1, 7, 1000])
@pytest.mark.parametrize("cached", [False, True])
def test_batches_of_any_size_give_what_a_simulation_gives(database: str, batch: int, cached: bool) -> None:
    brand, timeline = brand_of(database)
    events = history(400)
    cache = StateCache(size=5) if cached else None
    with connect(database) as conn:
        for first in range(0, len(events), batch):
            with transaction(conn):
                process_events(conn, brand, timeline, events[first : first + batch], cache=cache)
            if cache:
                cache.confirm()
        stored = digest(conn, brand)

    run = simulate(timeline.newest.program, events)
    assert stored
