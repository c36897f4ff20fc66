"""From one type to another: `int("7")`, `string(1.5)`, `decimal("9.99")`."""

import math
import re
from decimal import Decimal
from typing import Final

from bondfire.kit import format_amount
from bondfire.rules.errors import EvaluationError
from bondfire.rules.numbers import as_int, as_uint, overflow, to_decimal
from bondfire.rules.values import TypeValue, Uint, kind_of

_INTEGER: Final = re.compile(r"[+-]?\d{1,30}", re.ASCII)
_DOUBLE: Final = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[iI]nf(inity)?|[nN]a[nN])", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?", re.ASCII)
_BOOLS: Final = {
    word: truth
    for truth, words in ((True, "1 t true TRUE True"), (False, "0 f false FALSE False"))
    for word in words.split()
}
_WORDS: Final = {True: "true", False: "false"}
_TYPE_NAMES: Final = {
    "null": "null_type",
    "timestamp": "google.protobuf.Timestamp",
    "duration": "google.protobuf.Duration",
}
TYPE_VALUES: Final = {
    name: TypeValue(name)
    for name in (
        "bool", "int", "uint", "double", "decimal", "string", "bytes", "list", "map", "type",
        *_TYPE_NAMES.values(),
    )
}  # fmt: skip
"""The names that denote types."""


def _unreadable(text: str, kind: str) -> EvaluationError:
    return EvaluationError(f"{text[:60]!r} is not a {kind}.", code="invalid_argument")


def type_of(value: object) -> TypeValue:
    """`type(value)`."""
    kind = kind_of(value)
    return TypeValue(_TYPE_NAMES.get(kind, kind))


def same(value: object) -> object:
    """A conversion to the type it has; null has no type to be converted to."""
    if value is None:
        raise EvaluationError("A conversion met null.", code="null_value")
    return value


def identity(value: object) -> object:
    """`dyn(value)`."""
    return value


def int_of_double(value: float) -> int:
    """Towards zero."""
    if not -(2.0**63) < value < 2.0**63:
        raise overflow("int")
    return math.trunc(value)


def uint_of_double(value: float) -> Uint:
    """Towards zero."""
    if not 0 <= value < 2.0**64:
        raise overflow("uint")
    return Uint(math.trunc(value))


def int_of_decimal(value: Decimal) -> int:
    """Towards zero."""
    return as_int(int(value))


def int_of_string(text: str) -> int:
    """Digits with a sign."""
    if not _INTEGER.fullmatch(text):
        raise _unreadable(text, "int")
    return as_int(int(text))


def uint_of_string(text: str) -> Uint:
    """Digits."""
    if not _INTEGER.fullmatch(text):
        raise _unreadable(text, "uint")
    return as_uint(int(text))


def double_of_string(text: str) -> float:
    """A number with point and exponent."""
    if len(text) > 400 or not _DOUBLE.fullmatch(text):
        raise _unreadable(text, "double")
    return float(text)


def decimal_of_string(text: str) -> Decimal:
    """Digits with a sign and a point; no exponent."""
    if not _DECIMAL.fullmatch(text):
        raise _unreadable(text, "decimal")
    return to_decimal(Decimal(text))


def bool_of_string(text: str) -> bool:
    """true, t, 1 and their opposites."""
    if text not in _BOOLS:
        raise _unreadable(text, "bool")
    return _BOOLS[text]


def string_of_double(value: float) -> str:
    """The shortest text that reads back the same."""
    return float.__repr__(value).removesuffix(".0")


def string_of_bool(value: bool) -> str:  # noqa: FBT001 - the value is the argument
    """`true` or `false`."""
    return _WORDS[value]


def string_of_int(value: int) -> str:
    """Digits."""
    return str(int(value))


def string_of_decimal(value: Decimal) -> str:
    """Digits without exponent or trailing zeros."""
    return format_amount(Decimal(value))


def string_of_bytes(value: bytes) -> str:
    """UTF-8 read."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise EvaluationError("These bytes are not UTF-8.", code="invalid_argument") from None


def bytes_of_string(text: str) -> bytes:
    """UTF-8."""
    return text.encode()
