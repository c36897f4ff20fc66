"""A price shared between goods and points, and the points' share recognised as they are spent (IFRS 15).

The rules are those of IFRS 15 for a material right: the transaction price is allocated to all performance
obligations by their relative stand-alone selling prices (IFRS 15.74 and 76), that of the points being their
value less those that nobody is expected to claim (IFRS 15.B42); their share is recognised as points are
spent, in proportion to all that are expected to be spent (IFRS 15.B46, Example 52, IE267 to IE270). When
that expectation changes, what was recognised is caught up at once.
"""

from decimal import Decimal, localcontext
from typing import NamedTuple

from bondfire.errors import BadInput
from bondfire.kit import EXACT, format_amount, quantise, split_largest_remainder
from bondfire.ledger import ZERO


class BadAllocation(BadInput):
    """Prices or amounts that no revenue can be worked out from."""

    code = "bad_allocation"


class Allocation(NamedTuple):
    """A price shared between what was sold and the points that came with it; the parts add up to it."""

    product: Decimal
    points: Decimal


class Recognition(NamedTuple):
    """What of the points' share is revenue: in all so far, and of that what is new."""

    in_all: Decimal
    now: Decimal


def stand_alone_price(amount: Decimal, value: Decimal, redemption: Decimal) -> Decimal:
    """What points are sold for on their own: their value, less what is expected never to be claimed."""
    with localcontext(EXACT):
        return amount * value * redemption


def allocate(price: Decimal, *, product: Decimal, points: Decimal, decimals: int) -> Allocation:
    """Share a transaction price by relative stand-alone selling prices, in whole smallest units of money.

    Each gets its share rounded down; what is missing goes to the larger remainder, so nothing is lost.

    Args:
        price: what was paid for both.
        product: the stand-alone selling price of what was sold.
        points: that of the points, see `stand_alone_price`.
        decimals: of the currency.

    Raises:
        BadAllocation: a price is below zero, or both stand-alone prices are zero.
    """
    if min(price, product, points) < 0 or not product + points:
        raise BadAllocation(
            "A price can only be shared by stand-alone selling prices above zero.",
            next_step="Give the price that was paid, and what the product costs on its own.",
        )
    # Weights are compared to 15 decimals; points have up to 18, of amount, value and share each 6.
    weights = [weight.scaleb(3, EXACT) for weight in (product, points)]
    return Allocation(*split_largest_remainder(price, weights, decimals))


def recognise(
    allocated: Decimal, *, redeemed: Decimal, expected: Decimal, before: Decimal = ZERO, decimals: int
) -> Recognition:
    """What of the points' share is revenue once so many points have been spent.

    In all it is the share times spent over expected, rounded half up; the expectation may be another one than
    before, and then what is new catches up with it.

    Args:
        allocated: the points' share of the price.
        redeemed: how many points were spent in all.
        expected: how many are expected to be spent in all, by today's knowledge.
        before: what was recognised earlier.
        decimals: of the currency.

    Raises:
        BadAllocation: something is below zero, or nothing is expected to be spent.
    """
    if min(allocated, redeemed, before) < 0 or expected <= 0:
        raise BadAllocation(
            f"{format_amount(redeemed)} spent of {format_amount(expected)} expected gives no share.",
            next_step="Expect more than 0 points to be spent, and give sizes of amounts.",
        )
    with localcontext(EXACT):
        in_all = quantise(allocated * min(redeemed, expected) / expected, decimals, "half_up")
        return Recognition(in_all, in_all - before)
