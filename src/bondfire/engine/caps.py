"""How much of a cap is left, in the window that holds the event (U4 to U6)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bondfire.engine.model import CapUse, CapUsed, MemberState
from bondfire.engine.turn import Turn
from bondfire.events import Event
from bondfire.kit import window_of
from bondfire.ledger import ZERO
from bondfire.programs import Cap, EarnRule, Program, Timeline

ROLLING: Final = timedelta(hours=24)


def cap_key(rule: EarnRule, cap: Cap) -> str:
    """What a cap's use is remembered under; a changed limit keeps the use so far."""
    return f"{rule.id}/{cap.unit}/{cap.window}/{cap.counts}"


def is_of_cap(key: str, rule: str, unit: str) -> bool:
    """Whether a use is of a cap of this rule's award of this unit."""
    return key.startswith(f"{rule}/{unit}/")


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
    return _moment_in(cap, turn.program, turn.state, turn.effective_at)


def _moment_in(cap: Cap, program: Program, state: MemberState, moment: datetime) -> datetime:
    if cap.window == "rolling_24h" or cap.window == "event":  # noqa: PLR1714 - narrows the type
        return moment
    since = state.joined_at or moment
    return window_of(cap.window, moment, program.zone, since=since, week_starts=cap.week_starts)


def cap_reach(
    timeline: Timeline, state: MemberState, event: Event
) -> Iterator[tuple[str, datetime, datetime]]:
    """Which uses of caps a decision about an event may read: cap, and the first and last moment."""
    program = timeline.at(event.occurred_at).program
    for rule in program.rules_on.get(event.type, ()):
        for cap in rule.caps:
            if cap.window != "event":
                moment = _moment_in(cap, program, state, event.occurred_at)
                around = ROLLING if cap.window == "rolling_24h" else timedelta(0)
                yield cap_key(rule, cap), moment - around, moment + around


def use_cap(turn: Turn, use: CapUse) -> None:
    """Remember that so much of a cap was used (or, below zero, given back)."""
    used = turn.state.cap_used.setdefault(use.cap, [])
    place = bisect_left(used, use.moment, key=_moment)
    if place < len(used) and used[place].moment == use.moment:
        used[place] = CapUsed(use.moment, max(ZERO, used[place].amount + use.amount))
    elif use.amount > 0:
        used.insert(place, CapUsed(use.moment, use.amount))
