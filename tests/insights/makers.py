"""Makes shops: buyers who come back as a model says, their purchases, and files of them."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FIRST_DAY = date(2024, 1, 1)


class Shop(NamedTuple):
    """What members bought, a row a purchase: the member and the day, counted from the first."""

    member: NDArray[np.int64]
    day: NDArray[np.int64]

    def rows(self) -> Iterator[tuple[str, date]]:
        """Member and day of each purchase."""
        for member, day in zip(self.member.tolist(), self.day.tolist(), strict=True):
            yield f"m-{member}", FIRST_DAY + timedelta(days=day)

    def write(self, path: Path) -> Path:
        """The purchases as CSV."""
        lines = [f"{member},{day},12.50\n" for member, day in self.rows()]
        path.write_text("member,time,value\n" + "".join(lines), encoding="utf-8")
        return path


def shop_of(
    members: int,
    days: int,
    *,
    seed: int,
    rate: float = 0.8,
    scale: float = 40.0,
    leave: tuple[float, float] = (0.7, 2.5),
) -> Shop:
    """A shop whose members buy as an MBG/NBD says, and join on any day of its time."""
    rng = np.random.default_rng(seed)
    speed = np.maximum(rng.gamma(rate, 1 / scale, members), 1e-6)
    goes = rng.beta(*leave, members) if leave[0] else np.zeros(members)
    now = rng.integers(0, days, members).astype(np.float64)
    here, who, when = np.ones(members, dtype=bool), [], []
    while here.any():
        there = np.flatnonzero(here)
        who.append(there)
        when.append(now[there].astype(np.int64))
        now[there] += np.ceil(rng.exponential(1 / speed[there]))
        here[there] = (now[there] < days) & (rng.random(len(there)) >= goes[there])
    return Shop(np.concatenate(who), np.concatenate(when))
