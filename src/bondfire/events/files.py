"""Read files of events, row by row: NDJSON, JSON, CSV (each also gzipped), Excel and Parquet."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from bondfire.events.catalogue import Catalogue
from bondfire.events.columns import ColumnMap, Table
from bondfire.events.errors import EventError, FileError
from bondfire.events.model import Event
from bondfire.events.parsing import parse_live_event
from bondfire.events.rejects import Reject, reject_of
from bondfire.events.rows import Row, csv_rows, json_rows, ndjson_rows, parquet_rows, show_row
from bondfire.events.workbooks import sheet_rows
from bondfire.kit import nearest

_LINES: Final[dict[str, Callable[[Path], Iterator[Row]]]] = {
    ".ndjson": ndjson_rows,
    ".jsonl": ndjson_rows,
    ".json": json_rows,
}
_TABLES: Final[dict[str, Callable[[Path, Callable[[list[str]], None]], Iterator[Row]]]] = {
    ".csv": csv_rows,
    ".parquet": parquet_rows,
}
_WORKBOOK: Final = ".xlsx"
_OTHER_WORKBOOKS: Final = (".xls", ".xlsb", ".xlsm", ".ods", ".numbers")
FORMATS: Final = (*_LINES, *_TABLES, _WORKBOOK)


def read_events(
    path: Path,
    catalogue: Catalogue,
    *,
    columns: ColumnMap | None = None,
    recorded_at: datetime | None = None,
) -> Iterator[Event | Reject]:
    """Read a file of events; a row that is wrong gives a `Reject`, and the others go on.

    The format is told by the name: .ndjson, .jsonl, .json (an array too), .csv, each also with .gz,
    .xlsx and .parquet. In tables an empty cell or null means that the field is missing, `lines` holds JSON,
    a list of words may be written `shoes|sale`, and a dot reaches into a record (`attributes.city`).

    Args:
        path: the file.
        catalogue: which types and fields there are.
        columns: which column holds which field, for tables that have their own names.
        recorded_at: when the house learned of them (aware UTC), and what is later has not happened yet;
            None means when each occurred.

    Raises:
        FileError: the file is not there, not of its format, or lacks a column.
    """
    tables: list[Table] = []

    def begin(header: list[str]) -> None:
        tables.append(Table(header, catalogue, columns, path.name))

    for row in _rows_of(path, begin, columns):
        table = tables[0] if tables else None
        values: Mapping[str, object] = {}
        try:
            values = _values_of(row)
            raw = table.event_of(values) if table else values
            yield parse_live_event(raw, catalogue, recorded_at=recorded_at)
        except EventError as error:
            column = table.column_of(error.field) if table else ""
            text = row.raw or show_row(row.values)
            event = values.get(table.column_of("id") or "id" if table else "id")
            yield reject_of(error, file=path.name, row=row.number, column=column, event=event, raw=text)


def _rows_of(path: Path, begin: Callable[[list[str]], None], columns: ColumnMap | None) -> Iterator[Row]:
    suffix = (Path(path.stem) if path.suffix == ".gz" else path).suffix.lower()
    if suffix == _WORKBOOK:
        return sheet_rows(path, begin, columns.sheet if columns else None)
    if columns and columns.sheet is not None:
        raise FileError(f"{path.name} has no sheets.", next_step="Leave `sheet` out of the column map.")
    if suffix in _TABLES:
        return _TABLES[suffix](path, begin)
    if suffix in _LINES:
        if columns:
            raise FileError(
                f"{path.name} has no columns.", next_step="Use the column map with CSV, Excel or Parquet."
            )
        return _LINES[suffix](path)
    raise _unknown_format(path, suffix)


def _unknown_format(path: Path, suffix: str) -> FileError:
    guess = nearest(suffix, FORMATS)
    next_step = f'Did you mean "{guess}"?' if guess else f"Use one of {', '.join(FORMATS)}."
    if suffix in _OTHER_WORKBOOKS:
        next_step = f"Open it in its program and save it as {_WORKBOOK}."
    return FileError(
        f"{path.name} is of no format that is read here.", code="unknown_format", next_step=next_step
    )


def _values_of(row: Row) -> Mapping[str, object]:
    if isinstance(row.values, EventError):
        raise row.values
    if not isinstance(row.values, Mapping):
        raise EventError("is not an object with fields.", code="wrong_kind", next_step="Send a JSON object.")
    return row.values
