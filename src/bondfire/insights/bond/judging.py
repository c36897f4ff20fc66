"""How good chances were, once it is known what came."""

from typing import Final, NamedTuple

import numpy as np
from scipy.stats import rankdata

from bondfire.insights.newton import Floats

_BINS: Final = 10
_SAMPLES: Final = 400


class Bin(NamedTuple):
    """One of ten equally large groups of members, by their chance.

    Attributes:
        members: how many.
        told: their mean chance.
        came: the share that bought.
    """

    members: int
    told: float
    came: float


class Judgement(NamedTuple):
    """Chances beside what came.

    Attributes:
        auc: how often somebody who bought stood above somebody who did not; ties count half.
        brier: mean squared distance of chance and outcome (Brier 1950); None where no chance was told.
        ece: mean distance of chance and share over ten quantile bins.
        total_error: purchases expected over purchases made, less 1; None where none are expected.
        reliability: Murphy's decomposition (1973) over the same bins: how far told and came lie apart;
        resolution: how far the bins lie apart; uncertainty: what anybody has who tells the base rate.
    """

    auc: float
    brier: float | None = None
    ece: float | None = None
    total_error: float | None = None
    reliability: float | None = None
    resolution: float | None = None
    uncertainty: float | None = None


class Difference(NamedTuple):
    """By how much one Brier score lies below another, with a 95 % interval of the bootstrap by member."""

    better_by: float
    low: float
    high: float


def judge(came: Floats, chance: Floats, *, expected: float | None = None, made: float = 0.0) -> Judgement:
    """Judge chances.

    Args:
        came: 1 for who bought.
        chance: what was told.
        expected: the total of purchases that was expected.
        made: the total that was made.
    """
    bins = bins_of(came, chance)
    weight = np.array([one.members for one in bins]) / len(came)
    told, share = (np.array(column) for column in zip(*[one[1:] for one in bins], strict=True))
    base = float(came.mean())
    return Judgement(
        auc=auc(came, chance),
        brier=float(np.mean((chance - came) ** 2)),
        ece=float(weight @ np.abs(told - share)),
        total_error=None if expected is None or not made else float(expected / made - 1),
        reliability=float(weight @ (told - share) ** 2),
        resolution=float(weight @ (share - base) ** 2),
        uncertainty=base * (1 - base),
    )


def auc(came: Floats, order: Floats) -> float:
    """The area under the curve of receiver operating characteristics, by ranks (Mann & Whitney 1947)."""
    ranks, buyers = rankdata(order), float(came.sum())
    others = len(came) - buyers
    return float((ranks[came > 0].sum() - buyers * (buyers + 1) / 2) / (buyers * others))


def bins_of(came: Floats, chance: Floats) -> list[Bin]:
    """Ten groups by the quantiles of the chance."""
    order = np.argsort(chance, kind="stable")
    return [
        Bin(len(part), float(chance[part].mean()), float(came[part].mean()))
        for part in np.array_split(order, _BINS)
        if len(part)
    ]


def brier_difference(came: Floats, chance: Floats, other: Floats, *, seed: int) -> Difference:
    """How much better one set of chances is than another: paired, members drawn again and again."""
    gains = (other - came) ** 2 - (chance - came) ** 2
    rng = np.random.default_rng(seed)
    drawn = [
        float(gains[rng.integers(0, len(gains), len(gains))].mean(dtype=np.float64)) for _ in range(_SAMPLES)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Difference(float(gains.mean()), float(low), float(high))
