"""Reads purchases from somebody's CSV or Parquet, and says which column of which row cannot be used."""

import gzip
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from bondfire.insights.buyers import Ints
from bondfire.insights.errors import HistoryError
from bondfire.insights.newton import Floats
from bondfire.insights.rfm import Purchases
from bondfire.kit import nearest

if TYPE_CHECKING:
    import pyarrow as pa

EPOCH: Final = date(1970, 1, 1)
_FIRST_YEAR: Final = 1900
_CLOCK: Final = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)? ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)?"
_TIME: Final = rf"^(?:\d{{8}}|\d{{4}}-\d{{2}}-\d{{2}}(?:[T ]{_CLOCK})?)$"


def read_purchases(path: Path, *, member: str, time: str, value: str | None = None, today: date) -> Purchases:
    """Read a file with one row for each purchase.

    The day of a purchase is the one on the clock that the row is written in: `2011-12-09T23:30:00-05:00` is
    the ninth. With `value`, rows of 0 or less are no purchases (a cancellation, a refund) and are left out.

    Args:
        path: CSV (also .gz) or Parquet.
        member: the column that says who bought.
        time: the column that says when: ISO 8601 (`2011-12-09`, `2011-12-09 08:26:00+01:00`), `20111209`, or
            a date or timestamp of Parquet.
        value: the column that says for how much.
        today: the day of the question; nothing can be bought later.

    Raises:
        HistoryError: the file or a cell cannot be read; the message names column and row.
    """
    table = read_table(path, [one for one in (member, time, value) if one is not None])
    if not table.num_rows:
        raise HistoryError(f"{path} has no rows.", next_step="Give a file with one row for each purchase.")
    names = _members(table.column(member), member)
    days = _days(table.column(time), time, today)
    if value is None:
        return _coded(names, days, None)
    amounts = numbers(table.column(value), value)
    bought = amounts > 0
    if not bought.any():
        raise HistoryError(
            f"No row has a {value} above 0.", next_step="Name the column that holds what was paid (--value)."
        )
    return _coded(names.filter(bought), days[bought], amounts[bought])


def _coded(names: "pa.Array", days: Ints, value: Floats | None) -> Purchases:
    coded = names.dictionary_encode()
    member = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Purchases(coded.dictionary.to_pylist(), member, days, value)


def read_table(path: Path, columns: list[str]) -> "pa.Table":
    """The named columns of a CSV or Parquet file; those of a CSV as texts.

    Raises:
        HistoryError: no such column, or not such a file.
    """
    import pyarrow as pa
    from pyarrow import csv, parquet

    try:
        if path.suffix in {".parquet", ".pq"}:
            _see_columns(path, parquet.read_schema(path).names, columns)
            return parquet.read_table(path, columns=columns).combine_chunks()
        header, delimiter = _header(path)
        _see_columns(path, header, columns)
        return csv.read_csv(
            path,
            parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                include_columns=columns,
                column_types=dict.fromkeys(columns, pa.string()),
                strings_can_be_null=True,
                null_values=["", "NA", "NaN", "nan", "null", "NULL", "None", "NaT"],
            ),
        ).combine_chunks()
    except (pa.ArrowInvalid, UnicodeDecodeError, gzip.BadGzipFile, EOFError) as reason:
        raise HistoryError(
            f"{path} cannot be read: {' '.join(str(reason).split())[:300]}",
            next_step="Give CSV (also .gz) in UTF-8 with a header, or Parquet.",
        ) from None


def _header(path: Path) -> tuple[list[str], str]:
    import csv

    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        line = file.readline()
    delimiter = max(",;\t|", key=line.count)
    return next(csv.reader([line], delimiter=delimiter), []), delimiter


def _see_columns(path: Path, header: list[str], columns: list[str]) -> None:
    for column in columns:
        if header.count(column) > 1:
            raise HistoryError(f"{path} has the column {column!r} twice.", next_step="Rename one.")
        if column not in header:
            guess = nearest(column, header)
            known = f"Its columns are: {', '.join(header)[:500]}."
            raise HistoryError(
                f"{path} has no column {column!r}.",
                code="missing_column",
                next_step=f'Did you mean "{guess}"? {known}' if guess else known,
            )


def _members(column: "pa.ChunkedArray", name: str) -> "pa.Array":
    import pyarrow as pa
    from pyarrow import compute as pc

    _missing(column, name)
    values = column.combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_floating(values.type):
        values = _whole(values, name)
    if not (
        pa.types.is_integer(values.type)
        or pa.types.is_string(values.type)
        or pa.types.is_large_string(values.type)
    ):
        raise HistoryError(
            f"The column {name!r} holds {values.type}, which names no member.",
            code="wrong_type",
            next_step="Name the column that says who bought, as text or whole numbers (--member).",
        )
    names = pc.utf8_trim_whitespace(values.cast(pa.string()))
    _refuse(pc.equal(names, ""), name, "is empty", "Leave such rows out, or say who bought.")
    return names


