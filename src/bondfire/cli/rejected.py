"""Rows of a file that could not be read: counted, the first shown, all written where asked for."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bondfire.events import Event, Reject, RejectsFile

SHOWN: Final = 10


class Rejected:
    """Picks the rejects out of a stream on its way.

    Attributes:
        count: how many there were.
        first: the first of them.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.count = 0
        self.first: list[Reject] = []
        self._file: RejectsFile | None = None

    def writing(self) -> "AbstractContextManager[object]":
        """While the block runs rejects go to the file, if there is one; it is complete at the end."""
        from bondfire.events import RejectsFile

        if self.path is None:
            return nullcontext()
        self._file = RejectsFile(self.path)
        return self._file

    def noting(self, rows: "Iterable[Event | Reject]") -> "Iterator[Event | Reject]":
        """The same stream; what could not be read is noted while it passes."""
        from bondfire.events import Reject

        for row in rows:
            if isinstance(row, Reject):
                self.note(row)
            yield row

    def note(self, reject: "Reject") -> None:
        """Count one reject and keep or write it."""
        self.count += 1
        if self.count <= SHOWN:
            self.first.append(reject)
        if self._file is not None:
            self._file.write(reject)

    def lines(self) -> list[str]:
        """For people: how many, the first of them, and where the others are."""
        if not self.count:
            return []
        lines = [f"{self.count:,} {'row' if self.count == 1 else 'rows'} could not be read:"]
        lines += [f"  {reject.message} {reject.next_step}".rstrip() for reject in self.first]
        if self.count > SHOWN:
            lines.append(f"  ... and {self.count - SHOWN:,} more.")
        where = f"All of them are in {self.path}." if self.path else "--rejects FILE writes them to a file."
        return [*lines, where]
