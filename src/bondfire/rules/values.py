"""Values that Python has no type for, and the kind of every value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import total_ordering
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Uint(int):
    """CEL's uint: an int of its own type, never negative."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{int(self)}u"


@dataclass(frozen=True, slots=True)
class TypeValue:
    """A type as a value, as in `type(1) == int`."""

    name: str


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class FineTime:
    """A timestamp finer than datetime's microseconds: nanoseconds since 1970."""

    nanoseconds: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FineTime | datetime) and self.nanoseconds == nanoseconds_of(other)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, FineTime | datetime):
            return NotImplemented
        return self.nanoseconds < nanoseconds_of(other)

    def __hash__(self) -> int:
        return hash(self.nanoseconds)


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class FineSpan:
    """A duration finer than timedelta's microseconds, in nanoseconds."""

    nanoseconds: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FineSpan | timedelta) and self.nanoseconds == nanoseconds_of(other)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, FineSpan | timedelta):
            return NotImplemented
        return self.nanoseconds < nanoseconds_of(other)

    def __hash__(self) -> int:
        return hash(self.nanoseconds)


Moment = datetime | FineTime
Span = timedelta | FineSpan


def nanoseconds_of(value: Moment | Span) -> int:
    """Nanoseconds since 1970, or of the duration."""
    if isinstance(value, FineTime | FineSpan):
        return value.nanoseconds
    span = value - EPOCH if isinstance(value, datetime) else value
    return span // timedelta(microseconds=1) * 1000


_KINDS: Final[dict[type, str]] = {
    bool: "bool",
    int: "int",
    Uint: "uint",
    float: "double",
    Decimal: "decimal",
    str: "string",
    bytes: "bytes",
    datetime: "timestamp",
    FineTime: "timestamp",
    timedelta: "duration",
    FineSpan: "duration",
    type(None): "null",
    list: "list",
    tuple: "list",
    dict: "map",
    TypeValue: "type",
}


def kind_of(value: object) -> str:
    """The kind of a value, as `Type.kind` names it; `unknown` for what CEL does not have."""
    kind = _KINDS.get(type(value))
    if kind is None:
        kind = "map" if isinstance(value, Mapping) else "unknown"
    return kind
