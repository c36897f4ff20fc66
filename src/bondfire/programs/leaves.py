"""The single values of a programme document: names, amounts, periods, local times, expressions."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from bondfire.errors import BadInput
from bondfire.kit import Period, parse_amount, parse_period
from bondfire.programs.findings import suggest
from bondfire.programs.reader import Scalar
from bondfire.programs.shapes import Leaf

_LOCAL: Final = re.compile(r"(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}(:\d{2})?)?", re.ASCII)
_MOST_DECIMALS: Final = 6
_LONGEST: Final = Period(months=1200)
_MOST_DAYS: Final = 36_525
_MOST_TIMES: Final = 1_000
_WRITTEN: Final = {
    "condition": (["string", "boolean"], {"text", "flag"}),
    "amount": (["string", "number"], {"text", "integer", "decimal"}),
    "value": (["string"], {"text"}),
}
"""What an expression that gives this may look like: in JSON, and to the reader."""
NUMBER: Final = r"-?[0-9]{1,16}(\.[0-9]{1,9})?"


class LocalMoment(NamedTuple):
    """A date or a wall-clock time as written; `whole_day` when only the date was given."""

    at: datetime
    whole_day: bool

    @property
    def following(self) -> datetime:
        """The first instant after it: the next midnight after a date, else the time itself."""
        return self.at + timedelta(days=1) if self.whole_day else self.at


def name(about: str, noun: str, pattern: str) -> Leaf:
    """A word that names something."""

    def convert(scalar: Scalar, _: str) -> str:
        if scalar.kind != "text" or not re.fullmatch(pattern, scalar.text, re.ASCII):
            raise ValueError("Use small letters, digits, - and _; put a number into quotes.")
        return scalar.text

    return Leaf(about, f"a name of a {noun}", {"type": "string", "pattern": f"^{pattern}$"}, convert)


def words(about: str, expected: str) -> Leaf:
    """Free text that is looked up elsewhere (a time zone, a currency)."""
    return Leaf(about, expected, {"type": "string", "minLength": 1, "maxLength": 100}, _some_words)


def _some_words(scalar: Scalar, _: str) -> str:
    if scalar.kind != "text" or not 1 <= len(scalar.text) <= 100:
        raise ValueError("Write 1 to 100 letters.")
    return scalar.text


def choice(about: str, *values: str) -> Leaf:
    """One of a few words."""

    def convert(scalar: Scalar, _: str) -> str:
        if scalar.text not in values:
            raise ValueError(suggest(scalar.text, values))
        return scalar.text

    return Leaf(about, f"one of {', '.join(values)}", {"enum": list(values)}, convert)


def flag(about: str) -> Leaf:
    """True or false."""

    def convert(scalar: Scalar, _: str) -> bool:
        if scalar.kind != "flag":
            raise ValueError("Write true or false, without quotes.")
        return scalar.text == "true"

    return Leaf(about, "true or false", {"type": "boolean"}, convert)


def whole(about: str, low: int, high: int) -> Leaf:
    """A whole number within limits."""

    def convert(scalar: Scalar, _: str) -> int:
        if scalar.kind != "integer" or not low <= int(scalar.text) <= high:
            raise ValueError("Write it without quotes or point.")
        return int(scalar.text)

    rule = {"type": "integer", "minimum": low, "maximum": high}
    return Leaf(about, f"a whole number from {low} to {high}", rule, convert)


def times(about: str) -> Leaf:
    """How often at most: a whole number, or true for without end, which reads as None."""

    def convert(scalar: Scalar, _: str) -> int | None:
        if scalar.kind == "flag" and scalar.text == "true":
            return None
        if scalar.kind != "integer" or not 1 <= int(scalar.text) <= _MOST_TIMES:
            raise ValueError("Write true for without end.")
        return int(scalar.text)

    rule = {"anyOf": [{"const": True}, {"type": "integer", "minimum": 1, "maximum": _MOST_TIMES}]}
    return Leaf(about, f"true or a whole number from 1 to {_MOST_TIMES}", rule, convert)


def amount(about: str) -> Leaf:
    """An exact amount that is not negative, as a number or a decimal string."""

    def convert(scalar: Scalar, where: str) -> Decimal:
        return parse_amount(scalar.text, decimals=_MOST_DECIMALS, name=where)

    rule = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": f"^{NUMBER[2:]}$"}]}
    return Leaf(about, "an amount such as 500 or 12.50", rule, convert)


def positive(about: str, most: int | None = None) -> Leaf:
    """An exact amount above zero, up to a most if there is one."""

    def convert(scalar: Scalar, where: str) -> Decimal:
        number = parse_amount(scalar.text, decimals=_MOST_DECIMALS, name=where)
        if not number or (most is not None and number > most):
            raise ValueError("Leave the key out where it does not apply.")
        return number

    limit = {} if most is None else {"maximum": most}
    number = {"type": "number", "exclusiveMinimum": 0, **limit}
    upto = "" if most is None else f", at most {most}"
    rule = {"anyOf": [number, {"type": "string", "pattern": f"^{NUMBER[2:]}$"}]}
    return Leaf(about, f"an amount above 0{upto}", rule, convert)


def fraction(about: str) -> Leaf:
    """A share above 0 and up to 1, as an exact fraction."""

    def convert(scalar: Scalar, _: str) -> Fraction:
        if not re.fullmatch(r"[0-9]{1,12}(/[0-9]{1,12})?", scalar.text, re.ASCII):
            raise ValueError("Write it like 1/1000.")
        above, _, below = scalar.text.partition("/")
        if not int(below or 1) or not 0 < Fraction(int(above), int(below or 1)) <= 1:
            raise ValueError("It is above 0 and at most 1.")
        return Fraction(int(above), int(below or 1))

    return Leaf(about, "a fraction such as 1/1000", {"type": ["string", "integer"]}, convert)


def period(about: str) -> Leaf:
    """Calendar time such as 14 days or 24 months."""
    rule = {"type": "string", "pattern": r"^[0-9]{1,4} (day|week|month|year)s?$"}
    return Leaf(about, "a period such as 14 days or 24 months", rule, _some_time)


def _some_time(scalar: Scalar, where: str) -> Period:
    length = parse_period(scalar.text, where)
    if length > _LONGEST or length.days > _MOST_DAYS:
        raise ValueError("Nothing here may last longer than 100 years.")
    return length


def moment(about: str) -> Leaf:
    """A date or a local time in the programme's time zone."""
    pattern = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?$"
    return Leaf(about, "a date or a local time", {"type": "string", "pattern": pattern}, _local_moment)


