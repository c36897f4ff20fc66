"""What counts for a tier: in which window, which tier it earns, and when that is judged next."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from bondfire.engine.model import MemberState
from bondfire.engine.tiers import Standing
from bondfire.kit import EPOCH, Day, Period, Window, day_of, end_of, first_day_within, window_on
from bondfire.ledger import ZERO
from bondfire.programs import Program, TierSet

_WINDOW: Final[dict[str, Window]] = {
    "calendar_year": "year",
    "membership_year": "membership_year",
    "tier_year": "day",
    "rolling": "day",
    "lifetime": "lifetime",
}
_YEAR: Final = Period(months=12)
_BEFORE: Final = timedelta(hours=12)
"""Any moment so long before the start of a window lies in the window before it."""
_INTO_THE_NEXT: Final = timedelta(days=370)
_NO_TIME: Final = timedelta(0)
_KEPT: Final = timedelta(days=1200)


class Climb(NamedTuple):
    """A member on one ladder at a moment, as a version of the programme judges it."""

    program: Program
    tier_set: TierSet
    state: MemberState
    standing: Standing
    now: datetime


def credited_on(program: Program, tier_set: TierSet, state: MemberState, day: Day) -> datetime:
    """The first instant of the window, or of the day, under which is kept what counts on a day."""
    return window_on(_WINDOW[tier_set.window], day, program.zone, since=state.joined_at or day.start)


def credited_at(program: Program, tier_set: TierSet, state: MemberState, moment: datetime) -> datetime:
    """The same for a moment."""
    return credited_on(program, tier_set, state, day_of(moment, program.zone))


def deserved(climb: Climb, *, kept: bool = False) -> str | None:
    """The tier that is earned now, in the running window or in the one before, which still holds.

    Args:
        climb: who, on which ladder, when.
        kept: what the running window has earned so far counts too where tiers rise when a period ends: it
            keeps a tier from falling.
    """
    tier_set = climb.tier_set
    sums = list(_sums(climb, running=kept or tier_set.upgrade == "at_once"))
    best = tier_set.earned_by(max(sums))
    return best.name if best else None


def _sums(climb: Climb, *, running: bool) -> Iterator[Decimal]:
    """What counts in each window that can earn a tier now."""
    program, tier_set, state, standing, now = climb
    counted = standing.credits
    if tier_set.window == "rolling" or (tier_set.window == "tier_year" and running):
        yield counting_now(climb)
    if tier_set.window == "tier_year":
        yield _basis(climb)
    if tier_set.is_daily:
        return
    start = credited_at(program, tier_set, state, now)
    if running or tier_set.window == "lifetime":
        yield counted.get(start, ZERO)
    if tier_set.window != "lifetime":
        yield counted.get(credited_at(program, tier_set, state, start - _BEFORE), ZERO)


def counting_now(climb: Climb) -> Decimal:
    """What counts in the running window: since it began, or by day what has not left it."""
    program, tier_set, state, standing, now = climb
    if tier_set.is_daily:
        return _sum_between(standing, first_day_of(climb), None)
    return standing.credits.get(credited_at(program, tier_set, state, now), ZERO)


def first_day_of(climb: Climb) -> datetime:
    """The first day of a window that moves with the days: a rolling one, or the last twelve months."""
    zone = climb.program.zone
    return first_day_within(length_of(climb.tier_set), day_of(climb.now, zone).date, zone)


def length_of(tier_set: TierSet) -> Period:
    """How long what is kept by day counts."""
    return tier_set.length if tier_set.window == "rolling" else _YEAR


def _sum_between(standing: Standing, start: datetime, end: datetime | None) -> Decimal:
    within = (amount for at, amount in standing.credits.items() if start <= at and (end is None or at < end))
    return sum(within, ZERO)


def _basis(climb: Climb) -> Decimal:
    """What a tier held for a year rests on: the tier year before, or the year up to the day of the rise.

    What counted on the day of the rise made it, so the first tier year counts from the next day on; after a
    fall, which takes place at midnight, from that one.
    """
    zone, since = climb.program.zone, _held_since(climb)
    first, year = day_of(since, zone), _tier_year(climb, climb.now)
    if year == first.start:
        return _sum_between(climb.standing, first_day_within(_YEAR, first.date, zone), first.end)
    before = _tier_year(climb, year - _BEFORE)
    return _sum_between(climb.standing, first.end if before == first.start < since else before, year)


def held_from(climb: Climb, tier: str | None) -> datetime:
    """Since when a tier would be held that a return leads back to, as if its purchase had not been (R8)."""
    rank, program, standing = climb.tier_set.rank, climb.program, climb.standing
    since = EPOCH
    for place in range(len(standing.history) - 1, -1, -1):
        if rank(standing.history[place][1]) < rank(tier):
            break
        since = standing.history[place][0]
    if since < first_day_of(climb) or rank(tier) < 0:
        return since
    threshold = climb.tier_set.tiers[rank(tier)].threshold
    rise = day_of(since, program.zone)
    for at in sorted(at for at in standing.credits if rise.start <= at):
        day = day_of(at, program.zone)
        if _sum_between(standing, first_day_within(_YEAR, day.date, program.zone), day.end) >= threshold:
            return since if at == rise.start else at
    return since


def _held_since(climb: Climb) -> datetime:
    since = climb.standing.tier_since
    return since if since != EPOCH else climb.state.joined_at or climb.now


def _tier_year(climb: Climb, moment: datetime) -> datetime:
    """The first instant of the tier year that holds a moment; those of 29 February begin on 28 February."""
    zone = climb.program.zone
    return window_on("membership_year", day_of(moment, zone), zone, since=_held_since(climb))


def judged_next(climb: Climb) -> datetime | None:
    """When the tier is judged next if nothing more happens, None for never."""
    program, tier_set, state, _, now = climb
    if tier_set.window == "lifetime":
        return None
    if tier_set.window == "calendar_year":
        return end_of("year", now, program.zone)
    if tier_set.window == "membership_year":
        start = credited_at(program, tier_set, state, now)
        return credited_at(program, tier_set, state, start + _INTO_THE_NEXT)
    if tier_set.window == "tier_year":
        return _tier_year(climb, _tier_year(climb, now) + _INTO_THE_NEXT)
    return _leaves_window(climb)


def _leaves_window(climb: Climb) -> datetime | None:
    """The day on which so much has left a rolling window that the tier is not earned any more.

    A tier that is held without being earned, one step above, is held for the length of the window.
    """
    tier_set, standing, zone = climb.tier_set, climb.standing, climb.program.zone
    rank = tier_set.rank(standing.held)
    threshold = tier_set.tiers[rank].threshold if rank >= 0 else ZERO
    if not threshold or standing.falls_at is not None:
        return None
    start, today = first_day_of(climb), day_of(climb.now, zone)
    left = counting_now(climb)
    if left < threshold:
        held_until = day_of(tier_set.length.after(standing.tier_since, zone), zone).start
        return max(today.end, held_until) if tier_set.fall == "one_step" else today.end
    for at in sorted(at for at in standing.credits if start <= at):
        left -= standing.credits[at]
        if left < threshold:
            return day_of(tier_set.length.after(at, zone), zone).start
    raise AssertionError("nothing is left of a threshold above zero")


def forget(climb: Climb) -> None:
    """Drop what can count no more, so that a state does not grow with its past (L20)."""
    tier_set, standing = climb.tier_set, climb.standing
    if tier_set.window == "lifetime":
        return
    oldest = climb.now - _KEPT
    if tier_set.is_daily:
        oldest = first_day_of(climb) - (_INTO_THE_NEXT if tier_set.window == "tier_year" else _NO_TIME)
    for at in [at for at in standing.credits if at < oldest]:
        del standing.credits[at]
