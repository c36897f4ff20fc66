"""Baskets: evaluated without a trace, confirmed once; a coupon counts once however many press at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest

from bondfire.coupons import Basket, confirm_basket
from bondfire.db import Pool, connect, transaction
from bondfire.errors import BondfireError
from bondfire.journal import member_before, verify
from coupons.makers import Shop, basket, line, shop_of
from journal.store_makers import T0, event_of

COUPONS = """\
coupons:
  five_off: {discount: {amount: 5.00}, minimum: 20}
  tenth: {discount: {percent: 10}}
  once: {discount: {amount: 1.00}, uses: {per_member: 1}}
  first_ten: {discount: {amount: 1.00}, uses: {total: 10}}
  counted: {discount: {amount: 1.00}, uses: {total: 1000}}
  thanks:
    discount: {amount: 3.00}
    issue: {on: order.placed, when: event.total >= 100, repeat: true, valid: 30 days}
"""
AT_ONCE = 200


@pytest.fixture(scope="module")
def shop(shared_database: str) -> Shop:
    return shop_of(shared_database, COUPONS)


def rows_of(shop: Shop) -> list[int]:
    with connect(shop.dsn) as conn:
        found = conn.execute(
            "SELECT (SELECT count(*) FROM journal), (SELECT sum(uses) FROM coupon_code), "
            "(SELECT count(*) FROM member_state)"
        ).fetchone()
    assert found is not None
    return list(found)


def refusal_of(shop: Shop, sent: Basket) -> str:
    with pytest.raises(BondfireError) as refusal:
        shop.confirm(sent)
    assert refusal.value.next_step
    return refusal.value.code


def test_evaluating_says_what_a_basket_costs_and_earns_and_leaves_no_trace(shop: Shop) -> None:
    code = shop.codes("five_off")[0]
    lines = [line("A", "60.00"), line("B", "40.00"), line("post", "4.90", kind="shipping")]
    sent = basket("e-1", "104.90", code, "no-such-code", member="eva", lines=lines)
    before = rows_of(shop)

    told = shop.evaluate(sent)

    assert told.priced.after == [Decimal(57), Decimal(38), Decimal("4.9")]
    assert [one.refusal.code if one.refusal else "" for one in told.priced.offered] == ["", "code_not_valid"]
    (lot,) = told.lots
    assert lot.amount == 95
    assert lot.available_at == T0 + timedelta(days=14)
    assert lot.expires_at is not None
    assert rows_of(shop) == before


def test_confirming_takes_the_order_uses_the_code_and_says_what_each_line_got(shop: Shop) -> None:
    code = shop.codes("five_off")[0]
    lines = [line("A", "10.00"), line("B", "10.00"), line("C", "10.00")]
    sent = basket("k-1", "30.00", code, member="kim", lines=lines)

    order, result = shop.confirm(sent)

    body = order.body
    assert (body["total"], body["discount"]) == (25, 5)
    assert [(one["amount"], one["discount"]) for one in body["lines"]] == [  # type: ignore[attr-defined]
        (Decimal("8.33"), Decimal("1.67")),
        (Decimal("8.33"), Decimal("1.67")),
        (Decimal("8.34"), Decimal("1.66")),
    ]
    assert result.outcome == "accepted"
    assert shop.store.wallet("points", "kim").pending == 25
    assert refusal_of(shop, basket("k-2", "30.00", code, member="kim")) == "code_not_valid"


def test_the_same_basket_confirmed_again_is_answered_as_before_and_another_is_a_conflict(shop: Shop) -> None:
    code = shop.codes("five_off")[0]
    sent = basket("r-1", "50.00", code, member="rea")
    first, _ = shop.confirm(sent)
    before = rows_of(shop)

    again, result = shop.confirm(sent)

    assert (result.outcome, again.body["total"], again.body["coupons"]) == (
        "duplicate",
        first.body["total"],
        first.body["coupons"],
    )
    assert refusal_of(shop, basket("r-1", "51.00", code, member="rea")) == "basket_changed"
    assert refusal_of(shop, basket("r-1", "50.00", member="rea")) == "basket_changed"
    assert rows_of(shop) == before


def test_what_does_not_apply_or_costs_something_else_is_refused_and_nothing_moves(shop: Shop) -> None:
    code, other = shop.codes("five_off")[0], shop.codes("tenth")[0]
    before = rows_of(shop)

    assert refusal_of(shop, basket("n-1", "19.99", code)) == "below_minimum"
    assert refusal_of(shop, basket("n-1", "50.00", other, "wrong-code-1")) == "code_not_valid"
    assert refusal_of(shop, basket("n-1", "50.00", other, "cpn_nothing")) == "coupon_not_held"
    assert refusal_of(shop, basket("n-1", "50.00", *["x" * 8] * 21)) == "too_many"
    with pytest.raises(BondfireError, match="costs 45, not 46"), connect(shop.dsn) as conn, transaction(conn):
        confirm_basket(conn, shop.brand, shop.timeline, basket("n-1", "50", code), pays=Decimal(46))
    assert rows_of(shop) == before


def test_a_sender_cannot_say_that_an_order_used_a_coupon() -> None:
    with pytest.raises(BondfireError, match="said by bondfire itself"):
        basket("x", "5.00", coupons=[{"id": "cpn_x", "coupon": "five_off", "discount": "5"}])


def test_what_one_member_may_use_is_counted_for_them_alone(shop: Shop) -> None:
    first, second, third = shop.codes("once", 3)
    shop.confirm(basket("o-1", "50.00", first, member="olga"))

    assert refusal_of(shop, basket("o-2", "50.00", second, member="olga")) == "member_limit"
    shop.confirm(basket("o-3", "50.00", third, member="oskar"))


def test_an_issued_coupon_is_used_by_its_member_without_a_code_and_only_by_them(shop: Shop) -> None:
    shop.confirm(basket("i-1", "100.00", member="ida"))
    coupon = held_by(shop, "ida")

    assert refusal_of(shop, basket("i-2", "50.00", coupon, member="igor")) == "coupon_not_held"
    order, _ = shop.confirm(basket("i-2", "50.00", coupon, member="ida"))
    assert order.body["total"] == 47
    assert refusal_of(shop, basket("i-3", "50.00", coupon, member="ida")) == "coupon_not_held"
    late = T0 + timedelta(days=40)
    shop.confirm(basket("i-4", "100.00", member="ina"))
    sent = basket("i-5", "50.00", held_by(shop, "ina"), member="ina", at=late)
    assert refusal_of(shop, sent) == "coupon_not_held"


def held_by(shop: Shop, member: str) -> str:
    with connect(shop.dsn) as conn:
        _, state = member_before(conn, shop.brand, shop.timeline, basket("look", "1.00", member=member).order)
    (found,) = [key for key, one in state.coupons.items() if one.coupon == "thanks"]
    return found


def test_a_cancelled_order_gives_its_code_back_to_the_member_who_used_it(shop: Shop) -> None:
    code = shop.codes("counted")[0]
    shop.confirm(basket("g-1", "50.00", code, member="gil"))
    at = T0 + timedelta(days=1)
    shop.store.send(event_of("order.cancelled", at, id="can-1", member="gil", order="g-1"))

    assert refusal_of(shop, basket("g-2", "50.00", code, member="gus", at=at)) == "code_not_valid"
    order, _ = shop.confirm(basket("g-3", "50.00", code, member="gil", at=at))
    assert order.body["total"] == 49
    assert refusal_of(shop, basket("g-4", "50.00", code, member="gil", at=at)) == "code_not_valid"
    with connect(shop.dsn) as conn:
        assert conn.execute("SELECT uses FROM coupon_total WHERE coupon = 'counted'").fetchall() == [(1,)]


def press(shop: Shop, baskets: list[Basket]) -> Counter[str]:
    """Everybody confirms at the same moment; what they were told."""
    together = Barrier(len(baskets))
    with (
        closing(Pool(shop.dsn, size=12, patience_s=120)) as pool,
        ThreadPoolExecutor(len(baskets)) as threads,
    ):

        def one(sent: Basket) -> str:
            together.wait()
            try:
                with pool.transaction() as conn:
                    return confirm_basket(conn, shop.brand, shop.timeline, sent)[1].outcome
            except BondfireError as refusal:
                return refusal.code

        return Counter(threads.map(one, baskets))


def test_two_hundred_who_bring_the_same_code_at_once_get_it_once(shop: Shop) -> None:
    code = shop.codes("five_off")[0]

    told = press(shop, [basket(f"p-{n}", "50.00", code, member=f"p-{n}") for n in range(AT_ONCE)])

    assert told == {"accepted": 1, "code_not_valid": AT_ONCE - 1}


def test_two_hundred_codes_of_a_coupon_with_ten_uses_give_ten_in_whatever_order_they_come(shop: Shop) -> None:
    codes, others = shop.codes("first_ten", AT_ONCE), shop.codes("tenth", 2, most=None)
    sent = [
        basket(f"t-{n}", "50.00", *(codes[n], others[n % 2])[:: (-1) ** n], member=f"t-{n % 150}")
        for n in range(AT_ONCE)
    ]

    told = press(shop, sent)

    assert told == {"accepted": 10, "used_up": AT_ONCE - 10}


def test_books_with_coupons_follow_from_the_journal_alone(shop: Shop) -> None:
    with connect(shop.dsn) as conn, transaction(conn):
        conn.execute("DELETE FROM coupon_code")
        conn.execute("DELETE FROM coupon_total")

    assert verify(shop.dsn, shop.brand, shop.timeline).differences == []
