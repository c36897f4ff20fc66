"""Tables of strangers: a CSV as columns of text, read strictly, each refusal with its column and row."""

import csv
import gzip
import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bondfire.errors import BadInput
from bondfire.kit import nearest

Numbers = NDArray[np.float64]

_MISSING: Final = frozenset({"", "na", "n/a", "nan", "null", "none"})
_ID_NAME: Final = re.compile(r"^(unnamed: 0|index|uuid|(.*[ _-])?id|.*[a-z](ID|Id)|member|customer|user)$")
_MOSTLY_NUMBERS: Final = 0.95
_FEWEST_TO_JUDGE: Final = 50


class BadTable(BadInput):
    """A file is no table that can be worked with; the message names the column and the row."""

    code = "bad_table"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of text of equal length; a blank cell, `NA`, `null` and the like are missing.

    Attributes:
        name: what the table is called in messages.
        columns: the text of every cell, by the name of its column, in the order of the file.
        digest: SHA-256 of the file's bytes.
    """

    name: str
    columns: Mapping[str, Sequence[str]]
    digest: str

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def texts(self, column: str) -> Sequence[str]:
        """The cells of a column as they are written.

        Raises:
            BadTable: there is no such column; the nearest name is suggested.
        """
        if column not in self.columns:
            near = nearest(column, self.columns)
            raise BadTable(
                f"{self.name} has no column {column!r}.",
                next_step=f"Did you mean {near!r}?" if near else f"It has: {', '.join(self.columns)}.",
            )
        return self.columns[column]

    def numbers(self, column: str, *, complete: bool = False) -> Numbers:
        """The cells of a column as numbers, NaN where one is missing.

        Args:
            column: its name.
            complete: whether a missing cell is refused too.

        Raises:
            BadTable: a cell is no number; column and row are named.
        """
        texts = self.texts(column)
        values = _numbers_of(texts)
        for row, (text, value) in enumerate(zip(texts, values.tolist(), strict=True)):
            if not math.isnan(value) or (is_missing(text) and not complete):
                continue
            what = "is empty" if is_missing(text) else f"is {text[:40]!r}, which is no number"
            raise BadTable(
                f"{self.name}: column {column!r}, row {row + 2} {what}.",
                next_step="Row 1 is the header. Correct the cell, or leave the row or the column out.",
            )
        return values

    def is_numeric(self, column: str) -> bool:
        """Whether every cell that is not missing is a number, and there is at least one.

        Raises:
            BadTable: nearly all cells are numbers and one is not: such a column has a wrong type.
        """
        texts = self.texts(column)
        present = [text for text in texts if not is_missing(text)]
        good = int(np.isfinite(_numbers_of(present)).sum())
        if len(present) >= _FEWEST_TO_JUDGE and _MOSTLY_NUMBERS * len(present) <= good < len(present):
            self.numbers(column)
        return bool(present) and good == len(present)

    def binary(self, column: str) -> Numbers:
        """A column of yes and no as 1 and 0: two values, of which `1`, `yes`, `true`, `y`, `t` mean yes.

        Raises:
            BadTable: there are not two values, or which of them means yes cannot be told.
        """
        texts = [text.strip().lower() for text in self.texts(column)]
        found = sorted(set(texts))
        yes = [text for text in found if text in {"1", "1.0", "yes", "true", "y", "t"}]
        if len(found) == 1:
            raise BadTable(
                f"{self.name}: column {column!r} is {found[0]!r} in every row.",
                next_step="Nothing can be learned from it; take a file in which both answers are found.",
            )
        if len(found) != 2 or len(yes) != 1:
            row = next((number for number, text in enumerate(texts) if text not in {*yes, "0", "no"}), 0)
            raise BadTable(
                f"{self.name}: column {column!r} is not yes or no: row {row + 2} is {texts[row][:40]!r}.",
                next_step="Write 1 and 0, or yes and no, in every row.",
            )
        return np.array([text == yes[0] for text in texts], dtype=np.float64)


def load_table(path: Path) -> Table:
    """Read a CSV (UTF-8, also .gz) whose first row names the columns.

    Raises:
        BadTable: it is empty, a name comes twice, or a row has more or fewer cells than the header.
    """
    raw = path.read_bytes()
    try:
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadTable(
            f"{path.name} cannot be read: {error}.", next_step="Save it as CSV in UTF-8, plain or gzip."
        ) from None
    rows = csv.reader(text.splitlines(keepends=True))
    header = [name.strip() for name in next(rows, [])]
    _check_header(path.name, header)
    cells = [_checked(path.name, header, number, row) for number, row in enumerate(rows, 2) if row]
    if not cells:
        raise BadTable(f"{path.name} has no rows.", next_step="Give a header and at least one row.")
    columns = dict(zip(header, map(list, zip(*cells, strict=True)), strict=True))
    return Table(path.name, columns, hashlib.sha256(raw).hexdigest())


def _check_header(name: str, header: Sequence[str]) -> None:
    twice = sorted({column for column in header if header.count(column) > 1})
    if not header or twice:
        what = f"names {', '.join(map(repr, twice))} twice" if twice else "has no header"
        raise BadTable(f"{name} {what}.", next_step="The first row names each column once.")


def _checked(name: str, header: Sequence[str], number: int, row: list[str]) -> list[str]:
    if len(row) != len(header):
        raise BadTable(
            f"{name}: row {number} has {len(row)} cells, the header {len(header)}.",
            next_step="Quote cells that hold a comma or a line break, and give every cell.",
        )
    return row


def is_missing(text: str) -> bool:
    """Whether a cell says that nothing is known."""
    return text.strip().lower() in _MISSING


def _numbers_of(texts: Iterable[str]) -> Numbers:
    return np.array([_number(text) for text in texts], dtype=np.float64)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) and "_" not in text else math.nan


def id_columns(table: Table, among: Iterable[str]) -> list[str]:
    """The columns that only name their row: called an id, text that hardly repeats, or a running number."""
    return [column for column in among if _ID_NAME.match(column) or _names_rows(table, column)]


def _names_rows(table: Table, column: str) -> bool:
    texts = table.texts(column)
    if len(texts) < _FEWEST_TO_JUDGE or len(set(texts)) < _MOSTLY_NUMBERS * len(texts):
        return False
    if not table.is_numeric(column):
        return True
    values = table.numbers(column)
    whole = bool(np.all(values == np.floor(values)))
    return whole and len(set(texts)) == len(texts) and bool(np.all(np.diff(values) > 0))
