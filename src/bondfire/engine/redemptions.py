"""What was paid with points: remembered lot by lot, and undone in whole or in part (R11, R12)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from bondfire.engine.past import Purchase, Redemption
from bondfire.engine.turn import Turn
from bondfire.events import Event
from bondfire.kit import EXACT, quantise
from bondfire.ledger import ZERO, LotPart, restore


def redeem(turn: Turn, event: Event, *, unit: str, order: str, parts: Sequence[LotPart]) -> None:
    """Remember what an event paid with.

    What paid an order of which something came back already, because the two arrive in any order, goes back
    at once in the same part.
    """
    redemption = Redemption(event.source, event.id, unit, order, turn.effective_at, list(parts))
    turn.state.add_redemption(redemption)
    turn.state.changed_redemptions.add(redemption.key)
    purchase = turn.state.purchases.get(order) if order else None
    if purchase is not None and purchase.returns:
        _give_back(turn, purchase, redemption, event=event.id)


def give_back_paid(turn: Turn, purchase: Purchase, *, event: str) -> None:
    """Give back what a purchase was paid with, in the part in which it has come back by now (R11)."""
    keys = turn.state.paid.get(purchase.order)
    if keys:
        for redemption in newest_first(turn.state.redemptions[key] for key in keys):
            _give_back(turn, purchase, redemption, event=event)


def newest_first(redemptions: Iterable[Redemption]) -> list[Redemption]:
    """In the order in which they are undone."""
    return sorted(redemptions, key=lambda one: (one.occurred_at, one.event, one.source), reverse=True)


def _give_back(turn: Turn, purchase: Purchase, redemption: Redemption, *, event: str) -> None:
    """Undo a redemption up to the part of its purchase that came back, less what was given back before."""
    decimals = turn.timeline.newest.program.units[redemption.unit].decimals
    due = due_back(purchase, redemption.amount, decimals) - redemption.restored
    if due > 0:
        undo(turn, redemption, due, event=event)


def due_back(purchase: Purchase, amount: Decimal, decimals: int) -> Decimal:
    """How much of what paid a purchase must have gone back by now; the last return takes the rest."""
    lines = purchase.lines
    if not any(line.left for line in lines):
        return amount
    returned, whole = sum((one.returned for one in lines), ZERO), sum((one.amount for one in lines), ZERO)
    if returned <= 0 or whole <= 0:
        return ZERO
    share = EXACT.divide(EXACT.multiply(amount, returned), whole)
    return min(amount, quantise(share, decimals))


def undo(turn: Turn, redemption: Redemption, amount: Decimal, *, event: str) -> None:
    """Give a part of one redemption back to its lots: what was taken last goes back first."""
    undone = redemption.restored
    redemption.restored += amount
    turn.state.changed_redemptions.add(redemption.key)
    grace_until = turn.program.grace_after_return.after(turn.now, turn.program.zone)
    cause, about = turn.cause(event), {"unit": redemption.unit, "order": redemption.order}
    for part in reversed(redemption.parts):
        skipped = min(undone, part.amount)
        undone -= skipped
        back = min(amount, part.amount - skipped)
        if back:
            lot = turn.state.ledger.lots[part.lot]
            restore(turn.book, cause, lot=lot, amount=back, grace_until=grace_until, now=turn.now)
            amount -= back
            turn.because("restored", amount=back, lot=lot.number, **about)
