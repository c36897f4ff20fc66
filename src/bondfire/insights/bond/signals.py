"""What is known of each member on a day, and the terms of the score that follow from it."""

from typing import Final, NamedTuple

import numpy as np

from bondfire.insights.buyers import Ints
from bondfire.insights.newton import Floats
from bondfire.insights.rfm import Purchases

TERMS: Final = (
    *("rhythm", "frequency", "silence", "last_28_days", "last_91_days", "age", "silence_over_gap", "value"),
)
"""The terms of the score: the model's log-odds, and what the past windows may correct them by."""


class Signals(NamedTuple):
    """Of everybody seen by a day, in days.

    Attributes:
        member: the place of each in the names of the history.
        frequency: days with a purchase after the first.
        recency: age at the last of them.
        age: time since the first.
        month: days with a purchase among the last 28.
        quarter: days with a purchase among the last 91.
        value: mean value of a day with a purchase; 0 where no values are known.
    """

    member: Ints
    frequency: Floats
    recency: Floats
    age: Floats
    month: Floats
    quarter: Floats
    value: Floats

    @property
    def silence(self) -> Floats:
        """Time since the last purchase."""
        return self.age - self.recency

    def of(self, place: int) -> "Signals":
        """The signals of one member."""
        one = slice(place, place + 1)
        return Signals(
            *(self.member[one], self.frequency[one], self.recency[one], self.age[one]),
            *(self.month[one], self.quarter[one], self.value[one]),
        )

    def after_a_purchase(self) -> "Signals":
        """The same if each had bought on this day, and had not already."""
        new = (self.silence > 0).astype(np.float64)
        return self._replace(
            frequency=self.frequency + new,
            recency=self.age,
            month=self.month + new,
            quarter=self.quarter + new,
        )


def signals_on(bought: Purchases, day: int) -> Signals:
    """What was known at the end of a day.

    Args:
        bought: the days on which each member bought, each once, by member and day.
        day: the day; what is later is not looked at.
    """
    known = bought.until(day)
    begins = np.flatnonzero(np.diff(known.member, prepend=-1))
    ends = np.append(begins[1:], len(known.member)) - 1
    first, last = known.day[begins], known.day[ends]

    def of_the_last(days: int) -> Floats:
        if not len(begins):
            return np.zeros(0)
        return np.add.reduceat((known.day > day - days).astype(np.float64), begins)

    value = np.zeros(len(begins))
    if known.value is not None and len(begins):
        value = np.add.reduceat(known.value, begins) / (ends - begins + 1)
    return Signals(
        known.member[begins],
        (ends - begins).astype(np.float64),
        (last - first).astype(np.float64),
        (day - first).astype(np.float64),
        of_the_last(28),
        of_the_last(91),
        value,
    )


def terms_of(signals: Signals, rhythm: Floats) -> Floats:
    """The terms of the score, a column each, in the order of TERMS."""
    gap = np.divide(
        signals.recency, signals.frequency, out=np.zeros_like(signals.age), where=signals.frequency > 0
    )
    over_gap = np.where(signals.frequency > 0, np.log((signals.silence + 1) / (gap + 1)), 0.0)
    return np.column_stack(
        [
            rhythm,
            np.log1p(signals.frequency),
            np.log((signals.silence + 1) / (signals.age + 2)),
            np.log1p(signals.month),
            np.log1p(signals.quarter),
            np.log1p(signals.age),
            over_gap,
            np.log1p(signals.value),
        ]
    )


def purchases_within(bought: Purchases, day: int, horizon: int, members: Ints) -> Floats:
    """On how many of the `horizon` days after a day each of the members bought."""
    later = (bought.day > day) & (bought.day <= day + horizon)
    counted = np.bincount(bought.member[later], minlength=len(bought.names))
    return counted[members].astype(np.float64)
