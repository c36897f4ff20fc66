"""Several processes import one history: the reader hands each its own buckets, and they never meet."""

import signal
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import NamedTuple

from bondfire.engine.writer import LOOK_AHEAD, Imported, Progress, Stop, Writer, batches
from bondfire.errors import NotReady
from bondfire.events import Event
from bondfire.kit import BUCKETS
from bondfire.programs import Brand, Timeline, Version, load_program


class Published(NamedTuple):
    """A version as it travels to another process, which compiles it again."""

    number: int
    valid_from: datetime
    document: str


class Task(NamedTuple):
    """What a worker is told once."""

    dsn: str
    brand: Brand
    versions: tuple[Published, ...]
    batch: int


def task_of(dsn: str, brand: Brand, timeline: Timeline, batch: int) -> Task:
    """A task that can be pickled; compiled programmes cannot."""
    versions = tuple(Published(one.number, one.valid_from, one.program.document) for one in timeline.versions)
    return Task(dsn, brand, versions, batch)


def timeline_of_task(task: Task) -> Timeline:
    """The timeline, compiled again."""
    return Timeline(
        tuple(Version(one.number, one.valid_from, load_program(one.document)) for one in task.versions)
    )


def _work(pipe: Pipe, task: Task) -> None:
    """The life of a worker: write parcels until the pipe is closed, also because the reader was killed.

    It does not listen to Ctrl-C, which reaches every process of the terminal: the reader decides, and
    what is at hand is written whole.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    writer = Writer(task.dsn, task.brand, timeline_of_task(task))
    try:
        while True:
            parcel: list[Event] = pipe.recv()
            for batch in batches(writer, parcel, task.batch):
                done = Imported()
                done.count(writer.write(batch))
                pipe.send(done)
            pipe.send(None)
    except (EOFError, BrokenPipeError):
        pass
    finally:
        writer.close()


class Hand:
    """A worker as the reader sees it; sent nothing while it is busy, so neither can block the other."""

    def __init__(self, process: BaseProcess, pipe: Pipe) -> None:
        self.process = process
        self.pipe = pipe
        self.parcels: deque[list[Event]] = deque()
        self.is_busy = False

    def begin(self) -> None:
        """Send the next parcel, if there is one and the worker is free."""
        if self.parcels and not self.is_busy:
            self.pipe.send(self.parcels.popleft())
            self.is_busy = True

    def hear(self) -> Imported | None:
        """The next report; None when the parcel is done.

        Raises:
            NotReady: the worker ended.
        """
        try:
            report: Imported | None = self.pipe.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            raise NotReady(
                f"A process of the import ended too early (exit code {self.process.exitcode}).",
                next_step="Run the same command again: it goes on where it stopped.",
                code="worker_lost",
            ) from None
        self.is_busy = report is not None
        return report


@contextmanager
def _crew(task: Task, workers: int) -> Iterator[list[Hand]]:
    context = get_context("spawn")
    hands = []
    try:
        for _ in range(workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, task), name="bondfire-import")
            process.start()
            theirs.close()
            hands.append(Hand(process, ours))
        yield hands
    finally:
        for hand in hands:
            hand.pipe.close()
        for hand in hands:
            hand.process.join()


def import_with_workers(
    task: Task,
    timeline: Timeline,
    events: Iterable[Event],
    *,
    workers: int,
    progress: Progress | None,
    stop: Stop | None,
) -> Imported:
    """As `import_events`; see there."""
    done = Imported()
    reader = Writer(task.dsn, task.brand, timeline)
    stream = iter(events)

    def told(report: Imported) -> None:
        done.add(Counter(report.outcomes), report.refused)
        if progress is not None:
            progress(done)

    try:
        with _crew(task, workers) as hands:
            while window := list(islice(stream, task.batch * LOOK_AHEAD)):
                for hand, parcel in zip(hands, _split(reader, window, workers), strict=True):
                    if parcel:
                        hand.parcels.append(parcel)
                _pump(hands, told, until=lambda: all(len(hand.parcels) <= 1 for hand in hands))
                if stop is not None and stop():
                    for hand in hands:
                        hand.parcels.clear()
                    break
            _pump(hands, told, until=lambda: not any(hand.parcels or hand.is_busy for hand in hands))
    finally:
        reader.close()
    return done


def _split(reader: Writer, window: Sequence[Event], workers: int) -> list[list[Event]]:
    """The events of each worker's range of buckets, in their order."""
    parcels: list[list[Event]] = [[] for _ in range(workers)]
    for event, bucket in zip(window, reader.buckets_of(window), strict=True):
        parcels[bucket * workers // BUCKETS].append(event)
    return parcels


def _pump(hands: Sequence[Hand], told: Callable[[Imported], None], *, until: Callable[[], bool]) -> None:
    """Keep everybody busy and hear reports, until so much is done."""
    for hand in hands:
        hand.begin()
    while not until():
        ready = wait([hand.pipe for hand in hands if hand.is_busy])
        for hand in hands:
            if hand.pipe in ready:
                report = hand.hear()
                if report is not None:
                    told(report)
            hand.begin()
