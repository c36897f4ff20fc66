"""BG/NBD and MBG/NBD against their papers, against `lifetimes`, and at their limits."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import gammaln

from bondfire.insights import BetaGeo, HistoryError, Purchases, TooFew, fit_beta_geo, summarise
from insights.makers import shop_of

Columns = NDArray[np.float64]


def test_parameters_errors_and_likelihood_of_fader_hardie_lee_2005(
    golden: Mapping[str, Any], cdnow: Columns
) -> None:
    published = golden["bgnbd_cdnow_sample"]
    found = fit_beta_geo(*cdnow)
    assert found.parameters == pytest.approx(published["params"], rel=published["tol_params_rel"])
    assert found.standard_errors == pytest.approx(published["se"], rel=1e-4)
    assert found.log_likelihood == pytest.approx(published["loglik"], abs=published["tol_loglik_abs"])
    assert found.at_edge == ()


def test_parameters_of_the_modified_model_as_in_btydplus(golden: Mapping[str, Any], cdnow: Columns) -> None:
    published = golden["mbgnbd_cdnow_sample"]
    found = fit_beta_geo(*cdnow, modified=True)
    assert found.parameters == pytest.approx(published["params"], abs=1e-3)
    assert found.log_likelihood == pytest.approx(published["loglik"], abs=0.01)


def test_conditional_expectation_and_probability_alive_of_hardies_spreadsheet(
    golden: Mapping[str, Any], cdnow: Columns
) -> None:
    published = golden["bgnbd_cond_expectation"]
    buyer = (published["x"], published["t_x"], published["T"])
    model = fit_beta_geo(*cdnow).model
    assert model.expected_purchases(39, *buyer) == pytest.approx(published["reproduced"], abs=1e-8)
    assert model.expected_purchases(39, *buyer) == pytest.approx(published["expected"], abs=5e-4)
    assert model.probability_alive(*buyer) == pytest.approx(published["p_alive"], abs=1e-6)


def test_expectation_of_hardies_spreadsheet(golden: Mapping[str, Any], cdnow: Columns) -> None:
    published = golden["bgnbd_expectation"]
    found = fit_beta_geo(*cdnow).model.expected_purchases_of_new(published["t"])
    assert found == pytest.approx(published["expected"], abs=1e-3)


def test_probabilities_of_counts_of_the_btyd_manual(golden: Mapping[str, Any]) -> None:
    published = golden["bgnbd_pmf"]
    model = BetaGeo(**published["params"])
    assert model.probability_of_count(10, 2) == pytest.approx(published["P(X(2)=10)"], rel=1e-5)
    assert model.probability_of_count(0, 39) == pytest.approx(published["P(X(39)=0)"], rel=1e-6)
    assert model.probability_of_count(range(11, 21), 30) == pytest.approx(
        published["P(X(30)=n) n=11..20"], rel=1e-6
    )


@pytest.mark.parametrize("modified", [False, True])
def test_parameters_are_those_of_lifetimes(lifetimes: Any, cdnow: Columns, *, modified: bool) -> None:
    found = fit_beta_geo(*cdnow, modified=modified)
    fitter = lifetimes.ModifiedBetaGeoFitter if modified else lifetimes.BetaGeoFitter
    theirs = fitter().fit(*cdnow, tol=1e-9)
    assert found.parameters == pytest.approx(dict(theirs.params_), rel=1e-6)
    purchases = theirs.conditional_expected_number_of_purchases_up_to_time(39, *cdnow)
    assert found.model.expected_purchases(39, *cdnow) == pytest.approx(np.asarray(purchases), rel=1e-5)
    alive = theirs.conditional_probability_alive(*cdnow)
    assert found.model.probability_alive(*cdnow) == pytest.approx(np.asarray(alive).ravel(), rel=1e-5)


@pytest.mark.parametrize("modified", [False, True])
def test_the_derivatives_are_those_of_the_likelihood(cdnow: Columns, *, modified: bool) -> None:
    from bondfire.insights.beta_geo import Likelihood
    from bondfire.insights.buyers import cells_of

    likelihood, theta = Likelihood(cells_of(*cdnow), modified=modified), np.array([0.4, 5.0, 0.6, 1.9])
    here = likelihood(theta)
    for one, step in enumerate(np.eye(4) * 1e-5):
        up, down = likelihood(theta + step), likelihood(theta - step)
        assert here.gradient[one] == pytest.approx((up.value - down.value) / 2e-5, rel=1e-5)
        assert here.hessian[one] == pytest.approx((up.gradient - down.gradient) / 2e-5, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("modified", [False, True])
def test_expected_purchases_pass_through_a_equal_to_one(*, modified: bool) -> None:
    def expected(a: float) -> Columns:
        model = BetaGeo(0.6, 5.0, a, 2.4, modified=modified)
        return model.expected_purchases(39, [0, 2, 9], [0, 20, 35], [38, 38, 38])

    assert expected(1.0) == pytest.approx((expected(0.999) + expected(1.001)) / 2, rel=1e-5)
    assert expected(0.99) == pytest.approx(expected(0.9900001), rel=1e-5)


@pytest.mark.parametrize("modified", [False, True])
def test_without_a_chance_to_leave_it_is_the_nbd(*, modified: bool) -> None:
    model = BetaGeo(0.6, 5.0, 0.0, 2.4, modified=modified)
    assert model.probability_alive([0, 3], [0, 4], [38, 38]).tolist() == [1, 1]
    assert model.expected_purchases(39, [0, 3], [0, 4], [38, 38]) == pytest.approx(
        np.array([0.6, 3.6]) / 43 * 39
    )
    nearly = BetaGeo(0.6, 5.0, 1e-7, 2.4, modified=modified)
    assert nearly.expected_purchases(39, 3, 30, 38) == pytest.approx(3.6 / 43 * 39, rel=1e-5)


def test_where_nobody_leaves_the_fit_ends_at_the_nbd_and_says_so() -> None:
    buyers = _buyers_of(shop_of(3000, 365, seed=1, leave=(0, 1)), 364)
    found = fit_beta_geo(*buyers, modified=True)
    assert "a" in found.at_edge
    x, _, t = buyers
    r, alpha = found.parameters["r"], found.parameters["alpha"]
    nbd = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + t)
    assert found.log_likelihood == pytest.approx(nbd.sum(), abs=0.05)


def test_what_a_shop_was_made_of_is_found_again() -> None:
    found = fit_beta_geo(*_buyers_of(shop_of(20_000, 730, seed=2), 729), modified=True)
    errors = found.standard_errors
    for name, made_of in {"a": 0.7, "b": 2.5}.items():
        assert abs(found.parameters[name] - made_of) < 4 * errors[name]


@pytest.mark.parametrize("frequency", [1.0, 40.0, 400.0])
@pytest.mark.parametrize("a", [0.05, 1.0, 3.0, 60.0])
def test_a_forecast_is_a_number_for_any_buyer(a: float, frequency: float) -> None:
    model = BetaGeo(0.5, 8.0, a, 2.0)
    found = model.expected_purchases(1000, frequency, 300, 360)
    assert 0 <= found <= (0.5 + frequency) / 368 * 1000


def test_the_chance_to_buy_is_below_the_chance_to_be_alive(cdnow: Columns) -> None:
    model = fit_beta_geo(*cdnow, modified=True).model
    chance, alive = model.probability_of_purchase(39, *cdnow), model.probability_alive(*cdnow)
    assert np.all((chance > 0) & (chance < alive) & (alive <= 1))
    assert model.probability_of_purchase(1e9, *cdnow) == pytest.approx(alive, abs=1e-3)


def test_a_number_that_cannot_be_is_named_with_its_row() -> None:
    with pytest.raises(HistoryError, match="recency in row 2 is 9, but must be a time from 0 to the age"):
        fit_beta_geo([1, 1], [2, 9], [5, 5])
    with pytest.raises(HistoryError, match=r"frequency in row 1 is 0\.5"):
        fit_beta_geo([0.5], [2], [5])


def test_too_few_buyers_are_refused() -> None:
    with pytest.raises(TooFew, match="There are 40 buyers, 0 of whom came back"):
        fit_beta_geo(np.zeros(40), np.zeros(40), np.full(40, 9))


def _buyers_of(shop: Any, until: int) -> tuple[Columns, Columns, Columns]:
    names = [str(one) for one in range(int(shop.member.max()) + 1)]
    found = summarise(Purchases(names, shop.member, shop.day), until)
    return found.frequency, found.recency, found.age