def _local_moment(scalar: Scalar, where: str) -> LocalMoment:
    match = _LOCAL.fullmatch(scalar.text)
    try:
        day = date.fromisoformat(match[1]) if match else date.min
        at = datetime.fromisoformat(scalar.text) if match else datetime.min  # noqa: DTZ901 - local by intent
    except ValueError as reason:
        raise BadInput(f"{where} is {scalar.text!r}, which does not exist: {reason}.") from None
    if not match or not 1900 <= day.year <= 9000:
        raise BadInput(
            f"{where} is {scalar.text[:40]!r}, which is not a date or local time.",
            next_step="Write 2026-12-24 or 2026-12-24T18:00; it is read in the time zone of the programme.",
        )
    return LocalMoment(at, whole_day=match[2] is None)


def expression(about: str, gives: Literal["condition", "amount", "value"]) -> Leaf:
    """An expression in CEL; it is compiled later, when all names of the programme are known."""
    types, kinds = _WRITTEN[gives]
    expected = "a number or an expression" if gives == "amount" else "an expression"

    def convert(scalar: Scalar, _: str) -> Scalar:
        if scalar.kind not in kinds:
            raise ValueError("Write it like event.total >= 10.00.")
        return scalar

    return Leaf(about, expected, {"type": types}, convert)
