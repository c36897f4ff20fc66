"""Challenges: what an event counts for, what each step reached gives, and what a return takes back of it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from bondfire.engine.budgets import fund, give_back_to_budget
from bondfire.engine.errors import UnknownChallenge
from bondfire.engine.model import MemberState, Reason
from bondfire.engine.occasion import Occasion, Seen
from bondfire.engine.past import Counted, Placed
from bondfire.engine.progress import (
    REWARDS_KEPT,
    Mark,
    Progress,
    Reward,
    Walk,
    add_mark,
    moment_of,
    remove_mark,
)
from bondfire.engine.standing import credit
from bondfire.engine.taking import take_back_lot
from bondfire.engine.turn import Turn, begin, event_text
from bondfire.events import Event
from bondfire.kit import nearest
from bondfire.ledger import Grant, Overflow, earn
from bondfire.programs import Action, Challenge, Program
from bondfire.rules import EvaluationError

Marked = list[tuple[str, Decimal]]
"""What an event marks: the value, action or "" of each mark, and its amount."""


class Achieved(msgspec.Struct, frozen=True, gc=False):
    """A step of a challenge was reached: a fact of the member's chain."""

    challenge: str
    number: int
    badge: str
    at: datetime


def count_in(turn: Turn, event: Event, occasion: Occasion) -> None:
    """Let an event count for every challenge that looks at its type."""
    goals = turn.program.challenges_on.get(event.type)
    for challenge in goals.looking_at(occasion.seen) if goals else ():
        progress = _taking_part(turn, challenge)
        if progress is None:
            continue
        try:
            marked = _marked(challenge, event.type, occasion.seen)
        except EvaluationError as error:
            turn.because("condition_failed", rule=challenge.rule, note=error.message)
        else:
            if marked:
                _count(turn, challenge, progress, marked, event=event.id)


def _taking_part(turn: Turn, challenge: Challenge) -> Progress | None:
    """The member's progress, opened if need be; None where nothing counts now."""
    progress = turn.state.challenges.get(challenge.name)
    if not challenge.runs_at(turn.effective_at):
        return None
    if challenge.opt_in and (
        progress is None or progress.joined_at is None or turn.effective_at < progress.joined_at
    ):
        return None
    if progress is None:
        return Progress()
    is_done = challenge.most is not None and progress.runs >= challenge.most
    return None if is_done else progress


def _marked(challenge: Challenge, on: str, seen: Seen) -> Marked:
    marked: Marked = []
    for place, action in enumerate(challenge.actions):
        if action.on == on and (action.when is None or action.when.evaluate(seen) is True):
            marked += _marks_of(challenge, action, place, seen)
    return marked


def _marks_of(challenge: Challenge, action: Action, place: int, seen: Seen) -> Marked:
    one = Decimal(1)
    if action.value is None:
        return [(str(place) if challenge.kind == "sequence" else "", one)]
    value: Any = action.value.evaluate(seen)
    if challenge.kind == "sum":
        amount = Decimal(value)
        return [("", amount)] if amount > 0 else []
    values = dict.fromkeys(map(_word, value if isinstance(value, list) else [value]))
    return [(word, one) for word in values if not challenge.only or word in challenge.only]


