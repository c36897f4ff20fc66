"""Who bought how often, when last, and how long ago first: all that the models of repeat buying read.

The three numbers of a buyer (Fader, Hardie & Lee 2005): *frequency* x, the periods with a purchase after the
first; *recency* t_x, the age at the last purchase; *age* T, the time since the first. Many buyers share them,
so a likelihood is a sum over distinct cells.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bondfire.insights.errors import HistoryError, TooFew
from bondfire.insights.newton import Floats

Ints = NDArray[np.int64]

LEAST_BUYERS: Final = 30
LEAST_REPEATERS: Final = 5
_DENSE: Final = 2**20
_PIECE: Final = 8192


class Cells(NamedTuple):
    """The distinct (x, t_x, T), each with how many buyers share it."""

    frequency: Floats
    recency: Floats
    age: Floats
    buyers: Floats


def cells_of(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, weights: ArrayLike | None = None
) -> Cells:
    """Check the three numbers of all buyers and group them.

    Args:
        frequency: x, whole numbers from 0.
        recency: t_x, from 0 to the age; 0 where x is 0.
        age: T, in the same unit of time.
        weights: how many buyers each row stands for; 1 without it.

    Raises:
        HistoryError: a number that cannot be; it names the column and the row.
    """
    x, t_x, t = (np.asarray(one, dtype=np.float64).ravel() for one in (frequency, recency, age))
    n = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64).ravel()
    _check(x, t_x, t, n)
    columns = [_codes(column) for column in (x, t_x, t)]
    key = np.zeros(len(x), dtype=np.int64)
    for codes, values in columns:
        key = key * len(values) + codes
    if weights is None:
        key = np.sort(key)
        begins = np.flatnonzero(np.diff(key, prepend=-1))
        key, buyers = key[begins], np.diff(begins, append=len(x)).astype(np.float64)
    else:
        key, inverse = np.unique(key, return_inverse=True)
        buyers = np.bincount(inverse, weights=n).astype(np.float64)
    found = []
    for _, values in reversed(columns):
        key, codes = np.divmod(key, len(values))
        found.append(values[codes])
    return Cells(found[2], found[1], found[0], buyers)


def _codes(column: Floats) -> tuple[Ints, Floats]:
    """Small whole numbers that tell the values of a column apart, and the value of each."""
    largest = float(column.max(initial=0))
    if largest < _DENSE:
        whole = column.astype(np.int64)
        if np.array_equal(whole, column):
            return whole, np.arange(largest + 1)
    values, codes = np.unique(column, return_inverse=True)
    return codes.astype(np.int64), values


def _check(x: Floats, t_x: Floats, t: Floats, n: Floats) -> None:
    if not len(x) == len(t_x) == len(t) == len(n):
        raise HistoryError(
            f"frequency, recency and age have {len(x)}, {len(t_x)} and {len(t)} rows.",
            next_step="Give one row of each for every buyer.",
        )
    with np.errstate(invalid="ignore"):
        _refuse(~np.isfinite(x) | (x < 0) | (x != np.floor(x)), "frequency", "a whole number from 0", x)
        _refuse(~np.isfinite(t) | (t < 0), "age", "a time from 0", t)
        _refuse(~np.isfinite(t_x) | (t_x < 0) | (t_x > t), "recency", "a time from 0 to the age", t_x)
        _refuse((x == 0) & (t_x > 0), "recency", "0 where the frequency is 0", t_x)
        _refuse(~np.isfinite(n) | (n < 0), "weights", "a number from 0", n)


def _refuse(bad: NDArray[np.bool_], column: str, wanted: str, values: Floats) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise HistoryError(
            f"{column} in row {row + 1} is {values[row]:g}, but must be {wanted}.",
            next_step="Correct the row, or leave the buyer out.",
        )


def enough(cells: Cells) -> None:
    """See that there is something to learn from.

    Raises:
        TooFew: too few buyers, or too few of them came back.
    """
    buyers, repeaters = cells.buyers.sum(), cells.buyers[cells.frequency > 0].sum()
    if buyers < LEAST_BUYERS or repeaters < LEAST_REPEATERS:
        raise TooFew(
            f"There are {buyers:,.0f} buyers, {repeaters:,.0f} of whom came back; a model needs at least "
            f"{LEAST_BUYERS} and {LEAST_REPEATERS}.",
            next_step="Take a longer history, or wait until more have bought twice.",
        )


def by_pair(function: Callable[[Floats, Floats], Floats], x: Floats, t: Floats) -> Floats:
    """Work a costly function of (x, T) out once for each distinct pair."""
    x, t = np.broadcast_arrays(x, t)
    codes_x, of_x = _codes(x.ravel())
    codes_t, of_t = _codes(t.ravel())
    key, size = codes_x * len(of_t) + codes_t, len(of_x) * len(of_t)
    if size < _DENSE:
        seen = np.zeros(size, dtype=bool)
        seen[key] = True
        pairs = np.flatnonzero(seen)
        found = np.empty(size)
        found[pairs] = function(of_x[pairs // len(of_t)], of_t[pairs % len(of_t)])
        return np.asarray(found[key].reshape(x.shape), dtype=np.float64)
    pairs, inverse = np.unique(key, return_inverse=True)
    found = function(of_x[pairs // len(of_t)], of_t[pairs % len(of_t)])
    return np.asarray(found[inverse].reshape(x.shape), dtype=np.float64)


def in_pieces(function: Callable[[Floats, Floats, Floats], Floats], *buyer: ArrayLike) -> Floats:
    """Work a function of (x, t_x, T) out piece by piece, so that what lies between stays in the cache."""
    columns = np.broadcast_arrays(*(np.asarray(one, dtype=np.float64) for one in buyer))
    x, t_x, t = (column.ravel() for column in columns)
    found = np.empty(len(x))
    for begin in range(0, len(x), _PIECE):
        part = slice(begin, begin + _PIECE)
        found[part] = function(x[part], t_x[part], t[part])
    return found.reshape(columns[0].shape)
