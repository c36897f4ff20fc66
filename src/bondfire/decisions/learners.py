"""Who is moved by an action: uplift learners, each fitted on a randomised test of one action.

An *effect* is E[outcome | action] - E[outcome | nothing] for a member with these features. The learners
differ in what they hand to ordinary regression, here gradient boosting of scikit-learn or a logit on
splines:

- T: one regression for each arm, and their difference (Kuenzel et al. 2019, PNAS 116(10)).
- X: the arms impute each other's outcome, regressed again (the same paper).
- DR: the doubly robust pseudo-outcome, regressed on the features (Kennedy 2023, EJS 17(2)).
- class transformation: whether a member did what would be good to see of their arm (Jaskowski and Jaroszewicz
  2012), here as the transformed outcome, which also takes amounts (Athey and Imbens 2016, PNAS 113(27)).
- shared logit: one logit for both arms, whose differences between the arms are held back more than what they
  share (after Imai and Ratkovic 2013, Ann. Appl. Stat. 7(1)); for outcomes of yes and no.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import numpy as np

from bondfire.decisions.arrays import Numbers, folds, one_thread
from bondfire.insights import Linear, Predictor, learn_basis, trees_of

_DIFFERENCE_WEIGHT: Final = 0.15
_LEAST_LEAF: Final = 20


class Effect(msgspec.Struct, frozen=True):
    """A fitted learner: a weighted sum of plain predictors."""

    weights: list[float]
    predictors: list[Predictor]

    def predict(self, matrix: Numbers) -> Numbers:
        """The effect of the action on each row's member, in units of the outcome."""
        total = np.zeros(len(matrix))
        for weight, predictor in zip(self.weights, self.predictors, strict=True):
            total += weight * predictor.predict(matrix)
        return total


class Trial(msgspec.Struct, frozen=True):
    """A randomised test of one action.

    Attributes:
        features: what was known of each member beforehand, one row a member.
        treated: 1 for who got the action, 0 for who did not.
        outcome: what they did afterwards.
        propensity: each member's probability to get the action.
        seed: of every division into parts and of every tree.
    """

    features: Numbers
    treated: Numbers
    outcome: Numbers
    propensity: Numbers
    seed: int = 0

    def rows(self, chosen: Numbers) -> "Trial":
        """The same test over some of its rows."""
        return Trial(
            self.features[chosen],
            self.treated[chosen],
            self.outcome[chosen],
            self.propensity[chosen],
            self.seed,
        )

    @property
    def is_binary(self) -> bool:
        """Whether the outcome is yes or no."""
        return bool(np.isin(self.outcome, (0, 1)).all())


Learner = Callable[[Trial], Effect]


