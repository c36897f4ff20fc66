"""A history is imported by one process or several, in batches of any size, with one result."""

import pytest

from bondfire.db import connect
from bondfire.journal import digest, replay
from bondfire.journal.due import pass_time
from bondfire.journal.importing.history import import_events
from bondfire.simulation import simulate
from journal.store_makers import brand_of, history


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_u13_any_batch_and_any_number_of_workers_give_what_a_simulation_and_a_replay_give(
    database: str, batch: int, workers: int
) -> None:
    brand, timeline = brand_of(database)
    events = history(400)
    run = simulate(timeline.newest.program, events)

    done = import_events(database, brand, timeline, events, batch=batch, workers=workers)
    assert run.until is not None
    pass_time(database, brand, timeline, until=run.until, batch=batch)

    replayed = replay(database, brand, timeline, workers=workers)

    assert done.events == 400
    assert replayed.differences == []
    with connect(database) as conn:
        assert digest(conn, brand) == replayed.digest == run.digest
