"""The score itself: the rhythm of buying, corrected by what the shop's own past windows taught."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from scipy.special import expit, logit

from bondfire.insights.bond.logit import Logit, Window, fit_logit, level_for
from bondfire.insights.bond.rhythm import Forecast, Rhythm, rhythm_of
from bondfire.insights.bond.signals import (
    TERMS,
    Signals,
    purchases_within,
    signals_on,
    terms_of,
)
from bondfire.insights.errors import HistoryError
from bondfire.insights.newton import Floats
from bondfire.insights.rfm import Purchases, buying_days

LEAST_MEMBERS: Final = 300
LEAST_WINDOWS: Final = 2
_MOST_WINDOWS: Final = 6
_LEVEL_LASTS: Final = 0.8
"""For the level a window counts so much of the next newer one, which began a third of a window later."""
_TRUST, _NOISE = 0.3, 0.2
"""Standard deviations of log-odds: how far a shop's level may lie from the model's, and how far the level of
one window lies from it by season and chance."""

Method = Literal["bond", "mbgnbd"]


class Past(NamedTuple):
    """A past window, judged: what was known on its day, what the models said, and what came.

    Attributes:
        day: the last day that was known.
        horizon: its length in days.
        signals: what was known.
        forecasts: of BG/NBD and MBG/NBD.
        blend: of both.
        purchases: on how many days each bought within it.
    """

    day: int
    horizon: int
    signals: Signals
    forecasts: tuple[Forecast, Forecast]
    blend: Forecast
    purchases: Floats

    @property
    def bought(self) -> Floats:
        """1 for who bought."""
        return (self.purchases > 0).astype(np.float64)

    @property
    def misjudged(self) -> float:
        """By how much the log-odds of the share that bought lie above the model's."""
        share = (self.bought.sum() + 0.5) / (len(self.purchases) + 1)
        return float(logit(share) - logit(self.blend.chance.mean()))


class Bond(NamedTuple):
    """How to score, as learned up to a day.

    Attributes:
        method: "bond", or "mbgnbd" where the past is too short or too small for more.
        day: the last day that was known.
        horizon: the length of what is foretold, in days.
        rhythm: the models of repeat buying.
        logit: what the past windows taught; None for the model alone.
        level: the constant of the score.
    """

    method: Method
    day: int
    horizon: int
    rhythm: Rhythm
    logit: Logit | None = None
    level: float = 0.0

    def score(self, signals: Signals) -> Forecast:
        """The strength of the bond of each, and the purchases that are expected."""
        forecasts = self.rhythm.forecasts(signals, self.horizon)
        if self.logit is None:
            return forecasts[1]
        blend = self.rhythm.blend(forecasts)
        chance = expit(self.level + self.shares(signals).sum(axis=1))
        return Forecast(np.asarray(chance, dtype=np.float64), blend.purchases)

    def shares(self, signals: Signals) -> Floats:
        """What each of TERMS adds to the log-odds; with the level they add up to the score's exactly."""
        blend = self.rhythm.blend(self.rhythm.forecasts(signals, self.horizon))
        odds = logit(blend.chance)
        if self.logit is None:
            return np.column_stack([odds, np.zeros((len(odds), len(TERMS) - 1))])
        shares = self.logit.shares(terms_of(signals, odds))
        shares[:, 0] += odds
        return shares


def past_windows(bought: Purchases, until: int, horizon: int, *, part: int) -> list[Past]:
    """The windows before a day, newest first, each judged by what was known when it began.

    They are as long as the horizon, or as a part of the history where that is shorter, and begin a third of
    their length apart. Where nothing can be learned (too few, or all or none bought) there is none.
    """
    first = int(bought.day.min())
    length = min(horizon, max((until - first) // part, 1))
    windows: list[Past] = []
    day = until - length
    while day - first >= 0.7 * length and len(windows) < _MOST_WINDOWS:
        window = _window(bought, day, length)
        if window is not None:
            windows.append(window)
        day -= max(length // 3, 7)
    return windows


def _window(bought: Purchases, day: int, horizon: int) -> Past | None:
    signals = signals_on(bought, day)
    purchases = purchases_within(bought, day, horizon, signals.member)
    if not 0 < (purchases > 0).sum() < len(purchases):
        return None
    try:
        rhythm = rhythm_of(signals)
    except HistoryError:
        return None
    forecasts = rhythm.forecasts(signals, horizon)
    return Past(day, horizon, signals, forecasts, rhythm.blend(forecasts), purchases)


def learn(bought: Purchases, until: int, horizon: int) -> tuple[Bond, list[Past]]:
    """Learn to score from what was known at the end of a day.

    Args:
        bought: the days on which each member bought, each once, by member and day.
        until: the day.
        horizon: within how many days somebody who buys again counts as bound.

    Returns:
        How to score, and the past windows that taught it, newest first.

    Raises:
        TooFew: too few members or repeat buyers for any model.
    """
    known = bought.until(until)
    signals = signals_on(known, until)
    rhythm = rhythm_of(signals)
    windows = past_windows(known, until, horizon, part=3)
    if len(signals.member) < LEAST_MEMBERS or len(windows) < LEAST_WINDOWS:
        return Bond("mbgnbd", until, horizon, rhythm), windows
    longest = [] if windows[0].horizon == horizon else past_windows(known, until, horizon, part=2)
    return learn_from(windows, longest or windows, signals, Bond("bond", until, horizon, rhythm)), windows


def learn_from(windows: Sequence[Past], longest: Sequence[Past], signals: Signals, bare: Bond) -> Bond:
    """Weigh the terms on the windows, and set the level by the longest ones.

    The level is the model's, moved towards that of the past windows by as much as they agree and as their
    length is that of the horizon (an empirical Bayes estimate of the shop's own level).
    """
    fitted = fit_logit(
        [
            Window(terms_of(one.signals, logit(one.blend.chance)), logit(one.blend.chance), one.bought)
            for one in windows
        ]
    )
    unlevelled = bare._replace(logit=fitted)
    log_odds = unlevelled.shares(signals).sum(axis=1)
    blend = bare.rhythm.blend(bare.rhythm.forecasts(signals, bare.horizon))
    mean = float(blend.chance.mean())
    trust = _trust(windows, longest) * min(1.0, longest[0].horizon / bare.horizon)
    lasting = [_LEVEL_LASTS**number for number in range(len(longest))]
    if windows[0].horizon == bare.horizon:
        own = float(np.average(fitted.levels, weights=lasting))
        level = (1 - trust) * level_for(log_odds, mean) + trust * own
    else:
        missed = float(np.average([one.misjudged for one in longest], weights=lasting))
        level = level_for(log_odds, float(expit(logit(mean) + trust * missed)))
    return unlevelled._replace(level=level)


def _trust(windows: Sequence[Past], longest: Sequence[Past]) -> float:
    """How far the level of the longest windows is believed.

    They overlap, so they count by the time they span; how much a level changes from window to window, as it
    does with the seasons, is seen in all of them.
    """
    missed = np.array([one.misjudged for one in (*windows, *longest)])
    noise = max(float(missed.var(ddof=1)), _NOISE**2)
    count = 1 + (longest[0].day - longest[-1].day) / longest[0].horizon
    return _TRUST**2 * count / (_TRUST**2 * count + noise)


def learn_bond(purchases: Purchases, until: int, horizon: int) -> tuple[Bond, Signals]:
    """Learn to score from a history, and say what is known of everybody on its day.

    Raises:
        TooFew: too few members or repeat buyers for any model.
    """
    bought = buying_days(purchases.until(until))
    bond, _ = learn(bought, until, horizon)
    return bond, signals_on(bought, until)