def grow(matrix: Numbers, target: Numbers, *, seed: int, depth: int = 3) -> Predictor:
    """A regression by gradient boosting: shallow trees whose leaves hold at least 1 % of the rows.

    Outcomes get 60 trees of depth 3. Effects are smaller and simpler than outcomes, and their targets far
    noisier, so they get depth 2.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(
        max_iter=60,
        max_depth=depth,
        learning_rate=0.05,
        min_samples_leaf=max(_LEAST_LEAF, len(target) // 100),
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
    with one_thread():
        return trees_of(model.fit(matrix, target))


def ridge(matrix: Numbers, target: Numbers, *, strength: float = 0.01) -> Linear:
    """A linear regression on splines with an L2 penalty of `strength` a row."""
    basis = learn_basis(matrix)
    wide, mean = basis.expand(matrix), float(target.mean())
    penalty = strength * len(target) * np.eye(wide.shape[1])
    weights = np.linalg.solve(wide.T @ wide + penalty, wide.T @ (target - mean))
    return Linear(basis, mean, weights.tolist())


def t_learner(trial: Trial) -> Effect:
    """One regression for each arm, and their difference."""
    arms = [_arm(trial, arm) for arm in (1, 0)]
    return Effect([1.0, -1.0], [grow(arm.features, arm.outcome, seed=trial.seed) for arm in arms])


def x_learner(trial: Trial) -> Effect:
    """Effects imputed from the other arm, regressed in each arm, and weighed by propensity."""
    treated, control = _arm(trial, 1), _arm(trial, 0)
    without = grow(control.features, control.outcome, seed=trial.seed)
    with_it = grow(treated.features, treated.outcome, seed=trial.seed)
    of_treated = grow(
        treated.features, treated.outcome - without.predict(treated.features), seed=trial.seed, depth=2
    )
    of_control = grow(
        control.features, with_it.predict(control.features) - control.outcome, seed=trial.seed, depth=2
    )
    share = float(trial.propensity.mean())
    return Effect([1 - share, share], [of_treated, of_control])


def dr_learner(trial: Trial) -> Effect:
    """The doubly robust pseudo-outcome, its regressions cross-fitted on two halves, regressed again."""
    return Effect(
        [1.0], [grow(trial.features, cross_fitted_pseudo_outcome(trial, 2), seed=trial.seed, depth=2)]
    )


def dr_ridge(trial: Trial) -> Effect:
    """The same, regressed by a linear model on splines."""
    return Effect([1.0], [ridge(trial.features, cross_fitted_pseudo_outcome(trial, 2), strength=0.03)])


def class_transformation(trial: Trial) -> Effect:
    """The transformed outcome: its mean, given the features, is the effect."""
    outcome = trial.outcome - trial.outcome.mean()
    odds = trial.treated / trial.propensity - (1 - trial.treated) / (1 - trial.propensity)
    return Effect([1.0], [grow(trial.features, odds * outcome, seed=trial.seed, depth=2)])


def shared_logit(trial: Trial) -> Effect:
    """One logit for both arms; what differs between them is penalised 44 times as much."""
    from sklearn.linear_model import LogisticRegression

    basis = learn_basis(trial.features)
    wide, arm = basis.expand(trial.features), (trial.treated - 0.5)[:, None]
    design = np.hstack([wide, 5 * arm, _DIFFERENCE_WEIGHT * arm * wide])
    with one_thread():
        model = LogisticRegression(C=0.1, max_iter=1000).fit(design, trial.outcome)
    shared, lift, differing = np.split(model.coef_[0], [wide.shape[1], wide.shape[1] + 1])
    start, half, tilt = float(model.intercept_[0]), 2.5 * float(lift[0]), _DIFFERENCE_WEIGHT / 2 * differing
    sides = [
        Linear(basis, start + sign * half, (shared + sign * tilt).tolist(), logistic=True) for sign in (1, -1)
    ]
    return Effect([1.0, -1.0], list(sides))


LEARNERS: Final[Mapping[str, Learner]] = {
    "t": t_learner,
    "x": x_learner,
    "dr": dr_learner,
    "dr_ridge": dr_ridge,
    "class_transformation": class_transformation,
    "shared_logit": shared_logit,
}
"""Every learner by name."""


def ensemble_of(trial: Trial) -> dict[str, Learner]:
    """The learners of the ensemble: three that grow trees, and last a linear one that fits the outcome.

    The class transformation is not among them: it learns the level of the outcome along with the effect, and
    is the noisiest of all where few members do what is hoped for.
    """
    linear = "shared_logit" if trial.is_binary else "dr_ridge"
    return {name: LEARNERS[name] for name in ("t", "x", "dr", linear)}


class Outcomes(msgspec.Struct, frozen=True):
    """What is expected of a member with and without the action; only to make estimates less noisy."""

    with_action: Linear
    without: Linear

    def pseudo_outcome(self, trial: Trial) -> Numbers:
        """The doubly robust score of each member: its mean is the effect, whatever the regressions are worth.

        Robins, Rotnitzky and Zhao 1994 (JASA 89): mu1 - mu0 + T (Y - mu1) / e - (1 - T) (Y - mu0) / (1 - e).
        """
        one, zero = self.with_action.predict(trial.features), self.without.predict(trial.features)
        rest_one = trial.treated * (trial.outcome - one) / trial.propensity
        rest_zero = (1 - trial.treated) * (trial.outcome - zero) / (1 - trial.propensity)
        scores: Numbers = one - zero + rest_one - rest_zero
        return scores


def learn_outcomes(trial: Trial) -> Outcomes:
    """Learn what is expected of each arm."""
    one, zero = (_arm(trial, arm) for arm in (1, 0))
    return Outcomes(ridge(one.features, one.outcome), ridge(zero.features, zero.outcome))


def cross_fitted_pseudo_outcome(trial: Trial, parts: int) -> Numbers:
    """The doubly robust score of each member by regressions that have not seen them."""
    part, scores = folds(trial.treated, trial.outcome, parts, trial.seed), np.zeros(len(trial.outcome))
    for number in range(parts):
        held = part == number
        scores[held] = learn_outcomes(trial.rows(~held)).pseudo_outcome(trial.rows(held))
    return scores


def _arm(trial: Trial, arm: int) -> Trial:
    return trial.rows(trial.treated == arm)
