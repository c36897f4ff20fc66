"""From scores of learners to an effect that may be believed, with a bound that holds for all at once."""

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bondfire.decisions.arrays import Numbers, folds, one_thread
from bondfire.decisions.learners import Effect, Learner, Outcomes, Trial, learn_outcomes


class Calibration(msgspec.Struct, frozen=True):
    """The line that says what effect belongs to a score, and how sure that is.

    The best linear predictor of the effect by the score (Chernozhukov et al. 2018, NBER 24678): doubly robust
    scores regressed on cross-fitted ones. A score that ranks nobody gets the slope 0, and everybody the mean.

    Attributes:
        mean: the effect at the mean score.
        slope: the effect of one unit of score.
        centre: the mean score.
        lowest: scores below are taken for this one: nobody knows what lies beyond.
        highest: scores above for this.
        variance: of mean and slope, and their covariance (White 1980).
    """

    mean: float
    slope: float
    centre: float
    lowest: float
    highest: float
    variance: tuple[float, float, float]

    def effect(self, score: Numbers) -> Numbers:
        """The calibrated effect."""
        return self.mean + self.slope * self._distance(score)

    def error(self, score: Numbers) -> Numbers:
        """The standard error of the effect."""
        distance, (of_mean, of_slope, both) = self._distance(score), self.variance
        return np.sqrt(np.maximum(of_mean + 2 * distance * both + distance**2 * of_slope, 0))

    def _distance(self, score: Numbers) -> Numbers:
        return np.clip(score, self.lowest, self.highest) - self.centre


PROOF: Final = 0.95
"""How sure it must be that the action pays for anybody at all."""
_TREES_TELL_MORE: Final = 0.99
_PULL: Final = 0.1


def reach_for(calibration: Calibration, score: Numbers, *, worth: float, level: float) -> float:
    """How many standard errors below the effect a member's lower bound lies.

    First it must be proven that the effect exceeds `worth` for anybody. The gate looks for the members whose
    bound is highest, and by chance alone some bound is always high, so this bound holds for the whole line at
    once (Working and Hotelling 1929). Only after that proof is a member judged by the level of the programme;
    without it the strict bound stays, and nobody is above 0.

    Args:
        calibration: the line.
        score: the cross-fitted scores it was learned from.
        worth: the effect that pays for the action.
        level: one-sided, for each member.
    """
    together = math.sqrt(-2 * math.log(1 - PROOF))  # the root of the quantile of chi-square with 2 degrees
    strict = calibration.effect(score) - together * calibration.error(score)
    return NormalDist().inv_cdf(level) if bool((strict > worth).any()) else together


def calibrate(score: Numbers, pseudo: Numbers) -> Calibration:
    """Fit the line of doubly robust scores over cross-fitted ones."""
    centre, distance = float(score.mean()), score - score.mean()
    spread, mean = float(distance @ distance), float(pseudo.mean())
    slope = float(distance @ (pseudo - mean)) / spread if spread > 0 else 0.0
    if slope <= 0:
        slope, distance, spread = 0.0, np.zeros(len(score)), 0.0
    squared, n = (pseudo - mean - slope * distance) ** 2, len(score)
    of_slope = float((squared * distance**2).sum()) / spread**2 if spread else 0.0
    both = float((squared * distance).sum()) / (n * spread) if spread else 0.0
    variance = (float(squared.sum()) / n**2, of_slope, both)
    return Calibration(mean, slope, centre, float(score.min()), float(score.max()), variance)


class CrossFitted(NamedTuple):
    """What learners say of members they have not seen.

    Attributes:
        part: which part held each row out.
        scores: rows by learners.
        pseudo: the doubly robust score of each row, by outcome models that have not seen it.
    """

    part: NDArray[np.int64]
    scores: Numbers
    pseudo: Numbers


