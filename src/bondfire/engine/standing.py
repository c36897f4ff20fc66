"""Where a member stands in each tier set: what counts, upgrades, closing windows, falls, grants."""

from bisect import bisect_right
from datetime import datetime
from decimal import Decimal
from typing import Final

from bondfire.engine.qualifying import (
    Climb,
    credited_at,
    credited_on,
    deserved,
    forget,
    held_from,
    judged_next,
)
from bondfire.engine.scoring import score_unit
from bondfire.engine.tiers import ChangeWhy, Standing, TierChange, TierGrant
from bondfire.engine.turn import Turn
from bondfire.kit import EPOCH, day_of
from bondfire.ledger import ZERO
from bondfire.programs import TierSet

_CODES: Final[dict[ChangeWhy, str]] = {
    "earned": "upgraded",
    "window_closed": "fell",
    "returned": "tier_taken_back",
    "merged": "upgraded",
}
"""The reasons of changes that need no other: who grants or withdraws a tier says more."""


def open_standings(turn: Turn) -> None:
    """Give a member their place in every tier set of the programme that they have none in yet."""
    state, tier_sets = turn.state, turn.program.tier_sets
    if tier_sets.keys() <= state.standings.keys():
        return
    for name, tier_set in tier_sets.items():
        if name not in state.standings:
            lowest = tier_set.earned_by(ZERO)
            tier = lowest.name if lowest else None
            standing = state.standings[name] = Standing(tier, {}, None, None, [(EPOCH, tier)])
            standing.closes_at = judged_next(_climb(turn, tier_set, standing))


def _climb(turn: Turn, tier_set: TierSet, standing: Standing) -> Climb:
    return Climb(turn.program, tier_set, turn.state, standing, turn.now)


def credit(turn: Turn, unit: str, amount: Decimal, earned_at: datetime, *, may_lower: bool = False) -> None:
    """Count an award (or, below zero, its return) for every tier set and leaderboard of its unit.

    Arguments as of `count`.
    """
    if turn.program.boards_of:
        score_unit(turn, unit, amount, earned_at)
    for tier_set in turn.program.tier_sets_of[unit]:
        count(turn, tier_set, amount, earned_at, may_lower=may_lower)


def count(
    turn: Turn, tier_set: TierSet, amount: Decimal, earned_at: datetime, *, may_lower: bool = False
) -> None:
    """Let so much count for a tier set and move the member.

    Args:
        turn: the turn.
        tier_set: of the turn's programme.
        amount: how much; below zero for a return.
        earned_at: the window it counts in.
        may_lower: a return inside the return window takes an upgrade back at once, a later one only when
            the window closes (R8).
    """
    standing = turn.state.standings[tier_set.name]
    if (
        amount > 0
        and not may_lower
        and _changes_nothing(turn, tier_set, standing, amount=amount, earned_at=earned_at)
    ):
        return
    climb = _climb(turn, tier_set, standing)
    before = deserved(climb) if may_lower else None
    start = credited_at(turn.program, tier_set, turn.state, earned_at)
    standing.credits[start] = standing.credits.get(start, ZERO) + amount
    after = deserved(climb)
    _move(turn, climb, after, lowers=may_lower and tier_set.rank(after) < tier_set.rank(before))
    if amount < 0 and tier_set.rank(after) < tier_set.rank(standing.held):
        _tell_kept(turn, tier_set.name, standing.held)
    if tier_set.is_daily:
        forget(climb)
        standing.closes_at = judged_next(climb)


def _tell_kept(turn: Turn, tier_set: str, tier: str | None) -> None:
    """Say once that a tier is no longer earned and stays until it is judged."""
    values = {"tier_set": tier_set, "tier": tier or ""}
    if not any(one.code == "tier_kept" and one.values == values for one in turn.told):
        turn.because("tier_kept", values=values)


