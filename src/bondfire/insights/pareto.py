"""Pareto/NBD: buyers who come back at a rate of their own, until they leave at any moment.

Paper: Schmittlein, Morrison & Colombo (1987), "Counting your customers: who are they and what will they do
next?", Management Science 33; derivations in Fader & Hardie (2005), "A note on deriving it".
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, polygamma, psi

from bondfire.insights.buyers import Cells, cells_of, enough, in_pieces
from bondfire.insights.mixture import Terms, share_of_the_first, summed
from bondfire.insights.newton import Fitted, Floats, Slope, climb, fitted

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_PIECE: Final = 2048
_NAMES: Final = ("r", "alpha", "s", "beta")
_SMALLEST, _LARGEST = 1e-6, 1e5


@dataclass(frozen=True, slots=True)
class Pareto:
    """A fitted or given Pareto/NBD.

    While alive a buyer purchases by a Poisson process of rate lambda, Gamma(r, alpha) among buyers; it leaves
    at rate mu, Gamma(s, beta) among buyers, independent of lambda. The likelihood is kept as the integral
    over the moment of leaving (32 nodes of Gauss and Legendre), whose derivatives are elementary, in place of
    the 2F1 of the paper, whose are not.

    Attributes:
        r: shape of the rates of buying.
        alpha: their scale, in the unit of time of the data.
        s: shape of the rates of leaving.
        beta: their scale.
    """

    r: float
    alpha: float
    s: float
    beta: float

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """P(still a buyer | x, t_x, T); equation 11 of Schmittlein et al. 1987."""
        theta = self._theta()
        return in_pieces(
            lambda x, t_x, t: share_of_the_first(_terms(x, t_x, t, theta).logs), frequency, recency, age
        )

    def expected_purchases(
        self, periods: float, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Floats:
        """E(purchases in the next `periods` | x, t_x, T); equation 22 of Schmittlein et al. 1987."""
        x, t = np.asarray(frequency, dtype=np.float64), np.asarray(age, dtype=np.float64)
        counted = (self.r + x) / (self.alpha + t) * self._staying(self.beta + t, periods)
        return np.asarray(self.probability_alive(x, recency, t) * counted, dtype=np.float64)

    def probability_of_purchase(
        self, periods: float, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Floats:
        """P(at least one purchase in the next `periods` | x, t_x, T)."""
        x, t = np.asarray(frequency, dtype=np.float64), np.asarray(age, dtype=np.float64)
        rate, scale, stay = self.r + x, self.alpha + t, self.beta + t
        half = np.log1p(periods / np.minimum(scale, stay)) / 2
        first = np.zeros(np.broadcast(x, t).shape)
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            ahead = np.minimum(scale, stay) * np.expm1(half * (1 + node))
            quiet = -(rate + 1) * np.log1p(ahead / scale) - self.s * np.log1p(ahead / stay)
            first += weight * half * (np.minimum(scale, stay) + ahead) * rate / scale * np.exp(quiet)
        return np.asarray(self.probability_alive(x, recency, t) * first, dtype=np.float64)

    def expected_purchases_of_new(self, periods: ArrayLike) -> Floats:
        """E(repeat purchases of somebody new within `periods`); equation 17 of Schmittlein et al. 1987."""
        times = np.asarray(periods, dtype=np.float64)
        return np.asarray(self.r / self.alpha * self._staying(self.beta, times), dtype=np.float64)

    def _staying(self, scale: ArrayLike, periods: ArrayLike) -> Floats:
        """The time that one alive stays within `periods`; for s = 1 its limit, a logarithm."""
        scale = np.asarray(scale, dtype=np.float64)
        longer, less = np.log1p(np.asarray(periods) / scale), self.s - 1
        if abs(less) < 1e-9:
            return np.asarray(scale * longer, dtype=np.float64)
        return np.asarray(scale * -np.expm1(-less * longer) / less, dtype=np.float64)

    def _theta(self) -> Floats:
        return np.array([self.r, self.alpha, self.s, self.beta])


def fit_pareto(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, weights: ArrayLike | None = None
) -> Fitted[Pareto]:
    """Fit a Pareto/NBD by maximum likelihood.

    Args:
        frequency: x, how many periods with a purchase came after the first.
        recency: t_x, the age at the last purchase.
        age: T, the time since the first purchase; any unit of time.
        weights: how many buyers each row stands for.

    Raises:
        HistoryError: a number that cannot be, or no maximum.
        TooFew: too few buyers or repeat buyers.
    """
    cells = cells_of(frequency, recency, age, weights)
    enough(cells)
    unit = max(float(np.average(cells.age, weights=cells.buyers)), 1e-9)
    scale = np.array([1.0, unit, 1.0, unit])
    start = np.array([0.5, 0.3, 0.6, 0.3]) * scale
    top = climb(lambda theta: likelihood(cells, theta), start, low=_SMALLEST * scale, high=_LARGEST * scale)
    return fitted(Pareto(*top.parameters.tolist()), _NAMES, top, float(cells.buyers.sum()))


def likelihood(cells: Cells, theta: Floats) -> Slope:
    """The log-likelihood with gradient and Hessian at (r, alpha, s, beta)."""
    r, alpha, s, beta = theta
    n, buyers = cells.buyers, cells.buyers.sum()
    value = n @ gammaln(r + cells.frequency) + buyers * (r * np.log(alpha) + s * np.log(beta) - gammaln(r))
    gradient = np.array(
        [
            n @ psi(r + cells.frequency) + buyers * (np.log(alpha) - psi(r)),
            *(buyers * r / alpha, buyers * np.log(beta), buyers * s / beta),
        ]
    )
    hessian = np.zeros((4, 4))
    hessian[0, 0] = n @ polygamma(1, r + cells.frequency) - buyers * polygamma(1, r)
    hessian[0, 1] = hessian[1, 0] = buyers / alpha
    hessian[1, 1] = -buyers * r / alpha**2
    hessian[2, 3] = hessian[3, 2] = buyers / beta
    hessian[3, 3] = -buyers * s / beta**2
    for begin in range(0, len(n), _PIECE):
        x, t_x, t, count = (column[begin : begin + _PIECE] for column in cells)
        part = summed(_terms(x, t_x, t, theta), count)
        value, gradient, hessian = value + part.value, gradient + part.gradient, hessian + part.hessian
    return Slope(float(value), gradient, hessian)


def _terms(x: Floats, t_x: Floats, t: Floats, theta: Floats) -> Terms:
    """Still here at T, or left at u between t_x and T: nodes in the logarithm of u + min(alpha, beta)."""
    r, alpha, s, beta = theta
    least = min(alpha, beta)
    half = np.log((least + t) / (least + t_x))[:, None] / 2
    moved = (least + t_x)[:, None] * np.exp(half * (1 + _NODES))
    u = np.column_stack([t, moved - least])
    left = np.column_stack([np.zeros_like(t), np.ones_like(moved)])
    with np.errstate(divide="ignore"):
        width = np.column_stack([np.zeros_like(t), np.log(s * _WEIGHTS * half * moved)])
    rate, stay, ahead, leave = (r + x)[:, None], s + left, alpha + u, beta + u
    return Terms(
        width - rate * np.log(ahead) - stay * np.log(leave),
        (-np.log(ahead), -rate / ahead, left / s - np.log(leave), -stay / leave),
        (np.zeros_like(u), -1 / ahead, rate / ahead**2, -left / s**2, -1 / leave, stay / leave**2),
    )
