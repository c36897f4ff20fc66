"""The bond learns from the past alone, adds up, and says where it is not proven."""

from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from bondfire.insights import (
    TERMS,
    Backtest,
    HistoryError,
    Judged,
    Purchases,
    TooFew,
    backtest,
    explain,
    learn_bond,
    reliability_picture,
)
from bondfire.insights.bond.judging import auc, brier_difference, judge
from bondfire.insights.bond.logit import level_for
from insights.makers import shop_of


def history(members: int = 800, days: int = 400, *, seed: int = 3, **how: Any) -> Purchases:
    shop = shop_of(members, days, seed=seed, **how)
    names = [f"m-{one}" for one in range(members)]
    return Purchases(names, shop.member, shop.day + 19_000)


@pytest.fixture(scope="module")
def found() -> Backtest:
    """The bond of a middling shop, judged."""
    return backtest(history(), 19_300, 90)


@pytest.fixture(scope="module")
def of_many() -> Judged:
    """The same of a large shop."""
    return backtest(history(4000, 400, seed=5), 19_310, 90).judged


def test_a_score_knows_nothing_of_what_came_later(found: Backtest) -> None:
    whole = history()
    later = whole.day > 19_300
    another = whole._replace(member=np.where(later, whole.member[::-1], whole.member))
    other = backtest(another, 19_300, 90)
    assert found.scores.tolist() == other.scores.tolist()
    assert found.members == other.members
    assert found.judged.bond.auc != other.judged.bond.auc


def test_everybody_seen_by_the_day_is_scored_once(found: Backtest) -> None:
    purchases = history().until(19_300)
    assert found.members == [f"m-{one}" for one in np.unique(purchases.member)]
    assert np.all((found.scores > 0) & (found.scores < 1))
    assert found.judged.n == len(found.members) == sum(one.members for one in found.judged.bins)
    assert found.judged.method == "bond"


def test_the_time_of_day_and_a_second_purchase_of_it_change_nothing(found: Backtest) -> None:
    once = history()
    twice = once._replace(member=np.tile(once.member, 2), day=np.tile(once.day, 2))
    bond, signals = learn_bond(twice, 19_300, 90)
    assert found.scores.tolist() == bond.score(signals).chance.tolist()


def test_the_shares_add_up_to_the_score_and_one_purchase_lifts_it(found: Backtest) -> None:
    bond, signals, scores = found.bond, found.signals, found.scores
    quiet = int(np.argmax(signals.silence * (signals.frequency > 1)))
    for place in (0, 7, quiet):
        why = explain(bond, signals, place)
        assert tuple(why.shares) == TERMS
        assert why.level + sum(why.shares.values()) == pytest.approx(why.log_odds, abs=1e-12)
        assert expit(why.log_odds) == pytest.approx(scores[place], abs=1e-12)
    assert explain(bond, signals, quiet).sentence.startswith("One purchase now lifts ")


def test_the_score_is_calibrated_and_beats_recency_where_members_buy_as_told(of_many: Judged) -> None:
    assert of_many.bond.ece is not None
    assert of_many.bond.ece < 0.05
    assert of_many.bond.auc > of_many.recency.auc
    assert of_many.better_than["recency"].low > 0
    assert abs(of_many.bond.total_error or 1) < 0.25


def test_recency_is_shown_where_the_bond_is_not_proven(found: Backtest, of_many: Judged) -> None:
    for judged in (of_many, found.judged, *found.past):
        if judged.method == "bond":
            beaten = min(judged.better_than[name].better_by for name in ("recency", "mbgnbd")) <= 0
            assert judged.shown == ("recency" if beaten else "bond")
            assert judged.why.startswith("Not proven" if beaten else "On this window the bond is better")


def test_a_small_shop_falls_back_to_the_model_and_says_so() -> None:
    found = backtest(history(250), 19_300, 60)
    assert (found.judged.method, found.judged.shown) == ("mbgnbd", "mbgnbd")
    assert "the bond needs 300 and 2" in found.judged.why
    assert found.judged.bond == found.judged.mbgnbd
    assert explain(found.bond, found.signals, 0).shares["frequency"] == 0


