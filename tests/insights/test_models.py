"""Pareto/NBD, BG/BB and Gamma-Gamma against their papers and against `lifetimes`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bondfire.insights import (
    BetaBinomial,
    Buyers,
    GammaGamma,
    HistoryError,
    Pareto,
    TooFew,
    fit_beta_binomial,
    fit_gamma_gamma,
    fit_model,
    fit_pareto,
)
from bondfire.insights.newton import Slope

Columns = NDArray[np.float64]


@pytest.fixture(scope="module")
def donors(shared_data: Path) -> Columns:
    path = shared_data / "donations_bgbb" / "donations.csv"
    return np.loadtxt(path, delimiter=",", skiprows=1, unpack=True)


@pytest.fixture(scope="module")
def values(shared_data: Path) -> Columns:
    """Frequency and mean value of the buyers of CDNOW."""
    path = shared_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv"
    return np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 4), unpack=True)


def test_pareto_parameters_and_likelihood_of_fader_hardie_lee_2005(
    golden: Mapping[str, Any], cdnow: Columns
) -> None:
    published = golden["paretonbd_cdnow_sample"]
    found = fit_pareto(*cdnow)
    assert found.parameters == pytest.approx(published["params"], rel=3e-4)
    assert found.log_likelihood == pytest.approx(published["loglik"], abs=1e-4)
    assert found.log_likelihood >= published["clvtools"]["loglik"]


def test_pareto_expectations_of_the_btyd_walkthrough(golden: Mapping[str, Any], cdnow: Columns) -> None:
    published = golden["paretonbd_cdnow_sample"]
    model = fit_pareto(*cdnow).model
    asked = published["cond_expectation"]
    buyer = (asked["x"], asked["t_x"], asked["T"])
    assert model.expected_purchases(asked["t"], *buyer) == pytest.approx(asked["expected"], abs=0.01)
    assert model.probability_alive(*buyer) == pytest.approx(asked["p_alive"], abs=1e-4)
    assert model.expected_purchases_of_new(range(10)) == pytest.approx(
        published["expectation_t0_9"], abs=5e-3
    )


def test_pareto_is_that_of_lifetimes(lifetimes: Any, cdnow: Columns) -> None:
    found = fit_pareto(*cdnow)
    theirs = lifetimes.ParetoNBDFitter()
    theirs.params_ = found.parameters
    alive = theirs.conditional_probability_alive(*cdnow)
    assert found.model.probability_alive(*cdnow) == pytest.approx(np.asarray(alive), rel=1e-6)
    purchases = theirs.conditional_expected_number_of_purchases_up_to_time(39, *cdnow)
    assert found.model.expected_purchases(39, *cdnow) == pytest.approx(np.asarray(purchases), rel=1e-6)
    nothing = theirs.conditional_probability_of_n_purchases_up_to_time(0, 39, 2, 30.43, 38.86)
    assert found.model.probability_of_purchase(39, 2, 30.43, 38.86) == pytest.approx(1 - nothing, rel=1e-6)


def test_pareto_passes_through_s_equal_to_one() -> None:
    def expected(s: float) -> Columns:
        return Pareto(0.6, 5.0, s, 9.0).expected_purchases(39, [0, 2], [0, 20], [38, 38])

    assert expected(1.0) == pytest.approx((expected(0.999) + expected(1.001)) / 2, rel=1e-5)


def test_bgbb_parameters_and_likelihood_of_fader_hardie_shang_2010(
    golden: Mapping[str, Any], donors: Columns
) -> None:
    published = golden["bgbb_donations"]
    found = fit_beta_binomial(*donors)
    assert found.parameters == pytest.approx(published["params"], abs=1e-4)
    assert found.parameters == pytest.approx(published["published"], abs=1e-3)
    assert found.log_likelihood == pytest.approx(published["loglik"], abs=0.01)
    assert found.buyers == 11_104


def test_bgbb_is_that_of_lifetimes(lifetimes: Any, donors: Columns) -> None:
    found = fit_beta_binomial(*donors)
    theirs = lifetimes.BetaGeoBetaBinomFitter()
    theirs.params_ = found.parameters
    buyers = donors[:3]
    purchases = theirs.conditional_expected_number_of_purchases_up_to_time(5, *buyers)
    assert found.model.expected_purchases(5, *buyers) == pytest.approx(np.asarray(purchases), rel=1e-6)
    alive = theirs.conditional_probability_alive(1, *buyers)
    assert found.model.probability_alive(*buyers) == pytest.approx(np.asarray(alive), rel=1e-6)


def test_bgbb_chance_of_a_purchase_is_what_is_expected_of_one_period() -> None:
    model = BetaBinomial(1.2, 0.75, 0.66, 2.8)
    one = model.expected_purchases(1, [0, 3], [0, 5], [6, 6])
    assert model.probability_of_purchase(1, [0, 3], [0, 5], [6, 6]) == pytest.approx(one)
    assert np.all(
        model.probability_of_purchase(4, [0, 3], [0, 5], [6, 6])
        < model.expected_purchases(4, [0, 3], [0, 5], [6, 6])
    )


def test_bgbb_wants_whole_periods() -> None:
    with pytest.raises(HistoryError, match="BG/BB counts whole periods"):
        fit_beta_binomial([1] * 40, [0.5] * 40, [2] * 40)


def test_gamma_gamma_parameters_of_fader_hardie_2013(golden: Mapping[str, Any], values: Columns) -> None:
    published = golden["gammagamma_cdnow_sample"]
    found = fit_gamma_gamma(*values)
    assert found.parameters == pytest.approx(published["params"], rel=1e-5)
    assert found.log_likelihood == pytest.approx(published["loglik"], abs=1e-4)
    assert found.model.population_mean == pytest.approx(published["population_mean"], abs=1e-2)
    assert found.buyers == 946


def test_gamma_gamma_values_of_the_first_ten(golden: Mapping[str, Any], values: Columns) -> None:
    published = golden["gammagamma_cdnow_sample"]
    model = GammaGamma(*(published["published"][name] for name in ("p", "q", "gamma")))
    assert model.expected_value(*values[:, :10]) == pytest.approx(
        published["first10_with_published_params"], abs=published["tol_first10_abs"]
    )


def test_a_mean_that_does_not_exist_is_infinite() -> None:
    assert GammaGamma(2.0, 0.9, 5.0).population_mean == float("inf")
    assert GammaGamma(2.0, 0.9, 5.0).expected_value([0, 1], [0, 7]).tolist() == [np.inf, 2 * 12 / 1.9]


def test_a_repeat_buyer_without_value_is_named() -> None:
    with pytest.raises(HistoryError, match="value in row 2 is 0, but must be above 0"):
        fit_gamma_gamma([0, 2], [0, 0])
    with pytest.raises(TooFew, match="There are 2 repeat buyers"):
        fit_gamma_gamma([1, 2], [3, 3])


def test_a_model_says_what_it_needs_to_be_told() -> None:
    with pytest.raises(HistoryError, match="gammagamma needs the value of each buyer") as refused:
        fit_model("gammagamma", Buyers(frequency=np.ones(40)))
    assert "--value" in refused.value.next_step


def test_the_derivatives_are_those_of_the_likelihoods(
    cdnow: Columns, donors: Columns, values: Columns
) -> None:
    from bondfire.insights import beta_binomial, gamma_gamma, pareto
    from bondfire.insights.buyers import cells_of

    bought, gave = cells_of(*cdnow), cells_of(*donors)
    x, mean = values[:, values[0] > 0]
    n = np.ones_like(x)

    likelihoods: list[tuple[Callable[[Columns], Slope], list[float]]] = [
        (lambda theta: pareto.likelihood(bought, theta), [0.5, 9.0, 0.7, 12.0]),
        (lambda theta: beta_binomial.likelihood(gave, theta), [1.1, 0.8, 0.6, 2.5]),
        (lambda theta: gamma_gamma.likelihood(theta, x, mean, n), [5.0, 3.0, 14.0]),
    ]
    for likelihood, theta in likelihoods:
        here = likelihood(np.array(theta))
        for one, step in enumerate(np.eye(len(theta)) * 1e-5):
            up, down = likelihood(theta + step), likelihood(theta - step)
            assert here.gradient[one] == pytest.approx((up.value - down.value) / 2e-5, rel=1e-4)
            assert here.hessian[one] == pytest.approx(
                (up.gradient - down.gradient) / 2e-5, rel=1e-4, abs=1e-2
            )
