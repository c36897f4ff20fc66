"""The passing of time: releases, expiries, holds, tier windows, each at its own moment and in order."""

from collections.abc import Callable
from datetime import datetime
from heapq import heappop

from bondfire.engine.challenges import next_challenge_due, pass_challenge_time
from bondfire.engine.holding import end_hold, next_hold
from bondfire.engine.model import Decision, MemberState
from bondfire.engine.redeemed import next_reward_due
from bondfire.engine.referring import next_ripe, ripen
from bondfire.engine.rewarding import end_next_reward
from bondfire.engine.standing import next_turn_of, open_standings, pass_time
from bondfire.engine.turn import Turn, begin
from bondfire.ledger import Cause, Due, expire, expire_sliding, next_slide, release
from bondfire.programs import Timeline


def next_due_at(state: MemberState) -> datetime | None:
    """When time alone next changes something for this member."""
    moments = [next_lot_due_at(state), *map(next_turn_of, state.standings.values())]
    moments += [progress.due_at for progress in state.challenges.values()]
    moments += [held.until for held in state.holds.values()]
    moments += [reward.until for reward in state.rewards]
    moments += [slide.ends_at for slide in state.ledger.sliding.values()]
    moments.append(next_ripe(state))
    return min((moment for moment in moments if moment is not None), default=None)


def next_lot_due_at(state: MemberState) -> datetime | None:
    """When the next lot is released or expires, wherever it is."""
    due, elsewhere = _next_lot(state), state.ledger.due_elsewhere
    if due is None or elsewhere is None:
        return elsewhere if due is None else due[0]
    return min(due[0], elsewhere)


def _next_lot(state: MemberState) -> Due | None:
    """The next appointment of a lot that still stands."""
    heap, lots = state.ledger.due, state.ledger.lots
    while heap:
        at, is_expiry, number = heap[0]
        lot = lots.get(number)
        if lot is not None and lot.left:
            if is_expiry and not lot.is_pending and lot.expires_at == at:
                return heap[0]
            if not is_expiry and lot.is_pending:
                return heap[0]
        heappop(heap)
    return None


def is_due(state: MemberState, now: datetime) -> bool:
    """Whether something may have come due by now; nearly always nothing has."""
    ledger = state.ledger
    if ledger.due and ledger.due[0][0] <= now:
        return True
    if ledger.due_elsewhere is not None and ledger.due_elsewhere <= now:
        return True
    for standing in state.standings.values():
        closes_at, falls_at = standing.closes_at, standing.falls_at
        if (closes_at is not None and closes_at <= now) or (falls_at is not None and falls_at <= now):
            return True
        if standing.grants and standing.grants[0].until <= now:
            return True
    for progress in state.challenges.values():
        if progress.due_at is not None and progress.due_at <= now:
            return True
    if (state.holds or state.rewards) and _ends_by(state, now):
        return True
    slide, ripe_at = next_slide(ledger), next_ripe(state)
    return (slide is not None and slide[0] <= now) or (ripe_at is not None and ripe_at <= now)


def _ends_by(state: MemberState, now: datetime) -> bool:
    """Whether something that is set aside has ended."""
    if any(held.until <= now for held in state.holds.values()):
        return True
    return any(reward.until is not None and reward.until <= now for reward in state.rewards)


def run_due(turn: Turn) -> None:
    """Do everything that came due up to `turn.now`, in order of time; each is sealed by itself.

    At one instant: first what is released, then what expires by itself, then what slides, then holds, then
    rewards that are held, then tier windows, so that credits of the last moment count before a window closes
    (T5); then challenges, then a referral.
    """
    state, now = turn.state, turn.now
    elsewhere = state.ledger.due_elsewhere
    if elsewhere is not None and elsewhere <= now:
        raise AssertionError("lots that came due are not at hand")
    while True:
        coming = _next(state)
        if coming is None or coming[0] > now:
            return
        coming[1](turn)


def _next(state: MemberState) -> tuple[datetime, Callable[[Turn], None]] | None:
    """When the next thing comes due, and what does it."""
    coming: list[tuple[datetime, Callable[[Turn], None]]] = []
    lot_due, slide, held = _next_lot(state), next_slide(state.ledger), next_hold(state)
    reward = next_reward_due(state.rewards)
    standing, challenge = _next_standing(state), next_challenge_due(state)
    if lot_due is not None:
        coming.append((lot_due[0], _keep_appointment))
    if slide is not None:
        coming.append((slide[0], _end_slide))
    if held is not None:
        coming.append((held.until, _end_hold))
    if reward is not None and reward.until is not None:
        coming.append((reward.until, end_next_reward))
    if standing is not None:
        coming.append((standing[0], _turn_standing))
    if challenge is not None:
        coming.append((challenge[0], _pass_challenge))
    ripe_at = next_ripe(state)
    if ripe_at is not None:
        coming.append((ripe_at, ripen))
    return min(coming, key=lambda one: one[0], default=None)


def _keep_appointment(turn: Turn) -> None:
    at, is_expiry, number = heappop(turn.state.ledger.due)
    lot, book = turn.state.ledger.lots[number], turn.book
    cause = Cause("", turn.timeline.at(at).number, at, at, lot.rule)
    if is_expiry:
        expire(book, cause, lot)
    else:
        release(book, cause, lot)
    book.seal()


def _end_slide(turn: Turn) -> None:
    slide = next_slide(turn.state.ledger)
    assert slide is not None, "it is due"  # noqa: S101
    at, unit = slide
    expire_sliding(turn.book, Cause("", turn.timeline.at(at).number, at, at), unit)
    turn.book.seal()


def _end_hold(turn: Turn) -> None:
    held = next_hold(turn.state)
    assert held is not None, "it is due"  # noqa: S101
    end_hold(turn, held)


def _turn_standing(turn: Turn) -> None:
    standing = _next_standing(turn.state)
    assert standing is not None, "it is due"  # noqa: S101
    at = begin(turn.timeline, turn.state, now=standing[0], effective_at=standing[0])
    pass_time(at, standing[1])
    if at.tier_changes:
        at.book.seal()
    turn.tier_changes += at.tier_changes
    turn.told += at.told


def _pass_challenge(turn: Turn) -> None:
    challenge = next_challenge_due(turn.state)
    assert challenge is not None, "it is due"  # noqa: S101
    turn.told += pass_challenge_time(turn, *challenge)


def _next_standing(state: MemberState) -> tuple[datetime, str] | None:
    first: tuple[datetime, str] | None = None
    for name, standing in state.standings.items():
        moment = next_turn_of(standing)
        if moment is not None and (first is None or (moment, name) < first):
            first = moment, name
    return first


def pass_until(timeline: Timeline, state: MemberState, until: datetime) -> Decision | None:
    """Let a member's time come up to `until`; None when nothing changed."""
    if state.joined_at is None or until <= state.now:
        return None
    due_at = next_due_at(state)
    if due_at is None or due_at > until:
        return None
    turn = begin(timeline, state, now=until, effective_at=until)
    open_standings(turn)
    run_due(turn)
    state.now = until
    return turn.decided("accepted", None)
