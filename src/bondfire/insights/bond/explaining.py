"""Why a score is what it is: shares that add up, and what one purchase now would change."""

from typing import NamedTuple

import numpy as np

from bondfire.insights.bond.score import Bond
from bondfire.insights.bond.signals import TERMS, Signals


class Explained(NamedTuple):
    """The score of one member.

    Attributes:
        score: the strength of the bond, a chance.
        log_odds: its log-odds: level plus all shares.
        level: the part that everybody has.
        shares: what each term adds.
        sentence: what one purchase now would change, such as "One purchase now lifts 41 to 73."
    """

    score: float
    log_odds: float
    level: float
    shares: dict[str, float]
    sentence: str


def explain(bond: Bond, signals: Signals, place: int) -> Explained:
    """Explain the score of the member in a place of the signals."""
    one = signals.of(place)
    shares = bond.shares(one)[0]
    score = float(bond.score(one).chance[0])
    after = float(bond.score(one.after_a_purchase()).chance[0])
    before, then = round(100 * score), round(100 * after)
    verb = "lifts" if then > before else "leaves" if then == before else "lowers"
    sentence = f"One purchase now {verb} {before}{'' if then == before else f' to {then}'}."
    terms = dict(zip(TERMS, shares.tolist(), strict=True))
    return Explained(score, float(bond.level + np.sum(shares)), bond.level, terms, sentence)
