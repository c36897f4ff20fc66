"""Progress of long work, on stderr: a bar on a terminal, now and then a plain line elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from bondfire.cli.output import say


class Tick(Protocol):
    """Told how much is done in all, and how much there is when that was not known before."""

    def __call__(self, done: int, total: int | None = None, /) -> None:
        """Cheap enough to be told each time."""


_EVERY_S: Final = 5.0
_LOOK_EVERY_S: Final = 0.1


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Tick]:
    """Show how far the work has come.

    Args:
        what: what is being done, such as "Importing events".
        total: how much there is, or None when nobody knows.

    Yields:
        A function to be told how much is done in all; cheap enough to be told each time.
    """
    with _bar(what, total) if sys.stderr.isatty() else _lines(what, total) as tick:
        yield tick


@contextmanager
def _bar(what: str, total: int | None) -> Iterator[Tick]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        shown_at = 0.0

        def tick(done: int, known: int | None = total, /) -> None:
            nonlocal shown_at
            if done == known or time.monotonic() - shown_at > _LOOK_EVERY_S:
                shown_at = time.monotonic()
                bar.update(task, completed=done, total=known)

        yield tick


@contextmanager
def _lines(what: str, total: int | None) -> Iterator[Tick]:
    shown_at = time.monotonic()

    def tick(done: int, known: int | None = total, /) -> None:
        nonlocal shown_at
        if time.monotonic() - shown_at > _EVERY_S:
            shown_at = time.monotonic()
            say(f"{what}: {done:,}" + (f" of {known:,}" if known else ""))

    yield tick
