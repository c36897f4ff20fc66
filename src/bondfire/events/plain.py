"""Read plain rows of JSON fast: typed decoders check in C what nearly every sender writes.

What they accept is just what the exact reader (`read_json`, then `parse_live_event`) makes of it. Of
anything else, wrong or merely odd, they only say that they are not sure; then the exact reader decides, and
it alone knows the messages. Measured on two busy cores: an order of a thousand in 3 us, of which the decoder
takes one; the exact reader takes 13.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Annotated, Any, Final, Literal, NotRequired, TypedDict

import msgspec

from bondfire.events.catalogue import Catalogue, PlainReader
from bondfire.events.currencies import CURRENCIES, MOST_DECIMALS
from bondfire.events.errors import EventError
from bondfire.events.fields import EventType, Field, Kind
from bondfire.events.model import Event
from bondfire.events.parsing import LATEST_AHEAD, event_of
from bondfire.events.readers import reader_of

Body = dict[str, Any]
Column = Callable[[Sequence[Any]], Sequence[object]]

_FEWEST: Final = 8
"""Rows for which columns pay; fewer are read exactly just as fast."""
_TYPE: Final = re.compile(rb'"type": ?"([a-z0-9_.]+)"').search
_AMOUNTS_KEPT: Final = 32_768
_FIRST: Final = datetime(1900, 1, 1, tzinfo=UTC)
_END: Final = datetime(9000, 1, 1, tzinfo=UTC)
_LONGEST_ZULU: Final = len("2026-03-29T01:59:59.123456Z")
_LONGEST_OFFSET: Final = len("2026-03-29T01:59:59.123456+01:00")

_decode_times: Final = msgspec.json.Decoder(list[datetime]).decode


class _NotSureError(ValueError):
    """A value that the exact reader has to judge."""


def plain_events(
    rows: Sequence[bytes], catalogue: Catalogue, *, recorded_at: datetime | None
) -> list[Event | None]:
    """The event in each row that is plain, None for each that the exact reader has to read.

    Args:
        rows: JSON of an event each, or what should be that.
        catalogue: which types and fields there are.
        recorded_at: the wall clock; None for a brand that lives by its events.
    """
    together = _read_together(rows, catalogue, recorded_at)
    if together is not None:
        return list(together)
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        places.setdefault(_type_of(row), []).append(place)
    events: list[Event | None] = [None] * len(rows)
    for same in places.values():
        found = _read_apart([rows[place] for place in same], catalogue, recorded_at)
        for place, event in zip(same, found, strict=True):
            events[place] = event
    return events


def _read_apart(
    rows: Sequence[bytes], catalogue: Catalogue, recorded_at: datetime | None
) -> Sequence[Event | None]:
    """Rows of one type; what is not plain is found by halving, and a few are left to the exact reader."""
    together = _read_together(rows, catalogue, recorded_at)
    if together is not None:
        return together
    if len(rows) < 2 * _FEWEST:
        return [None] * len(rows)
    middle = len(rows) // 2
    return [
        *_read_apart(rows[:middle], catalogue, recorded_at),
        *_read_apart(rows[middle:], catalogue, recorded_at),
    ]


def _read_together(
    rows: Sequence[bytes], catalogue: Catalogue, recorded_at: datetime | None
) -> list[Event] | None:
    if len(rows) < _FEWEST:
        return None
    text = b"".join(rows)
    read = _reader_of(_type_of(rows[0]), catalogue) if _is_plain(text) else None
    if read is None:
        return None
    try:
        events = read(rows, text, recorded_at)
    except (ValueError, EventError, RecursionError):
        return None
    if recorded_at is not None and max([each.occurred_at for each in events]) > recorded_at + LATEST_AHEAD:
        return None
    return events


def _type_of(row: bytes) -> str:
    """What the row seems to say of its type; the decoder checks it."""
    found = _TYPE(row)
    return found[1].decode() if found else ""


def _reader_of(name: str, catalogue: Catalogue) -> PlainReader | None:
    read = catalogue.plain_readers.get(name)
    if read is None and name in catalogue.types:
        read = catalogue.plain_readers[name] = _PlainType(catalogue.types[name]).read
    return read


def _is_plain(text: bytes) -> bool:
    """Whether each character stands for itself and no text begins with a blank.

    Then a key is a quote and a colon side by side, so that a key that is there twice shows as one too many
    (as does a text that begins with a colon, and a field that is not known), and whatever is not empty is
    not blank.
    """
    found = text.find
    if found(b"\\") >= 0 or (found(b" ") >= 0 and found(b'" ') >= 0):
        return False
    if text.isascii():
        return found(b"\n") < 0 and found(b"\t") < 0 and found(b"\r") < 0 and found(b"\x7f") < 0
    try:
        return text.decode().isprintable()
    except UnicodeDecodeError:
        return False


class _PlainType:
    """Reads events of one type: a decoder, and what is left to do with the fields that it gives."""

    def __init__(self, kind: EventType) -> None:
        self._kind = kind
        self._decode: Callable[[bytes], Body] = msgspec.json.Decoder(
            _shape(kind.fields, type=Literal[kind.name])
        ).decode
        self._columns: dict[int, _Columns] = {}

    def read(self, rows: Sequence[bytes], text: bytes, recorded_at: datetime | None) -> list[Event]:
        """The events in these rows, which together are a plain text.

        Raises:
            ValueError, EventError, RecursionError: the exact reader has to judge.
        """
        bodies = list(map(self._decode, rows))
        columns = self._columns_for({body.get("currency") for body in bodies})
        if columns.finish(bodies) != text.count(b'":'):
            raise _NotSureError
        came_at = recorded_at and recorded_at.astimezone(UTC)
        return [event_of(self._kind, body, came_at) for body in bodies]

    def _columns_for(self, currencies: set[str | None]) -> "_Columns":
        scales = {MOST_DECIMALS if each is None else CURRENCIES.get(each) for each in currencies}
        decimals = scales.pop()
        if scales or decimals is None:
            raise _NotSureError
        columns = self._columns.get(decimals)
        if columns is None:
            columns = self._columns[decimals] = _Columns(self._kind.fields, decimals)
        return columns


class _Columns:
    """Makes decoded records what the exact reader would, field by field.

    Args:
        fields: of the records.
        money_decimals: how many decimals an amount of money may have.
    """

    def __init__(self, fields: Mapping[str, Field], money_decimals: int) -> None:
        read = {name: _column(spec, name, money_decimals) for name, spec in fields.items()}
        self._read = {name: column for name, column in read.items() if column is not None}
        self._required = {name for name, spec in fields.items() if spec.presence == "required"}
        self._inner = {
            name: _Columns(spec.fields, money_decimals)
            for name, spec in fields.items()
            if spec.kind in {"record", "records"}
        }
        self._maps = [name for name, spec in fields.items() if spec.kind == "map"]
        self._defaults = {name: spec.default for name, spec in fields.items() if spec.default is not None}

    def finish(self, records: Sequence[Body]) -> int:
        """Change the records, and count the keys that they came with."""
        keys = sum(map(len, records))
        for name in self._maps:
            keys += sum(len(one.get(name) or ()) for one in records)
        self._convert(records)
        for name, columns in self._inner.items():
            inner = list(_records([one[name] for one in records if name in one]))
            if inner:
                keys += columns.finish(inner)
        for name, default in self._defaults.items():
            for one in records:
                if name not in one:
                    one[name] = [] if default == () else default
        return keys

    def _convert(self, records: Sequence[Body]) -> None:
        for name, column in self._read.items():
            holders = records
            if name not in self._required:
                holders = [one for one in records if name in one and one[name] is not None]
            if holders:
                values = column([one[name] for one in holders])
                for one, value in zip(holders, values, strict=True):
                    one[name] = value


def _records(values: Iterable[Any]) -> Iterator[Body]:
    """Those that are in a field, which holds one, a list of them or null."""
    for value in values:
        yield from [value] if type(value) is dict else value or ()


def _column(spec: Field, name: str, money_decimals: int) -> Column | None:
    """What makes the decoder's values what rules see; None where they are that already."""
    match spec.kind:
        case "decimal":
            decimals = money_decimals if spec.decimals is None else spec.decimals
            amounts = _amounts(decimals, negative=spec.negative, zero=spec.zero)
            return partial(_read_each, amounts.__getitem__)
        case "time":
            return _moments
        case "string" if spec.name:
            return _names
        case "date" | "map":
            return partial(_read_each, reader_of(spec, name, money_decimals))
    return None


