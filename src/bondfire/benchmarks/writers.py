"""Two processes that decide and write as an import does, each for its half of the buckets."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final, NamedTuple

from bondfire.benchmarks.server import publish
from bondfire.benchmarks.workload import first_orders, members_of, orders
from bondfire.events import parse_event
from bondfire.journal import import_events
from bondfire.kit import collect_rarely

WRITERS: Final = 2
_FASTEST: Final = 15_000
"""Events a second that one writer cannot reach: so many are made ready before its clock starts."""


class Share(NamedTuple):
    """A part of the members of a brand, and who writes for them."""

    dsn: str
    brand: str
    share: int
    members: int
    begin: datetime


class Window(NamedTuple):
    """What all writers did in a window of time."""

    events: int
    seconds: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


class Writers:
    """The processes; each is told one thing at a time, and does it when all are ready."""

    def __init__(self, pipes: list[Connection]) -> None:
        self._pipes = pipes
        self._runs = 0

    def populate(self) -> Window:
        """One order of each member."""
        return self._do(("populate", "", 0.0))

    def write(self, seconds: float) -> Window:
        """Orders of members drawn at random, for so long; events are made before the clock starts."""
        self._runs += 1
        return self._do(("write", f"w{self._runs}", seconds))

    def _do(self, task: tuple[str, str, float]) -> Window:
        for pipe in self._pipes:
            pipe.send(task)
        for pipe in self._pipes:
            pipe.recv()  # its events are made
        for pipe in self._pipes:
            pipe.send("go")
        done = [pipe.recv() for pipe in self._pipes]
        return Window(sum(events for events, _ in done), max(seconds for _, seconds in done))


@contextmanager
def writers(dsn: str, members: int, *, begin: datetime, brand: str = "bench") -> Iterator[Writers]:
    """Writers for so many members of a brand, until the end of the block."""
    publish(dsn, now=begin, brand=brand)
    context = get_context("spawn")
    pipes, processes = [], []
    for number in range(WRITERS):
        ours, theirs = context.Pipe()
        share = Share(dsn, brand, number, members, begin)
        process = context.Process(target=_work, args=(theirs, share), daemon=True)
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)
    try:
        yield Writers(pipes)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join()


def _work(pipe: Connection, share: Share) -> None:
    collect_rarely()
    owner, timeline = publish(share.dsn, now=share.begin, brand=share.brand)
    catalogue = timeline.newest.program.catalogue
    members = members_of(share.share, WRITERS, share.members)
    while True:
        try:
            kind, run, seconds = pipe.recv()
        except EOFError:
            return
        raw = (
            first_orders(members, begin=share.begin)
            if kind == "populate"
            else islice(orders(members, f"{run}-{share.share}", begin=share.begin), int(seconds * _FASTEST))
        )
        events = [parse_event(one, catalogue) for one in raw]
        pipe.send("ready")
        pipe.recv()
        began = time.perf_counter()
        done = import_events(
            share.dsn, owner, timeline, events, stop=partial(_is_over, began + seconds) if seconds else None
        )
        pipe.send((done.events, time.perf_counter() - began))
        del events


def _is_over(end: float) -> bool:
    return time.perf_counter() > end
