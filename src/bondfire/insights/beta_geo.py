"""BG/NBD and MBG/NBD: buyers who come back at a rate of their own, until one purchase is the last.

Papers: Fader, Hardie & Lee (2005), "'Counting your customers' the easy way", Marketing Science 24;
Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for customer base
analysis", IJRM 24, for the modified one.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, expit, gammaln, hyp2f1, polygamma, psi

from bondfire.insights.buyers import Cells, by_pair, cells_of, enough, in_pieces
from bondfire.insights.newton import Fitted, Floats, Slope, climb, fitted

_SMALLEST: Final = 1e-6
_LARGEST: Final = 1e5
_PIECE: Final = 4096
_SAMPLE: Final = 2000
"""So many cells give a start from which three steps over all of them are enough."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)


@dataclass(frozen=True, slots=True)
class BetaGeo:
    """A fitted or given BG/NBD, or MBG/NBD where `modified`.

    While alive a buyer purchases by a Poisson process of rate lambda, Gamma(r, alpha) among buyers. After
    every purchase the buyer leaves for ever with chance p, Beta(a, b) among buyers and independent of lambda.
    The BG/NBD lets nobody leave after the first purchase, so whoever bought once counts as alive for ever:
    its chance of being alive ranks one-time buyers first and is no measure of loyalty. The MBG/NBD lets them
    leave there too. With a = 0 nobody leaves (the NBD of Ehrenberg 1959).

    Attributes:
        r: shape of the rates.
        alpha: their scale, in the unit of time of the data.
        a: first parameter of the chance to leave; 0 for nobody leaves.
        b: second parameter of it.
        modified: whether one may leave after the first purchase.
    """

    r: float
    alpha: float
    a: float
    b: float
    modified: bool = False

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """P(still a buyer | x, t_x, T); Fader, Hardie & Lee 2008, "Computing P(alive)"."""
        return in_pieces(self._alive, frequency, recency, age)

    def expected_purchases(
        self, periods: float, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Floats:
        """E(purchases in the next `periods` | x, t_x, T); equation 10 of Fader et al. 2005."""
        x, t_x, t = _floats(frequency, recency, age)
        while_alive = by_pair(
            lambda x, t: self._counted(self.r + x, self.alpha + t, self.b + x + self.modified, periods), x, t
        )
        return np.asarray(self.probability_alive(x, t_x, t) * while_alive, dtype=np.float64)

    def probability_of_purchase(
        self, periods: float, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Floats:
        """P(at least one purchase in the next `periods` | x, t_x, T)."""
        x, t_x, t = _floats(frequency, recency, age)
        silent = np.exp((self.r + x) * -np.log1p(periods / (self.alpha + t)))
        return np.asarray(self.probability_alive(x, t_x, t) * (1 - silent), dtype=np.float64)

    def expected_purchases_of_new(self, periods: ArrayLike) -> Floats:
        """E(repeat purchases of somebody new within `periods`); equation 9 of Fader et al. 2005."""
        times = np.asarray(periods, dtype=np.float64)
        stays = self.b / (self.a + self.b) if self.modified else 1.0
        counted = [self._counted(self.r, self.alpha, self.b + self.modified, float(t)) for t in times.ravel()]
        return stays * np.asarray(counted, dtype=np.float64).reshape(times.shape)

    def probability_of_count(self, count: ArrayLike, periods: float) -> Floats:
        """P(X(t) = n): somebody new comes back n times within `periods`; equation 8 of Fader et al. 2005."""
        n = np.asarray(count, dtype=np.float64)
        r, a, b, k = self.r, self.a, self.b, n + self.modified
        stayed = np.exp(gammaln(b + k) - gammaln(b) + gammaln(a + b) - gammaln(a + b + k))
        share = periods / (self.alpha + periods)
        counted = np.exp(
            gammaln(r + n) - gammaln(r) - gammaln(n + 1) + r * np.log1p(-share) + n * np.log(share)
        )
        more = np.where(n > 0, betainc(np.maximum(n, 1), r, share), 1.0)
        left = np.divide(a, b + k - 1, out=np.zeros_like(n), where=k > 0)
        return np.asarray(stayed * (counted + left * more), dtype=np.float64)

    def _alive(self, x: Floats, t_x: Floats, t: Floats) -> Floats:
        stay = self.b + x + (self.modified - 1)
        with np.errstate(over="ignore", invalid="ignore"):
            grown = np.log((self.alpha + t) / (self.alpha + t_x))
            grown *= self.r + x
            np.exp(grown, out=grown)
            grown *= self.a
            grown /= stay
            grown += 1
            np.reciprocal(grown, out=grown)
        if not self.modified:
            grown[x == 0] = 1.0
        return grown

    def _counted(self, rate: ArrayLike, scale: ArrayLike, stay: ArrayLike, periods: float) -> Floats:
        """Purchases within `periods` of one alive with rate ~ Gamma(rate, scale) and p ~ Beta(a, stay).

        The closed form (after Euler's transformation, which keeps its terms small for frequent buyers)
        divides by a - 1 and by a + stay - 1. Near those the limit is taken as the integral of the expected
        rate, which has no such place.
        """
        rate, scale, stay = np.broadcast_arrays(*_floats(rate, scale, stay))
        y = periods / scale
        c = self.a + stay - 1
        with np.errstate(all="ignore"):
            found = c / (self.a - 1) * (1 - _decayed(rate, stay, c, np.log1p(y)))
        near = (abs(self.a - 1) < 1e-2) | (np.abs(c) < 1e-2) | ~np.isfinite(found)
        if np.any(near):
            found = np.where(near, self._integrated(rate, y, stay), found)
        if not np.all(np.isfinite(found)):  # where 2F1 overflows, p hardly differs between buyers
            p = max(self.a, _SMALLEST) / (max(self.a, _SMALLEST) + stay)
            found = np.where(np.isfinite(found), found, -np.expm1(-rate * np.log1p(p * y)) / p)
        return np.asarray(found, dtype=np.float64)

    def _integrated(self, rate: Floats, y: Floats, stay: Floats) -> Floats:
        """The integral of rate 2F1(rate + 1, a; a + stay; -s) over s from 0 to y, by log(1 + s)."""
        half = np.log1p(y) / 2
        total = np.zeros_like(y)
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            v = half * (1 + node)
            with np.errstate(all="ignore"):
                total = total + weight * half * np.exp(v) * _decayed(rate + 1, stay, self.a + stay, v)
        return np.asarray(rate * total, dtype=np.float64)


def _decayed(rate: Floats, stay: Floats, c: Floats, v: Floats) -> Floats:
    """exp(-rate v) 2F1(rate, stay; c; 1 - exp(-v)), after Euler's transformation where that is tamer."""
    z = -np.expm1(-v)
    with np.errstate(all="ignore"):
        found = np.exp(-(c - stay) * v) * hyp2f1(c - rate, c - stay, c, z)
        wild = ~np.isfinite(found) | (c - stay > 10)
        if np.any(wild):
            found = np.where(wild, np.exp(-rate * v) * hyp2f1(rate, stay, c, z), found)
    return np.asarray(found, dtype=np.float64)


_NAMES: Final = ("r", "alpha", "a", "b")


def fit_beta_geo(
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    modified: bool = False,
) -> Fitted[BetaGeo]:
    """Fit a BG/NBD, or an MBG/NBD, by exact maximum likelihood.

    Args:
        frequency: x, how many periods with a purchase came after the first.
        recency: t_x, the age at the last purchase.
        age: T, the time since the first purchase; any unit of time.
        weights: how many buyers each row stands for.
        modified: fit the MBG/NBD.

    Raises:
        HistoryError: a number that cannot be, or no maximum.
        TooFew: too few buyers or repeat buyers.
    """
    cells = cells_of(frequency, recency, age, weights)
    enough(cells)
    likelihood = Likelihood(cells, modified=modified)
    unit = max(float(np.average(cells.age, weights=cells.buyers)), 1e-9)
    low, high = np.full(4, _SMALLEST), np.full(4, _LARGEST)
    low[1], high[1] = low[1] * unit, high[1] * unit
    start = np.array([0.5, 0.3 * unit, 0.8, 2.0])
    if len(cells.buyers) > 4 * _SAMPLE:
        step = len(cells.buyers) // _SAMPLE
        some = Likelihood(Cells(*(column[::step] for column in cells)), modified=modified)
        start = climb(some, start, low=low, high=high).parameters
    top = climb(likelihood, start, low=low, high=high)
    r, alpha, a, b = top.parameters.tolist()
    model = BetaGeo(r, alpha, a, b, modified=modified)
    return fitted(model, _NAMES, top, float(cells.buyers.sum()))


class Likelihood:
    """The log-likelihood and its derivatives, summed over distinct cells.

    log L = log Gamma(r+x)/Gamma(r) + r log alpha - (r+x) log(alpha+T) + log B(a, b+k)/B(a, b) + log(1 + e^d)
    with d = log a/(b+k-1) + (r+x) log((alpha+T)/(alpha+t_x)) and k = x, or x + 1 where one may leave after
    the first purchase; without a chance to have left, e^d is 0. Only the last needs all of (x, t_x, T).
    """

    def __init__(self, cells: Cells, *, modified: bool) -> None:
        self._extra = float(modified)
        self._x, counted = np.unique(cells.frequency, return_inverse=True)
        self._at_x = np.bincount(counted, weights=cells.buyers)
        self._ages, of_age = np.unique(cells.age, return_inverse=True)
        self._at_age = np.bincount(of_age, weights=cells.buyers)
        self._x_at_age = np.bincount(of_age, weights=cells.buyers * cells.frequency)
        could = cells.frequency + self._extra > 0
        self._could_leave = Cells(*(column[could] for column in cells))

    def __call__(self, theta: Floats) -> Slope:
        """The log-likelihood with gradient and Hessian at (r, alpha, a, b)."""
        value, gradient, hessian = self._of_counts(theta)
        terms = self._could_leave
        for begin in range(0, len(terms.buyers), _PIECE):
            piece = Cells(*(column[begin : begin + _PIECE] for column in terms))
            more, slope, bend = _of_leaving(piece, theta, self._extra)
            value, gradient, hessian = value + more, gradient + slope, hessian + bend
        return Slope(float(value), gradient, hessian)

    def _of_counts(self, theta: Floats) -> tuple[float, Floats, Floats]:
        """All terms but that of having left."""
        r, alpha, a, b = theta
        x, n, k = self._x, self._at_x, self._x + self._extra
        ages, n_age = alpha + self._ages, self._at_age
        rated = r * n_age + self._x_at_age
        buyers = n.sum()
        value = (
            n @ (gammaln(r + x) + gammaln(b + k) - gammaln(a + b + k))
            + buyers * (r * np.log(alpha) - gammaln(r) - gammaln(b) + gammaln(a + b))
            - rated @ np.log(ages)
        )
        gradient = np.array(
            [
                n @ psi(r + x) + buyers * (np.log(alpha) - psi(r)) - n_age @ np.log(ages),
                buyers * r / alpha - rated @ (1 / ages),
                buyers * psi(a + b) - n @ psi(a + b + k),
                buyers * (psi(a + b) - psi(b)) + n @ (psi(b + k) - psi(a + b + k)),
            ]
        )
        hessian = np.zeros((4, 4))
        hessian[0, 0] = n @ polygamma(1, r + x) - buyers * polygamma(1, r)
        hessian[0, 1] = hessian[1, 0] = buyers / alpha - n_age @ (1 / ages)
        hessian[1, 1] = rated @ (1 / ages**2) - buyers * r / alpha**2
        both = buyers * polygamma(1, a + b) - n @ polygamma(1, a + b + k)
        hessian[2:, 2:] = both
        hessian[3, 3] += n @ polygamma(1, b + k) - buyers * polygamma(1, b)
        return float(value), gradient, hessian


def _of_leaving(cells: Cells, theta: Floats, extra: float) -> tuple[float, Floats, Floats]:
    """The sum of log(1 + e^d) and its derivatives: s d' and s d'' + s(1-s) d' d'^T with s = expit(d)."""
    r, alpha, a, b = theta
    x, t_x, t, n = cells
    at_age, at_last, rated, stay = alpha + t, alpha + t_x, r + x, b + (x + extra - 1)
    longer = np.log(at_age / at_last)
    d = np.log(a / stay) + rated * longer
    s = expit(d)
    value = float(n @ (d - np.log(s)))
    inverse, inverse_last = 1 / at_age, 1 / at_last
    apart = inverse - inverse_last
    slopes = np.stack([longer, rated * apart, np.full_like(x, 1 / a), -1 / stay])
    ns = n * s
    gradient = slopes @ ns
    hessian = (slopes * (ns * (1 - s))) @ slopes.T
    bend = ns @ apart
    hessian[0, 1] += bend
    hessian[1, 0] += bend
    hessian[1, 1] += ns @ (rated * (inverse_last**2 - inverse**2))
    hessian[2, 2] -= ns.sum() / a**2
    hessian[3, 3] += ns @ (1 / stay**2)
    return value, gradient, hessian


def _floats(*values: ArrayLike) -> list[Floats]:
    return [np.asarray(value, dtype=np.float64) for value in values]