def test_a_history_without_past_windows_falls_back_too() -> None:
    purchases = history(2000, 60)
    begun = purchases._replace(day=np.maximum(purchases.day, 19_020))
    found = backtest(begun, 19_021, 20)
    assert (found.judged.method, found.judged.recency.brier, found.past) == ("mbgnbd", None, [])


def test_past_windows_are_judged_by_what_was_known_before_them(found: Backtest) -> None:
    newest = found.past[0]
    assert newest.until + newest.horizon_days == 19_300
    assert newest == backtest(history().until(19_300), newest.until, newest.horizon_days).judged


@pytest.mark.parametrize(
    ("until", "horizon", "message", "code"),
    [
        (19_300, 400, "The window ends on", "window_too_long"),
        (18_000, 90, "Nothing is known up to", "bad_history"),
        (19_300, 0, "A window of 0 days has no day", "bad_history"),
    ],
)
def test_a_window_that_the_data_do_not_fill_is_refused(
    until: int, horizon: int, message: str, code: str
) -> None:
    with pytest.raises(HistoryError, match=message) as refused:
        backtest(history(), until, horizon)
    assert refused.value.code == code
    assert refused.value.next_step


def test_a_window_in_which_nobody_bought_is_refused() -> None:
    purchases = history()
    quiet = purchases.until(19_300)
    newcomer = quiet._replace(
        names=[*quiet.names, "new"],
        member=np.append(quiet.member, len(quiet.names)),
        day=np.append(quiet.day, 19_390),
    )
    with pytest.raises(HistoryError, match="Nobody bought within the 90 days") as refused:
        backtest(newcomer, 19_300, 90)
    assert refused.value.code == "constant_label"


def test_too_few_members_are_refused() -> None:
    with pytest.raises(TooFew, match="There are 19 buyers, 4 of whom came back"):
        backtest(history(20, 100), 19_090, 5)


def test_judgements_are_those_of_a_hand_count() -> None:
    came = np.array([0.0, 0, 1, 0, 1, 1, 0, 1, 1, 1])
    chance = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.9])
    found = judge(came, chance, expected=9.0, made=6.0)
    assert found.auc == pytest.approx(20 / 24)
    assert found.brier == pytest.approx(float(((chance - came) ** 2).mean()))
    assert found.ece == pytest.approx(float(np.abs(chance - came).mean()))
    assert found.total_error == pytest.approx(0.5)
    assert found.uncertainty == pytest.approx(0.24)
    assert auc(came, np.zeros(10)) == 0.5


def test_murphys_parts_add_up_to_the_brier_score() -> None:
    came = np.tile([0.0, 1.0, 1.0, 0.0, 1.0], 200)
    chance = np.repeat(np.linspace(0.05, 0.95, 10), 100)
    found = judge(came, chance)
    assert found.reliability is not None
    assert found.resolution is not None
    assert found.uncertainty is not None
    assert found.reliability - found.resolution + found.uncertainty == pytest.approx(found.brier)


def test_a_difference_has_its_interval_and_the_seed_repeats_it() -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(0.1, 0.9, 500)
    came = (rng.random(500) < truth).astype(np.float64)
    found = brier_difference(came, truth, np.full(500, 0.5), seed=1)
    assert found.low < found.better_by < found.high
    assert found.low > 0
    assert found == brier_difference(came, truth, np.full(500, 0.5), seed=1)


def test_a_level_gives_the_mean_that_is_asked_for() -> None:
    log_odds = np.linspace(-9, 5, 100)
    assert expit(log_odds + level_for(log_odds, 0.7)).mean() == pytest.approx(0.7)


def test_the_picture_has_a_point_for_each_tenth(found: Backtest) -> None:
    picture = reliability_picture(found.judged.bins, "Bond")
    assert picture.startswith("<svg")
    assert picture.count("<circle") == 10
