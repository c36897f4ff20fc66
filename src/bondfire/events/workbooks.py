"""The rows of a sheet of an Excel workbook (.xlsx): cells as the sheet shows them, under its row numbers.

A cell becomes the text that the same sheet saved as CSV would hold. Only a time stays a time, without an
offset, because the sheet knows none.
"""

import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from bondfire.events.errors import FileError
from bondfire.events.rows import BadCell, Row, opened
from bondfire.kit import MAX_AMOUNT, nearest

MOST_BYTES: Final = 500_000_000
"""Of a workbook when unpacked; a million rows of ten columns have about as much."""

MOST_ROWS: Final = 1_048_576
"""Excel's own limit."""

_OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_AT_ONCE: Final = 1000
_DAMAGED: Final = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, RuntimeError, TypeError, ValueError),
    *(SyntaxError, zlib.error),
)
"""What the library raises when a part is missing or broken; it has no error of its own for that."""


def sheet_rows(path: Path, begin: Callable[[list[str]], None], sheet: str | None) -> Iterator[Row]:
    """Cells by column name; `begin` is told the header first, which is the first row that has a cell.

    Empty rows are passed over but counted. Columns without a name are not read.

    Args:
        path: the workbook.
        begin: told the names of the columns.
        sheet: which sheet; the first that is not hidden without it.

    Raises:
        FileError: no workbook, damaged, locked, too large, no such sheet, or no header.
    """
    names: list[str] = []
    for number, cells in _numbered(path, sheet):
        if not names:
            names = ["" if cell.value is None else str(cell.value).strip() for cell in cells]
            begin([name for name in names if name])
            continue
        values: dict[str, object] = dict.fromkeys(filter(None, names), "")
        values |= {name: _shown(cell) for name, cell in zip(names, cells, strict=False) if name}
        if any(value != "" for value in values.values()):
            yield Row(number, "", values)
    if not names:
        raise FileError(f"{path} has no header row.", next_step="Name the columns in the first row.")


def _numbered(path: Path, sheet: str | None) -> Iterator[tuple[int, Any]]:
    """The rows that have a cell with something in it, each with its number in the sheet."""
    number = 0
    with opened(path) as stream:
        with _reading(path):
            rows = _sheet_of(_book(stream, path), sheet, path).iter_rows()
        while chunk := _next_rows(rows, path):
            for cells in chunk:
                number += 1
                if any(cell.value is not None for cell in cells):
                    yield number, cells
            if number > MOST_ROWS:
                raise FileError(f"{path} has more than {MOST_ROWS:,} rows.", next_step="Save it as CSV.")


def _next_rows(rows: Iterator[Any], path: Path) -> list[Any]:
    with _reading(path):
        return list(islice(rows, _AT_ONCE))


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """While the library reads: its warnings are about looks, its errors mean that the file is damaged."""
    from zipfile import BadZipFile

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (*_DAMAGED, BadZipFile) as reason:
            raise FileError(
                f"{path} is damaged, or no Excel workbook: {_first_line(reason)}.",
                next_step="Open it in Excel and save it again as .xlsx.",
            ) from None


def _first_line(reason: Exception) -> str:
    return str(reason).partition("\n")[0].rstrip(".") or type(reason).__name__


def _book(stream: IO[bytes], path: Path) -> Any:
    from zipfile import ZipFile

    from openpyxl import load_workbook

    if stream.read(len(_OLD_OR_LOCKED)) == _OLD_OR_LOCKED:
        raise FileError(
            f"{path} is locked with a password, or in Excel's old format (.xls).",
            next_step="Open it in Excel and save it as .xlsx without a password.",
        )
    # Never more than this comes out, because zipfile stops reading where the directory says that a part ends.
    if sum(part.file_size for part in ZipFile(stream).infolist()) > MOST_BYTES:
        raise FileError(
            f"{path} has more than {MOST_BYTES:,} bytes when unpacked.", next_step="Save it as CSV."
        )
    return load_workbook(stream, read_only=True, data_only=True, keep_links=False)


def _sheet_of(book: Any, name: str | None, path: Path) -> Any:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    visible = [sheet for sheet in sheets.values() if sheet.sheet_state == "visible"]
    chosen = sheets.get(name) if name is not None else next(iter(visible), None)
    if chosen is None:
        guess = nearest(name or "", sheets)
        raise FileError(
            f"{path} has no sheet {name!r}." if name is not None else f"{path} has no sheet to be seen.",
            next_step=f'Did you mean "{guess}"?' if guess else f"Its sheets are: {', '.join(sheets)[:500]}.",
        )
    chosen.reset_dimensions()  # some writers tell them wrongly
    return chosen


def _shown(cell: Any) -> object:
    """A cell as the sheet shows it; what is no value, or not the one that was meant, is a `BadCell`."""
    value = cell.value
    if cell.data_type == "e":
        return BadCell(str(value), "which is an error and no value", "Mend the formula, or empty the cell.")
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value)
        case datetime():
            return value
        case date():
            return datetime.combine(value, time())
        case _:
            return str(value)


def _number(value: float) -> object:
    """A sheet keeps numbers in binary and shows 15 digits of them: 0.1 + 0.2 is 0.3."""
    if not abs(value) <= MAX_AMOUNT:
        return BadCell(
            f"{value:g}",
            "a number of which a sheet keeps only the first 15 digits",
            "Format the column as text and enter it again.",
        )
    return str(value) if isinstance(value, int) else format(Decimal(f"{value:.15g}"), "f")