def _changes_nothing(
    turn: Turn, tier_set: TierSet, standing: Standing, *, amount: Decimal, earned_at: datetime
) -> bool:
    """Count an award that cannot move the member, as nearly all: no window reaches the next tier."""
    if not tier_set.is_plain or standing.falls_at is not None or standing.grants:
        return False
    day = turn.day if earned_at is turn.effective_at else day_of(earned_at, turn.program.zone)
    start = credited_on(turn.program, tier_set, turn.state, day)
    counted = standing.credits
    earned = counted.get(start, ZERO) + amount
    rank = tier_set.rank(standing.tier) + 1
    if rank < len(tier_set.tiers):
        threshold = tier_set.tiers[rank].threshold
        if earned >= threshold or any(one >= threshold for one in counted.values()):
            return False
    counted[start] = earned
    return True


def _move(turn: Turn, climb: Climb, after: str | None, *, lowers: bool) -> None:
    tier_set, standing = climb.tier_set, climb.standing
    rank, announced = tier_set.rank, tier_set.no_falls_before
    if rank(after) > rank(standing.held):
        _earn(turn, climb, after, "earned")
    elif lowers and rank(after) < rank(standing.held):
        if announced is None or announced <= turn.now:
            _earn(turn, climb, after, "returned")
        else:
            standing.falls_at = announced
    kept = after if tier_set.upgrade == "at_once" else deserved(climb, kept=True)
    if rank(kept) >= rank(standing.held):
        standing.falls_at = None


def _earn(turn: Turn, climb: Climb, tier: str | None, why: ChangeWhy) -> None:
    """Change the tier that is earned; what is seen is a granted one where that is higher (T7)."""
    standing = climb.standing
    if climb.tier_set.is_daily:
        standing.since = held_from(climb, tier) if why == "returned" else turn.now
    if standing.grants:
        standing.earned = tier
    _show(turn, climb, tier, why)


def _show(turn: Turn, climb: Climb, earned: str | None, why: ChangeWhy) -> None:
    """Show the higher of what is earned and what is granted."""
    tier_set, standing = climb.tier_set, climb.standing
    before = standing.tier
    after = tier_set.highest(earned, *(one.tier for one in standing.grants))
    if after == before:
        return
    rises = tier_set.rank(after) > tier_set.rank(before)
    gives = rises and why != "merged"  # what the tier gives was given to the other account
    benefits = tier_set.benefits_between(before, after) if gives else ()
    standing.tier = after
    standing.history.append((turn.now, after))
    turn.move_tier(TierChange(tier_set.name, before, after, turn.now, why, benefits))
    if why in _CODES:
        moved = {"tier_set": tier_set.name, "before": before, "after": after}
        turn.because(_CODES[why], values={name: text for name, text in moved.items() if text})


def grant(turn: Turn, tier_set: TierSet, granted: TierGrant) -> None:
    """Give a tier until a day; the same tier granted before gets the new end (T7)."""
    standing = turn.state.standings[tier_set.name]
    if not standing.grants:
        standing.earned = standing.tier
        standing.since = standing.tier_since if tier_set.is_daily else None
    others = [one for one in standing.grants if one.tier != granted.tier]
    standing.grants = tuple(sorted([*others, granted], key=lambda one: (one.until, one.tier)))
    until = granted.until.isoformat()
    values = {"tier_set": tier_set.name, "tier": granted.tier, "until": until}
    turn.because("tier_granted", values=values, note=granted.note)
    _show(turn, _climb(turn, tier_set, standing), standing.earned, "granted")


def end_grant(turn: Turn, tier_set: TierSet, granted: TierGrant, why: ChangeWhy) -> None:
    """Take a granted tier away again: the earned one is back, or another that was granted."""
    standing = turn.state.standings[tier_set.name]
    earned = standing.earned
    standing.grants = tuple(one for one in standing.grants if one is not granted)
    if not standing.grants:
        standing.earned = None
    _show(turn, _climb(turn, tier_set, standing), earned, why)


