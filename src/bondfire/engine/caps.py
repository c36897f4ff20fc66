"""How much of a cap is left, in the window that holds the event (U4 to U6)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, get_args

from bondfire.engine.model import MemberState
from bondfire.engine.past import CapUsed
from bondfire.engine.redeemed import redemption_named
from bondfire.engine.turn import Turn
from bondfire.events import Event
from bondfire.kit import Day, day_of, window_on
from bondfire.ledger import ZERO
from bondfire.programs import REFERRAL_RULES, AwardLimit, Cap, CountLimit, Game, LimitWindow, Program

ROLLING: Final = timedelta(hours=24)
REDEEMING: Final = frozenset(
    {"reward.redeemed", "reward.held", "reward.awaited", "reward.captured", "reward.moved_up"}
)
"""What asks for the limits of rewards, or counts for them."""


def is_of_cap(key: str, rule: str, unit: str) -> bool:
    """Whether a use is of a cap of this rule's award of this unit."""
    return key.startswith(f"{rule}/{unit}/")


def window_of(key: str) -> str:
    """The window that a key counts in: its last word, or of a rule's cap the one before."""
    *_, before, last = key.split("/")
    return before if last in {"final", "base"} else last


def left_of_cap(turn: Turn, cap: Cap) -> tuple[Decimal, datetime]:
    """How much the cap still allows at the time of the event, and the window that it counts in."""
    state, window = turn.state, cap.window
    if window == "day":
        moment = turn.day.start
    else:
        at, joined_at = turn.effective_at, state.joined_at
        moment = cap_moment(cap, turn.program, turn.day, at, joined_at=joined_at)
    used = state.cap_used.get(cap.key)
    if not used or window == "event":
        return cap.limit, moment
    if window == "rolling_24h":
        return max(ZERO, cap.limit - _most_used_around(used, moment)), moment
    last = used[-1]
    if last.moment > moment:
        last = used[bisect_left(used, moment, key=_moment)]
    return max(ZERO, cap.limit - last.amount) if last.moment == moment else cap.limit, moment


def _most_used_around(used: list[CapUsed], moment: datetime) -> Decimal:
    """The most that any 24 hours around the moment have used: a late event may have later ones beside it."""
    first = bisect_right(used, moment - ROLLING, key=_moment)
    near = used[first : bisect_left(used, moment + ROLLING, key=_moment)]
    ends = [moment, *(one.moment for one in near if one.moment > moment)]
    return max(sum((one.amount for one in near if end - ROLLING < one.moment <= end), ZERO) for end in ends)


def _moment(used: CapUsed) -> datetime:
    return used.moment


def cap_moment(
    cap: Cap, program: Program, day: Day, moment: datetime, *, joined_at: datetime | None
) -> datetime:
    """The first instant of the window that holds a moment of a day; for a rolling one the moment itself."""
    if cap.window == "rolling_24h" or cap.window == "event":  # noqa: PLR1714 - narrows the type
        return moment
    if cap.window == "hour":
        return moment.replace(minute=0, second=0, microsecond=0)
    since = joined_at or moment
    return window_on(cap.window, day, program.zone, since=since, week_starts=cap.week_starts)


def cap_reach(program: Program, state: MemberState, event: Event) -> Iterator[tuple[str, datetime, datetime]]:
    """Which uses of caps a decision about an event may read or change: cap, and the first and last moment."""
    day = day_of(event.occurred_at, program.zone)
    for cap in _caps_on(program, event):
        if cap.window != "event":
            moment = cap_moment(cap, program, day, event.occurred_at, joined_at=state.joined_at)
            around = ROLLING if cap.window == "rolling_24h" else timedelta(0)
            yield cap.key, moment - around, moment + around
    yield from _caps_given_back(program, state, event)


def _caps_given_back(
    program: Program, state: MemberState, event: Event
) -> Iterator[tuple[str, datetime, datetime]]:
    """The uses that a redemption made, where it goes back."""
    if event.type != "reward.cancelled":
        return
    found = redemption_named(state.rewards, event.source, str(event.body["redemption"]))
    reward = program.rewards.get(found.reward) if found else None
    for cap in reward.limits if reward else ():
        for payment in found.payments if found else ():
            day = day_of(payment.at, program.zone)
            moment = cap_moment(cap, program, day, payment.at, joined_at=state.joined_at)
            yield cap.key, moment, moment


def _caps_on(program: Program, event: Event) -> Iterator[Cap]:
    """The caps of the rules that look at an event, and the limit on what members send each other."""
    rules = program.rules_on.get(event.type)
    for rule in rules.rules if rules else ():
        yield from rule.caps
    if event.type == "game.played" and (game := program.games.get(str(event.body["game"]))):
        yield from caps_of(game)
    if event.type in {"points.sent", "points.sent_back"}:
        unit = program.units.get(str(event.body["unit"]))
        if unit is not None and unit.transfers is not None and unit.transfers.per_month is not None:
            yield unit.transfers.per_month
    if event.type in {"points.spent", "points.held", "points.captured"}:
        yield from (cap for unit in program.units.values() if unit.spending for cap in unit.spending.limits)
    if event.type in REDEEMING:
        yield from (cap for reward in program.rewards.values() for cap in reward.limits)
    if event.type == "referral.rewarded":
        yield from referral_limits(dict.fromkeys(get_args(LimitWindow), 0))
    yield from _caps_of_review(program, event)


def award_cap(limit: AwardLimit) -> Cap:
    """A limit on what is earned before it is held, as a cap."""
    return Cap(limit.unit, limit.most, limit.window, key=limit.key)


def count_cap(limit: CountLimit) -> Cap:
    """A limit on how often something happens, as a cap that counts it."""
    return Cap("", Decimal(limit.most), limit.window, key=limit.key)


def _caps_of_review(program: Program, event: Event) -> Iterator[Cap]:
    review = program.review
    if event.type in program.rules_on:
        yield from map(award_cap, review.awards)
    if event.type in {"points.spent", "points.held"} and review.redemptions is not None:
        yield count_cap(review.redemptions)
    if event.type == "points.adjusted" and review.adjustments is not None:
        yield count_cap(review.adjustments)


def referral_limits(limits: Mapping[LimitWindow, int]) -> Iterator[Cap]:
    """The limits on how many rewards one referrer gets, as caps that count them."""
    for window, most in limits.items():
        yield Cap("", Decimal(most), window, key=f"{REFERRAL_RULES['referrer']}//{window}")


def caps_of(game: Game) -> Iterator[Cap]:
    """The limits on how often a member may play a game."""
    for window, plays in game.limits:
        yield Cap("plays", Decimal(plays), window, key=f"{game.rule}/plays/{window}")


def use_cap(state: MemberState, cap: str, moment: datetime, amount: Decimal) -> None:
    """Remember that so much of a cap was used (or, below zero, given back)."""
    used = state.cap_used.get(cap)
    if used is None:
        used = state.cap_used[cap] = []
    place = len(used)
    if used and used[-1].moment >= moment:
        place = bisect_left(used, moment, key=_moment)
    if place < len(used) and used[place].moment == moment:
        used[place] = CapUsed(moment, max(ZERO, used[place].amount + amount))
    elif amount > 0:
        used.insert(place, CapUsed(moment, amount))