def _word(value: object) -> str:
    """A value that is told apart, as text of bounded length."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)[:200]


def _count(turn: Turn, challenge: Challenge, progress: Progress, marked: Marked, *, event: str) -> None:
    turn.state.challenges[challenge.name] = progress
    zone = turn.program.zone
    moment = moment_of(challenge, turn.effective_at, zone)
    counted = [
        (what, amount)
        for what, amount in marked
        if add_mark(challenge, progress, Mark(moment, what, amount), zone)
    ]
    if not counted:
        turn.because("progress_full", rule=challenge.rule)
        return
    turn.counted[challenge.name] = counted
    walk = Walk(challenge, progress, zone)
    turn.because("counted", rule=challenge.rule, amount=walk.level(turn.now), base=challenge.target)
    reward_reached(turn, challenge, progress, walk.rewards, event=event)
    progress.final = max(progress.final, progress.given if walk.rewards < progress.given else 0)
    progress.due_at = walk.due_at(turn.now)


def reward_reached(turn: Turn, challenge: Challenge, progress: Progress, reached: int, *, event: str) -> None:
    """Give what the steps that are reached and were not rewarded yet give."""
    for number in range(progress.given, reached):
        if not _reward(turn, challenge, progress, number, event=event):
            break


def _reward(turn: Turn, challenge: Challenge, progress: Progress, number: int, *, event: str) -> bool:
    """Give what a step gives, once (C5); False when the books have no room for it."""
    step, used_before = challenge.steps[number % len(challenge.steps)], dict(turn.budgets_used)
    try:
        parts = _award(turn, challenge, step.awards, event=event)
    except Overflow as refusal:
        turn.budgets_used = used_before
        turn.because("award_failed", rule=challenge.rule, note=refusal.message)
        return False
    progress.given = number + 1
    progress.rewards.append(Reward(progress.given, turn.version.number, parts))
    if len(progress.rewards) > REWARDS_KEPT:
        progress.final = max(progress.final, progress.rewards.pop(0).number)
    turn.because("step_reached", rule=challenge.rule, amount=step.at, base=challenge.target)
    badge = step.badge if step.badge and step.badge not in turn.state.badges else ""
    if badge:
        turn.state.badges[badge] = turn.effective_at
        turn.because("badge_earned", rule=challenge.rule, note=badge)
    turn.book.note(Achieved(challenge.name, progress.given, badge, turn.effective_at))
    return True


def _award(
    turn: Turn, challenge: Challenge, awards: Iterable[tuple[str, Decimal]], *, event: str
) -> list[tuple[str, Decimal, int]]:
    units, at = turn.program.units, turn.effective_at
    paid = [(unit, _paid(turn, challenge, unit, amount)) for unit, amount in awards]
    grants: list[Grant] = [
        (challenge.rule, unit, amount, units[unit].terms(at, turn.day, turn.program.zone))
        for unit, amount in paid
        if amount
    ]
    if not grants:
        return []
    lot = earn(turn.book, turn.cause(event), grants, now=turn.now)
    parts = []
    for number, (rule, unit, amount, _) in enumerate(grants, start=lot):
        turn.because("awarded", rule=rule, unit=unit, amount=amount, base=amount, lot=number)
        credit(turn, unit, amount, at)
        parts.append((unit, amount, number))
    return parts


def _paid(turn: Turn, challenge: Challenge, unit: str, amount: Decimal) -> Decimal:
    """What the budget of a challenge pays of an award; all of it where there is none."""
    funding = challenge.funding.get(unit)
    return amount if funding is None else fund(turn, funding, amount, rule=challenge.rule)


def take_back_progress(
    turn: Turn, placed: Placed, before: Counted, after: Counted, *, event: str, order: str
) -> None:
    """Let an order, review or post count as `after` and no longer as `before` (R15, C4).

    Rewards that rested on it are taken back; the badge stays with whoever has it (C3).
    """
    pinned = turn.timeline.number(placed.version).program
    for name in sorted(before):
        progress, was, still = turn.state.challenges.get(name), before[name], after.get(name, [])
        if progress is not None and was != still:
            about = _About(pinned, pinned.challenges[name], event, order)
            _uncount(turn, progress, placed.event.occurred_at, (was, still), about=about)


class _About(msgspec.Struct, frozen=True, gc=False):
    """What is taken back: the programme and challenge as they were, the event that does it, the order."""

    program: Program
    challenge: Challenge
    event: str
    order: str


def _uncount(
    turn: Turn, progress: Progress, at: datetime, change: tuple[Marked, Marked], *, about: _About
) -> None:
    challenge, zone = about.challenge, about.program.zone
    reached = Walk(challenge, progress, zone).rewards
    if not _exchange(challenge, progress, moment_of(challenge, at, zone), change, zone=zone):
        turn.because("progress_final", rule=challenge.rule, order=about.order)
        return
    walk = Walk(challenge, progress, zone)
    level = walk.level(turn.now)
    turn.because(
        "progress_taken_back", rule=challenge.rule, order=about.order, amount=level, base=challenge.target
    )
    if walk.rewards < reached:
        _take_back_rewards(turn, progress, max(walk.rewards, progress.final), about)
    progress.due_at = walk.due_at(turn.now)
    if progress == Progress():
        del turn.state.challenges[challenge.name]


def _exchange(
    challenge: Challenge,
    progress: Progress,
    moment: datetime,
    change: tuple[Marked, Marked],
    *,
    zone: ZoneInfo,
) -> bool:
    """Put other marks in the place of those that are remembered; False when none is."""
    was, still = change
    found = [what for what, amount in was if remove_mark(challenge, progress, Mark(moment, what, amount))]
    for what, amount in still:
        if what in found:
            add_mark(challenge, progress, Mark(moment, what, amount), zone)
    return bool(found)


def _take_back_rewards(turn: Turn, progress: Progress, down_to: int, about: _About) -> None:
    """Take back the latest rewards, the last one first."""
    challenge = about.challenge
    while progress.given > down_to:
        reward = progress.rewards.pop()
        progress.given = reward.number - 1
        for unit, _, number in reward.parts:
            lot = turn.state.ledger.lots[number]
            cause = turn.cause(about.event, rule=lot.rule, version=reward.version, reverses=lot.entry)
            take_back_lot(turn, about.program, cause, lot, amount=lot.amount, order=about.order)
            given_by = turn.timeline.number(reward.version).program
            funding = given_by.challenges[challenge.name].funding.get(unit)
            give_back_to_budget(turn, given_by, funding, lot.amount, at=lot.earned_at)
            inside = turn.effective_at < about.program.returns.window.after(lot.earned_at, about.program.zone)
            credit(turn, unit, -lot.amount, lot.earned_at, may_lower=inside)
        badge = challenge.steps[(reward.number - 1) % len(challenge.steps)].badge
        if badge:
            turn.because("badge_kept", rule=challenge.rule, note=badge)


def recounted(program: Program, counted: Counted, event: Event, occasion: Occasion) -> Counted:
    """How what is left of an order counts: as the order would have without the rest, but never for more."""
    left: Counted = {}
    for name, before in counted.items():
        challenge = program.challenges[name]
        try:
            now = dict(_marked(challenge, event.type, occasion.seen))
        except EvaluationError:
            now = {}
        kept = [(what, min(amount, now[what])) for what, amount in before if what in now]
        if kept:
            left[name] = kept
    return left


def challenge_joined(turn: Turn, event: Event) -> None:
    """Take part in a challenge that asks for it.

    Raises:
        UnknownChallenge: the programme has none of this name.
    """
    name, challenges = event_text(event, "challenge"), turn.program.challenges
    challenge = challenges.get(name)
    if challenge is None:
        close = nearest(name, challenges)
        known = f"It has: {', '.join(sorted(challenges))}." if challenges else "It has none."
        raise UnknownChallenge(
            f"The programme has no challenge {name!r}.",
            next_step=f"Did you mean {close!r}?" if close else known,
        )
    progress = turn.state.challenges.setdefault(name, Progress())
    if progress.joined_at is None:
        progress.joined_at = turn.effective_at
        turn.because("takes_part", rule=challenge.rule, note=name)
    else:
        turn.because("takes_part_already", rule=challenge.rule)


def next_challenge_due(state: MemberState) -> tuple[datetime, str] | None:
    """When time alone next changes the progress of a challenge, and of which."""
    due = ((one.due_at, name) for name, one in state.challenges.items() if one.due_at is not None)
    return min(due, default=None)


def pass_challenge_time(turn: Turn, moment: datetime, name: str) -> list[Reason]:
    """Let a joker be used, a streak break, or what was reached lapse, at its moment; why."""
    at = begin(turn.timeline, turn.state, now=moment, effective_at=moment)
    progress, challenge = turn.state.challenges[name], at.program.challenges.get(name)
    progress.due_at = None
    if challenge is None:
        return []
    walk = Walk(challenge, progress, at.program.zone)
    if not challenge.runs_at(moment):
        return [Reason("challenge_over", rule=challenge.rule, base=challenge.target)]
    progress.due_at = walk.due_at(moment)
    code, left = "challenge_lapsed", 0
    if challenge.kind == "streak":
        left = walk.jokers - walk.missed(moment)
        code = "streak_broken" if left < 0 else "joker_used"
    return [Reason(code, rule=challenge.rule, amount=Decimal(max(left, 0)), base=challenge.target)]
