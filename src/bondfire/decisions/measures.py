"""How well an uplift score ranks members: Qini, the area under the uplift curve, uplift at k, a placebo test.

Definitions are those of scikit-uplift, so that figures compare; the curves are by Radcliffe 2007 and
Devriendt et al. 2020.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bondfire.decisions.arrays import Numbers


class Curve(NamedTuple):
    """A curve over members, best scores first: how many were reached, what it brought."""

    reached: Numbers
    gained: Numbers

    def area(self) -> float:
        """The area under the curve."""
        return float(np.trapezoid(self.gained, self.reached))


def qini_curve(outcome: Numbers, score: Numbers, treated: Numbers) -> Curve:
    """What the treated did beyond the control, scaled to as many: Y_t - Y_c n_t / n_c, at each score."""
    reached, n_treated, y_treated, y_control = _cumulated(outcome, score, treated)
    ratio = _divided(n_treated, reached - n_treated)
    return Curve(np.r_[0, reached], np.r_[0, y_treated - y_control * ratio])


def uplift_curve(outcome: Numbers, score: Numbers, treated: Numbers) -> Curve:
    """The difference of the arms' rates times the members reached, at each score."""
    reached, n_treated, y_treated, y_control = _cumulated(outcome, score, treated)
    rates = _divided(y_treated, n_treated) - _divided(y_control, reached - n_treated)
    return Curve(np.r_[0, reached], np.r_[0, rates * reached])


def qini_auc(outcome: Numbers, score: Numbers, treated: Numbers) -> float:
    """The area between Qini curve and chance, as a share of the best that is possible (`qini_auc_score`)."""
    return _share_of_best(qini_curve, outcome, score, treated=treated)


def auuc(outcome: Numbers, score: Numbers, treated: Numbers) -> float:
    """The same of the uplift curve (`uplift_auc_score`)."""
    return _share_of_best(uplift_curve, outcome, score, treated=treated)


def _share_of_best(
    curve_of: Callable[[Numbers, Numbers, Numbers], Curve],
    outcome: Numbers,
    score: Numbers,
    *,
    treated: Numbers,
) -> float:
    curve = curve_of(outcome, score, treated)
    chance = curve.reached[-1] * curve.gained[-1] / 2
    best_order = outcome * (2 * treated - 1)
    if curve_of is uplift_curve:  # scikit-uplift: treated who did, then control who did not, and so on
        best_order = np.where(outcome == treated, outcome + 2.0, -outcome)
    best = curve_of(outcome, best_order, treated).area() - chance
    return float((curve.area() - chance) / best) if best else 0.0


def uplift_at(outcome: Numbers, score: Numbers, treated: Numbers, *, share: float = 0.3) -> float:
    """The difference of the arms' means among the share of members with the highest scores."""
    top = np.argsort(-score, kind="stable")[: int(len(score) * share)]
    arm = treated[top] == 1
    if arm.all() or not arm.any():
        return 0.0
    return float(outcome[top][arm].mean() - outcome[top][~arm].mean())


class Placebo(NamedTuple):
    """How a figure compares with what chance gives.

    Attributes:
        found: the figure.
        chance: the same after each shuffle of who was treated.
        p_value: the share of shuffles that reach the figure, the figure itself counted in.
    """

    found: float
    chance: list[float]
    p_value: float


def placebo(
    measure: Callable[[Numbers, Numbers], float],
    outcome: Numbers,
    treated: Numbers,
    *,
    shuffles: int,
    seed: int,
) -> Placebo:
    """Repeat a measurement with shuffled treatments, under which no score can be right.

    Args:
        measure: from outcome and treated to a figure, all learning included.
        outcome: what members did.
        treated: 1 or 0.
        shuffles: how often.
        seed: of the shuffles.
    """
    chance = np.random.default_rng(seed)
    found = measure(outcome, treated)
    figures = [measure(outcome, chance.permutation(treated)) for _ in range(shuffles)]
    reached = sum(figure >= found for figure in figures)
    return Placebo(found, figures, (1 + reached) / (1 + shuffles))


def _cumulated(
    outcome: Numbers, score: Numbers, treated: Numbers
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Members, treated, and outcomes of both arms down to each distinct score; ties count as one step."""
    order = np.argsort(-score, kind="stable")
    y, t, s = outcome[order], treated[order], score[order]
    last = np.r_[np.flatnonzero(np.diff(s)), len(s) - 1]
    return (
        (last + 1).astype(np.float64),
        np.cumsum(t)[last].astype(np.float64),
        np.cumsum(y * t)[last],
        np.cumsum(y * (1 - t))[last],
    )


def _divided(numerator: Numbers, denominator: Numbers) -> Numbers:
    return np.divide(numerator, denominator, out=np.zeros(len(numerator)), where=denominator > 0)
