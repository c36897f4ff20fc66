"""Every learner finds who is moved, and what is kept of it predicts as scikit-learn did."""

import numpy as np
import pytest

from bondfire.decisions import LEARNERS, Trial, ensemble_of, qini_auc
from bondfire.insights import trees_of
from decisions.makers import made_trial


@pytest.mark.parametrize("name", LEARNERS)
def test_a_learner_ranks_those_who_are_moved_first(name: str) -> None:
    trial, fresh = made_trial(3000, seed=1), made_trial(3000, seed=2)

    effect = LEARNERS[name](trial).predict(fresh.features)

    moved = fresh.features[:, 0] > 0
    difference = effect[moved].mean() - effect[~moved].mean()
    if name == "shared_logit":  # differences are held back on purpose; calibration gives them their size
        assert 0.05 < difference < 0.2
    else:
        assert difference == pytest.approx(0.2, abs=0.08)
    assert qini_auc(fresh.outcome, effect, fresh.treated) > 0.1


def test_amounts_are_learned_without_the_logit() -> None:
    trial = made_trial(2000, seed=1)
    spent = Trial(trial.features, trial.treated, 20.5 * trial.outcome, trial.propensity, 1)

    assert set(ensemble_of(spent)) == {"t", "x", "dr", "dr_ridge"}
    effect = LEARNERS["dr_ridge"](spent).predict(trial.features)
    assert effect[trial.features[:, 0] > 0].mean() == pytest.approx(4.1, abs=1.6)


def test_kept_trees_predict_as_the_estimator_did_with_missing_values() -> None:
    from sklearn.ensemble import HistGradientBoostingRegressor

    chance = np.random.default_rng(7)
    matrix = chance.normal(size=(800, 4))
    matrix[chance.random((800, 4)) < 0.1] = np.nan
    target = np.nan_to_num(matrix[:, 0]) * np.nan_to_num(matrix[:, 1]) + np.isnan(matrix[:, 2])
    model = HistGradientBoostingRegressor(max_iter=30, max_depth=4).fit(matrix, target)

    kept = trees_of(model)

    np.testing.assert_allclose(kept.predict(matrix), model.predict(matrix), rtol=1e-12, atol=1e-12)
