"""What could not be imported: one reject a row, and the file they go to."""

from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec

from bondfire.events.errors import EventError

MOST_RAW: Final = 100_000
"""Characters of a rejected row that are kept; enough to mend and send it again."""


class Reject(msgspec.Struct, frozen=True, kw_only=True):
    """One row that was not imported, and why.

    Attributes:
        file: name of the file.
        event: the id that the row gives itself, or "row 7" where none can be read.
        row: line of the file, row of the sheet or of a Parquet file, or item of a JSON array (from 1).
        field: which field is wrong, such as `lines[2].amount`; empty for the row as a whole.
        column: the file's own name of it; empty where it has none.
        code: stable word for programs.
        message: one sentence naming file, row and field.
        next_step: what to do about it.
        raw: the row as it was read.
    """

    file: str
    event: str
    row: int
    field: str
    column: str
    code: str
    message: str
    next_step: str
    raw: str


def reject_of(error: EventError, *, file: str, row: int, column: str, event: object, raw: str) -> Reject:
    """The reject for an error in a row of a file; `event` is what the row has as its id."""
    named = f" (column {column})" if column and column != error.field else ""
    return Reject(
        file=file,
        event=_writable(event[:200]) if isinstance(event, str) and event else f"row {row}",
        row=row,
        field=error.field,
        column=column,
        code=error.code,
        message=f"{file}, row {row}{named}: {error.message}",
        next_step=error.next_step,
        raw=_writable(raw[:MOST_RAW]),
    )


def _writable(text: str) -> str:
    """Text that UTF-8 can hold: bytes that were none are shown as backslash escapes."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()


class RejectsFile:
    """NDJSON of rejects, there only when something was rejected.

    Written beside its place and renamed at the end, so it is complete or not there at all; what an
    earlier run left at its place is replaced, or removed when nothing was rejected this time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._partial = path.with_name(f"{path.name}.partial")
        self._out: IO[bytes] | None = None

    def write(self, reject: Reject) -> None:
        """Add one reject."""
        if self._out is None:
            self._out = self._partial.open("wb")
        self._out.write(msgspec.json.encode(reject) + b"\n")
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._out is not None:
            self._out.close()
        if kind is None and self._out is not None:
            self._partial.replace(self.path)
            return
        self._partial.unlink(missing_ok=True)  # also what a run that was killed has left
        if kind is None:
            self.path.unlink(missing_ok=True)
