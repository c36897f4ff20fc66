"""May this member pay so much with points? What a programme says of spending at the till (U15)."""

from decimal import Decimal

from bondfire.engine.caps import left_of_cap, use_cap
from bondfire.engine.errors import NotOffered
from bondfire.engine.offering import check_tier
from bondfire.engine.turn import Turn, event_money
from bondfire.events import Event
from bondfire.kit import format_amount
from bondfire.programs import Spending, Unit


def check_payment(turn: Turn, event: Event, unit: Unit, amount: Decimal) -> None:
    """Refuse a payment that the programme does not allow.

    Raises:
        NotOffered: with a code that says which rule forbids it.
    """
    spending = unit.spending
    if spending is None:
        return
    _check_amount(spending, unit, amount)
    if spending.share is not None and spending.worth is not None:
        _check_share(turn, event, unit, amount=amount, share=spending.share, worth=spending.worth)
    check_tier(turn, spending.tier_set, spending.tier, f"Paying with {unit.name} is")
    standing = sum(held.unit == unit.name for held in turn.state.holds.values())
    for cap in spending.limits:
        if left_of_cap(turn, cap)[0] - standing < 1:
            raise NotOffered(
                f"A member may pay with {unit.name} {format_amount(cap.limit)} times per "
                f"{cap.window.replace('_', ' ')}, and has.",
                next_step="Let them pay without points this time.",
                code="limit_reached",
            )


def _check_amount(spending: Spending, unit: Unit, amount: Decimal) -> None:
    said = f"{format_amount(amount)} {unit.name}"
    if spending.least is not None and amount < spending.least:
        least = format_amount(spending.least)
        raise NotOffered(
            f"{said} are less than the {least} that a payment has at least.",
            next_step=f"Pay {least} or more.",
            code="payment_too_small",
        )
    if spending.most is not None and amount > spending.most:
        most = format_amount(spending.most)
        raise NotOffered(
            f"{said} are more than the {most} that a payment may have.",
            next_step=f"Pay {most} or less.",
            code="payment_too_large",
        )
    if spending.multiple is not None and amount % spending.multiple:
        multiple = format_amount(spending.multiple)
        raise NotOffered(
            f"{said} are no multiple of {multiple}.",
            next_step=f"Pay {multiple}, or twice that, and so on.",
            code="not_a_multiple",
        )


def _check_share(
    turn: Turn, event: Event, unit: Unit, *, amount: Decimal, share: Decimal, worth: Decimal
) -> None:
    total, currency = event_money(event, "order_total"), turn.program.currency
    if total is None:
        raise NotOffered(
            f"{unit.name} may pay only a share of an order, and the payment does not say what it costs.",
            next_step="Send order_total.",
            code="order_total_missing",
        )
    pays, may = amount * worth, total * share
    if pays > may:
        raise NotOffered(
            f"{format_amount(amount)} {unit.name} pay {format_amount(pays)} {currency}, more than the "
            f"{format_amount(may)} that they may pay of this order.",
            next_step=f"Pay {format_amount(may // worth)} {unit.name} or less.",
            code="share_too_large",
        )


def count_payment(turn: Turn, unit: Unit) -> None:
    """Remember that the member has paid once."""
    for cap in unit.spending.limits if unit.spending is not None else ():
        use_cap(turn.state, cap.key, left_of_cap(turn, cap)[1], Decimal(1))
