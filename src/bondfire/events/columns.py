"""How the columns of somebody's table become fields of events: the column map and the cells."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bondfire.events.catalogue import Catalogue
from bondfire.events.errors import EventError, FileError
from bondfire.events.fields import Field
from bondfire.events.rows import BadCell
from bondfire.events.wire import read_json
from bondfire.kit import local_time, nearest

_WHOLE: Final = re.compile(r"[+-]?\d{1,19}", re.ASCII).fullmatch
_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_KEYS: Final = ("columns", "constants", "timezone", "negative", "sheet")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column holds which field, for tables that were not made for bondfire.

    Attributes:
        columns: field of the event to column of the table; a field of a record is written with a dot
            (`attributes.city`). Columns that are not named are not read; without any, the columns have the
            names of the fields.
        constants: fields that are the same in each row, such as type and currency.
        timezone: the time zone of times without an offset.
        negative: the type of rows whose total is below zero; their total is turned positive and their
            order is left out, since a cancellation's own number is not the order that comes back.
        sheet: the sheet of a workbook; the first without it.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)
    timezone: ZoneInfo | None = None
    negative: str | None = None
    sheet: str | None = None


def read_column_map(path: Path) -> ColumnMap:
    """Read a column map from a small YAML file.

    Raises:
        FileError: not there, not YAML, or a key or value that a column map does not have.
    """
    import yaml

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as reason:
        raise FileError(f"{path} cannot be read as YAML: {reason}.") from None
    if not isinstance(raw, dict):
        raise FileError(f"{path} is not a column map.", next_step=f"Give it the keys {', '.join(_KEYS)}.")
    for key in raw:
        if key not in _KEYS:
            guess = nearest(str(key), _KEYS)
            raise FileError(
                f"{path}: {key!r} is not a key of a column map.",
                next_step=f'Did you mean "{guess}"?' if guess else f"Known are: {', '.join(_KEYS)}.",
            )
    columns, constants = raw.get("columns") or {}, raw.get("constants") or {}
    if not isinstance(columns, dict) or not all(isinstance(name, str) for name in columns.values()):
        raise FileError(f"{path}: columns must map fields to column names.")
    if not isinstance(constants, dict):
        raise FileError(f"{path}: constants must map fields to values.")
    negative, sheet = raw.get("negative"), raw.get("sheet")
    if negative is not None and not isinstance(negative, str):
        raise FileError(f"{path}: negative must be an event type, such as order.returned.")
    if sheet is not None and not isinstance(sheet, str):
        raise FileError(f"{path}: sheet must be the name of a sheet, in quotes.")
    return ColumnMap(columns, constants, _zone(raw.get("timezone"), path), negative, sheet)


def _zone(name: object, path: Path) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FileError(
            f"{path}: {name!r} is not a time zone.", next_step='Use an IANA name, such as "Europe/London".'
        ) from None


class Table:
    """Turns rows of one table (cells by column) into raw events for the parser."""

    def __init__(
        self, header: Iterable[str], catalogue: Catalogue, mapped: ColumnMap | None, file: str
    ) -> None:
        names = list(header)
        self._map = mapped or ColumnMap()
        self._catalogue = catalogue
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise FileError(f"{file} has the column {twice!r} twice.", next_step="Rename one.")
        if not self._map.columns:
            self._check_names(names, file)
            self._map = replace(self._map, columns={name: name for name in names})
        for name, column in self._map.columns.items():
            if column not in names:
                raise _missing_column(file, name, column, names)

    def _check_names(self, names: list[str], file: str) -> None:
        known = {name for declared in self._catalogue.types.values() for name in declared.fields}
        for name in names:
            if name.partition(".")[0] not in known:
                guess = nearest(name, known)
                raise FileError(
                    f"{file} has a column {name!r}, which is no field of any event.",
                    next_step=f'Did you mean "{guess}"?'
                    if guess
                    else "Say what it is in a column map (--map).",
                    code="unknown_column",
                )
        for name in ("id", "type", "member", "occurred_at"):
            if name not in names and name not in self._map.constants:
                raise _missing_column(file, name, name, names)

    def column_of(self, path: str) -> str:
        """The column that holds a field such as `lines[2].amount`, or nothing."""
        columns = self._map.columns
        return columns.get(path) or columns.get(re.split(r"[.\[]", path)[0], "")

    def event_of(self, cells: Mapping[str, object]) -> dict[str, object]:
        """The raw event of one row."""
        raw: dict[str, object] = dict(self._map.constants)
        for name, column in self._map.columns.items():
            cell = cells[column]
            if isinstance(cell, BadCell):
                raise cell.error(name)
            if cell is not None and cell != "":
                raw[name] = cell
        if self._map.negative is not None and _turn_positive(raw):
            raw["type"] = self._map.negative
            raw.pop("order", None)
        declared = self._catalogue.type_named(raw.get("type"))
        fields = declared.fields if declared else {}
        event: dict[str, object] = {}
        for name, cell in raw.items():
            outer, dot, inner = name.partition(".")
            spec = fields.get(outer)
            if not dot:
                event[name] = self._value(cell, spec, name)
                continue
            record = event.setdefault(outer, {})
            if isinstance(record, dict):
                record[inner] = self._value(cell, spec.fields.get(inner) if spec else None, name)
        return event

    def _value(self, cell: object, spec: Field | None, name: str) -> object:
        if spec is None:
            return cell
        if spec.kind == "time":
            return _local(cell, self._map.timezone, name)
        if spec.kind == "date" and isinstance(cell, datetime) and cell.time() == time():
            return cell.date()
        if isinstance(cell, str):
            return _read_cell(cell, spec, name)
        if isinstance(cell, float):
            return repr(cell)
        if spec.kind in ("string", "enum") and type(cell) is int:
            return str(cell)
        return cell


def _missing_column(file: str, name: str, column: str, names: list[str]) -> FileError:
    guess = nearest(column, names)
    wanted = f"{column!r}" if name == column else f"{column!r} (for {name})"
    return FileError(
        f"{file} has no column {wanted}.",
        next_step=f'Did you mean "{guess}"?' if guess else f"Its columns are: {', '.join(names)[:500]}.",
        code="missing_column",
    )


def _turn_positive(raw: dict[str, object]) -> bool:
    total = raw.get("total")
    if isinstance(total, str) and total.lstrip().startswith("-"):
        raw["total"] = total.lstrip()[1:]
        return True
    if isinstance(total, int | float | Decimal) and total < 0:
        raw["total"] = -total
        return True
    return False


def _read_cell(cell: str, spec: Field, name: str) -> object:
    """The value that a cell's text stands for; what it does not stand for is left to the parser."""
    text = cell.strip()
    match spec.kind:
        case "decimal":
            return text
        case "integer" if _WHOLE(text):
            return int(text)
        case "boolean":
            return _BOOLEANS.get(text.lower(), cell)
        case "strings" if not text.startswith("["):
            return [word.strip() for word in text.split("|") if word.strip()]
        case "strings" | "records" | "record" | "map":
            try:
                return read_json(text)
            except EventError as error:
                raise error.within(name) from None
        case _:
            return cell


def _local(cell: object, zone: ZoneInfo | None, name: str) -> object:
    """A wall-clock time of the zone; one that has its own offset keeps it.

    Raises:
        EventError: a text that is no time, or a table's own kind of time without an offset and a zone.
    """
    moment = cell
    if zone is None:
        if isinstance(cell, datetime) and cell.utcoffset() is None:
            raise EventError(
                f"is {cell}, which has no offset from UTC.",
                code="bad_time",
                field=name,
                next_step='Say whose clock it is in a column map (--map), such as "timezone: Europe/Paris".',
            )
        return cell
    if isinstance(cell, str):
        try:
            moment = datetime.fromisoformat(cell.strip())
        except ValueError as reason:
            raise EventError(
                f"is {cell[:60]!r}, which is no time: {reason}.",
                code="bad_time",
                next_step='Write it like "2026-03-29 01:59:59".',
            ).within(name) from None
    if isinstance(moment, datetime) and moment.utcoffset() is None and 1900 <= moment.year <= 9000:
        return local_time(moment, zone)
    return moment
