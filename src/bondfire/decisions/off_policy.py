"""What a policy would have brought, from actions that another one took: IPS, self-normalised, doubly robust.

Each estimate is a mean of one number a row, so that policies can be compared row by row on the same data,
and its interval comes from the influence function: the deviation of these numbers over the root of their
count, or of their sums by member where a member has several rows.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bondfire.decisions.arrays import Numbers
from bondfire.errors import BadInput


class BadLog(BadInput):
    """A log of actions cannot be evaluated."""

    code = "bad_log"


class Log(NamedTuple):
    """Actions as they were taken, one row each.

    Attributes:
        action: the number of the action, from 0.
        reward: what followed, the action's cost already taken off.
        propensity: the probability with which that action was taken, above 0.
        expected: what a model expects of each action (rows by actions), learned on other rows; zeros where
            there is none.
        member: a number for each row's member; rows of one member stand or fall together.
    """

    action: NDArray[np.int64]
    reward: Numbers
    propensity: Numbers
    expected: Numbers
    member: NDArray[np.int64] | None = None


class Estimate(NamedTuple):
    """A value a row with its interval.

    Attributes:
        value: the estimate.
        error: its standard error.
        low: the lower end of the interval.
        high: the upper end.
        effective: the effective sample size: as many rows of equal weight would say as much (Kish 1965).
        n: the rows.
    """

    value: float
    error: float
    low: float
    high: float
    effective: float
    n: int

    @property
    def verdict(self) -> str:
        """What may be said of a difference: nothing, unless the interval leaves 0 out."""
        if self.low > 0:
            return "significant gain"
        return "significant loss" if self.high < 0 else "no significant gain"


def check_log(log: Log) -> None:
    """Refuse a log whose propensities are not probabilities of something that happened.

    Raises:
        BadLog: the first such row is named.
    """
    bad = np.flatnonzero(~((log.propensity > 0) & (log.propensity <= 1)) | ~np.isfinite(log.reward))
    for row in bad[:1]:
        raise BadLog(
            f"Row {row + 1} of the log has propensity {log.propensity[row]} and reward {log.reward[row]}.",
            next_step="Log each action with the probability, above 0, with which it was chosen.",
        )


def weights_of(log: Log, policy: Numbers) -> Numbers:
    """How much more often a policy (rows by actions, probabilities) takes each logged action."""
    weights: Numbers = policy[np.arange(len(log.action)), log.action] / log.propensity
    return weights


def inverse_propensity(log: Log, policy: Numbers) -> Numbers:
    """IPS scores: the reward, weighed (Horvitz and Thompson 1952). Unbiased, and noisy."""
    return weights_of(log, policy) * log.reward


def self_normalised(log: Log, policy: Numbers) -> Numbers:
    """Scores of the self-normalised estimate (Swaminathan and Joachims 2015): the ratio, linearised."""
    weights = weights_of(log, policy)
    mean = weights.mean()
    if mean == 0:
        return np.zeros(len(weights))
    ratio = float((weights * log.reward).sum() / weights.sum())
    scores: Numbers = ratio + weights / mean * (log.reward - ratio)
    return scores


def doubly_robust(log: Log, policy: Numbers) -> Numbers:
    """Doubly robust scores (Dudik, Langford and Li 2011): the model's value and the weighed residual."""
    rows = np.arange(len(log.action))
    residual = log.reward - log.expected[rows, log.action]
    scores: Numbers = (policy * log.expected).sum(axis=1) + weights_of(log, policy) * residual
    return scores


def estimate(
    scores: Numbers,
    *,
    level: float = 0.9,
    weights: Numbers | None = None,
    member: NDArray[np.int64] | None = None,
) -> Estimate:
    """The mean of scores, or of their differences, with the interval of its influence function.

    Args:
        scores: one number a row.
        level: of the interval, two-sided.
        weights: those behind the scores, for the effective sample size.
        member: whose row each is.
    """
    value, rows = float(scores.mean()), len(scores)
    centred = scores - value
    if member is not None:
        centred = np.bincount(member, weights=centred).astype(np.float64)
    parts = len(centred)
    error = float(np.sqrt((centred**2).sum() * parts / max(parts - 1, 1)) / rows)
    reach = NormalDist().inv_cdf((1 + level) / 2) * error
    heavy = np.ones(rows) if weights is None else weights
    effective = float(heavy.sum() ** 2 / (heavy**2).sum()) if heavy.any() else 0.0
    return Estimate(value, error, value - reach, value + reach, effective, rows)


def bootstrap(
    scores: Numbers,
    *,
    member: NDArray[np.int64] | None = None,
    draws: int = 1000,
    seed: int,
    level: float = 0.9,
) -> Estimate:
    """The mean of scores with a percentile interval from drawing members again (Efron 1979)."""
    sums, counts = scores, np.ones(len(scores))
    if member is not None:
        sums = np.bincount(member, weights=scores).astype(np.float64)
        counts = np.bincount(member).astype(np.float64)
        sums, counts = sums[counts > 0], counts[counts > 0]
    chance = np.random.default_rng(seed)
    means = np.empty(draws)
    for number in range(draws):
        drawn = chance.integers(0, len(sums), len(sums))
        means[number] = sums[drawn].sum() / counts[drawn].sum()
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(
        float(scores.mean()), float(means.std(ddof=1)), float(low), float(high), float(len(sums)), len(scores)
    )


def always(action: int, log: Log) -> Numbers:
    """The policy that takes one action for everybody."""
    policy = np.zeros_like(log.expected)
    policy[:, action] = 1
    return policy


def best_single(log: Log) -> int:
    """The action that would be best for everybody, by the doubly robust value."""
    values: Sequence[float] = [
        float(doubly_robust(log, always(action, log)).mean()) for action in range(log.expected.shape[1])
    ]
    return int(np.argmax(values))
