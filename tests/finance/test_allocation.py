"""Prices shared and recognised: nothing is lost, nothing is recognised twice, nonsense is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bondfire.finance import BadAllocation, allocate, recognise

MONEY = st.decimals(0, 10**12, places=2)
COUNT = st.integers(0, 10**9).map(Decimal)


@given(MONEY, MONEY, st.decimals(Decimal("0.01"), 10**12, places=2))
def test_the_parts_add_up_to_the_price(price: Decimal, product: Decimal, points: Decimal) -> None:
    shared = allocate(price, product=product, points=points, decimals=2)

    assert shared.product + shared.points == price
    assert min(shared) >= 0
    assert abs(shared.points * (product + points) - price * points) <= (product + points) / 100


@given(MONEY, st.lists(st.tuples(COUNT, st.integers(1, 10**9).map(Decimal)), min_size=1, max_size=8))
def test_whatever_is_expected_all_is_recognised_once(
    allocated: Decimal, years: list[tuple[Decimal, Decimal]]
) -> None:
    so_far = redeemed = Decimal(0)
    for spent, expected in years:
        redeemed += spent
        told = recognise(allocated, redeemed=redeemed, expected=expected, before=so_far, decimals=2)
        so_far += told.now
        assert so_far == told.in_all
        assert 0 <= so_far <= allocated
    last = recognise(allocated, redeemed=redeemed + 1, expected=redeemed + 1, before=so_far, decimals=2)
    assert so_far + last.now == allocated


def test_a_share_far_behind_the_point_still_counts() -> None:
    tiny = Decimal("0.000001")

    assert allocate(Decimal(1), product=Decimal(0), points=tiny, decimals=2).points == 1


@pytest.mark.parametrize(("product", "points"), [("0", "0"), ("-1", "5"), ("5", "-1")])
def test_prices_that_share_nothing_are_refused(product: str, points: str) -> None:
    with pytest.raises(BadAllocation, match="above zero"):
        allocate(Decimal(10), product=Decimal(product), points=Decimal(points), decimals=2)


@pytest.mark.parametrize(("redeemed", "expected"), [("1", "0"), ("-1", "5"), ("1", "-5")])
def test_spendings_that_give_no_share_are_refused(redeemed: str, expected: str) -> None:
    with pytest.raises(BadAllocation, match="gives no share"):
        recognise(Decimal(10), redeemed=Decimal(redeemed), expected=Decimal(expected), decimals=2)
