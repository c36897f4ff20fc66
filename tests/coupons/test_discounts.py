"""What coupons take off a basket: exact splits, never below zero, the same in any order."""

from decimal import Decimal
from itertools import permutations
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from bondfire.coupons import Basket, Claim, Item, Money, Priced, price, taken_off
from bondfire.engine import MemberState, shopper_of
from bondfire.programs import Discount, load_program, timeline_of
from coupons.makers import HEAD, basket, line

CENTS = Money(2)
ITEMS = st.lists(
    st.builds(
        lambda price, quantity, sku: (Decimal(price).scaleb(-2), quantity, sku),
        st.integers(1, 100_000),
        st.integers(0, 6),
        st.sampled_from("ABC"),
    ),
    min_size=1,
    max_size=8,
)
MONEY = st.integers(1, 30_000).map(lambda cents: Decimal(cents).scaleb(-2))
MOST = st.none() | MONEY
DISCOUNTS = st.one_of(
    st.builds(lambda amount, most: Discount("amount", amount, most), MONEY, MOST),
    st.builds(
        lambda share, most: Discount("percent", Decimal(share).scaleb(-1), most), st.integers(1, 1_000), MOST
    ),
    st.builds(
        lambda sku, free, most: Discount("free_item", most=most, sku=sku, free=free),
        st.sampled_from("ABC"),
        st.integers(1, 4),
        MOST,
    ),
    st.builds(
        lambda of, free, most: Discount("cheapest_free", most=most, of=of + free, free=free),
        st.integers(1, 3),
        st.integers(1, 2),
        MOST,
    ),
)


def items_of(made: list[tuple[Decimal, int, str]]) -> list[Item]:
    return [Item(place, price, quantity, sku, ()) for place, (price, quantity, sku) in enumerate(made)]


@given(ITEMS, DISCOUNTS)
def test_a_discount_splits_into_whole_cents_that_add_up_and_never_exceed_a_line(
    made: list[tuple[Decimal, int, str]], discount: Discount
) -> None:
    items = items_of(made)
    whole = sum((item.price for item in items), Decimal(0))
    parts = taken_off(discount, items, CENTS)

    assert all(0 < part <= items[place].price for place, part in parts.items())
    assert all(part == part.quantize(Decimal("0.01")) for part in parts.values())
    total = sum(parts.values(), Decimal(0))
    assert discount.most is None or total <= discount.most
    if discount.kind == "amount" and discount.most is None:
        assert total == min(discount.amount, whole)
    if discount.kind == "percent" and discount.most is None:
        assert abs(total - whole * discount.amount / 100) <= Decimal("0.005")


def discounted(discount: Discount, *lines: tuple[str, int, str]) -> list[str]:
    parts = taken_off(discount, items_of([(Decimal(p), q, sku) for p, q, sku in lines]), CENTS)
    return [str(parts.get(place, 0)) for place in range(len(lines))]


def test_an_amount_is_split_by_the_largest_remainder() -> None:
    off = Discount("amount", Decimal("5.00"))

    assert discounted(off, ("10.00", 1, "A"), ("10.00", 1, "B"), ("10.00", 1, "C")) == [
        "1.67",
        "1.67",
        "1.66",
    ]
    assert discounted(off, ("3.00", 1, "A"), ("1.00", 1, "B")) == ["3.00", "1.00"]


def test_three_for_two_gives_the_cheapest_of_each_three() -> None:
    off = Discount("cheapest_free", of=3)

    assert discounted(off, ("20.00", 2, "A"), ("7.00", 1, "B")) == ["0", "7.00"]
    assert discounted(off, ("20.00", 2, "A")) == ["0"]
    assert discounted(off, ("9.00", 3, "B"), ("2.50", 1, "A"), ("20.00", 3, "C")) == ["3.00", "2.50", "0"]


def test_a_free_article_is_the_cheapest_that_fits_and_no_more_than_there_are() -> None:
    off = Discount("free_item", sku="A", free=2)

    assert discounted(off, ("8.00", 1, "A"), ("3.00", 1, "A"), ("1.00", 1, "B")) == ["8.00", "3.00", "0"]
    assert discounted(Discount("free_item", sku="A"), ("8.00", 1, "A"), ("3.00", 1, "A")) == ["0", "3.00"]


SHOP = load_program(
    HEAD
    + """\
coupons:
  amount: {discount: {amount: 7.77}}
  share: {discount: {percent: 12.5, most: 40}, priority: 1}
  shoes: {discount: {percent: 20, lines: '"shoes" in line.categories'}}
  three: {discount: {cheapest_free: {of: 3}}}
  alone: {discount: {percent: 50}, stackable: false}
  left: {discount: {amount: 1}, group: hands}
  right: {discount: {amount: 2}, group: hands}
  large: {discount: {amount: 1}, minimum: 50}
  golden: {discount: {amount: 1}, when: 'member.wallets.points > 0'}
  over: {discount: {amount: 1}, ends: 2026-01-01}
  shipping: {discount: {percent: 100, lines: 'line.kind == "shipping"'}}
"""
)


def priced(sent: Basket, *names: str) -> Priced:
    state = MemberState(UUID(int=7))
    claims = [Claim(name, f"cpn_{place}_{name}", name) for place, name in enumerate(names)]
    return price(shopper_of(timeline_of(SHOP), state, sent.order), sent.order, claims)


def why(sent: Basket, *names: str) -> list[str]:
    return [one.refusal.code if one.refusal else "" for one in priced(sent, *names).offered]


@settings(max_examples=60)
@given(ITEMS, st.lists(st.sampled_from(["amount", "share", "shoes", "three"]), unique=True, min_size=1))
def test_the_order_in_which_coupons_are_sent_does_not_matter(
    made: list[tuple[Decimal, int, str]], names: list[str]
) -> None:
    lines: list[Any] = [
        line(sku, str(price), quantity, "shoes" if sku == "A" else "hats") for price, quantity, sku in made
    ]
    sent = basket("1", str(sum(price for price, _, _ in made)), lines=lines)

    results = [priced(sent, *order) for order in permutations(names)]
    assert all(one.after == results[0].after for one in results)
    assert all(left >= 0 for left in results[0].after)
    given_off = sum((one.discount for one in results[0].offered), Decimal(0))
    assert results[0].discount == given_off == sum(results[0].before) - sum(results[0].after)


def test_each_coupon_that_does_not_apply_says_why() -> None:
    small = basket("1", "30.00")

    assert why(small, "amount", "alone") == ["not_stackable", ""]
    assert why(small, "alone") == [""]
    assert why(small, "left", "right") == ["", "group_taken"]
    assert why(small, "left", "left") == ["", "given_already"]
    assert why(small, "large", "golden", "over", "three") == [
        "below_minimum",
        "condition_false",
        "not_running",
        "nothing_to_discount",
    ]


def test_gift_cards_deposits_and_taxes_are_never_discounted_and_shipping_only_by_its_own_coupon() -> None:
    kinds = ["product", "shipping", "gift_card", "deposit", "tax"]
    sent = basket("1", "50.00", lines=[line(kind, "10.00", kind=kind) for kind in kinds])

    assert priced(sent, "amount").after == [Decimal("2.23"), 10, 10, 10, 10]
    assert priced(sent, "shipping").after == [10, 0, 10, 10, 10]
