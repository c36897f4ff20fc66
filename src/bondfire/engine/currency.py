"""Orders in another currency: what rules, caps, tiers and statistics see of them (U11).

The order itself stays as it was sent. The rate follows from the version that decided it and from its day, so
whatever looks at it again, a return above all, finds the same one.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from bondfire.engine.errors import NoRate, WrongCurrency
from bondfire.events import CURRENCIES, Event
from bondfire.kit import EXACT, day_of, quantise
from bondfire.programs import Program

ONE: Final = Decimal(1)


def is_foreign(program: Program, event: Event) -> bool:
    """Whether an order is in another currency than the programme."""
    return event.body.get("currency", program.currency) != program.currency


def rate_of(program: Program, event: Event) -> tuple[date, Decimal]:
    """What one of an order's currency is worth on its day, and since when.

    Raises:
        WrongCurrency: the programme has no rates of it.
        NoRate: it has none of that day.
    """
    currency, day = str(event.body["currency"]), day_of(event.occurred_at, program.zone).date
    rates = program.exchange.get(currency)
    order = event.body.get("order", event.id)
    if rates is None:
        raise WrongCurrency(
            f"Order {order} is in {currency}, and the programme counts in {program.currency}.",
            next_step=f"Send its value in {program.currency}.",
        )
    found = rates.on(day)
    if found is None:
        raise NoRate(
            f"Order {order} is in {currency}, and the programme has no rate of {day} for it.",
            next_step=f"Publish a version whose exchange has one for {currency} from {day} or earlier, valid "
            f"then, or send the order's value in {program.currency} under a new id.",
        )
    return found


def converted(program: Program, event: Event) -> dict[str, Any]:
    """The body of an order with its money in the programme's currency; lines still add up to the total."""
    body: dict[str, Any] = event.body
    if event.type != "order.placed" or not is_foreign(program, event):
        return body
    _, rate = rate_of(program, event)
    decimals = CURRENCIES[program.currency]
    body = {**body, "total": exchanged(body["total"], rate, decimals)}
    _exchange(body, ("paid_with_points", "discount"), rate, decimals)
    for name in ("lines", "coupons"):
        if body.get(name):
            body[name] = [{**one} for one in body[name]]
            for one in body[name]:
                _exchange(one, ("discount",), rate, decimals)
    if body.get("lines"):
        amounts = _in_parts(body["total"], [line["amount"] for line in body["lines"]], rate, decimals)
        for line, amount in zip(body["lines"], amounts, strict=True):
            line["amount"] = amount
    return body


def _exchange(holder: dict[str, Any], names: Sequence[str], rate: Decimal, decimals: int) -> None:
    for name in names:
        if name in holder:
            holder[name] = exchanged(holder[name], rate, decimals)


def exchanged(amount: Decimal, rate: Decimal, decimals: int) -> Decimal:
    """An amount at a rate, rounded half up to a currency."""
    return quantise(EXACT.multiply(amount, rate), decimals, "half_up")


def _in_parts(total: Decimal, amounts: Sequence[Decimal], rate: Decimal, decimals: int) -> list[Decimal]:
    """Each line at the rate, rounded down, and one smallest unit more where most was lost, up to the total.

    The largest remainder as in `Weights`, for lines that may also be below zero.
    """
    exact = [EXACT.multiply(amount, rate) for amount in amounts]
    parts = [quantise(one, decimals) for one in exact]
    step = ONE.scaleb(-decimals)
    missing = int((total - sum(parts)) / step)
    lost = [one - part for one, part in zip(exact, parts, strict=True)]
    for place in sorted(range(len(parts)), key=lost.__getitem__, reverse=True)[:missing]:
        parts[place] += step
    return parts