def _read_each(read: Callable[[Any], object], values: Sequence[Any]) -> Sequence[object]:
    return list(map(read, values))


def _shape(fields: Mapping[str, Field], **fixed: Any) -> Any:
    """The fields as a type of the decoder; unknown ones are passed over, and found by counting keys."""
    shape: dict[str, Any] = {}
    for name, spec in fields.items():
        if spec.own:
            continue
        value = fixed.get(name) or _value(spec)
        value = value | None if spec.nullable else value
        shape[name] = value if spec.presence == "required" else NotRequired[value]
    return TypedDict("_Shape", shape)  # type: ignore[operator]  # made from data


def _value(spec: Field) -> Any:
    if spec.kind == "record":
        return _shape(spec.fields)
    text = Annotated[str, msgspec.Meta(min_length=0 if spec.empty else 1, max_length=spec.length)]
    word = Annotated[str, msgspec.Meta(min_length=1, max_length=spec.length)]
    kinds: dict[Kind, Any] = {
        "string": text,
        "strings": _list_of(word, spec.size),
        "records": _list_of(_shape(spec.fields), spec.size),
        "decimal": str | int,
        "integer": Annotated[int, msgspec.Meta(ge=spec.minimum, le=spec.maximum)],
        "boolean": bool,
        "enum": Literal[spec.values] if spec.values else str,
        "time": str,
        "date": str,
        "map": dict[str, str],
    }
    return kinds[spec.kind]


