"""Where a member stands in each tier set: credits, upgrades, closing windows, falls, outlook."""

from bisect import bisect_right
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from bondfire.engine.model import MemberState, Standing, TierChange
from bondfire.engine.turn import Turn
from bondfire.kit import EPOCH, Day, Window, day_of, end_of, window_on
from bondfire.ledger import ZERO
from bondfire.programs import Program, TierSet

_CALENDAR: dict[str, Window] = {
    "calendar_year": "year",
    "membership_year": "membership_year",
    "lifetime": "lifetime",
}


def open_standings(turn: Turn) -> None:
    """Give a member their place in every tier set of the programme that they have none in yet."""
    state, tier_sets = turn.state, turn.program.tier_sets
    if tier_sets.keys() <= state.standings.keys():
        return
    for name, tier_set in tier_sets.items():
        if name not in state.standings:
            lowest = tier_set.earned_by(ZERO)
            tier = lowest.name if lowest else None
            closes_at = _window_end(turn.program, tier_set, state, turn.now)
            state.standings[name] = Standing(tier, {}, closes_at, None, [(EPOCH, tier)])


def window_start(program: Program, tier_set: TierSet, state: MemberState, moment: datetime) -> datetime:
    """The first instant of the tier window that holds a moment."""
    return _window_on(program, tier_set, state, day_of(moment, program.zone))


def _window_on(program: Program, tier_set: TierSet, state: MemberState, day: Day) -> datetime:
    since = state.joined_at or day.start
    return window_on(_CALENDAR[tier_set.window], day, program.zone, since=since)


def _window_end(program: Program, tier_set: TierSet, state: MemberState, moment: datetime) -> datetime | None:
    if tier_set.window == "lifetime":
        return None
    if tier_set.window == "calendar_year":
        return end_of("year", moment, program.zone)
    start = window_start(program, tier_set, state, moment)
    return window_start(program, tier_set, state, start + timedelta(days=370))


def credit(turn: Turn, unit: str, amount: Decimal, earned_at: datetime, *, may_lower: bool = False) -> None:
    """Count an award (or, below zero, its return) for every tier set of its unit and move the member.

    Args:
        turn: the turn.
        unit: what was earned.
        amount: how much; below zero for a return.
        earned_at: the window it counts in.
        may_lower: a return inside the return window takes an upgrade back at once, a later one only when
            the window closes (R8).
    """
    for tier_set in turn.program.tier_sets_of[unit]:
        standing = turn.state.standings[tier_set.name]
        if not may_lower and _changes_nothing(turn, tier_set, standing, amount=amount, earned_at=earned_at):
            continue
        before = deserved(turn, tier_set, standing) if may_lower else None
        start = window_start(turn.program, tier_set, turn.state, earned_at)
        standing.credits[start] = standing.credits.get(start, ZERO) + amount
        after = deserved(turn, tier_set, standing)
        lowers = may_lower and tier_set.rank(after) < tier_set.rank(before)
        _move(turn, tier_set, standing, after, lowers=lowers)


def _changes_nothing(
    turn: Turn, tier_set: TierSet, standing: Standing, *, amount: Decimal, earned_at: datetime
) -> bool:
    """Count an award that cannot move the member, as nearly all: no window reaches the next tier."""
    if standing.falls_at is not None:
        return False
    day = turn.day if earned_at is turn.effective_at else day_of(earned_at, turn.program.zone)
    start = _window_on(turn.program, tier_set, turn.state, day)
    counted = standing.credits
    earned = counted.get(start, ZERO) + amount
    rank = tier_set.rank(standing.tier) + 1
    if rank < len(tier_set.tiers):
        threshold = tier_set.tiers[rank].threshold
        if earned >= threshold or any(one >= threshold for one in counted.values()):
            return False
    counted[start] = earned
    return True


def _move(turn: Turn, tier_set: TierSet, standing: Standing, after: str | None, *, lowers: bool) -> None:
    rank = tier_set.rank
    if rank(after) > rank(standing.tier):
        benefits = tier_set.benefits_between(standing.tier, after)
        _change(turn, standing, TierChange(tier_set.name, standing.tier, after, turn.now, "earned", benefits))
    elif lowers and rank(after) < rank(standing.tier):
        _change(turn, standing, TierChange(tier_set.name, standing.tier, after, turn.now, "returned"))
    if rank(after) >= rank(standing.tier):
        standing.falls_at = None


def _change(turn: Turn, standing: Standing, change: TierChange) -> None:
    standing.tier = change.after
    standing.history.append((change.at, change.after))
    turn.move_tier(change)
    code = {"earned": "upgraded", "window_closed": "fell", "returned": "tier_taken_back"}[change.why]
    stays = "; what was given meanwhile in good faith stays" if change.why == "returned" else ""
    turn.because(code, note=f"{change.tier_set}: {change.before} to {change.after}{stays}")


