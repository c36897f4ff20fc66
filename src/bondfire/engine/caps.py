"""How much of a cap is left, in the window that holds the event (U4 to U6)."""

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bondfire.engine.model import CapUse, CapUsed, MemberState
from bondfire.engine.turn import Turn
from bondfire.kit import EPOCH, window_of
from bondfire.ledger import ZERO
from bondfire.programs import Cap, EarnRule

ROLLING: Final = timedelta(hours=24)
LONGEST: Final = {"rolling_24h": ROLLING}
"""How long a window can be, a year if nothing else is said."""
KEPT: Final = {"rolling_24h": timedelta(days=32)}
KEPT_OTHERWISE: Final = timedelta(days=800)
"""How long the use of a cap is remembered; events from before it get nothing from capped rules."""


def cap_key(rule: EarnRule, cap: Cap) -> str:
    """What a cap's use is remembered under; a changed limit keeps the use so far."""
    return f"{rule.id}/{cap.unit}/{cap.window}/{cap.counts}"


def is_of_cap(key: str, rule: str, unit: str) -> bool:
    """Whether a use is of a cap of this rule's award of this unit."""
    return key.startswith(f"{rule}/{unit}/")


def is_forgotten(turn: Turn, cap: Cap) -> bool:
    """Whether the event is so old that nobody knows any more what was used then."""
    if cap.window in {"event", "lifetime"}:
        return False
    return turn.now - turn.effective_at > KEPT.get(cap.window, KEPT_OTHERWISE)


def left_of_cap(turn: Turn, rule: EarnRule, cap: Cap) -> Decimal:
    """How much the cap still allows at the time of the event."""
    if cap.window == "event":
        return cap.limit
    used = turn.state.cap_used.get(cap_key(rule, cap), [])
    moment = cap_moment(turn, cap)
    if cap.window == "rolling_24h":
        return max(ZERO, cap.limit - _most_used_around(used, moment))
    place = bisect_left(used, moment, key=_moment)
    at_that = used[place].amount if place < len(used) and used[place].moment == moment else ZERO
    return max(ZERO, cap.limit - at_that)


def _most_used_around(used: list[CapUsed], moment: datetime) -> Decimal:
    """The most that any 24 hours around the moment have used: a late event may have later ones beside it."""
    first = bisect_right(used, moment - ROLLING, key=_moment)
    near = used[first : bisect_left(used, moment + ROLLING, key=_moment)]
    ends = [moment, *(one.moment for one in near if one.moment > moment)]
    return max(sum((one.amount for one in near if end - ROLLING < one.moment <= end), ZERO) for end in ends)


def _moment(used: CapUsed) -> datetime:
    return used.moment


def cap_moment(turn: Turn, cap: Cap) -> datetime:
    """The first instant of the window that holds the event; for a rolling one the event's own time."""
    if cap.window == "rolling_24h" or cap.window == "event":  # noqa: PLR1714 - narrows the type
        return turn.effective_at
    joined_at = turn.state.joined_at or turn.effective_at
    return window_of(
        cap.window, turn.effective_at, turn.program.zone, since=joined_at, week_starts=cap.week_starts
    )


def use_cap(turn: Turn, use: CapUse) -> None:
    """Remember that so much of a cap was used (or, below zero, given back) and forget what is too old."""
    used = turn.state.cap_used.setdefault(use.cap, [])
    place = bisect_left(used, use.moment, key=_moment)
    if place < len(used) and used[place].moment == use.moment:
        used[place] = CapUsed(use.moment, max(ZERO, used[place].amount + use.amount))
    elif use.amount > 0:
        used.insert(place, CapUsed(use.moment, use.amount))
    _forget(turn.state, use.cap, turn.now)


def _forget(state: MemberState, key: str, now: datetime) -> None:
    """Drop what no event can ask for any more: now and then, so that each use costs the same (L20)."""
    used = state.cap_used[key]
    window = key.split("/")[-2]
    kept = KEPT.get(window, KEPT_OTHERWISE) + LONGEST.get(window, timedelta(days=366))
    if used and used[0].moment != EPOCH and now - used[0].moment > 2 * kept:
        state.cap_used[key] = [one for one in used if one.moment >= now - kept]