def _whole(values: "pa.Array", name: str) -> "pa.Array":
    """Numbers with a point that are whole, as a table of numbers with gaps writes them."""
    import pyarrow as pa

    plain = values.to_numpy(zero_copy_only=False)
    bad = ~np.isfinite(plain) | (plain != np.floor(plain))
    _refuse(bad, name, "is no whole number or text", "Leave such rows out, or say who bought.")
    return pa.array(plain.astype(np.int64))


def _days(column: "pa.ChunkedArray", name: str, today: date) -> Ints:
    import pyarrow as pa
    from pyarrow import compute as pc

    _missing(column, name)
    values = column.combine_chunks()
    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
        kind = values.type
    if pa.types.is_timestamp(kind):
        values = (pc.local_timestamp(values) if kind.tz else values).cast(pa.timestamp("us"), safe=False)
        days = np.floor_divide(values.cast(pa.int64()).to_numpy(zero_copy_only=False), 86_400_000_000)
    elif pa.types.is_date(kind):
        days = values.cast(pa.date32()).cast(pa.int32()).to_numpy(zero_copy_only=False)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
        days = _read_days(pc.utf8_trim_whitespace(values.cast(pa.string())), name)
    else:
        raise HistoryError(
            f"The column {name!r} holds {kind}, which is no time.",
            code="wrong_type",
            next_step="Write times like 2011-12-09 or 2011-12-09T08:26:00+01:00 (--time).",
        )
    days = np.asarray(days, dtype=np.int64)
    _refuse(
        days < (date(_FIRST_YEAR, 1, 1) - EPOCH).days,
        name,
        f"is before {_FIRST_YEAR}",
        "Check the clock of the file.",
    )
    latest = (today - EPOCH).days + 1  # somewhere it is tomorrow already
    _refuse(days > latest, name, "lies in the future", "Leave such rows out, or check the clock of the file.")
    return days


def _read_days(texts: "pa.Array", name: str) -> Ints:
    import pyarrow as pa
    from pyarrow import compute as pc

    wrong = pc.invert(pc.match_substring_regex(texts, _TIME))
    _refuse(
        wrong,
        name,
        "is no date or time",
        "Write it like 2011-12-09 or 2011-12-09T08:26:00+01:00.",
        shown=texts,
    )
    days = pc.utf8_slice_codeunits(pc.replace_substring(pc.utf8_slice_codeunits(texts, 0, 10), "-", ""), 0, 8)
    written = pc.replace_substring_regex(days, r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3")
    try:
        found = written.cast(pa.date32()).cast(pa.int32()).to_numpy(zero_copy_only=False)
        return np.asarray(found, dtype=np.int64)
    except pa.ArrowInvalid:
        row = next(row for row, text in enumerate(written.to_pylist()) if not _exists(text))
        _refuse(
            np.arange(len(texts)) == row,
            name,
            "is no day of the calendar",
            "Correct it, or leave it out.",
            shown=texts,
        )
        raise


def _exists(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def numbers(column: "pa.ChunkedArray", name: str) -> Floats:
    """A column of numbers.

    Raises:
        HistoryError: a cell that is empty or no finite number; it names column and row.
    """
    import pyarrow as pa
    from pyarrow import compute as pc

    _missing(column, name)
    values = column.combine_chunks()
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        texts = pc.utf8_trim_whitespace(values)
        wrong = pc.invert(pc.match_substring_regex(texts, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"))
        _refuse(
            wrong,
            name,
            "is no number",
            "Write numbers like 1234.5, without signs of a currency.",
            shown=texts,
        )
        values = texts
    elif not (
        pa.types.is_integer(values.type)
        or pa.types.is_floating(values.type)
        or pa.types.is_decimal(values.type)
    ):
        raise HistoryError(
            f"The column {name!r} holds {values.type}, which is no number.",
            code="wrong_type",
            next_step="Name a column of numbers.",
        )
    found = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    _refuse(~np.isfinite(found), name, "is no finite number", "Correct it, or leave the row out.")
    return np.asarray(found, dtype=np.float64)


def _missing(column: "pa.ChunkedArray", name: str) -> None:
    from pyarrow import compute as pc

    if column.null_count:
        _refuse(pc.is_null(column), name, "is empty", "Leave such rows out, or fill them in.")


def _refuse(bad: Any, name: str, problem: str, next_step: str, *, shown: Any = None) -> None:
    """Refuse the first bad row of a column, and say how many there are.

    Raises:
        HistoryError: there is one.
    """
    found = np.flatnonzero(np.asarray(bad))
    if len(found):
        row = int(found[0])
        what = "" if shown is None else f" {str(shown[row])[:60]!r}"
        more = f" ({len(found):,} rows are like that)" if len(found) > 1 else ""
        raise HistoryError(
            f"The column {name!r} in row {row + 1} {problem}{':' if what else ''}{what}{more}.",
            code="bad_cell",
            next_step=next_step,
        )


def day_number(day: date) -> int:
    """A day as the models count it, from 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The day of the calendar that a number stands for."""
    return EPOCH + timedelta(days=number)
