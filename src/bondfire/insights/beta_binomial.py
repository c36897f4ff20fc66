"""BG/BB: buyers with an opportunity in each period, as donors of a yearly appeal have.

Paper: Fader, Hardie & Shang (2010), "Customer-base analysis in a discrete-time noncontractual setting",
Marketing Science 29.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, polygamma, psi

from bondfire.insights.buyers import Cells, cells_of, enough
from bondfire.insights.errors import HistoryError
from bondfire.insights.mixture import Terms, share_of_the_first, summed
from bondfire.insights.newton import Fitted, Floats, Slope, climb, fitted

_NAMES: Final = ("alpha", "beta", "gamma", "delta")
_MOST_PERIODS: Final = 1000


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """A fitted or given BG/BB.

    In each period somebody alive buys with chance p, Beta(alpha, beta) among buyers, and at the beginning of
    each leaves for ever with chance theta, Beta(gamma, delta), independent of p. The three numbers of a buyer
    are periods: *frequency* x with a purchase, *recency* t_x of the last one, *age* n there were; the period
    of the first purchase is not among them.

    Attributes:
        alpha: first parameter of the chance to buy.
        beta: second parameter of it.
        gamma: first parameter of the chance to leave.
        delta: second parameter of it.
    """

    alpha: float
    beta: float
    gamma: float
    delta: float

    def probability_alive(
        self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, ahead: int = 1
    ) -> Floats:
        """P(alive in the period `ahead` | x, t_x, n), 1 for the next; equation 11 of Fader et al. 2010."""
        x, t_x, n = _columns(frequency, recency, age)
        logs = _terms(x, t_x, n, self._theta()).logs
        stays = betaln(self.gamma, self.delta + n + ahead) - betaln(self.gamma, self.delta + n)
        return _shaped(share_of_the_first(logs) * np.exp(stays), frequency, recency, age)

    def expected_purchases(
        self, periods: int, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Floats:
        """E(purchases in the next `periods` | x, t_x, n); equation 13 of Fader et al. 2010.

        It is summed period by period, which has no singular place at gamma = 1.
        """
        x, _, n = _columns(frequency, recency, age)
        buys = (self.alpha + x) / (self.alpha + self.beta + n)
        alive = sum(
            (
                _columns(self.probability_alive(frequency, recency, age, one))[0]
                for one in range(1, periods + 1)
            ),
            np.zeros_like(x),
        )
        return _shaped(buys * alive, frequency, recency, age)

    def probability_of_purchase(
        self, periods: int, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Floats:
        """P(at least one purchase in the next `periods` | x, t_x, n): 1 less the chance of silence.

        Silence is to stay for all periods and never buy, or to leave at the beginning of one of them.
        """
        x, t_x, n = _columns(frequency, recency, age)
        alive = share_of_the_first(_terms(x, t_x, n, self._theta()).logs)
        quiet = np.zeros_like(x)
        for stayed in range(periods + 1):
            silent = betaln(self.alpha + x, self.beta + n - x + stayed) - betaln(
                self.alpha + x, self.beta + n - x
            )
            goes = float(stayed < periods)
            until = betaln(self.gamma + goes, self.delta + n + stayed) - betaln(self.gamma, self.delta + n)
            quiet += np.exp(silent + until)
        return _shaped(alive * (1 - quiet), frequency, recency, age)

    def _theta(self) -> Floats:
        return np.array([self.alpha, self.beta, self.gamma, self.delta])


def fit_beta_binomial(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, weights: ArrayLike | None = None
) -> Fitted[BetaBinomial]:
    """Fit a BG/BB by exact maximum likelihood.

    Args:
        frequency: x, in how many periods somebody bought.
        recency: t_x, the last period with a purchase; 0 for none.
        age: n, how many periods there were.
        weights: how many buyers each row stands for.

    Raises:
        HistoryError: a number that cannot be, or no maximum.
        TooFew: too few buyers or repeat buyers.
    """
    cells = cells_of(frequency, recency, age, weights)
    if np.any(cells.age != np.floor(cells.age)) or np.any(cells.recency != np.floor(cells.recency)):
        raise HistoryError(
            "BG/BB counts whole periods, but a recency or an age is broken.",
            next_step="Give them in periods, such as years.",
        )
    if cells.age.max() > _MOST_PERIODS:
        raise HistoryError(
            f"BG/BB would need {cells.age.max():,.0f} periods; it is made for few.",
            next_step="Take longer periods, or a model of any moment (bgnbd, mbgnbd, paretonbd).",
        )
    enough(cells)
    low, high = np.full(4, 1e-6), np.full(4, 1e5)
    top = climb(lambda theta: likelihood(cells, theta), np.ones(4), low=low, high=high)
    return fitted(BetaBinomial(*top.parameters.tolist()), _NAMES, top, float(cells.buyers.sum()))


def likelihood(cells: Cells, theta: Floats) -> Slope:
    """The log-likelihood with gradient and Hessian at (alpha, beta, gamma, delta).

    All terms of a buyer are divided by B(alpha, beta) and by B(gamma, delta).
    """
    found, buyers = summed(_terms(*cells[:3], theta), cells.buyers), float(cells.buyers.sum())
    value, gradient, hessian = found
    for one in (0, 2):
        a, b = theta[one], theta[one + 1]
        value -= buyers * float(betaln(a, b))
        gradient[one : one + 2] -= buyers * (psi([a, b]) - psi(a + b))
        hessian[one : one + 2, one : one + 2] += buyers * polygamma(1, a + b)
        hessian[one, one] -= buyers * polygamma(1, a)
        hessian[one + 1, one + 1] -= buyers * polygamma(1, b)
    return Slope(value, gradient, hessian)


def _terms(x: Floats, t_x: Floats, n: Floats, theta: Floats) -> Terms:
    """Still here after n periods, or left at the beginning of one after t_x."""
    alpha, beta, gamma, delta = theta
    ahead = np.arange(int((n - t_x).max(initial=0)))
    last = np.column_stack([n, t_x[:, None] + ahead])
    left = np.column_stack([np.zeros_like(n), np.ones((len(n), len(ahead)))])
    possible = np.column_stack([np.ones_like(n, dtype=bool), t_x[:, None] + ahead < n[:, None]])
    last = np.where(possible, last, n[:, None])
    x = np.broadcast_to(x[:, None], last.shape)
    logs = betaln(alpha + x, beta + last - x) + betaln(gamma + left, delta + last)
    tried, stayed = alpha + beta + last, gamma + delta + last + left
    slopes = (
        psi(alpha + x) - psi(tried),
        psi(beta + last - x) - psi(tried),
        psi(gamma + left) - psi(stayed),
        psi(delta + last) - psi(stayed),
    )
    both, other = polygamma(1, tried), polygamma(1, stayed)
    bends = (
        *(polygamma(1, alpha + x) - both, -both, polygamma(1, beta + last - x) - both),
        *(polygamma(1, gamma + left) - other, -other, polygamma(1, delta + last) - other),
    )
    return Terms(np.where(possible, logs, -np.inf), slopes, bends)


def _columns(*values: ArrayLike) -> list[Floats]:
    return [np.ravel(one) for one in np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values))]


def _shaped(found: Floats, *values: ArrayLike) -> Floats:
    return found.reshape(np.broadcast_shapes(*(np.shape(one) for one in values)))
