"""Spending, giving back and correcting points."""

from decimal import Decimal

from bondfire.engine.errors import NothingToRestore
from bondfire.engine.model import Redemption
from bondfire.engine.standing import credit
from bondfire.engine.turn import Turn, event_money, event_text
from bondfire.engine.units import amount_of, check_decimals, unit_of
from bondfire.events import Event
from bondfire.kit import format_amount
from bondfire.ledger import ZERO, adjust_down, earn, restore, spend
from bondfire.programs import Unit


def points_spent(turn: Turn, event: Event) -> None:
    """Pay with points, from the lots that expire first.

    Raises:
        NotEnough: the wallet holds less; nothing is taken.
    """
    unit, amount = unit_of(turn, event, spendable=True), amount_of(turn, event)
    parts = spend(turn.book, turn.cause(event.id), unit=unit.name, amount=amount)
    order = event_text(event, "order")
    redemption = Redemption(event.source, event.id, unit.name, order, turn.effective_at, list(parts))
    turn.state.redemptions[redemption.key] = redemption
    turn.state.changed_redemptions.add(redemption.key)
    for part in parts:
        turn.because("spent", unit=unit.name, amount=part.amount, lot=part.lot, order=order)


def points_restored(turn: Turn, event: Event) -> None:
    """Give spent points back to the lots they came from (R11).

    The event names the spending (`spend`; of its own source, if several have that id), or its order; else
    the latest spendings of the unit are undone, newest first.

    Raises:
        NothingToRestore: less was spent than is asked back, or it was given back before (R12).
    """
    unit, amount = unit_of(turn, event, spendable=True), amount_of(turn, event)
    matching = _spendings(turn, event, unit)
    left = sum((one.left for one in matching), ZERO)
    if amount > left:
        raise NothingToRestore(
            f"{format_amount(amount)} {unit.name} should be given back, but {format_amount(left)} can be.",
            next_step="Check the amount, or whether it was given back before.",
        )
    for redemption in matching:
        part = min(amount, redemption.left)
        if part:
            _restore(turn, event, redemption, part)
            amount -= part


def _spendings(turn: Turn, event: Event, unit: Unit) -> list[Redemption]:
    named, order = event_text(event, "spend"), event_text(event, "order")
    known = turn.state.redemptions
    own = known.get((event.source, named))
    candidates = [own] if own else [one for one in known.values() if named in {"", one.event}]
    matching = [one for one in candidates if one.unit == unit.name and (not order or one.order == order)]
    return sorted(matching, key=lambda one: (one.occurred_at, one.event, one.source), reverse=True)


def _restore(turn: Turn, event: Event, redemption: Redemption, amount: Decimal) -> None:
    """Undo a part of one spending: what was taken last goes back first."""
    undone = redemption.restored
    redemption.restored += amount
    turn.state.changed_redemptions.add(redemption.key)
    grace_until = turn.program.grace_after_return.after(turn.now, turn.program.zone)
    for part in reversed(redemption.parts):
        skipped = min(undone, part.amount)
        undone -= skipped
        back = min(amount, part.amount - skipped)
        if back:
            lot = turn.state.ledger.lots[part.lot]
            restore(
                turn.book, turn.cause(event.id), lot=lot, amount=back, grace_until=grace_until, now=turn.now
            )
            amount -= back
            turn.because(
                "restored", unit=redemption.unit, amount=back, lot=lot.number, order=redemption.order
            )


def points_adjusted(turn: Turn, event: Event) -> None:
    """Correct a balance by hand, with a reason and an actor, as an entry (L21); tiers follow.

    Raises:
        NotEnough: more should go than is active.
    """
    unit = unit_of(turn, event, spendable=False)
    amount = event_money(event, "amount") or ZERO
    check_decimals(unit, amount)
    note = f"{event_text(event, 'reason')} ({event_text(event, 'actor')})"
    if amount < 0:
        adjust_down(turn.book, turn.cause(event.id), unit=unit.name, amount=-amount)
        turn.because("adjusted", unit=unit.name, amount=amount, note=note)
        credit(turn, unit.name, amount, turn.effective_at, may_lower=True)
        return
    at, zone = turn.effective_at, turn.program.zone
    terms = at, unit.expires_at(earned_at=at, available_at=at, zone=zone)
    lot = earn(turn.book, turn.cause(event.id), [("", unit.name, amount, terms)], now=turn.now)
    turn.because("adjusted", unit=unit.name, amount=amount, lot=lot, note=note)
    credit(turn, unit.name, amount, turn.effective_at)
