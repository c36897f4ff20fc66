"""What an event counts for tier sets by itself, beside the units it earns: money, days, values (T2, R8)."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bondfire.engine.earning import AwardFailed, number
from bondfire.engine.occasion import Occasion, occasion_of
from bondfire.engine.past import TierCredit
from bondfire.engine.standing import count
from bondfire.engine.tiers import Standing
from bondfire.engine.turn import Turn
from bondfire.events import Event
from bondfire.kit import MAX_AMOUNT, day_of, quantise
from bondfire.ledger import ZERO
from bondfire.programs import Board, Program, RuleSet, TierSet
from bondfire.rules import EvaluationError

DECIMALS: Final = 6
"""What counts is kept this finely; every currency's minor unit fits."""
ONE: Final = Decimal(1)
_REMEMBERED: Final = timedelta(days=1200)
"""So far back it is known which days were visits; what comes later changes none of them (L20)."""


def count_event(turn: Turn, event: Event) -> None:
    """Let an event count for the tier sets that count events of its type."""
    counting = turn.program.counting.get(event.type)
    if counting is None:
        return
    occasion = counted_occasion(turn.program, counting.rules, event)
    for tier_set in counting.tier_sets:
        if tier_set.by == "visits":
            visit(turn, tier_set, turn.effective_at, 1)
            continue
        try:
            amount = counted_amount(tier_set, occasion)
        except (EvaluationError, AwardFailed) as error:
            turn.because("tier_count_failed", note=f"{tier_set.name}: {error}")
        else:
            count(turn, tier_set, amount, turn.effective_at)


def counted_occasion(program: Program, values: RuleSet, event: Event) -> Occasion:
    """The event as what counts sees it: of an order the lines that earn, less what was paid with points."""
    return occasion_of(program, values, event, {})


def counted_amount(counts: TierSet | Board, occasion: Occasion) -> Decimal:
    """What an event counts; never below zero.

    Raises:
        AwardFailed: its value is no amount, or beyond 10^15.
        EvaluationError: it has no value.
    """
    assert counts.value is not None, "a visit has no value"  # noqa: S101
    amount = max(ZERO, number(counts.value, occasion.seen_for_status))
    if amount > MAX_AMOUNT:
        raise AwardFailed("it counts more than 10^15")
    return quantise(amount, DECIMALS)


def visit(
    turn: Turn, tier_set: TierSet, at: datetime, number_of_events: int, *, may_lower: bool = False
) -> None:
    """Let an event make its day a visit, or, below zero, take it back: a day counts once (R8)."""
    standing = turn.state.standings[tier_set.name]
    day = day_of(at, turn.program.zone).start
    if day < turn.now - _REMEMBERED:
        return
    visits = _remembered(standing, turn.now)
    before = visits.get(day, 0)
    after = visits[day] = max(0, before + number_of_events)
    if not after:
        del visits[day]
    if (after > 0) != (before > 0):
        count(turn, tier_set, ONE if after else -ONE, at, may_lower=may_lower)


def _remembered(standing: Standing, now: datetime) -> dict[datetime, int]:
    """The days that were visits, without those that are too old once there are many."""
    visits = standing.visits or {}
    if len(visits) > _REMEMBERED.days:
        visits = {day: number for day, number in visits.items() if day >= now - _REMEMBERED}
    standing.visits = visits
    return visits


def take_back_counted(
    turn: Turn, counted: TierCredit, amount: Decimal, at: datetime, *, may_lower: bool
) -> None:
    """Take back what a purchase counted for a tier set that there still is.

    Args:
        turn: the turn of the return.
        counted: what the purchase counted; the caller notes what was returned of it.
        amount: how much of it.
        at: when the purchase was.
        may_lower: as of `count`.
    """
    tier_set = turn.program.tier_sets.get(counted.tier_set)
    if tier_set is None:
        return
    turn.because("tier_count_taken_back", amount=amount, note=tier_set.name)
    if tier_set.by == "visits":
        visit(turn, tier_set, at, -1, may_lower=may_lower)
    else:
        count(turn, tier_set, -amount, at, may_lower=may_lower)
