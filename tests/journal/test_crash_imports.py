"""An import that is killed, interrupted or run twice at once ends as if nothing had happened."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from random import Random

import pytest

from bondfire.journal import import_events
from bondfire.simulation import simulate
from journal.store_makers import Store, history, store_of

EVENTS = 400
SCRIPT = """
import sys
from bondfire.journal import import_events
from journal.store_makers import brand_of, history

def say(done):
    print(done.events, flush=True)

if __name__ == "__main__":
    dsn, batch, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    brand, timeline = brand_of(dsn)
    import_events(dsn, brand, timeline, history({events}), batch=batch, workers=workers, progress=say)
"""
Run = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def run(database: str) -> Iterator[Run]:
    """An import in a process of its own, killed at the end of the test if it still lives."""
    with ExitStack() as stack:

        def start(*, batch: int = 10, workers: int = 1) -> "subprocess.Popen[str]":
            process = subprocess.Popen(
                [sys.executable, "-c", SCRIPT.format(events=EVENTS), database, str(batch), str(workers)],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            stack.callback(process.communicate)
            stack.callback(process.kill)
            return process

        yield start


def hear(process: "subprocess.Popen[str]", lines: int) -> int:
    """Wait until so many batches are committed; how many events that were (0 when it ended before)."""
    assert process.stdout is not None
    heard = "0"
    for _ in range(lines):
        heard = process.stdout.readline() or heard
    return int(heard)


def expected(store: Store) -> str:
    return simulate(store.timeline.newest.program, history(EVENTS)).digest


def finish(store: Store) -> str:
    """The same command again, to its end, and the time after the last event."""
    events = history(EVENTS)
    import_events(store.dsn, store.brand, store.timeline, events)
    store.bring_to(events[-1].occurred_at)
    return store.digest()


@pytest.mark.parametrize("seed", [1, 2])
def test_an_import_killed_again_and_again_ends_as_if_it_had_not_been(
    database: str, run: Run, seed: int
) -> None:
    store, chance = store_of(database), Random(seed)
    for _ in range(5):
        process = run(batch=chance.choice((1, 10, 30)))
        assert hear(process, chance.randrange(1, 8)) > 0 or process.wait() == 0
        process.kill()
        process.wait()
        assert store.verified() == []

    assert finish(store) == expected(store)
    assert store.verified() == []


def test_an_import_with_workers_whose_leader_is_killed_ends_the_same(database: str, run: Run) -> None:
    store = store_of(database)
    for lines in (1, 4):
        process = run(batch=5, workers=2)
        assert hear(process, lines) > 0
        process.kill()
        process.wait()

    assert finish(store) == expected(store)
    assert store.verified() == []


def test_ctrl_c_leaves_nothing_half_done(database: str, run: Run) -> None:
    store = store_of(database)
    process = run()
    assert hear(process, 3) > 0
    process.send_signal(signal.SIGINT)
    process.wait()

    assert process.returncode != 0
    assert store.verified() == []
    assert finish(store) == expected(store)


def test_two_that_import_the_same_file_at_once_import_it_once(database: str, run: Run) -> None:
    store = store_of(database)
    processes = [run(batch=30), run(batch=20)]
    assert [process.wait() for process in processes] == [0, 0]

    assert finish(store) == expected(store)
    assert store.verified() == []
