"""Where a member stands in a tier set and what comes next (T9)."""

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from bondfire.engine.model import MemberState
from bondfire.engine.qualifying import Climb, counting_now, credited_at, deserved, first_day_of, length_of
from bondfire.engine.tiers import Standing
from bondfire.kit import EPOCH
from bondfire.ledger import ZERO
from bondfire.programs import Program


class Outlook(msgspec.Struct, frozen=True):
    """Where a member stands and what comes next (T9).

    Attributes:
        tier: the present tier. since: from when, None for always.
        credits: what counts in the running window.
        next_tier, missing: the next one up and what is missing; None at the top.
        projected_at: when it is reached at the pace of the running window; None when not within it.
        closes_at: when the tier is judged next, None for never.
        falls_at: when a fall takes place, if nothing more is earned.
        granted_until: when a granted tier that is higher than the earned one ends; `earned`: that one.
    """

    tier: str | None
    since: datetime | None
    credits: Decimal
    next_tier: str | None
    missing: Decimal | None
    projected_at: datetime | None
    closes_at: datetime | None
    falls_at: datetime | None
    granted_until: datetime | None = None
    earned: str | None = None


def outlook(program: Program, state: MemberState, name: str, *, now: datetime) -> Outlook:
    """The present tier of a set, the next one, what is missing, and when it will be reached at this pace."""
    tier_set, standing = program.tier_sets[name], state.standings[name]
    climb = Climb(program, tier_set, state, standing, now)
    counted = counting_now(climb)
    rank = tier_set.rank(standing.tier)
    following = tier_set.tiers[rank + 1] if rank + 1 < len(tier_set.tiers) else None
    missing = max(ZERO, following.threshold - counted) if following else None
    since = standing.history[-1][0]
    return Outlook(
        tier=standing.tier,
        since=None if since == EPOCH else since,
        credits=counted,
        next_tier=following.name if following else None,
        missing=missing,
        projected_at=_projected(climb, counted, missing) if missing is not None else None,
        closes_at=standing.closes_at,
        falls_at=standing.falls_at,
        granted_until=_granted_until(standing),
        earned=standing.held,
    )


def judged_now(climb: Climb) -> str | None:
    """The tier that would be seen if the member were judged now, without grace or an announced day."""
    tier_set, standing = climb.tier_set, climb.standing
    rank, earned = tier_set.rank, deserved(climb, kept=True)
    if rank(earned) < rank(standing.held):
        never = tier_set.window == "lifetime"
        earned = standing.held if never else tier_set.landing(standing.held, earned)
    return tier_set.highest(earned, *(grant.tier for grant in standing.grants))


def falls_not_before(climb: Climb) -> datetime:
    """The earliest time at which a member who has not earned their tier can fall from it."""
    tier_set, standing, announced = climb.tier_set, climb.standing, climb.tier_set.no_falls_before
    judged_at = climb.now if tier_set.window == "rolling" else standing.closes_at or climb.now
    falls_at = standing.falls_at or tier_set.grace.after(judged_at, climb.program.zone)
    return falls_at if announced is None else max(falls_at, announced)


def _granted_until(standing: Standing) -> datetime | None:
    if standing.tier == standing.held:
        return None
    return max(grant.until for grant in standing.grants if grant.tier == standing.tier)


def _projected(climb: Climb, counted: Decimal, missing: Decimal) -> datetime | None:
    """When the next tier is reached at the pace so far: where tiers rise at the end of a period, then."""
    closes_at = climb.standing.closes_at
    waits = climb.tier_set.upgrade == "period_end"
    reached_at = climb.now if not missing and waits else _reached_at(climb, counted, missing)
    if reached_at is None:
        return None
    return closes_at if waits else reached_at


def _reached_at(climb: Climb, counted: Decimal, missing: Decimal) -> datetime | None:
    begins, ends = _window(climb)
    elapsed = climb.now - begins
    if not missing or counted <= 0 or elapsed < timedelta(days=1):
        return None
    seconds = int(missing * Decimal(int(elapsed.total_seconds())) / counted)
    if seconds > 50 * 366 * 86_400:
        return None
    reached_at = climb.now + timedelta(seconds=seconds)
    return reached_at if ends is None or reached_at < ends else None


def _window(climb: Climb) -> tuple[datetime, datetime | None]:
    """From when the member has counted in the running window, and when that ends or begins to move on."""
    program, tier_set, state, standing, now = climb
    if tier_set.is_daily:
        start = first_day_of(climb)
        begins = max(start, state.joined_at or start)
        return begins, length_of(tier_set).after(begins, program.zone)
    start = credited_at(program, tier_set, state, now)
    return max(start, state.joined_at or start), standing.closes_at
