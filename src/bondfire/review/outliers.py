"""Who is far from their peers, by a statistic that the extreme ones do not move; pure and exact."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple, TypeVar

from bondfire.kit import EXACT, quantise

K = TypeVar("K")

CUT_OFF: Final = Decimal("3.5")
"""Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993): beyond it a value may be an outlier."""
LEAST_PEERS: Final = 10
"""With fewer values nobody is called unusual."""
_MAD: Final = Decimal("0.6745")
_MEAN: Final = Decimal("1.253314")
"""Of a normal distribution: the third quartile, and the standard deviation by the mean absolute deviation."""


class Outlier(NamedTuple):
    """A value far above the others.

    Attributes:
        score: the modified z-score, rounded down to a tenth.
        median: of all values.
    """

    value: Decimal
    score: Decimal
    median: Decimal


def outliers(values: Mapping[K, Decimal]) -> dict[K, Outlier]:
    """Whose value lies far above those of the others, the farthest first.

    By the modified z-score: 0.6745 times the distance from the median, by the median of all distances; where
    that is 0, because more than half of the values are equal, the distance by 1.253314 times the mean one.
    """
    if len(values) < LEAST_PEERS:
        return {}
    middle = median(list(values.values()))
    distances = [abs(value - middle) for value in values.values()]
    unit = median(distances)
    scale = EXACT.divide(unit, _MAD)
    if not unit:
        scale = EXACT.multiply(EXACT.divide(sum(distances, Decimal(0)), Decimal(len(distances))), _MEAN)
    if not scale:
        return {}
    found = {
        key: Outlier(value, quantise(EXACT.divide(value - middle, scale), 1), middle)
        for key, value in values.items()
        if EXACT.divide(value - middle, scale) > CUT_OFF
    }
    return dict(sorted(found.items(), key=lambda one: -one[1].score))


def median(values: list[Decimal]) -> Decimal:
    """The value in the middle, or half way between the two there."""
    ordered, half = sorted(values), len(values) // 2
    if len(ordered) % 2:
        return ordered[half]
    return EXACT.divide(ordered[half - 1] + ordered[half], Decimal(2))
