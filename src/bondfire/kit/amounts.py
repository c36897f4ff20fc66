"""Exact amounts: parsing, rounding and splitting of decimals without a binary float anywhere."""

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Final, Literal

from bondfire.errors import BadInput

MAX_AMOUNT: Final = Decimal(10) ** 15
"""No single amount and no balance may be larger in size (acceptance case L19)."""

EXACT: Final = Context(prec=60)
"""Wide enough for the sum or product of any two amounts, so nothing is ever rounded by accident."""

Rounding = Literal["down", "half_up", "half_even", "up"]
_MODES: Final[dict[str, str]] = {
    "down": ROUND_FLOOR,
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "up": ROUND_CEILING,
}
_STEPS: Final = tuple(Decimal(1).scaleb(-decimals) for decimals in range(10))
_WEIGHT_DECIMALS: Final = 15
"""Weights are compared this finely; money has at most 6 decimals and a factor seldom more than 9."""
_PLAIN_DECIMAL: Final = re.compile(r"-?\d{1,16}(\.\d{1,9})?", re.ASCII)


class AmountError(BadInput):
    """A number that is not a plain decimal, too precise or too large."""

    code = "bad_amount"


def parse_amount(text: object, *, decimals: int, name: str, negative: bool = False) -> Decimal:
    """Read a decimal string (or an integer) exactly.

    Args:
        text: what was sent; binary floats are refused because they are not exact.
        decimals: how many digits after the point are allowed; trailing zeros beyond do not count.
        name: the field, for the message.
        negative: whether an amount below zero is allowed.

    Raises:
        AmountError: not a plain decimal, too many decimals, too large, or below zero.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        raise AmountError(
            f"{name} is {text!r}, which is not an exact amount.",
            next_step=f'Send it as a decimal string, such as "{name}": "12.50".',
        )
    plain = format(text, "f") if isinstance(text, Decimal) else str(text)
    if not _PLAIN_DECIMAL.fullmatch(plain):
        raise AmountError(
            f"{name} is {plain[:40]!r}, which is not a plain decimal number.",
            next_step='Use digits and one point, such as "1234.50"; no exponent, comma or currency sign.',
        )
    amount = Decimal(plain)
    if _scale(amount) > decimals:
        raise AmountError(
            f"{name} is {plain}, but at most {decimals} digits may follow the point.",
            next_step="Round it before sending; bondfire never rounds what it is given.",
        )
    if abs(amount) > MAX_AMOUNT:
        raise AmountError(f"{name} is {plain}, beyond the limit of 10^15.", next_step="Check the unit.")
    if amount < 0 and not negative:
        raise AmountError(f"{name} is {plain}, below zero.", next_step="Send the size of the amount.")
    return amount


def _scale(amount: Decimal) -> int:
    exponent = amount.normalize(EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def quantise(amount: Decimal, decimals: int, rounding: Rounding = "down") -> Decimal:
    """Round to so many decimals; `down` is towards minus infinity, as floor is."""
    return amount.quantize(_STEPS[decimals], _MODES[rounding], EXACT)


def rounder(decimals: int, rounding: Rounding = "down") -> Callable[[Decimal], Decimal]:
    """`quantise` with everything but the amount settled."""
    step, mode = _STEPS[decimals], _MODES[rounding]

    def rounded(amount: Decimal) -> Decimal:
        return amount.quantize(step, mode, EXACT)

    return rounded


def format_amount(amount: Decimal) -> str:
    """The plain text of an amount, without exponent or trailing zeros: `0`, `12.5`, `-3`."""
    if not amount:
        return "0"
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Weights:
    """The weights of a split, made ready once for several totals.

    Hamilton's method of the largest remainder: everyone gets the rounded-down share, the rest goes one
    smallest unit each to the largest remainders, ties to the earlier line. Weights of zero get nothing;
    if all are zero the first line takes all.
    """

    def __init__(self, weights: Sequence[Decimal]) -> None:
        self._whole = [int(weight.scaleb(_WEIGHT_DECIMALS)) for weight in weights]
        self._sum = sum(self._whole)
        self._last: tuple[Decimal, int, list[Decimal]] | None = None

    def split(self, total: Decimal, decimals: int) -> list[Decimal]:
        """Parts in whole smallest units of so many decimals that add up to the total exactly."""
        if self._last is None or self._last[:2] != (total, decimals):  # points and status are often alike
            self._last = (total, decimals, self._split(total, decimals))
        return self._last[2].copy()

    def _split(self, total: Decimal, decimals: int) -> list[Decimal]:
        whole, weight_sum = self._whole, self._sum
        if not weight_sum:
            return [total, *(Decimal(0) for _ in whole[1:])] if whole else []
        amount = int(total.scaleb(decimals))
        units = [amount * weight // weight_sum for weight in whole]
        missing = amount - sum(units)
        if missing:
            rests = [amount * weight - unit * weight_sum for weight, unit in zip(whole, units, strict=True)]
            for place in sorted(range(len(rests)), key=rests.__getitem__, reverse=True)[:missing]:
                units[place] += 1
        if not decimals:
            return [Decimal(unit) for unit in units]
        return [Decimal(unit).scaleb(-decimals) for unit in units]


def split_largest_remainder(total: Decimal, weights: Sequence[Decimal], decimals: int) -> list[Decimal]:
    """Split a total by weights so that the parts add up to it exactly (see `Weights`)."""
    return Weights(weights).split(total, decimals)