def cross_fit(trial: Trial, learners: Mapping[str, Learner], *, parts: int) -> CrossFitted:
    """Fit every learner on all parts but one, and let it score that one, for each part."""
    part = folds(trial.treated, trial.outcome, parts, trial.seed)
    scores, pseudo = np.zeros((len(part), len(learners))), np.zeros(len(part))
    for number in range(parts):
        held = part == number
        learning, judging = trial.rows(~held), trial.rows(held)
        pseudo[held] = learn_outcomes(learning).pseudo_outcome(judging)
        for column, fit in enumerate(learners.values()):
            scores[held, column] = fit(learning).predict(judging.features)
    return CrossFitted(part, scores, pseudo)


def weigh(scores: Numbers, pseudo: Numbers) -> Numbers:
    """Weights of learners, of which the last is linear and the others grow trees.

    Differences between people are small beside the noise, and the linear learner keeps more of its promise on
    new rows; so trees join only when it is proven that they tell more than it does, by White's test of their
    mean score beside the linear one.
    """
    alone = np.zeros(scores.shape[1])
    alone[-1] = 1
    spread = scores.std(axis=0)
    unit = np.divide(scores, spread, out=np.zeros_like(scores), where=spread > 0)
    design = np.column_stack([np.ones(len(scores)), unit[:, -1], unit[:, :-1].mean(axis=1)])
    bread = np.linalg.pinv(design.T @ design)
    told = bread @ design.T @ pseudo
    squared = (pseudo - design @ told) ** 2
    error = np.sqrt((bread @ (design.T * squared) @ design @ bread)[2, 2])
    more = NormalDist().inv_cdf(_TREES_TELL_MORE) * error
    return _stack(unit, spread, pseudo) if told[2] > more > 0 else alone


def _stack(unit: Numbers, spread: Numbers, pseudo: Numbers) -> Numbers:
    """Non-negative least squares against the doubly robust scores, pulled towards equal weights.

    Causal stacking (Han and Wu 2022); the pull is a ridge of a tenth of the scores' own spread.
    """
    from sklearn.linear_model import LinearRegression

    centred, target = unit - unit.mean(axis=0), pseudo - pseudo.mean()
    width = unit.shape[1]
    common = centred.mean(axis=1)
    equal = max(float(common @ target / (common @ common)), 0.0) / width
    root = np.sqrt(_PULL * len(pseudo)) * np.eye(width)
    model = LinearRegression(positive=True, fit_intercept=False)
    found = model.fit(np.vstack([centred, root]), np.r_[target, root @ np.full(width, equal)]).coef_
    weights: Numbers = np.divide(found, spread, out=np.zeros(width), where=spread > 0)
    return weights


class Ensemble(msgspec.Struct, frozen=True):
    """Learners as one weighted sum, and what its score means.

    Attributes:
        weights: of each learner, by name; what they amount to is in `effect`.
        effect: all of them together.
        outcomes: what is expected of each arm, for evaluation.
        calibration: from the score to the effect.
    """

    weights: dict[str, float]
    effect: Effect
    outcomes: Outcomes
    calibration: Calibration


class Learned(NamedTuple):
    """An ensemble, and what it was calibrated on: each row's cross-fitted and doubly robust score."""

    ensemble: Ensemble
    score: Numbers
    pseudo: Numbers


def fit_ensemble(trial: Trial, learners: Mapping[str, Learner], *, parts: int = 3) -> Learned:
    """Weigh and calibrate learners by inner cross-fitting alone.

    The weights that score a part are learned on the other parts, so that the calibration sees what the
    weights have not.
    """
    with one_thread():
        crossed = cross_fit(trial, learners, parts=parts)
        score = np.zeros(len(crossed.pseudo))
        for number in range(parts):
            held = crossed.part == number
            score[held] = crossed.scores[held] @ weigh(crossed.scores[~held], crossed.pseudo[~held])
        weights = weigh(crossed.scores, crossed.pseudo).tolist()
        used = [(w, learn(trial)) for w, learn in zip(weights, learners.values(), strict=True) if w > 0]
        outcomes = learn_outcomes(trial)
    effect = Effect(
        [weight * inner for weight, one in used for inner in one.weights],
        [predictor for _, one in used for predictor in one.predictors],
    )
    named = dict(zip(learners, weights, strict=True))
    calibration = calibrate(score, crossed.pseudo)
    return Learned(Ensemble(named, effect, outcomes, calibration), score, crossed.pseudo)
