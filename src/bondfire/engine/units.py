"""The unit and the amount that an event about points names, checked against the programme."""

from decimal import Decimal

from bondfire.engine.errors import UnknownMember, UnknownUnit
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.turn import Turn, event_money, event_text
from bondfire.events import Event
from bondfire.kit import AmountError, format_amount, nearest, parse_amount
from bondfire.ledger import ZERO
from bondfire.programs import Unit


def check_known(turn: Turn) -> None:
    """Refuse what is about nobody.

    Raises:
        UnknownMember: nobody is known under the reference.
    """
    if turn.state.joined_at is None:
        raise UnknownMember(
            f"Nobody is known under the reference {shown_member(turn.state.id)!r}.",
            next_step="Check the reference; a member is known from their first purchase or from joining.",
        )


def unit_of(turn: Turn, event: Event, *, spendable: bool) -> Unit:
    """The unit of an event.

    Raises:
        UnknownMember: nobody is known under the reference.
        UnknownUnit: the programme has no such unit, or it can never be spent.
    """
    check_known(turn)
    name = event_text(event, "unit")
    unit = turn.program.units.get(name)
    if unit is None:
        close = nearest(name, turn.program.units)
        raise UnknownUnit(
            f"The programme has no unit {name!r}.",
            next_step=f"Did you mean {close!r}?"
            if close
            else f"It has: {', '.join(sorted(turn.program.units))}.",
        )
    if spendable and unit.qualifying:
        raise UnknownUnit(
            f"{name} qualifies for tiers and cannot be spent.", next_step="Name a unit that can be spent."
        )
    return unit


def amount_of(turn: Turn, event: Event) -> Decimal:
    """The amount of an event, above zero and no finer than its unit."""
    amount = event_money(event, "amount") or ZERO
    exact_amount(turn.program.units[event_text(event, "unit")], amount)
    return amount


def exact_amount(unit: Unit, amount: Decimal) -> None:
    """Refuse an amount that is not above zero or finer than its unit.

    Raises:
        AmountError: it is.
    """
    check_decimals(unit, amount)
    if amount <= 0:
        raise AmountError(f"amount is {format_amount(amount)}.", next_step="Send an amount above zero.")


def check_decimals(unit: Unit, amount: Decimal) -> None:
    """Refuse an amount that is finer than its unit.

    Raises:
        AmountError: it is.
    """
    parse_amount(amount, decimals=unit.decimals, name=f"amount in {unit.name}", negative=True)
