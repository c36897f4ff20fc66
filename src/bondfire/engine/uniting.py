"""What two accounts of one person counted, made one: caps, tiers and challenges (G1)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from bondfire.engine.caps import use_cap, window_of
from bondfire.engine.challenges import reward_reached
from bondfire.engine.counting import ONE
from bondfire.engine.past import CapUsed
from bondfire.engine.progress import REWARDS_KEPT, Progress, Reward, Walk, add_mark
from bondfire.engine.qualifying import credited_at
from bondfire.engine.standing import unite_tiers
from bondfire.engine.tiers import Standing
from bondfire.engine.turn import Turn
from bondfire.kit import day_of, window_on
from bondfire.ledger import ZERO
from bondfire.programs import Challenge, TierSet

_INTO_THE_NEXT: Final = timedelta(days=370)
_BEFORE: Final = timedelta(hours=12)


def unite_caps(turn: Turn, used: Mapping[str, Sequence[CapUsed]], *, joined_at: datetime) -> None:
    """Add up what both used of each cap: one person has its limit once.

    Args:
        turn: the turn.
        used: by the other account.
        joined_at: from when its membership years count.
    """
    for cap in sorted(used):
        by_year = window_of(cap) == "membership_year"
        for one in used[cap]:
            moment = _own_year(turn, one.moment, joined_at) if by_year else one.moment
            use_cap(turn.state, cap, moment, one.amount)


def _own_year(turn: Turn, start: datetime, joined_at: datetime) -> datetime:
    """The membership year here in which one of the other account counts; the running in the running one."""
    zone = turn.program.zone
    end = window_on("membership_year", day_of(start + _INTO_THE_NEXT, zone), zone, since=joined_at)
    day = day_of(min(turn.now, end - _BEFORE), zone)
    return window_on("membership_year", day, zone, since=turn.state.joined_at or turn.now)


def unite_standings(turn: Turn, standings: Mapping[str, Standing], *, joined_at: datetime) -> None:
    """Let what counted for both count together; the higher tier holds until its own rules end it.

    Arguments as of `unite_caps`.
    """
    for name, tier_set in turn.program.tier_sets.items():
        other = standings.get(name)
        if other is None:
            continue
        standing = turn.state.standings[name]
        for start, amount in other.credits.items():
            at = _own_year(turn, start, joined_at) if tier_set.window == "membership_year" else start
            standing.credits[at] = standing.credits.get(at, ZERO) + amount
        _unite_visits(turn, tier_set, standing, other)
        unite_tiers(turn, tier_set, other)


def _unite_visits(turn: Turn, tier_set: TierSet, standing: Standing, other: Standing) -> None:
    """A day on which both came is one visit."""
    if other.visits is None:
        return
    visits = standing.visits = standing.visits or {}
    for day, events in sorted(other.visits.items()):
        if visits.get(day):
            start = credited_at(turn.program, tier_set, turn.state, day)
            standing.credits[start] = standing.credits.get(start, ZERO) - ONE
        visits[day] = visits.get(day, 0) + events


def unite_challenges(turn: Turn, challenges: Mapping[str, Progress], *, event: str) -> None:
    """Let what both did count together, and reward what only both together reach; each step and run once."""
    for name in sorted(challenges):
        other, own = challenges[name], turn.state.challenges.get(name)
        challenge = turn.program.challenges.get(name)
        if own is None:
            turn.state.challenges[name] = other
        elif challenge is not None:
            _unite(turn, challenge, own, other, event=event)


def _unite(turn: Turn, challenge: Challenge, own: Progress, other: Progress, *, event: str) -> None:
    own.rewards, own.given, own.final = _rewards(challenge, own, other)
    own.runs += other.runs
    joined = [one for one in (own.joined_at, other.joined_at) if one is not None]
    own.joined_at = min(joined, default=None)
    zone = turn.program.zone
    for mark in other.marks:
        add_mark(challenge, own, mark, zone)
    walk = Walk(challenge, own, zone)
    turn.because("united", rule=challenge.rule, amount=walk.level(turn.now), base=challenge.target)
    if challenge.runs_at(turn.now):
        reward_reached(turn, challenge, own, walk.rewards, event=event)
    own.due_at = walk.due_at(turn.now)


def _rewards(challenge: Challenge, own: Progress, other: Progress) -> tuple[list[Reward], int, int]:
    """The rewards that can be taken back, how many were given, and how many of them stay.

    Whole runs add up. Of the steps on the way to the next one both may have been given the same: those count
    once, and what was given beyond stays with the member in good faith.
    """
    steps = len(challenge.steps)
    (runs, on_the_way), (others, others_way) = divmod(own.given, steps), divmod(other.given, steps)
    given = (runs + others) * steps + max(on_the_way, others_way)
    if challenge.most is not None:
        given = min(given, challenge.most * steps)
    final = min(given, own.final + other.final)
    known = [*own.rewards, *other.rewards][-min(REWARDS_KEPT, given - final) :] if given > final else []
    first = given - len(known) + 1
    rewards = [msgspec.structs.replace(one, number=number) for number, one in enumerate(known, start=first)]
    return rewards, given, first - 1


def add_badges(badges: dict[str, datetime], others: Mapping[str, datetime]) -> None:
    """Each badge once, since the first of the two days."""
    for name, since in others.items():
        badges[name] = min(since, badges.get(name, since))