def unite_tiers(turn: Turn, tier_set: TierSet, other: Standing) -> None:
    """Hold the higher of two tiers as it was held, and every grant; what counts was added up before (G1).

    Args:
        turn: the turn.
        tier_set: of the turn's programme.
        other: the standing of the account that becomes part of this one.
    """
    standing, rank = turn.state.standings[tier_set.name], tier_set.rank
    held = standing.held
    if rank(other.held) > rank(held):
        held, standing.falls_at = other.held, other.falls_at
        standing.since = other.tier_since if tier_set.is_daily else None
    elif rank(other.held) == rank(held):
        both = (standing.falls_at, other.falls_at)
        standing.falls_at = None if None in both else max(one for one in both if one is not None)
    until: dict[str, TierGrant] = {}
    for one in (*standing.grants, *other.grants):
        known = until.get(one.tier)
        until[one.tier] = one if known is None or known.until < one.until else known
    standing.grants = tuple(sorted(until.values(), key=lambda one: (one.until, one.tier)))
    standing.earned = held if standing.grants else None
    climb = _climb(turn, tier_set, standing)
    _show(turn, climb, held, "merged")
    _move(turn, climb, deserved(climb), lowers=False)
    forget(climb)
    standing.closes_at = judged_next(climb)


def next_turn_of(standing: Standing) -> datetime | None:
    """When time alone changes this standing: the close of its window, a pending fall, the end of a grant."""
    first, falls_at = standing.closes_at, standing.falls_at
    if first is None or (falls_at is not None and falls_at < first):
        first = falls_at
    if not standing.grants:
        return first
    ends_at = standing.grants[0].until
    return ends_at if first is None else min(first, ends_at)


def pass_time(turn: Turn, name: str) -> None:
    """Do what is due for a standing at `turn.now`, which is exactly that time."""
    standing = turn.state.standings[name]
    tier_set = turn.program.tier_sets.get(name)
    if tier_set is None:
        standing.closes_at = standing.falls_at = None
        standing.grants = ()
        return
    climb = _climb(turn, tier_set, standing)
    if standing.falls_at == turn.now:
        standing.falls_at = None
        _fall(turn, climb)
    if standing.closes_at == turn.now:
        _close_window(turn, climb)
    for granted in [one for one in standing.grants if one.until <= turn.now]:
        end_grant(turn, tier_set, granted, "grant_ended")
        turn.because("grant_ended", values={"tier_set": name, "tier": granted.tier}, note=granted.note)


def _fall(turn: Turn, climb: Climb) -> None:
    """Let a fall take place now, unless the tier was earned again or a later day is announced (T6)."""
    tier_set, standing = climb.tier_set, climb.standing
    announced, after = tier_set.no_falls_before, deserved(climb, kept=True)
    if tier_set.rank(after) < tier_set.rank(standing.held):
        if announced is not None and announced > turn.now:
            standing.falls_at = announced
            return
        _earn(turn, climb, tier_set.landing(standing.held, after), "window_closed")
        if tier_set.is_daily:
            standing.closes_at = judged_next(climb)
    elif tier_set.window == "rolling":
        standing.closes_at = judged_next(climb)


def _close_window(turn: Turn, climb: Climb) -> None:
    tier_set, standing = climb.tier_set, climb.standing
    rank, after, announced = tier_set.rank, deserved(climb), tier_set.no_falls_before
    if tier_set.upgrade == "period_end" and rank(after) > rank(standing.held):
        _earn(turn, climb, after, "earned")
        standing.falls_at = None
    elif rank(after) < rank(standing.held) and standing.falls_at is None:
        falls_at = tier_set.grace.after(turn.now, turn.program.zone)
        if announced is not None:
            falls_at = max(falls_at, announced)
        if falls_at > turn.now:
            standing.falls_at = falls_at
        else:
            _fall(turn, climb)
    standing.closes_at = judged_next(climb)
    forget(climb)


def tier_at(standing: Standing, moment: datetime) -> str | None:
    """The tier a member had at a moment."""
    history = standing.history
    if history[-1][0] <= moment:
        return history[-1][1]
    return history[max(0, bisect_right(history, moment, key=lambda change: change[0]) - 1)][1]
