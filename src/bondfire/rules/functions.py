"""The functions and operators: which types they take, what they give, and the Python that does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bondfire.rules import comparisons, conversions, numbers, patterns, texts, times
from bondfire.rules.types import (
    BOOL,
    BYTES,
    DECIMAL,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    LIST,
    MAP,
    STRING,
    TIMESTAMP,
    TYPE,
    UINT,
    Type,
    list_of,
)
from bondfire.rules.values import Uint


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a function.

    Attributes:
        arguments: types; `rest` says that the last may be repeated.
        result: type of the result.
        run: the Python that does it; it raises for values of other types, null among them.
        template: Python source with `{0}`, `{1}` where that is faster than a call of `run`; like all
            compiled code it may raise anything for what `run` refuses.
        method: whether it may be called as `a.f(b)`; `function`: as `f(a, b)`.
    """

    arguments: tuple[Type, ...]
    result: Type
    run: Callable[..., object]
    template: str = ""
    method: bool = False
    function: bool = True


_TABLE: dict[str, list[Overload]] = {}


def _operator(
    name: str, arguments: Sequence[Type], result: Type, run: Callable[..., object], *, faster: str = ""
) -> None:
    _TABLE.setdefault(name, []).append(Overload(tuple(arguments), result, run, faster))


def _function(
    name: str, arguments: Sequence[Type], result: Type, run: Callable[..., object], *, faster: str = ""
) -> None:
    _operator(name, arguments, result, run, faster=faster)


def _method(
    name: str, arguments: Sequence[Type], result: Type, run: Callable[..., object], *, faster: str = ""
) -> None:
    overload = Overload(tuple(arguments), result, run, faster, method=True, function=False)
    _TABLE.setdefault(name, []).append(overload)


_DECIMAL_PAIRS: Final = ((DECIMAL, DECIMAL), (DECIMAL, INT), (INT, DECIMAL))


def _arithmetic() -> None:
    integers: dict[str, Callable[[int, int], int]] = {
        "+": int.__add__,
        "-": int.__sub__,
        "*": int.__mul__,
        "/": numbers.divided,
        "%": numbers.remainder,
    }
    for mark, operation in integers.items():
        for kind, fit in ((INT, numbers.as_int), (UINT, numbers.as_uint)):
            _operator(f"_{mark}_", (kind, kind), kind, _fitted(operation, fit))
    for mark, doubles in {"+": float.__add__, "-": float.__sub__, "*": float.__mul__}.items():
        _operator(f"_{mark}_", (DOUBLE, DOUBLE), DOUBLE, doubles, faster=f"({{0}} {mark} {{1}})")
    _operator("_/_", (DOUBLE, DOUBLE), DOUBLE, numbers.divided_double)
    decimals = {
        "+": (numbers.add_decimal, "add"),
        "-": (numbers.subtract_decimal, "subtract"),
        "*": (numbers.multiply_decimal, "multiply"),
        "/": (numbers.divide_decimal, "divide"),
        "%": (numbers.remainder_decimal, "modulo"),
    }
    for mark, (exact, name) in decimals.items():
        for pair in _DECIMAL_PAIRS:
            _operator(f"_{mark}_", pair, DECIMAL, exact, faster=f"{name}({{0}}, {{1}})")
    _operator("-_", (INT,), INT, lambda value: numbers.as_int(-value))
    _operator("-_", (DOUBLE,), DOUBLE, float.__neg__, faster="(-{0})")
    _operator("-_", (DECIMAL,), DECIMAL, numbers.CONTEXT.minus)


def _fitted(operation: Callable[[int, int], int], fit: Callable[[int], int]) -> Callable[[int, int], int]:
    return lambda left, right: fit(operation(left, right))


def _concatenation() -> None:
    _operator("_+_", (STRING, STRING), STRING, lambda a, b: a + b, faster="({0} + {1})")
    _operator("_+_", (BYTES, BYTES), BYTES, lambda a, b: a + b, faster="({0} + {1})")
    _operator("_+_", (LIST, LIST), LIST, lambda a, b: [*a, *b], faster="[*{0}, *{1}]")


def _calendar() -> None:
    _operator("_+_", (TIMESTAMP, DURATION), TIMESTAMP, times.later)
    _operator("_+_", (DURATION, TIMESTAMP), TIMESTAMP, times.later_by)
    _operator("_+_", (DURATION, DURATION), DURATION, times.longer)
    _operator("_-_", (TIMESTAMP, TIMESTAMP), DURATION, times.between)
    _operator("_-_", (TIMESTAMP, DURATION), TIMESTAMP, times.earlier)
    _operator("_-_", (DURATION, DURATION), DURATION, times.shorter)
    parts = {
        "getFullYear": times.full_year,
        "getMonth": times.month,
        "getDate": times.date_of_month,
        "getDayOfMonth": times.day_of_month,
        "getDayOfWeek": times.day_of_week,
        "getDayOfYear": times.day_of_year,
        "getHours": times.hours,
        "getMinutes": times.minutes,
        "getSeconds": times.seconds,
        "getMilliseconds": times.milliseconds,
    }
    for name, part in parts.items():
        _method(name, (TIMESTAMP,), INT, part)
        _method(name, (TIMESTAMP, STRING), INT, part)
    _method("getHours", (DURATION,), INT, times.span_hours)
    _method("getMinutes", (DURATION,), INT, times.span_minutes)
    _method("getSeconds", (DURATION,), INT, times.span_seconds)
    _method("getMilliseconds", (DURATION,), INT, times.span_milliseconds)


