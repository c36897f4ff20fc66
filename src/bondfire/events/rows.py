"""The rows of a file before anything is known about events: lines, items and cells, one at a time."""

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Final, NamedTuple, cast

import msgspec

from bondfire.events.errors import EventError, FileError
from bondfire.events.wire import read_json

LONGEST_LINE: Final = 1_000_000
"""Bytes of one NDJSON line; an order of a thousand lines has a tenth of it."""

BOM: Final = b"\xef\xbb\xbf"
_PARQUET_ROWS: Final = 10_000
_BYTE: Final = re.compile(r"\(byte (\d+)\)")


class Row(NamedTuple):
    """One row: its number from 1, its text, and its values or what is wrong with it."""

    number: int
    raw: str
    values: object


class BadCell:
    """A cell of a table that shows something which is no value; only a row that needs it is rejected."""

    def __init__(self, shown: str, problem: str, next_step: str) -> None:
        self.shown = shown
        self.problem = problem
        self.next_step = next_step

    def __str__(self) -> str:
        return self.shown

    def error(self, field: str) -> EventError:
        """The refusal of the field that the cell stands for."""
        return EventError(
            f"is {self.shown}, {self.problem}.", code="bad_cell", field=field, next_step=self.next_step
        )


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, through gzip when its name ends in .gz.

    Raises:
        FileError: not there, not readable, or broken gzip (also later, while it is read).
    """
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            yield cast("IO[bytes]", stream)
    except FileNotFoundError:
        raise FileError(f"{path} is not there.", code="no_such_file", next_step="Check the path.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as reason:
        raise FileError(f"{path} is not complete gzip: {reason}.", next_step="Copy the file again.") from None
    except OSError as reason:
        raise FileError(f"{path} cannot be read: {reason.strerror or reason}.") from None


def ndjson_rows(path: Path) -> Iterator[Row]:
    """One JSON value a line; empty lines are passed over."""
    with opened(path) as stream:
        number = 0
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            if number == 1:
                line = line.removeprefix(BOM)
            if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
                yield Row(number, _text(line), _too_long())
                while line and not line.endswith(b"\n"):
                    line = stream.readline(LONGEST_LINE)
            elif text := line.strip():
                yield Row(number, _text(text), _json(text))


def json_rows(path: Path) -> Iterator[Row]:
    """The items of a JSON array, or one object; anything else is read as NDJSON."""
    with opened(path) as stream:
        data = stream.read().removeprefix(BOM)
    if not data.lstrip().startswith(b"["):
        yield from ndjson_rows(path)
        return
    try:
        items = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as reason:
        raise FileError(
            f"{path}{_line_of(str(reason), data)} is not JSON: {reason}.",
            code="bad_json",
            next_step="Mend it, or send one event a line (NDJSON), where the other lines go on.",
        ) from None
    for number, item in enumerate(items, 1):
        yield Row(number, _text(bytes(item)), _json(bytes(item)))


def csv_rows(path: Path, begin: Callable[[list[str]], None]) -> Iterator[Row]:
    """Cells by column name; `begin` is told the header first. Commas, semicolons or tabs.

    Bytes that are not UTF-8 become lone surrogates, which the parser refuses in the row they are in.
    """
    with opened(path) as stream:
        text = TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        first = text.readline(LONGEST_LINE)
        delimiter = max(",;\t", key=first.count)
        header = _header(first, delimiter, path)
        begin(header)
        read: list[str] = []
        reader = csv.reader(_noting(text, read), delimiter=delimiter, strict=True)
        number = 2
        while True:
            read.clear()
            values = _cells(reader, header)
            if values is None:
                return
            if values:
                yield Row(number, "".join(read).rstrip("\r\n"), values)
            number += len(read)


def _header(line: str, delimiter: str, path: Path) -> list[str]:
    try:
        header = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as reason:
        raise FileError(f"{path}, line 1, is not CSV: {reason}.", next_step="Is it another format?") from None
    if not header:
        raise FileError(f"{path} has no header line.", next_step="Name the columns in the first line.")
    return header


def _noting(lines: Iterator[str] | TextIOWrapper, read: list[str]) -> Iterator[str]:
    for line in lines:
        read.append(line)
        yield line


def _cells(reader: Iterator[list[str]], header: list[str]) -> dict[str, str] | EventError | None:
    """The next record; an empty one for a blank line, None at the end."""
    try:
        cells = next(reader, None)
    except csv.Error as reason:
        return EventError(f"is not CSV: {reason}.", code="bad_csv", next_step="Quote it as in RFC 4180.")
    if not cells:
        return None if cells is None else {}
    if len(cells) != len(header):
        return EventError(
            f"has {len(cells)} cells, but the header has {len(header)}.",
            code="wrong_cells",
            next_step="Quote cells that hold the delimiter or a line break.",
        )
    return dict(zip(header, cells, strict=True))


def parquet_rows(path: Path, begin: Callable[[list[str]], None]) -> Iterator[Row]:
    """The rows of a Parquet file, a batch in memory at a time; times to the microsecond."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as source:
            begin(list(source.schema_arrow.names))
            number = 0
            schema = pa.schema(
                each.with_type(pa.timestamp("us", each.type.tz)) if pa.types.is_timestamp(each.type) else each
                for each in source.schema_arrow
            )
            for batch in source.iter_batches(batch_size=_PARQUET_ROWS):
                for values in pa.Table.from_batches([batch]).cast(schema, safe=False).to_pylist():
                    number += 1
                    yield Row(number, "", values)
    except FileNotFoundError:
        raise FileError(f"{path} is not there.", code="no_such_file", next_step="Check the path.") from None
    except (pa.ArrowException, OSError) as reason:
        raise FileError(f"{path} is not Parquet: {reason}.") from None


def count_rows(path: Path) -> int | None:
    """About how many rows a file has, for a progress bar; None when only reading it would tell.

    Exact for Parquet and for small files, else judged from the first megabytes. A file that is broken is
    for its reader to tell.
    """
    suffixes = path.name.lower().split(".")[1:]
    if suffixes[-1:] == ["parquet"]:
        return _count_parquet(path)
    if "json" in suffixes or "xlsx" in suffixes:
        return None
    with opened(path) as stream:
        sample = stream.read(4_000_000)
        lines = sample.count(b"\n") + (not sample.endswith(b"\n") if sample else 0)
        if stream.read(1):
            used = stream.fileobj.tell() if isinstance(stream, gzip.GzipFile) else len(sample)
            lines = lines * path.stat().st_size // max(1, used)
    return max(0, lines - ("csv" in suffixes))


def _count_parquet(path: Path) -> int | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.ParquetFile(path).metadata.num_rows)
    except (pa.ArrowException, OSError):
        return None


def show_row(values: object) -> str:
    """A row that has no text of its own as JSON."""
    return msgspec.json.encode(values, enc_hook=str).decode()


def _json(text: bytes) -> object:
    try:
        return read_json(text)
    except EventError as error:
        return error


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape").rstrip("\r\n")


def _too_long() -> EventError:
    return EventError(
        f"has more than {LONGEST_LINE} bytes.", code="too_long", next_step="Send one event a line."
    )


def _line_of(reason: str, data: bytes) -> str:
    found = _BYTE.search(reason)
    line = data[: int(found[1])].count(b"\n") + 1 if found else 0
    return f", line {line}," if line else ""
