"""The passing of time: releases, expiries and tier windows, each at its own moment and in order."""

from datetime import datetime
from heapq import heappop

from bondfire.engine.model import Decision, MemberState
from bondfire.engine.standing import next_turn_of, open_standings, pass_time
from bondfire.engine.turn import Turn
from bondfire.ledger import Cause, Due, expire, release
from bondfire.programs import Timeline


def next_due_at(state: MemberState) -> datetime | None:
    """When time alone next changes something for this member."""
    moments = [next_lot_due_at(state), *map(next_turn_of, state.standings.values())]
    return min((moment for moment in moments if moment is not None), default=None)


def next_lot_due_at(state: MemberState) -> datetime | None:
    """When the next lot is released or expires, wherever it is."""
    due, elsewhere = _next_lot(state), state.ledger.due_elsewhere
    if due is None or elsewhere is None:
        return elsewhere if due is None else due.at
    return min(due.at, elsewhere)


def _next_lot(state: MemberState) -> Due | None:
    """The next appointment of a lot that still stands."""
    heap, lots = state.ledger.due, state.ledger.lots
    while heap:
        due = heap[0]
        lot = lots.get(due.lot)
        if lot is not None and lot.left:
            if due.is_expiry and not lot.is_pending and lot.expires_at == due.at:
                return due
            if not due.is_expiry and lot.is_pending:
                return due
        heappop(heap)
    return None


def run_due(turn: Turn) -> None:
    """Do everything that came due up to `turn.now`, in order of time.

    At one instant: first what is released, then what expires, then tier windows, so that credits of the
    last moment count before a window closes (T5).
    """
    state, elsewhere = turn.state, turn.state.ledger.due_elsewhere
    if elsewhere is not None and elsewhere <= turn.now:
        raise AssertionError("lots that came due are not at hand")
    while True:
        lot_due = _next_lot(state)
        standing = min(
            (
                (moment, name)
                for name, one in state.standings.items()
                if (moment := next_turn_of(one)) is not None
            ),
            default=None,
        )
        if lot_due is not None and lot_due.at <= turn.now and (standing is None or lot_due.at <= standing[0]):
            heappop(state.ledger.due)
            _keep_appointment(turn, lot_due)
        elif standing is not None and standing[0] <= turn.now:
            at = Turn(turn.timeline, state, now=standing[0], effective_at=standing[0])
            pass_time(at, standing[1])
            turn.tier_changes += at.tier_changes
            turn.reasons += at.reasons
        else:
            return


def _keep_appointment(turn: Turn, due: Due) -> None:
    lot = turn.state.ledger.lots[due.lot]
    version = turn.timeline.at(due.at).number
    cause = Cause(event="", version=version, effective_at=due.at, posted_at=due.at, rule=lot.rule)
    if due.is_expiry:
        amount = lot.left
        expire(turn.book, cause, lot)
        turn.because("expired", unit=lot.unit, amount=amount, lot=lot.number)
    else:
        release(turn.book, cause, lot)
        turn.because("released", unit=lot.unit, amount=lot.left, lot=lot.number)


def pass_until(timeline: Timeline, state: MemberState, until: datetime) -> Decision | None:
    """Let a member's time come up to `until`; None when nothing changed."""
    if state.joined_at is None or until <= state.now:
        return None
    due_at = next_due_at(state)
    if due_at is None or due_at > until:
        return None
    turn = Turn(timeline, state, now=until, effective_at=until)
    open_standings(turn)
    run_due(turn)
    state.now = until
    return turn.decided()
