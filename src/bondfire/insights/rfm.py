"""From purchases to the three numbers of each buyer, and what a day with a purchase is worth."""

from typing import NamedTuple

import numpy as np

from bondfire.insights.buyers import Ints
from bondfire.insights.newton import Floats


class Purchases(NamedTuple):
    """A history: one row for each purchase.

    Attributes:
        names: the members, each once.
        member: of each purchase, the place of its member in `names`.
        day: its day, counted from 1970-01-01.
        value: what was paid, or None where nobody said.
    """

    names: list[str]
    member: Ints
    day: Ints
    value: Floats | None = None

    def until(self, day: int) -> "Purchases":
        """Those up to a day and on it; members without any keep their place."""
        kept = self.day <= day
        return Purchases(
            self.names, self.member[kept], self.day[kept], None if self.value is None else self.value[kept]
        )


class Summary(NamedTuple):
    """What the models read of each member who has bought, in days.

    Attributes:
        member: the place of each in the names of the history, ascending.
        frequency: x, days with a purchase after the first.
        recency: t_x, the age at the last of them.
        age: T, the time since the first.
        value: mean value of those later days; 0 where there is none, None without values.
    """

    member: Ints
    frequency: Floats
    recency: Floats
    age: Floats
    value: Floats | None


def summarise(purchases: Purchases, until: int) -> Summary:
    """Frequency, recency, age and mean value of everybody seen up to a day; a day counts once.

    Args:
        purchases: the history; what is later than `until` is left out.
        until: the last day that is known.
    """
    known = purchases.until(until)
    bought = buying_days(known._replace(value=None))
    begins = np.flatnonzero(np.diff(bought.member, prepend=-1))
    ends = np.append(begins[1:], len(bought.member)) - 1
    member, first, last = bought.member[begins], bought.day[begins], bought.day[ends]
    frequency = (ends - begins).astype(np.float64)
    value = None
    if known.value is not None:
        value = _value_of_later_days(known, known.value, member, first) / np.maximum(frequency, 1)
    age = (until - first).astype(np.float64)
    return Summary(member, frequency, (last - first).astype(np.float64), age, value)


def buying_days(purchases: Purchases) -> Purchases:
    """The days on which each member bought, each once with its whole value, by member and day."""
    if not len(purchases.day):
        return purchases
    start = int(purchases.day.min())
    span = int(purchases.day.max()) - start + 1
    key = purchases.member * span + (purchases.day - start)
    value = None
    if purchases.value is None:
        key = np.sort(key)
        begins = np.flatnonzero(np.diff(key, prepend=-1))
    else:
        order = np.argsort(key, kind="stable")
        key = key[order]
        begins = np.flatnonzero(np.diff(key, prepend=-1))
        value = np.add.reduceat(purchases.value[order], begins)
    member, day = np.divmod(key[begins], span)
    return Purchases(purchases.names, member, day + start, value)


def _value_of_later_days(purchases: Purchases, value: Floats, member: Ints, first: Ints) -> Floats:
    first_of = np.zeros(len(purchases.names), dtype=np.int64)
    first_of[member] = first
    later = np.where(purchases.day > first_of[purchases.member], value, 0.0)
    summed = np.bincount(purchases.member, weights=later, minlength=len(purchases.names))
    return summed[member].astype(np.float64)