def deserved(turn: Turn, tier_set: TierSet, standing: Standing) -> str | None:
    """The tier earned in the running window, or the one earned in the window before, which still holds."""
    running = window_start(turn.program, tier_set, turn.state, turn.now)
    starts = [running]
    if tier_set.window != "lifetime":
        starts.append(window_start(turn.program, tier_set, turn.state, running - timedelta(hours=12)))
    best = max((tier_set.earned_by(standing.credits.get(start, ZERO)) for start in starts), key=_threshold)
    return best.name if best else None


def _threshold(tier: object) -> Decimal:
    return getattr(tier, "threshold", Decimal(-1))


def next_turn_of(standing: Standing) -> datetime | None:
    """When time alone changes this standing: the close of its window or a pending fall."""
    closes_at, falls_at = standing.closes_at, standing.falls_at
    if closes_at is None or falls_at is None:
        return falls_at if closes_at is None else closes_at
    return min(closes_at, falls_at)


def pass_time(turn: Turn, name: str) -> None:
    """Close the window, or let a pending fall take place, at `turn.now`, which is exactly that time."""
    standing = turn.state.standings[name]
    tier_set = turn.program.tier_sets.get(name)
    if tier_set is None:
        standing.closes_at = standing.falls_at = None
        return
    if standing.falls_at == turn.now:
        standing.falls_at = None
        after = deserved(turn, tier_set, standing)
        if tier_set.rank(after) < tier_set.rank(standing.tier):
            _change(turn, standing, TierChange(name, standing.tier, after, turn.now, "window_closed"))
    if standing.closes_at == turn.now:
        _close_window(turn, tier_set, standing)


def _close_window(turn: Turn, tier_set: TierSet, standing: Standing) -> None:
    standing.closes_at = _window_end(turn.program, tier_set, turn.state, turn.now)
    after = deserved(turn, tier_set, standing)
    if tier_set.rank(after) < tier_set.rank(standing.tier):
        falls_at = tier_set.grace.after(turn.now, turn.program.zone)
        if falls_at <= turn.now:
            _change(
                turn, standing, TierChange(tier_set.name, standing.tier, after, turn.now, "window_closed")
            )
        else:
            standing.falls_at = falls_at
    for start in [start for start in standing.credits if turn.now - start > timedelta(days=1200)]:
        if tier_set.window != "lifetime":
            del standing.credits[start]


def tier_at(standing: Standing, moment: datetime) -> str | None:
    """The tier a member had at a moment."""
    history = standing.history
    if history[-1][0] <= moment:
        return history[-1][1]
    return history[max(0, bisect_right(history, moment, key=lambda change: change[0]) - 1)][1]


class Outlook(msgspec.Struct, frozen=True):
    """Where a member stands and what comes next (T9).

    Attributes:
        tier: the present tier. since: from when, None for always.
        credits: what counts in the running window.
        next_tier, missing: the next one up and what is missing; None at the top.
        projected_on: the day it is reached at the pace of the running window; None when not within it.
        falls_at: when a fall takes place, if nothing more is earned.
    """

    tier: str | None
    since: datetime | None
    credits: Decimal
    next_tier: str | None
    missing: Decimal | None
    projected_at: datetime | None
    closes_at: datetime | None
    falls_at: datetime | None


def outlook(program: Program, state: MemberState, name: str, *, now: datetime) -> Outlook:
    """The present tier of a set, the next one, what is missing, and when it will be reached at this pace."""
    tier_set, standing = program.tier_sets[name], state.standings[name]
    start = window_start(program, tier_set, state, now)
    earned = standing.credits.get(start, ZERO)
    rank = tier_set.rank(standing.tier)
    following = tier_set.tiers[rank + 1] if rank + 1 < len(tier_set.tiers) else None
    missing = max(ZERO, following.threshold - earned) if following else None
    since = standing.history[-1][0]
    return Outlook(
        tier=standing.tier,
        since=None if since == EPOCH else since,
        credits=earned,
        next_tier=following.name if following else None,
        missing=missing,
        projected_at=_projected(state, start, earned, missing, now=now, closes_at=standing.closes_at),
        closes_at=standing.closes_at,
        falls_at=standing.falls_at,
    )


def _projected(
    state: MemberState,
    start: datetime,
    earned: Decimal,
    missing: Decimal | None,
    *,
    now: datetime,
    closes_at: datetime | None,
) -> datetime | None:
    counted_from = max(start, state.joined_at or start)
    elapsed = now - counted_from
    if not missing or earned <= 0 or elapsed < timedelta(days=1):
        return None
    seconds = int(missing * Decimal(int(elapsed.total_seconds())) / earned)
    if seconds > 50 * 366 * 86_400:
        return None
    reached_at = now + timedelta(seconds=seconds)
    return reached_at if closes_at is None or reached_at < closes_at else None
