"""Payments in two phases: points are held, then captured or let go, at the latest when the hold ends (L6)."""

from datetime import datetime
from decimal import Decimal
from typing import Final, cast

from bondfire.engine.errors import HoldOver, NoHold, TooManyHolds
from bondfire.engine.model import MemberState
from bondfire.engine.past import Hold
from bondfire.engine.paying import check_payment, count_payment
from bondfire.engine.redemptions import redeem
from bondfire.engine.reviewing import check_redemptions, count_redemption
from bondfire.engine.turn import Turn, event_money, event_text
from bondfire.engine.units import amount_of, check_known, exact_amount, unit_of
from bondfire.events import Event
from bondfire.kit import format_amount
from bondfire.ledger import Cause, LotPart, capture, hold, let_go
from bondfire.programs import Program

MOST_HOLDS: Final = 100
"""So many stand at once at most: they are part of the state, which must not grow without end (L20)."""


def points_held(turn: Turn, event: Event) -> None:
    """Set points aside until a moment, from the lots that expire first.

    Raises:
        NotEnough: the wallet holds less; nothing is held.
        NotOffered: the programme does not allow such a payment.
        HoldOver: the hold would have ended before it came.
        TooManyHolds: of this member so many stand already.
        TooManyRedemptions: as many came in a time as the programme lets pass.
    """
    unit, amount = unit_of(turn, event, spendable=True), amount_of(turn, event)
    until, holds = cast("datetime", event.body["until"]), turn.state.holds
    if until <= turn.now:
        raise HoldOver(
            f"Hold {event.id} came when its end, {until:%Y-%m-%dT%H:%M:%SZ}, was over.",
            next_step="Hold the points again if they are still needed.",
        )
    if len(holds) >= MOST_HOLDS:
        raise TooManyHolds(
            f"The member has {MOST_HOLDS} holds already.", next_step="Capture or release one of them first."
        )
    check_payment(turn, event, unit, amount)
    check_redemptions(turn)
    parts = hold(turn.book, turn.cause(event.id), unit=unit.name, amount=amount)
    count_redemption(turn)
    order = event_text(event, "order")
    made = Hold(event.source, event.id, unit.name, order, until, list(parts))
    holds[made.key] = made
    ends = {"until": until.isoformat()}
    for part in parts:
        turn.because("held", unit=unit.name, amount=part.amount, lot=part.lot, order=order, values=ends)


def points_captured(turn: Turn, event: Event) -> None:
    """Spend what is held, all of it or a part; the rest stays held.

    Raises:
        NoHold: there is no such hold, or it holds less; nothing is captured.
    """
    held, amount = _held_and_amount(turn, event)
    parts, held.parts = split_parts(held.parts, amount)
    _forget_empty(turn.state, held)
    capture(turn.book, turn.cause(event.id), unit=held.unit, parts=parts)
    order = event_text(event, "order") or held.order
    for part in parts:
        turn.because("captured", unit=held.unit, amount=part.amount, lot=part.lot, order=order)
    redeem(turn, event, unit=held.unit, order=order, parts=parts)
    if held.unit in turn.program.units:
        count_payment(turn, turn.program.units[held.unit])


def points_released(turn: Turn, event: Event) -> None:
    """Let what is held be spent otherwise, all of it or a part: what was held last goes first.

    Raises:
        NoHold: there is no such hold, or it holds less; nothing is let go.
    """
    held, amount = _held_and_amount(turn, event)
    held.parts, parts = split_parts(held.parts, held.left - amount)
    _forget_empty(turn.state, held)
    let_go_parts(turn, turn.cause(event.id), parts, program=turn.program, now=turn.now)
    for part in reversed(parts):
        turn.because("let_go", unit=held.unit, amount=part.amount, lot=part.lot, order=held.order)


def next_hold(state: MemberState) -> Hold | None:
    """The hold that ends next, of those that end together the first by source and id."""
    return min(state.holds.values(), key=lambda one: (one.until, one.key), default=None)


def end_hold(turn: Turn, held: Hold) -> None:
    """Let go what is still held when a hold ends, at its very instant."""
    del turn.state.holds[held.key]
    version = turn.timeline.at(held.until)
    cause = Cause("", version.number, held.until, held.until)
    let_go_parts(turn, cause, held.parts, program=version.program, now=held.until)
    turn.book.seal()


def let_go_parts(turn: Turn, cause: Cause, parts: list[LotPart], *, program: Program, now: datetime) -> None:
    """Let parts of lots be spent again; what was held last goes first."""
    grace_until = program.grace_after_return.after(now, program.zone)
    for part in reversed(parts):
        lot = turn.state.ledger.lots[part.lot]
        let_go(turn.book, cause, lot=lot, amount=part.amount, grace_until=grace_until, now=now)


def hold_named(state: MemberState, source: str, name: str) -> Hold | None:
    """The hold of this id: that of the source itself, else the only one of others."""
    own = state.holds.get((source, name))
    if own is not None:
        return own
    others = [one for one in state.holds.values() if one.event == name]
    return others[0] if len(others) == 1 else None


def _held_and_amount(turn: Turn, event: Event) -> tuple[Hold, Decimal]:
    check_known(turn)
    name = event_text(event, "hold")
    held = hold_named(turn.state, event.source, name)
    if held is None:
        raise NoHold(
            f"No hold {name!r} stands: it was captured, released or ended, or never came.",
            next_step="Check the id of the points.held event, or hold the points again.",
        )
    amount = event_money(event, "amount")
    if amount is None:
        return held, held.left
    exact_amount(turn.timeline.newest.program.units[held.unit], amount)
    if amount > held.left:
        raise NoHold(
            f"{format_amount(amount)} {held.unit} were asked for, but hold {name!r} holds "
            f"{format_amount(held.left)}.",
            next_step="Ask for less, or leave the amount out for all of it.",
        )
    return held, amount


def split_parts(parts: list[LotPart], amount: Decimal) -> tuple[list[LotPart], list[LotPart]]:
    """The first parts, adding up to an amount, and the rest."""
    first, rest = [], []
    for part in parts:
        taken = min(amount, part.amount)
        amount -= taken
        if taken:
            first.append(LotPart(part.lot, taken))
        if part.amount > taken:
            rest.append(LotPart(part.lot, part.amount - taken))
    return first, rest


def _forget_empty(state: MemberState, held: Hold) -> None:
    if not held.parts:
        del state.holds[held.key]
