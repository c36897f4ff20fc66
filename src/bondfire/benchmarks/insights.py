"""The models of repeat buying beside `lifetimes`, which everybody compares with: fit, predict, RFM."""

import time
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple

import numpy as np

from bondfire.errors import NotReady
from bondfire.insights import Purchases, fit_beta_geo, summarise

_SEED: Final = 20_050_401
_ROUNDS: Final = 3
_DAYS: Final = 365


class Beside(NamedTuple):
    """One comparison, in seconds of the processor, which others on the machine do not lengthen.

    Attributes:
        what: what was done.
        size: of how many buyers or purchases.
        ours: the median of three.
        theirs: once, by lifetimes.
        goal: how many times as fast ours should be.
    """

    what: str
    size: int
    ours: float
    theirs: float
    goal: float

    @property
    def ratio(self) -> float:
        """How many times as fast."""
        return self.theirs / self.ours


def measure_insights(sizes: tuple[int, ...], purchases: int, *, say: Callable[[str], None]) -> list[Beside]:
    """Measure both in one run, over the same synthetic buyers.

    Args:
        sizes: numbers of buyers to fit.
        purchases: how many purchases to sum up.
        say: told what is being done.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [one for size in sizes for one in _fitting(size, say)]
        return [*found, _summing(purchases, say)]


def _fitting(size: int, say: Callable[[str], None]) -> list[Beside]:
    lifetimes = _yardstick("lifetimes")
    say(f"Fitting {size:,} buyers ...")
    bought = _purchases(size)
    summary = summarise(bought, _DAYS)
    buyers = (summary.frequency, summary.recency, summary.age)
    fit, model = _median(lambda: fit_beta_geo(*buyers).model)
    predict, _ = _median(lambda: model.expected_purchases(91, *buyers))
    begun = time.process_time()
    theirs = lifetimes.BetaGeoFitter().fit(*buyers)
    fitted = time.process_time()
    theirs.conditional_expected_number_of_purchases_up_to_time(91, *buyers)
    ended = time.process_time()
    goal = 50 if size >= 1_000_000 else 30
    return [
        Beside("fit of a BG/NBD", size, fit, fitted - begun, goal),
        Beside("forecast by it", size, predict, ended - fitted, 10),
    ]


def _summing(rows: int, say: Callable[[str], None]) -> Beside:
    pandas, utils = _yardstick("pandas"), _yardstick("lifetimes.utils")
    say(f"Summing {rows:,} purchases up ...")
    rng = np.random.default_rng(_SEED)
    member = rng.integers(0, max(rows // 20, 1), rows)
    day = rng.integers(0, _DAYS, rows)
    bought = Purchases([""] * max(rows // 20, 1), member, day)
    ours, _ = _median(lambda: summarise(bought, _DAYS))
    table = pandas.DataFrame({"member": member, "day": pandas.to_datetime(day, unit="D")})
    begun = time.process_time()
    utils.summary_data_from_transaction_data(table, "member", "day", observation_period_end="1971-01-01")
    return Beside("frequency, recency, age", rows, ours, time.process_time() - begun, 5)


def _yardstick(name: str) -> Any:
    """A package to compare with; it comes with the development group, not with the product.

    Raises:
        NotReady: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        raise NotReady(
            f"{name} is not installed, so there is nothing to compare with.",
            next_step="Set the development environment up: make test does.",
            code="yardstick_missing",
        ) from None


def _median(act: Callable[[], Any]) -> tuple[float, Any]:
    seconds, found = [], None
    for _ in range(_ROUNDS):
        begun = time.process_time()
        found = act()
        seconds.append(time.process_time() - begun)
    return float(np.median(seconds)), found


def _purchases(buyers: int) -> Purchases:
    """Buyers as a BG/NBD has them (r 0.8, alpha 42 days, a 0.7, b 2.5), who begin within eleven months."""
    rng = np.random.default_rng(_SEED)
    rate, goes = np.maximum(rng.gamma(0.8, 1 / 42, buyers), 1e-6), rng.beta(0.7, 2.5, buyers)
    now = rng.integers(0, _DAYS - 30, buyers).astype(np.float64)
    here, first = np.arange(buyers), True
    who, when = [], []
    while len(here):
        who.append(here)
        when.append(now[here].astype(np.int64))
        stays = first | (rng.random(len(here)) >= goes[here])
        here, first = here[stays], False
        now[here] += np.ceil(rng.exponential(1 / rate[here]))
        here = here[now[here] <= _DAYS]
    return Purchases([""] * buyers, np.concatenate(who), np.concatenate(when))
