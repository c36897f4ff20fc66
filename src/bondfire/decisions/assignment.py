"""Who is held out and who is explored with: fixed by a hash, so that nobody changes sides.

A member's place in the holdout depends on the programme's seed and the member's id alone: it is the same on
every machine, in every year, and after a merge, since the id that remains keeps its place. Exploration is
drawn for each decision by its own id, so asking twice answers twice the same.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from bondfire.decisions.model import NOTHING
from bondfire.errors import BadInput
from bondfire.kit import digest_of

_LEAST_EXPLORED: Final = Fraction(2, 100)
_MOST_EXPLORED: Final = Fraction(5, 100)


class BadDesign(BadInput):
    """A holdout or an exploration share cannot be."""

    code = "bad_design"


class Design(NamedTuple):
    """How much is left to chance so that the programme can be judged.

    Attributes:
        seed: stored with the programme; another seed makes another holdout.
        holdout: the share of members who never get an action.
        explored: the share of the other decisions that are drawn among all candidates.
    """

    seed: str
    holdout: Fraction
    explored: Fraction


class Assignment(NamedTuple):
    """What is done, and how likely that was.

    Attributes:
        action: what is done. why: `holdout`, `explored` or `chosen`. propensity: the probability of this
        action in this decision over all draws of the seed; what off-policy evaluation divides by.
    """

    action: str
    why: str
    propensity: Fraction


def check_design(design: Design) -> None:
    """Refuse shares that are none, and an exploration that teaches nothing or costs too much.

    Raises:
        BadDesign: which one, and what it may be.
    """
    if not 0 <= design.holdout < 1:
        raise BadDesign(
            f"A holdout of {design.holdout} is none.", next_step="Give a share from 0 to below 1."
        )
    if not _LEAST_EXPLORED <= design.explored <= _MOST_EXPLORED:
        raise BadDesign(
            f"An exploration of {design.explored} is too little or too much.",
            next_step="Give a share from 2 to 5 %.",
        )


def place_of(*parts: str) -> Fraction:
    """A fixed place in [0, 1) for these words, evenly spread over all words."""
    return Fraction(int.from_bytes(digest_of(*parts), "big"), 2**128)


def is_held_out(design: Design, member: str) -> bool:
    """Whether a member never gets an action."""
    return place_of("holdout", design.seed, member) < design.holdout


def assign(design: Design, member: str, decision: str, *, best: str, candidates: Sequence[str]) -> Assignment:
    """Decide between the best action and chance.

    Args:
        design: the shares and the seed.
        member: the member's id.
        decision: the id of this decision; the same id answers the same.
        best: the action that would be chosen.
        candidates: the actions that the member may get; "nothing" is always one of them.
    """
    among = sorted({*candidates, best, NOTHING})
    action, why = best, "chosen"
    if is_held_out(design, member):
        action, why = NOTHING, "holdout"
    elif place_of("explore", design.seed, member, decision) < design.explored:
        place = place_of("which", design.seed, member, decision)
        action, why = among[int(place * len(among))], "explored"
    return Assignment(action, why, propensity_of(design, action, best=best, candidates=among))


def propensity_of(design: Design, action: str, *, best: str, candidates: Sequence[str]) -> Fraction:
    """The probability of an action over the holdout, the exploration and the choice."""
    among = {*candidates, best, NOTHING}
    if action not in among:
        return Fraction(0)
    explored = design.explored / len(among)
    chosen = 1 - design.explored if action == best else Fraction(0)
    held = design.holdout if action == NOTHING else Fraction(0)
    return held + (1 - design.holdout) * (explored + chosen)
