"""What a discount takes off each line of a basket: exact, never more than a line costs, and adding up."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from bondfire.kit import EXACT, quantise, split_largest_remainder
from bondfire.programs import Discount

ZERO: Final = Decimal(0)
_HUNDRED: Final = Decimal(100)


class Item(NamedTuple):
    """A line that a discount may be taken off.

    Attributes:
        place: its place in the basket.
        price: what it still costs; above zero.
        quantity: how many whole articles it holds; 0 where that is no whole number.
    """

    place: int
    price: Decimal
    quantity: int
    sku: str
    categories: Sequence[str]


class Money(NamedTuple):
    """The basket's currency.

    Attributes:
        decimals: of its smallest unit.
        worth: what one of the programme's currency is in it, as a fraction: numerator and denominator.
    """

    decimals: int
    worth: tuple[Decimal, Decimal] = (Decimal(1), Decimal(1))

    def of(self, amount: Decimal) -> Decimal:
        """An amount of the programme's currency, rounded down."""
        over, under = self.worth
        return quantise(EXACT.divide(EXACT.multiply(amount, over), under), self.decimals)


def taken_off(discount: Discount, items: Sequence[Item], money: Money) -> dict[int, Decimal]:
    """What is taken off each line, by place; lines that nothing is taken off are not in it.

    A fixed amount and a share are split over the lines by what they cost, in smallest units of the
    currency, by the largest remainder; a line never gets more than it costs, because a part of a whole that
    is no larger than the sum of its weights is no larger than its weight rounded up, which is a whole number.
    A limit (`most`) cuts free articles down in the same way.
    """
    parts = _parts(discount, items, money)
    if discount.most is not None:
        most, total = money.of(discount.most), sum(parts, ZERO)
        if total > most:
            parts = split_largest_remainder(most, parts, money.decimals)
    return {item.place: part for item, part in zip(items, parts, strict=True) if part}


def _parts(discount: Discount, items: Sequence[Item], money: Money) -> list[Decimal]:
    prices = [item.price for item in items]
    whole = sum(prices, ZERO)
    if discount.kind == "amount":
        return split_largest_remainder(min(money.of(discount.amount), whole), prices, money.decimals)
    if discount.kind == "percent":
        share = EXACT.divide(EXACT.multiply(whole, discount.amount), _HUNDRED)
        return split_largest_remainder(quantise(share, money.decimals, "half_up"), prices, money.decimals)
    if discount.kind == "free_item":
        fits = [discount.sku == item.sku if discount.sku else _is_in(item, discount) for item in items]
        return _cheapest(items, fits, discount.free, money.decimals)
    articles = sum(item.quantity for item in items)
    free = articles // discount.of * discount.free
    return _cheapest(items, [True] * len(items), free, money.decimals)


def _is_in(item: Item, discount: Discount) -> bool:
    return discount.category in item.categories


def _cheapest(items: Sequence[Item], fits: Sequence[bool], free: int, decimals: int) -> list[Decimal]:
    """The price of so many of the cheapest articles; ties to the earlier line."""
    parts = [ZERO] * len(items)
    able = [place for place, item in enumerate(items) if fits[place] and item.quantity]
    for place in sorted(able, key=lambda place: _each(items[place])):
        item, taken = items[place], min(free, items[place].quantity)
        free -= taken
        part = EXACT.divide(EXACT.multiply(item.price, Decimal(taken)), Decimal(item.quantity))
        parts[place] = item.price if taken == item.quantity else quantise(part, decimals)
    return parts


def _each(item: Item) -> Decimal:
    return EXACT.divide(item.price, Decimal(item.quantity))
