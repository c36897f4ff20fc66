"""Measures of uplift equal those of scikit-uplift, and a placebo finds nothing."""

import numpy as np
import pytest

from bondfire.decisions import auuc, placebo, qini_auc, qini_curve, uplift_at, uplift_curve

OUTCOME = np.array([1, 0, 1, 1, 0, 0, 1, 0, 1, 0], dtype=np.float64)
SCORE = np.array([0.9, 0.8, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
TREATED = np.array([1, 0, 1, 0, 1, 0, 1, 1, 0, 0], dtype=np.float64)


def test_figures_are_those_of_scikit_uplift() -> None:
    """Computed with scikit-uplift 0.5.1 on the same ten rows."""
    assert qini_auc(OUTCOME, SCORE, TREATED) == pytest.approx(0.324324324324)
    assert auuc(OUTCOME, SCORE, TREATED) == pytest.approx(0.304036458333)
    assert uplift_at(OUTCOME, SCORE, TREATED, share=0.5) == pytest.approx(0.166666666667)


def test_the_curves_step_once_for_equal_scores() -> None:
    qini, uplift = qini_curve(OUTCOME, SCORE, TREATED), uplift_curve(OUTCOME, SCORE, TREATED)

    assert qini.reached.tolist() == [0, 1, 3, 4, 5, 6, 7, 8, 9, 10]
    assert qini.gained[:4].tolist() == [0, 1, 2, 1]
    assert uplift.gained[-1] == pytest.approx(10 * (3 / 5 - 2 / 5))


def test_a_perfect_order_has_the_whole_area_and_no_order_none() -> None:
    perfect = OUTCOME * (2 * TREATED - 1)

    assert qini_auc(OUTCOME, perfect, TREATED) == pytest.approx(1)
    assert qini_auc(OUTCOME, np.zeros(10), TREATED) == pytest.approx(0)


def test_uplift_at_a_share_without_both_arms_is_none() -> None:
    assert uplift_at(OUTCOME, SCORE, np.ones(10), share=0.3) == 0


def test_a_placebo_tells_a_real_effect_from_none() -> None:
    chance = np.random.default_rng(4)
    treated = (chance.random(600) < 0.5).astype(np.float64)
    moved = (chance.random(600) < 0.2 + 0.3 * treated).astype(np.float64)
    alike = (chance.random(600) < 0.3).astype(np.float64)

    def lift(outcome: np.ndarray, arm: np.ndarray) -> float:
        return float(outcome[arm == 1].mean() - outcome[arm == 0].mean())

    assert placebo(lift, moved, treated, shuffles=99, seed=1).p_value == 0.01
    assert placebo(lift, alike, treated, shuffles=99, seed=1).p_value > 0.05
