"""What the models of repeat buying say of each member: BG/NBD and MBG/NBD, and both by their likelihood."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from bondfire.insights.beta_geo import BetaGeo, fit_beta_geo
from bondfire.insights.bond.signals import Signals
from bondfire.insights.newton import Fitted, Floats

_SMALLEST = 1e-5


class Forecast(NamedTuple):
    """The chance to buy within a horizon, and how often."""

    chance: Floats
    purchases: Floats


class Rhythm(NamedTuple):
    """Both models of one day.

    Attributes:
        plain: the BG/NBD.
        modified: the MBG/NBD.
    """

    plain: Fitted[BetaGeo]
    modified: Fitted[BetaGeo]

    def forecasts(self, signals: Signals, horizon: int) -> tuple[Forecast, Forecast]:
        """What the BG/NBD and the MBG/NBD expect."""
        buyer = (signals.frequency, signals.recency, signals.age)
        plain, modified = (
            Forecast(
                one.model.probability_of_purchase(horizon, *buyer),
                one.model.expected_purchases(horizon, *buyer),
            )
            for one in self
        )
        return plain, modified

    def blend(self, forecasts: tuple[Forecast, Forecast]) -> Forecast:
        """Both, weighted by their likelihoods (Akaike weights; both have four parameters)."""
        weight = float(expit(self.modified.log_likelihood - self.plain.log_likelihood))
        odds = [logit(np.clip(one.chance, _SMALLEST, 1 - _SMALLEST)) for one in forecasts]
        purchases = [one.purchases for one in forecasts]
        return Forecast(
            expit((1 - weight) * odds[0] + weight * odds[1]),
            (1 - weight) * purchases[0] + weight * purchases[1],
        )


def rhythm_of(signals: Signals) -> Rhythm:
    """Fit both models to what was known on a day.

    Raises:
        TooFew: too few members or repeat buyers.
        HistoryError: no maximum.
    """
    buyers = (signals.frequency, signals.recency, signals.age)
    return Rhythm(fit_beta_geo(*buyers), fit_beta_geo(*buyers, modified=True))
