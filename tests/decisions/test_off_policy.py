"""What another policy would have brought: unbiased, with intervals that hold as often as they say."""

import numpy as np
import pytest

from bondfire.decisions import (
    BadLog,
    Log,
    always,
    best_single,
    bootstrap,
    check_log,
    doubly_robust,
    estimate,
    inverse_propensity,
    self_normalised,
    weights_of,
)

TRUTH = np.array([0.0, 0.3, 0.5])


def made_log(rows: int, seed: int) -> Log:
    """Three actions, drawn 50, 30 and 20 times of 100, with known means; the model knows them by half."""
    chance = np.random.default_rng(seed)
    likely = np.array([0.5, 0.3, 0.2])
    action = chance.choice(3, size=rows, p=likely)
    reward = TRUTH[action] + chance.exponential(size=rows) - 1
    return Log(action, reward, likely[action], np.tile(TRUTH / 2, (rows, 1)))


ESTIMATORS = [inverse_propensity, self_normalised, doubly_robust]


@pytest.mark.parametrize("scores_of", ESTIMATORS)
def test_ninety_percent_intervals_hold_the_truth_nine_times_of_ten(scores_of: object) -> None:
    assert callable(scores_of)
    held = 0
    for seed in range(400):
        log = made_log(500, seed)
        found = estimate(scores_of(log, always(2, log)), level=0.9)
        held += found.low <= TRUTH[2] <= found.high

    assert 0.86 <= held / 400 <= 0.94


def test_estimators_agree_with_the_truth_and_the_model_makes_it_less_noisy() -> None:
    log = made_log(40_000, 1)
    found = [estimate(scores_of(log, always(1, log))) for scores_of in ESTIMATORS]

    assert [one.value for one in found] == pytest.approx([0.3] * 3, abs=0.05)
    assert found[2].error < found[0].error


def test_the_effective_sample_size_is_what_the_policy_shares_with_the_log() -> None:
    log = made_log(10_000, 1)
    weights = weights_of(log, always(2, log))

    assert estimate(log.reward, weights=weights).effective == (log.action == 2).sum()


def test_rows_of_one_member_stand_or_fall_together() -> None:
    log = made_log(1000, 3)
    scores = doubly_robust(log, always(1, log))
    once = estimate(scores)
    member = np.tile(np.arange(1000), 4)

    copied = estimate(np.tile(scores, 4), member=member)

    assert (copied.value, copied.error) == pytest.approx((once.value, once.error))
    drawn = bootstrap(np.tile(scores, 4), member=member, draws=400, seed=5)
    assert drawn.error == pytest.approx(once.error, rel=0.15)


def test_a_difference_within_its_interval_is_told_as_no_gain() -> None:
    noise = np.random.default_rng(1).normal(size=400)

    assert estimate(noise - noise.mean()).verdict == "no significant gain"
    assert estimate(noise + 1).verdict == "significant gain"
    assert estimate(noise - 1).verdict == "significant loss"


def test_the_best_single_action_is_found() -> None:
    assert best_single(made_log(5000, 2)) == 2


def test_a_log_without_propensities_is_refused() -> None:
    log = made_log(10, 1)
    log.propensity[3] = 0

    with pytest.raises(BadLog, match="Row 4"):
        check_log(log)
