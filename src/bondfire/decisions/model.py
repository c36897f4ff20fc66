"""What to do for whom: candidates, "nothing" always among them, and a budget filled by net over cost."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from bondfire.errors import BadInput

NOTHING: Final = "nothing"
ZERO: Final = Decimal(0)


class BadCandidate(BadInput):
    """A candidate action cannot be meant."""

    code = "bad_candidate"


class Candidate(NamedTuple):
    """One action for one member, in the programme's money.

    Attributes:
        action: its name.
        net: what it is expected to bring beyond nothing, all its costs taken off.
        lower: what it brings at least, at the level of the programme.
        cost: what it takes from the budget.
    """

    action: str
    net: Decimal
    lower: Decimal
    cost: Decimal


DO_NOTHING: Final = Candidate(NOTHING, ZERO, ZERO, ZERO)


def check_candidates(candidates: Iterable[Candidate]) -> None:
    """Refuse what no budget can be filled with.

    Raises:
        BadCandidate: a cost below 0, a lower bound above the net, or a "nothing" that is something.
    """
    for one in candidates:
        wrong = (
            "costs less than 0"
            if one.cost < 0
            else "has a lower bound above its net"
            if one.lower > one.net
            else "is not nothing"
            if one.action == NOTHING and one != DO_NOTHING
            else ""
        )
        if wrong:
            raise BadCandidate(
                f"Candidate {one.action!r} {wrong}.", next_step="Correct its net, lower bound or cost."
            )


def worth_doing(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that are surely worth more than nothing, which is always a candidate; the best first."""
    surely = [one for one in candidates if one.lower > 0]
    return [*sorted(surely, key=lambda one: (-one.net, one.cost, one.action)), DO_NOTHING]


def choose(candidates: Iterable[Candidate]) -> Candidate:
    """The best action for one member without a budget: the highest net worth doing, or nothing."""
    return worth_doing(candidates)[0]


def fill_budget(offered: Mapping[str, Sequence[Candidate]], budget: Decimal) -> dict[str, Candidate]:
    """One action for each member, so that the budget is never exceeded and goes where it brings most.

    Each member's candidates are steps: from nothing to the action with the best net over cost, from there
    to a dearer one by what it adds over what it adds in cost. Steps are taken by that ratio, best first,
    while the budget lasts; one that does not fit any more is passed over (Sinha and Zoltners 1979, Oper.
    Res. 27(3)).

    Args:
        offered: the candidates of each member.
        budget: what all together may cost.

    Returns:
        What is chosen for each member, nothing included, in the members' order.
    """
    steps = [
        (-ratio, member, rank, one)
        for member, candidates in offered.items()
        for rank, (ratio, one) in enumerate(_steps(worth_doing(candidates)))
    ]
    chosen = dict.fromkeys(offered, DO_NOTHING)
    left = budget
    for _, member, _, one in sorted(steps):
        price = one.cost - chosen[member].cost
        if price <= left:
            chosen[member], left = one, left - price
    return chosen


def _steps(candidates: Sequence[Candidate]) -> list[tuple[Decimal, Candidate]]:
    """The upper hull of net over cost from nothing up, each with what it adds per cost; free first."""
    free = [one for one in candidates if one.cost == 0]
    at = max(free, key=lambda one: (one.net, one.action))
    steps = [(Decimal("Infinity"), at)] if at.net > 0 else []
    while dearer := [one for one in candidates if one.cost > at.cost and one.net > at.net]:
        ratio, best = max(((one.net - at.net) / (one.cost - at.cost), one) for one in dearer)
        steps.append((ratio, best))
        at = best
    return steps
