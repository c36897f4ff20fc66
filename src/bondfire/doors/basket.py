"""The lines of an order or a refund, made to add up to its total exactly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from bondfire.doors.fields import decimals_of, sum_of
from bondfire.doors.model import Raw
from bondfire.events import EventError
from bondfire.kit import MAX_AMOUNT, format_amount, quantise, split_largest_remainder

Kind = Literal["product", "shipping", "tax", "gift_card"]

ZERO: Final = Decimal(0)
_LONGEST_NAME: Final = 1_000
_MOST_CATEGORIES: Final = 100


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: what it costs after all discounts, in the prices the shop shows.

    What is no article has its kind as its number, so that a refund of shipping finds the shipping.
    """

    amount: Decimal
    kind: Kind = "product"
    sku: str = ""
    quantity: Decimal | None = None
    name: str = ""
    brand: str = ""
    categories: tuple[str, ...] = ()

    def raw(self) -> Raw:
        """The line as a field of an event; what says nothing is left out."""
        fields: Raw = {
            "sku": self.sku or (self.kind if self.kind in {"shipping", "tax"} else ""),
            "kind": self.kind,
            "quantity": "" if self.quantity is None else format_amount(self.quantity),
            "description": self.name[:_LONGEST_NAME],
            "brand": self.brand,
        }
        said: Raw = {name: value for name, value in fields.items() if value}
        if self.categories:
            said["categories"] = list(self.categories[:_MOST_CATEGORIES])
        return {**said, "amount": format_amount(self.amount)}


def shipping_line(cost: Decimal | None) -> list[Line]:
    """What delivery costs, when it costs something."""
    return [Line(kind="shipping", amount=cost)] if cost else []


def tax_line(tax: Decimal | None) -> list[Line]:
    """Tax that comes on top of the prices, when there is some."""
    return [Line(kind="tax", amount=tax)] if tax else []


def closed(lines: Iterable[Line], total: Decimal, currency: str) -> list[Raw]:
    """The lines as fields of an event, with amounts that add up to the total.

    What is missing (a tip, a fee, duties, cents of rounding) becomes a line of its own that is no article
    and so earns nothing unless the programme says otherwise; what is too much is a discount that the shop did
    not say by line, and is spread over the articles in proportion, then over everything.

    Raises:
        EventError: `bad_amount`: a line beyond 10^15, or lines below what can be spread.
    """
    decimals = decimals_of(currency)
    rounded = [replace(line, amount=quantise(line.amount, decimals, "half_even")) for line in lines]
    _check_sizes(rounded)
    total = quantise(total, decimals, "half_even")
    rest = total - sum_of(line.amount for line in rounded)
    if rest > 0:
        rounded.append(Line(kind="shipping", sku="rest", amount=rest))
    elif rest < 0:
        rounded = _reduced(rounded, -rest, decimals)
    return [line.raw() for line in rounded]


def _check_sizes(lines: Sequence[Line]) -> None:
    for place, line in enumerate(lines):
        if abs(line.amount) > MAX_AMOUNT:
            raise EventError(
                "is beyond the limit of 10^15.",
                code="bad_amount",
                field=f"lines[{place}].amount",
                next_step="Check price and quantity.",
            )


def _reduced(lines: Sequence[Line], too_much: Decimal, decimals: int) -> list[Line]:
    """The lines with so much less, taken from the articles if they suffice, else from all of them."""
    articles = [line.amount if line.kind == "product" and line.amount > 0 else ZERO for line in lines]
    everything = [max(line.amount, ZERO) for line in lines]
    weights = articles if sum(articles) >= too_much else everything
    if sum(weights) < too_much:
        raise EventError(
            f"add up to {format_amount(too_much)} more than the total, and cannot be lowered by that.",
            code="bad_amount",
            field="lines",
            next_step="Check the total and the amounts of the lines.",
        )
    parts = split_largest_remainder(too_much, weights, decimals)
    return [replace(line, amount=line.amount - part) for line, part in zip(lines, parts, strict=True)]


def tax_on_top(tax: Decimal, *, net: Decimal, total: Decimal) -> Decimal:
    """The tax that is not in the prices: all of it or nothing, whichever explains the total better.

    For senders that do not say whether their prices include tax.

    Args:
        tax: what they call tax.
        net: what goods and delivery cost after discounts, in their prices.
        total: what was paid.
    """
    return tax if abs(net + tax - total) <= abs(net - total) else ZERO


def refunded(lines: Sequence[Line], total: Decimal, currency: str) -> list[Raw]:
    """The lines of a refund, or none where more is paid back than they are worth: then only its value counts.

    Raises:
        EventError: as `closed`.
    """
    worth = sum_of(quantise(line.amount, decimals_of(currency), "half_even") for line in lines)
    if not lines or quantise(total, decimals_of(currency), "half_even") > worth:
        return []
    return closed(lines, total, currency)