def _list_of(item: Any, size: int) -> Any:
    return Annotated[list[item], msgspec.Meta(max_length=size)]


class _Amounts(dict[str | int, Decimal]):
    """Amounts by what was sent, for the same are sent again and again; an unknown one is read exactly."""

    def __init__(self, read: Callable[[object], object]) -> None:
        super().__init__()
        self._read_exactly = read

    def __missing__(self, sent: str | int) -> Decimal:
        amount = self._read_exactly(sent)
        assert isinstance(amount, Decimal)  # noqa: S101 - the reader of a decimal
        if len(self) >= _AMOUNTS_KEPT:
            self.clear()
        self[sent] = amount
        return amount


@cache
def _amounts(decimals: int, *, negative: bool, zero: bool) -> _Amounts:
    return _Amounts(reader_of(Field("decimal", decimals=decimals, negative=negative, zero=zero), "", 0))


def _names(texts: Sequence[str]) -> Sequence[str]:
    if " " in {text[-1] for text in texts}:
        raise _NotSureError
    return texts


def _moments(texts: Sequence[str]) -> Sequence[datetime]:
    """Times in UTC.

    The decoder takes more than microseconds, which it rounds, and offsets without a colon; by its end and
    its length a text shows both.
    """
    longest = {":": _LONGEST_OFFSET, "Z": _LONGEST_ZULU}
    for text in texts:
        if len(text) > longest.get(text[-3:-2] if text[-1:] != "Z" else "Z", 0):
            raise _NotSureError
    moments = _decode_times(b'["%b"]' % '","'.join(texts).encode())
    if moments and not _FIRST <= min(moments) <= max(moments) < _END:
        raise _NotSureError
    return [moment if moment.tzinfo is UTC else moment.astimezone(UTC) for moment in moments]
