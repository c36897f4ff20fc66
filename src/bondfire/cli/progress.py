"""Progress of long work, on stderr: a bar on a terminal, now and then a plain line elsewhere.

Work that tells its progress does so where it may end, such as after a commit; so that is where Ctrl-C
ends it. An interrupt in the middle of a statement would leave its connection there.
"""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
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
    """Show how far the work has come, and end it where it tells so after Ctrl-C or SIGTERM.

    Args:
        what: what is being done, such as "Importing events".
        total: how much there is, or None when nobody knows.

    Yields:
        A function to be told how much is done in all; cheap enough to be told each time. It raises
        KeyboardInterrupt when somebody asked to stop.
    """
    with _asked_to_stop() as asked, _bar(what, total) if sys.stderr.isatty() else _lines(what, total) as show:

        def tick(done: int, known: int | None = total, /) -> None:
            if asked():
                raise KeyboardInterrupt
            show(done, known)

        yield tick


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """While the block runs, the first Ctrl-C or SIGTERM only asks; a second one interrupts at once."""
    asked = False

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if asked:
        raise KeyboardInterrupt


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