def _comparison() -> None:
    exact = {
        "<": comparisons.less,
        "<=": comparisons.less_or_equal,
        ">": comparisons.greater,
        ">=": comparisons.greater_or_equal,
    }
    ordered = (BOOL, INT, UINT, DOUBLE, DECIMAL, STRING, BYTES, TIMESTAMP, DURATION)
    pairs = [(kind, kind) for kind in ordered] + list(_DECIMAL_PAIRS[1:])
    for mark, run in exact.items():
        for pair in pairs:
            _operator(f"_{mark}_", pair, BOOL, run, faster=f"({{0}} {mark} {{1}})")


def _texts() -> None:
    for name, template in {
        "contains": "({1} in {0})",
        "startsWith": "{0}.startswith({1})",
        "endsWith": "{0}.endswith({1})",
    }.items():
        run = {"contains": str.__contains__, "startsWith": str.startswith, "endsWith": str.endswith}[name]
        _method(name, (STRING, STRING), BOOL, run, faster=template)
    _method("matches", (STRING, STRING), BOOL, patterns.matches)
    _function("matches", (STRING, STRING), BOOL, patterns.matches)
    for name, arguments, result, function in texts.METHODS:
        _method(name, arguments, result, function)
    for kind in (STRING, BYTES, LIST, MAP):
        _function("size", (kind,), INT, len, faster="len({0})")
        _method("size", (kind,), INT, len, faster="len({0})")


def _conversion() -> None:
    table: dict[str, tuple[tuple[Type, Type, Callable[..., object]], ...]] = {
        "bool": ((BOOL, BOOL, conversions.same), (STRING, BOOL, conversions.bool_of_string)),
        "int": (
            (INT, INT, conversions.same),
            (UINT, INT, numbers.int_of_uint),
            (DOUBLE, INT, conversions.int_of_double),
            (DECIMAL, INT, conversions.int_of_decimal),
            (STRING, INT, conversions.int_of_string),
            (TIMESTAMP, INT, times.seconds_of),
        ),
        "uint": (
            (UINT, UINT, conversions.same),
            (INT, UINT, numbers.as_uint),
            (DOUBLE, UINT, conversions.uint_of_double),
            (STRING, UINT, conversions.uint_of_string),
        ),
        "double": (
            (DOUBLE, DOUBLE, conversions.same),
            *((kind, DOUBLE, float) for kind in (INT, UINT, DECIMAL)),
            (STRING, DOUBLE, conversions.double_of_string),
        ),
        "decimal": (
            (DECIMAL, DECIMAL, conversions.same),
            (INT, DECIMAL, numbers.to_decimal),
            (STRING, DECIMAL, conversions.decimal_of_string),
        ),
        "string": (
            (STRING, STRING, conversions.same),
            (BOOL, STRING, conversions.string_of_bool),
            (INT, STRING, conversions.string_of_int),
            (UINT, STRING, conversions.string_of_int),
            (DOUBLE, STRING, conversions.string_of_double),
            (DECIMAL, STRING, conversions.string_of_decimal),
            (BYTES, STRING, conversions.string_of_bytes),
            (TIMESTAMP, STRING, times.write_timestamp),
            (DURATION, STRING, times.write_duration),
        ),
        "bytes": ((BYTES, BYTES, conversions.same), (STRING, BYTES, conversions.bytes_of_string)),
        "timestamp": (
            (TIMESTAMP, TIMESTAMP, conversions.same),
            (STRING, TIMESTAMP, times.read_timestamp),
            (INT, TIMESTAMP, times.timestamp_of_seconds),
        ),
        "duration": ((DURATION, DURATION, conversions.same), (STRING, DURATION, times.read_duration)),
    }
    for name, rows in table.items():
        for argument, result, run in rows:
            _function(name, (argument,), result, run)
    _function("dyn", (DYN,), DYN, conversions.identity)
    _function("type", (DYN,), TYPE, conversions.type_of)


def _rounding() -> None:
    for name in ("floor", "ceil", "round", "abs"):
        _function(name, (INT,), INT, (lambda v: numbers.as_int(abs(v))) if name == "abs" else int.__pos__)
    _function("abs", (UINT,), UINT, Uint)
    _function("abs", (DOUBLE,), DOUBLE, float.__abs__)
    _function("abs", (DECIMAL,), DECIMAL, numbers.CONTEXT.abs)
    for name, run in {"floor": numbers.floor_decimal, "ceil": numbers.ceil_decimal}.items():
        faster = f"{{0}}.to_integral_value({'ROUND_FLOOR' if name == 'floor' else 'ROUND_CEILING'})"
        _function(name, (DECIMAL,), DECIMAL, run, faster=faster)
    for name, double in {"floor": numbers.floor_double, "ceil": numbers.ceil_double}.items():
        _function(name, (DOUBLE,), DOUBLE, double)
    _function("round", (DECIMAL,), DECIMAL, numbers.round_decimal)
    _function("round", (DECIMAL, INT), DECIMAL, numbers.round_decimal)
    _function("round", (DOUBLE,), DOUBLE, numbers.round_double)
    _function("round", (DOUBLE, INT), DOUBLE, numbers.round_double)


def _aggregates() -> None:
    _method("sum", (list_of(INT),), INT, numbers.sum_int)
    _method("sum", (list_of(DECIMAL),), DECIMAL, numbers.sum_decimal)


for _declare in (
    _arithmetic,
    _concatenation,
    _calendar,
    _comparison,
    _texts,
    _conversion,
    _rounding,
    _aggregates,
):
    _declare()

OVERLOADS: Final[dict[str, tuple[Overload, ...]]] = {name: tuple(rows) for name, rows in _TABLE.items()}
"""Every function and operator but logic, equality, `in`, indexing, min and max, which have own rules."""
