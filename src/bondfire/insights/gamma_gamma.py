"""Gamma-Gamma: what a purchase of each buyer is worth.

Papers: Colombo & Jiang (1999), "A stochastic RFM model", Journal of Interactive Marketing 13; Fader & Hardie
(2013), "The Gamma-Gamma model of monetary value".
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, polygamma, psi

from bondfire.insights.buyers import LEAST_BUYERS
from bondfire.insights.errors import HistoryError, TooFew
from bondfire.insights.newton import Fitted, Floats, Slope, climb, fitted

_NAMES: Final = ("p", "q", "gamma")


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """A fitted or given Gamma-Gamma model.

    A purchase of a buyer is worth Gamma(p, nu), and nu is Gamma(q, gamma) among buyers. What a purchase is
    worth must not depend on how often somebody buys; look at that before you multiply the two.

    Attributes:
        p: shape of the values of one buyer.
        q: shape of their rates among buyers.
        gamma: scale of them, in money.
    """

    p: float
    q: float
    gamma: float

    def expected_value(self, frequency: ArrayLike, value: ArrayLike) -> Floats:
        """E(worth of a purchase | x, mean value), with x = 0 everybody's; Fader & Hardie 2013, equation 5."""
        x, mean = np.asarray(frequency, dtype=np.float64), np.asarray(value, dtype=np.float64)
        known = self.p * x
        with np.errstate(divide="ignore"):
            found = self.p * (self.gamma + x * mean) / (known + self.q - 1)
        return np.where(known + self.q > 1, found, np.inf)

    @property
    def population_mean(self) -> float:
        """The mean worth of a purchase over all buyers; infinite where q is 1 or less."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else float("inf")


def fit_gamma_gamma(
    frequency: ArrayLike, value: ArrayLike, weights: ArrayLike | None = None
) -> Fitted[GammaGamma]:
    """Fit a Gamma-Gamma model by exact maximum likelihood, on those who came back.

    Args:
        frequency: x, how many repeat purchases the mean is of; rows with 0 are left out.
        value: the mean worth of these purchases; above 0.
        weights: how many buyers each row stands for.

    Raises:
        HistoryError: a value of a repeat buyer that is 0, negative or missing, or no maximum.
        TooFew: too few repeat buyers.
    """
    x, mean = np.asarray(frequency, dtype=np.float64).ravel(), np.asarray(value, dtype=np.float64).ravel()
    n = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64).ravel()
    bad = (x > 0) & ~(np.isfinite(mean) & (mean > 0))
    if bad.any():
        row = int(np.argmax(bad))
        raise HistoryError(
            f"value in row {row + 1} is {mean[row]:g}, but must be above 0.",
            next_step="Leave purchases without value out, or correct the row.",
        )
    came_back = x > 0
    x, mean, n = x[came_back], mean[came_back], n[came_back]
    if n.sum() < LEAST_BUYERS:
        raise TooFew(
            f"There are {n.sum():,.0f} repeat buyers; the model needs at least {LEAST_BUYERS}.",
            next_step="Take a longer history, or wait until more have bought twice.",
        )
    unit = float(np.average(mean, weights=n))
    scale = np.array([1.0, 1.0, unit])
    top = climb(
        lambda theta: likelihood(theta, x, mean, n),
        np.array([2.0, 2.0, 0.5]) * scale,
        low=1e-6 * scale,
        high=1e5 * scale,
    )
    return fitted(GammaGamma(*top.parameters.tolist()), _NAMES, top, float(n.sum()))


def likelihood(theta: Floats, x: Floats, mean: Floats, n: Floats) -> Slope:
    """The log-likelihood with gradient and Hessian at (p, q, gamma)."""
    p, q, gamma = theta
    known, whole = p * x, gamma + x * mean
    both, buyers = known + q, n.sum()
    value = n @ (
        gammaln(both) - gammaln(known) + (known - 1) * np.log(mean) + known * np.log(x) - both * np.log(whole)
    ) + buyers * (q * np.log(gamma) - gammaln(q))
    gradient = np.array(
        [
            (n * x) @ (psi(both) - psi(known) + np.log(x * mean) - np.log(whole)),
            n @ (psi(both) - np.log(whole)) + buyers * (np.log(gamma) - psi(q)),
            buyers * q / gamma - n @ (both / whole),
        ]
    )
    bend = polygamma(1, both)
    hessian = np.zeros((3, 3))
    hessian[0, 0] = (n * x**2) @ (bend - polygamma(1, known))
    hessian[0, 1] = hessian[1, 0] = (n * x) @ bend
    hessian[0, 2] = hessian[2, 0] = -(n * x) @ (1 / whole)
    hessian[1, 1] = n @ bend - buyers * polygamma(1, q)
    hessian[1, 2] = hessian[2, 1] = buyers / gamma - n @ (1 / whole)
    hessian[2, 2] = n @ (both / whole**2) - buyers * q / gamma**2
    return Slope(float(value), gradient, hessian)
