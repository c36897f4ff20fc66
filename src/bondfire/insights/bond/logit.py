"""A small logit: what the past windows teach beyond the model, held back where they teach little."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy.special import expit

from bondfire.insights.newton import Floats

_HELD_BACK: Final = 30.0
"""Prior precision of a coefficient: unless the data say otherwise, one standard deviation of a term moves the
log-odds by 0.18 at most."""
_SMALL_SHOP: Final = 30_000.0
_STEPS: Final = 50


class Window(NamedTuple):
    """A past window: what was known on its first day, and who bought within it.

    Attributes:
        terms: a row for each member.
        offset: the log-odds that are corrected.
        bought: 1 for who bought.
    """

    terms: Floats
    offset: Floats
    bought: Floats


class Logit(NamedTuple):
    """Corrections of log-odds by standardised terms.

    Attributes:
        centre: mean of each term.
        spread: standard deviation of each.
        weights: correction for one standard deviation.
        levels: the constant of each window.
        low: the smallest value of each term that was seen; high: the largest.
    """

    centre: Floats
    spread: Floats
    weights: Floats
    levels: Floats
    low: Floats
    high: Floats

    def shares(self, terms: Floats) -> Floats:
        """The correction by each term, a column each; beyond what was seen it grows no further."""
        return (np.clip(terms, self.low, self.high) - self.centre) / self.spread * self.weights


def fit_logit(windows: Sequence[Window]) -> Logit:
    """Fit by penalised maximum likelihood (ridge of Hoerl & Kennard), with a constant for each window.

    Each window has its own constant, so that a good season is not taken for good members.
    """
    terms = np.concatenate([one.terms for one in windows])
    offset = np.concatenate([one.offset for one in windows])
    bought = np.concatenate([one.bought for one in windows])
    centre, spread = terms.mean(axis=0), terms.std(axis=0) + 1e-9
    which = np.repeat(np.arange(len(windows)), [len(one.bought) for one in windows])
    columns = np.column_stack([which[:, None] == np.arange(len(windows)), (terms - centre) / spread])
    held_back = np.full(columns.shape[1], _HELD_BACK + _SMALL_SHOP / len(windows[0].bought))
    held_back[: len(windows)] = 1e-3
    found = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        chance = expit(columns @ found + offset)
        slope = columns.T @ (bought - chance) - held_back * found
        bend = (columns * (chance * (1 - chance))[:, None]).T @ columns + np.diag(held_back)
        step = np.linalg.solve(bend, slope)
        found = found + step * min(1.0, 3.0 / float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    weights, levels = found[len(windows) :], found[: len(windows)]
    return Logit(centre, spread, weights, levels, terms.min(axis=0), terms.max(axis=0))


def level_for(log_odds: Floats, mean: float) -> float:
    """The constant that gives the chances a mean."""
    level = 0.0
    for _ in range(100):
        chance = expit(log_odds + level)
        step = (mean - float(chance.mean())) / max(float((chance * (1 - chance)).mean()), 1e-9)
        level += float(np.clip(step, -1.0, 1.0))
        if abs(step) < 1e-12:
            break
    return level
