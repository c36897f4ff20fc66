"""Spending, giving back and correcting points."""

from bondfire.engine.errors import NeedsApproval, NothingToRestore
from bondfire.engine.past import Redemption
from bondfire.engine.paying import check_payment, count_payment
from bondfire.engine.redemptions import newest_first, redeem, undo
from bondfire.engine.reviewing import (
    check_adjustments,
    check_redemptions,
    count_adjustment,
    count_redemption,
)
from bondfire.engine.standing import credit
from bondfire.engine.turn import Turn, event_money, event_text
from bondfire.engine.units import amount_of, check_decimals, unit_of
from bondfire.events import Event
from bondfire.kit import format_amount
from bondfire.ledger import ZERO, adjust_down, earn, spend
from bondfire.programs import Unit


def points_spent(turn: Turn, event: Event) -> None:
    """Pay with points, from the lots that expire first.

    Raises:
        NotEnough: the wallet holds less; nothing is taken.
        NotOffered: the programme does not allow such a payment.
        TooManyRedemptions: as many came in a time as the programme lets pass.
    """
    unit, amount = unit_of(turn, event, spendable=True), amount_of(turn, event)
    check_payment(turn, event, unit, amount)
    check_redemptions(turn)
    parts = spend(turn.book, turn.cause(event.id), unit=unit.name, amount=amount)
    order = event_text(event, "order")
    for part in parts:
        turn.because("spent", unit=unit.name, amount=part.amount, lot=part.lot, order=order)
    count_redemption(turn)
    redeem(turn, event, unit=unit.name, order=order, parts=parts)
    count_payment(turn, unit)


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
            undo(turn, redemption, part, event=event.id)
            amount -= part


def _spendings(turn: Turn, event: Event, unit: Unit) -> list[Redemption]:
    named, order = event_text(event, "spend"), event_text(event, "order")
    known = turn.state.redemptions
    own = known.get((event.source, named))
    if own is not None:
        candidates = [own]
    elif order and not named:
        candidates = [known[key] for key in turn.state.paid.get(order, ())]
    else:
        candidates = [one for one in known.values() if named in {"", one.event}]
    return newest_first(
        one for one in candidates if one.unit == unit.name and (not order or one.order == order)
    )


def points_adjusted(turn: Turn, event: Event) -> None:
    """Correct a balance by hand, with a reason and an actor, as an entry (L21); tiers follow.

    Raises:
        NotEnough: more should go than is active.
        NeedsApproval: it is above a limit of the programme, and only one person stands for it.
    """
    unit = unit_of(turn, event, spendable=False)
    amount = event_money(event, "amount") or ZERO
    check_decimals(unit, amount)
    actor, approver = event_text(event, "actor"), event_text(event, "approver")
    limit = turn.program.approval_above.get(unit.name)
    if limit is not None and abs(amount) > limit and not approver:
        raise NeedsApproval(
            f"{format_amount(amount)} {unit.name} are above the {format_amount(limit)} that one person may "
            "correct.",
            next_step="Let a second person approve it and send it with approver.",
        )
    if not approver:
        check_adjustments(turn)
    why = {"actor": actor, "approver": approver} if approver else {"actor": actor}
    note = event_text(event, "reason")
    if amount < 0:
        adjust_down(turn.book, turn.cause(event.id), unit=unit.name, amount=-amount)
        turn.because("adjusted", unit=unit.name, amount=amount, values=why, note=note)
        credit(turn, unit.name, amount, turn.effective_at, may_lower=True)
        count_adjustment(turn)
        return
    at, zone = turn.effective_at, turn.program.zone
    terms = at, unit.expires_at(earned_at=at, available_at=at, zone=zone)
    lot = earn(turn.book, turn.cause(event.id), [("", unit.name, amount, terms)], now=turn.now)
    turn.because("adjusted", unit=unit.name, amount=amount, lot=lot, values=why, note=note)
    credit(turn, unit.name, amount, turn.effective_at)
    count_adjustment(turn)
