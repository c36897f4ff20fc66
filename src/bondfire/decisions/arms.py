"""Several actions tested at once: leave the best single one only where that is surely better."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bondfire.decisions.arrays import Numbers
from bondfire.decisions.calibration import Ensemble, fit_ensemble, reach_for
from bondfire.decisions.learners import Trial, ensemble_of

Actions = NDArray[np.int64]


class Switch(NamedTuple):
    """What is known of one action in place of the anchor."""

    action: int
    ensemble: Ensemble
    reach: float


class ArmsPolicy(NamedTuple):
    """One action for each member.

    Attributes:
        anchor: the action that was best for everybody in training; 0 is nothing.
        switches: the other actions, each judged against the anchor.
        gain: what one unit of outcome is worth.
        costs: of each action.
    """

    anchor: int
    switches: list[Switch]
    gain: float
    costs: Sequence[float]

    def decide(self, features: Numbers) -> Actions:
        """The action for each row: the anchor, unless another gains over it for sure."""
        bounds = np.zeros((len(features), len(self.costs)))
        for action, ensemble, reach in self.switches:
            score, line = ensemble.effect.predict(features), ensemble.calibration
            dearer = self.costs[action] - self.costs[self.anchor]
            bounds[:, action] = self.gain * (line.effect(score) - reach * line.error(score)) - dearer
        best: Actions = bounds.argmax(axis=1)
        return np.where(bounds.max(axis=1) > 0, best, self.anchor)


def fit_arms(
    features: Numbers,
    action: Actions,
    outcome: Numbers,
    *,
    gain: float,
    costs: Sequence[float],
    level: float = 0.75,
    seed: int = 0,
) -> ArmsPolicy:
    """Learn a policy from a test of several actions whose assignment was random.

    The anchor is the action with the highest mean net. Every other one, nothing included, is learned
    against it as in a test of two arms, so what the actions share cannot hide how they differ.

    Args:
        features: what was known beforehand.
        action: 0 for nothing, 1 and up for the actions.
        outcome: what followed.
        gain: what one unit of outcome is worth.
        costs: of each action; that of nothing is 0.
        level: how sure a switch must be for a member.
        seed: of every division and tree.
    """
    nets = [gain * float(outcome[action == one].mean()) - cost for one, cost in enumerate(costs)]
    anchor = int(np.argmax(nets))
    switches = []
    for other in range(len(costs)):
        if other == anchor:
            continue
        rows = (action == anchor) | (action == other)
        treated = (action[rows] == other).astype(np.float64)
        share = np.full(len(treated), treated.mean())
        trial = Trial(features[rows], treated, outcome[rows], share, seed)
        learned = fit_ensemble(trial, ensemble_of(trial))
        worth = (costs[other] - costs[anchor]) / gain
        line = learned.ensemble.calibration
        reach = reach_for(line, learned.score, worth=worth, level=level)
        switches.append(Switch(other, learned.ensemble, reach))
    return ArmsPolicy(anchor, switches, gain, costs)
