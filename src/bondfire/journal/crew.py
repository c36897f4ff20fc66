"""Processes that share work by buckets: handed parcels through pipes, they report after each piece."""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from bondfire.errors import NotReady
from bondfire.kit import collect_rarely
from bondfire.programs import Brand, Timeline, Version, load_program


class Published(NamedTuple):
    """A version as it travels to another process, which compiles it again."""

    number: int
    valid_from: datetime
    document: str
    runs_challenges: bool


class Task(NamedTuple):
    """What a worker is told once; `batch` is how much it does in one transaction."""

    dsn: str
    brand: Brand
    versions: tuple[Published, ...]
    batch: int

    def timeline(self) -> Timeline:
        """The versions, compiled again."""
        compiled = (
            Version(
                one.number, one.valid_from, load_program(one.document, runs_challenges=one.runs_challenges)
            )
            for one in self.versions
        )
        return Timeline(tuple(compiled))


def task_of(dsn: str, brand: Brand, timeline: Timeline, batch: int) -> Task:
    """A task that can be pickled; compiled programmes cannot."""
    versions = tuple(
        Published(one.number, one.valid_from, one.program.document, bool(one.program.challenges))
        for one in timeline.versions
    )
    return Task(dsn, brand, versions, batch)


def serve(pipe: Pipe, handle: Callable[[Any], Iterable[object]]) -> None:
    """The life of a worker: handle parcels until the pipe is closed, also because the leader was killed.

    It does not listen to Ctrl-C, which reaches every process of the terminal: the leader decides, and the
    piece at hand is finished.

    Args:
        pipe: to the leader.
        handle: gives a report after each piece of a parcel.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_rarely()
    try:
        while True:
            for report in handle(pipe.recv()):
                pipe.send(report)
            pipe.send(None)
    except (EOFError, BrokenPipeError):
        pass


class Hand:
    """A worker as the leader sees it; sent nothing while it is busy, so neither can block the other."""

    def __init__(self, process: BaseProcess, pipe: Pipe) -> None:
        self.process = process
        self.pipe = pipe
        self.parcels: deque[Any] = deque()
        self.is_busy = False

    def begin(self) -> None:
        """Send the next parcel, if there is one and the worker is free."""
        if self.parcels and not self.is_busy:
            self.pipe.send(self.parcels.popleft())
            self.is_busy = True

    def hear(self) -> Any:
        """The next report; None when the parcel is done.

        Raises:
            NotReady: the worker ended.
        """
        try:
            report = self.pipe.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            raise NotReady(
                f"A process that helped ended too early (exit code {self.process.exitcode}).",
                next_step="Run the same command again: it goes on where it stopped.",
                code="worker_lost",
            ) from None
        self.is_busy = report is not None
        return report


@contextmanager
def crew(target: Callable[[Pipe, Task], None], task: Task, workers: int) -> Iterator[list[Hand]]:
    """Workers until the end of the block; each then finishes its piece."""
    context = get_context("spawn")
    hands: list[Hand] = []
    try:
        for _ in range(workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=target, args=(theirs, task), name="bondfire-worker")
            process.start()
            theirs.close()
            hands.append(Hand(process, ours))
        yield hands
    finally:
        for hand in hands:
            hand.pipe.close()
        for hand in hands:
            hand.process.join()


def pump(hands: Sequence[Hand], told: Callable[[Any], None], *, until: Callable[[], bool]) -> None:
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


def is_idle(hands: Sequence[Hand]) -> bool:
    """Whether everything is done."""
    return not any(hand.parcels or hand.is_busy for hand in hands)
