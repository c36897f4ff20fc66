"""Arithmetic as CEL does it: 64 bits checked, division towards zero, decimals exact to 50 digits."""

import math
from collections.abc import Callable, Iterable
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from functools import reduce
from typing import Final

from bondfire.rules.errors import EvaluationError
from bondfire.rules.values import Uint

DIGITS: Final = 50
CONTEXT: Final = Context(
    prec=DIGITS,
    rounding=ROUND_HALF_EVEN,
    Emin=-999,
    Emax=29,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
"""Every decimal operation goes through here, never through the thread's own context."""

LIMIT: Final = 10**30
LOWEST: Final = -(2**63)
HIGHEST: Final = 2**63 - 1


def overflow(kind: str) -> EvaluationError:
    """The error for a result that does not fit."""
    limit = "10^30" if kind == "decimal" else "64 bits"
    return EvaluationError(f"A result of type {kind} is beyond {limit}.", code="overflow")


def zero_division() -> EvaluationError:
    """The error for a divisor of zero."""
    return EvaluationError("Division by zero.", code="divide_by_zero")


def as_int(value: int) -> int:
    """The same number if it fits into an int.

    Raises:
        EvaluationError: overflow.
    """
    if LOWEST <= value <= HIGHEST:
        return value
    raise overflow("int")


def int_of_uint(value: int) -> int:
    """A uint as an int."""
    return as_int(int(value))


def as_uint(value: int) -> Uint:
    """The number as a uint.

    Raises:
        EvaluationError: overflow.
    """
    if 0 <= value < 2**64:
        return Uint(value)
    raise overflow("uint")


def divided(left: int, right: int) -> int:
    """Quotient rounded towards zero."""
    if right == 0:
        raise zero_division()
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def remainder(left: int, right: int) -> int:
    """What truncating division leaves; it has the sign of the dividend."""
    if right == 0:
        raise EvaluationError("Modulus by zero.", code="divide_by_zero")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def divided_double(left: float, right: float) -> float:
    """IEEE division: by zero it is infinite, or no number."""
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


Number = int | Decimal


def _exactly(operation: Callable[[Number, Number], Decimal]) -> Callable[[Number, Number], Decimal]:
    def exact(left: Number, right: Number) -> Decimal:
        try:
            return operation(left, right)
        except (DivisionByZero, Overflow, InvalidOperation) as reason:
            raise decimal_error(reason, right) from None

    return exact


def decimal_error(reason: DecimalException, divisor: object = 1) -> EvaluationError:
    """What CEL says for a signal of the decimal module."""
    return overflow("decimal") if isinstance(reason, Overflow) or divisor else zero_division()


add_decimal: Final = _exactly(CONTEXT.add)
subtract_decimal: Final = _exactly(CONTEXT.subtract)
multiply_decimal: Final = _exactly(CONTEXT.multiply)
divide_decimal: Final = _exactly(CONTEXT.divide)
remainder_decimal: Final = _exactly(CONTEXT.remainder)


def to_decimal(value: Number) -> Decimal:
    """An int or decimal as a decimal."""
    if not -LIMIT < value < LIMIT:
        raise overflow("decimal")
    return Decimal(value)


def _digits(value: Decimal, digits: int, rounding: str) -> Decimal:
    if not 0 <= digits <= 18:
        raise EvaluationError("round() takes 0 to 18 digits.", code="invalid_argument")
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= digits:
        return value
    return value.quantize(Decimal(1).scaleb(-digits), rounding=rounding, context=Context(prec=60))


def floor_decimal(value: Number) -> Decimal:
    """Towards minus infinity."""
    return Decimal(value).to_integral_value(ROUND_FLOOR)


def ceil_decimal(value: Number) -> Decimal:
    """Towards plus infinity."""
    return Decimal(value).to_integral_value(ROUND_CEILING)


def round_decimal(value: Number, digits: int = 0) -> Decimal:
    """To the nearest; a half goes away from zero."""
    return _digits(Decimal(value), digits, ROUND_HALF_UP)


def floor_double(value: float) -> float:
    """Towards minus infinity."""
    return float(math.floor(value)) if math.isfinite(value) else value


def ceil_double(value: float) -> float:
    """Towards plus infinity."""
    return float(math.ceil(value)) if math.isfinite(value) else value


def round_double(value: float, digits: int = 0) -> float:
    """To the nearest; a half goes away from zero."""
    if not math.isfinite(value) or abs(value) >= 2**53:
        return value
    return float(_digits(Decimal(value), digits, ROUND_HALF_UP))


def sum_int(values: Iterable[int]) -> int:
    """The sum, checked at every step."""
    return reduce(lambda total, value: as_int(total + value), values, 0)


def sum_decimal(values: Iterable[Number]) -> Decimal:
    """The exact sum."""
    return reduce(add_decimal, values, Decimal(0))
