"""Shopify's deliveries become orders, returns, cancellations and members."""

from decimal import Decimal

import pytest

from doors.makers import adds_up, events_of, lines_of, only, payload, problem_of, read

D = Decimal


def test_prices_without_tax_get_a_line_of_tax_and_all_adds_up() -> None:
    order = only(read("shopify", "orders/paid", payload("shopify_order_tax_on_top")))

    assert (order.type, order.id, order.source, order.member) == (
        "order.placed",
        "order-450789469",
        "shop-de",
        "207119551",
    )
    assert lines_of(order) == [
        ("product", "IPOD-342-N", D("189.33")),
        ("product", "CABLE-3", D("6.35")),
        ("shipping", "shipping", D("5")),
        ("tax", "tax", D("10.98")),
    ]
    assert (order.body["total"], order.body["currency"], order.body["discount"]) == (
        D("211.66"),
        "USD",
        D("10"),
    )
    assert (order.body["order"], order.body["coupon"], order.body["channel"]) == (
        "450789469",
        "TENOFF",
        "web",
    )
    assert order.occurred_at.isoformat() == "2026-03-10T16:00:00+00:00"


def test_prices_with_tax_have_no_line_of_tax() -> None:
    order = only(read("shopify", "orders/create", payload("shopify_order_tax_included")))

    assert lines_of(order) == [
        ("product", "SCHUH-42", D("82.69")),
        ("product", "SOCKE-2", D("32.01")),
        ("shipping", "shipping", D("4.90")),
    ]
    assert order.body["total"] == D("119.60")


def test_an_order_reads_the_same_when_it_is_made_and_when_it_is_paid() -> None:
    body = payload("shopify_order_tax_included")

    assert read("shopify", "orders/create", body) == read("shopify", "orders/paid", body)


def test_a_tip_is_a_line_that_is_no_article() -> None:
    body = payload("shopify_order_tax_included", total_price="124.60", total_tip_received="5.00")

    assert lines_of(only(read("shopify", "orders/paid", body)))[-1] == ("shipping", "rest", D("5"))


def test_gift_cards_are_lines_of_their_kind() -> None:
    body = payload("shopify_order_tax_included")
    body["line_items"][0]["gift_card"] = True

    assert lines_of(only(read("shopify", "orders/paid", body)))[0] == ("gift_card", "SCHUH-42", D("82.69"))


def test_a_guest_is_known_by_their_address() -> None:
    body = payload("shopify_order_tax_included", customer=None, email="Ann@Example.com")

    assert only(read("shopify", "orders/paid", body)).member == "ann@example.com"


def test_an_order_of_nobody_is_understood_and_nothing_follows() -> None:
    body = payload("shopify_order_tax_included", customer=None, email="", contact_email=None)

    reading = read("shopify", "orders/paid", body)

    assert (reading.events, reading.problem) == ((), None)
    assert "no customer" in reading.note


def test_a_prefix_keeps_shops_apart_that_count_alike() -> None:
    order = only(read("shopify", "orders/paid", payload("shopify_order_tax_included"), prefix="de-"))

    assert (order.member, order.body["order"]) == ("de-706405506930370084", "de-5620000000001")


def test_a_refund_names_article_and_delivery_and_waits_for_whoever_ordered() -> None:
    reading = read("shopify", "refunds/create", payload("shopify_refund_with_shipping"))

    back = only(reading, member="ann")
    assert (reading.order, reading.only_if_known) == ("5620000000001", False)
    assert "member" not in reading.events[0]
    assert (back.type, back.id, back.body["order"]) == ("order.returned", "refund-929361463", "5620000000001")
    assert lines_of(back) == [("product", "SOCKE-2", D("16")), ("shipping", "shipping", D("4.90"))]
    assert (back.body["total"], back.body["currency"], back.body["reason"]) == (D("20.90"), "EUR", "zu klein")


def test_a_refund_of_a_shop_without_tax_in_its_prices_gives_the_tax_back_as_a_line() -> None:
    back = only(read("shopify", "refunds/create", payload("shopify_refund_tax_on_top")), member="bob")

    assert lines_of(back) == [("product", "IPOD-342-N", D("189.33")), ("tax", "tax", D("9.94"))]
    assert back.body["total"] == D("199.27")


def test_when_less_is_paid_back_the_articles_are_worth_less() -> None:
    back = only(read("shopify", "refunds/create", payload("shopify_refund_of_less")), member="ann")

    assert lines_of(back) == [("product", "SCHUH-42", D("72.69"))]
    assert adds_up(back)


def test_money_beyond_the_articles_counts_by_its_value() -> None:
    goodwill = only(read("shopify", "refunds/create", payload("shopify_refund_goodwill")), member="ann")

    assert "lines" not in goodwill.body
    assert goodwill.body["total"] == D("5.85")


def test_goods_that_come_back_without_money_are_no_return() -> None:
    body = payload("shopify_refund_of_less", transactions=[])
    body["order_adjustments"][0]["amount"] = "82.69"

    reading = read("shopify", "refunds/create", body)

    assert (reading.events, reading.problem) == ((), None)


def test_articles_taken_off_an_unpaid_order_come_back_without_a_payment() -> None:
    body = payload("shopify_refund_of_less", transactions=[], order_adjustments=[])

    assert lines_of(only(read("shopify", "refunds/create", body), member="ann")) == [
        ("product", "SCHUH-42", D("82.69"))
    ]


def test_a_failed_payment_pays_nothing_back() -> None:
    body = payload("shopify_refund_goodwill")
    body["transactions"][0]["status"] = "failure"
    body["order_adjustments"] = []

    assert read("shopify", "refunds/create", body).events == ()


def test_payments_in_the_buyers_currency_are_not_mixed_with_the_shops() -> None:
    body = payload("shopify_refund_with_shipping")
    body["transactions"][0] |= {"amount": "23.10", "currency": "CHF"}

    back = only(read("shopify", "refunds/create", body), member="ann")

    assert (back.body["total"], back.body["currency"]) == (D("20.90"), "EUR")


def test_delivery_paid_back_in_newer_versions_of_the_api_is_found_too() -> None:
    body = payload("shopify_refund_with_shipping", order_adjustments=[])
    money = {"shop_money": {"amount": "4.90", "currency_code": "EUR"}}
    body["refund_shipping_lines"] = [{"id": 1, "subtotal_amount_set": money}]

    back = only(read("shopify", "refunds/create", body), member="ann")

    assert lines_of(back)[-1] == ("shipping", "shipping", D("4.90"))


def test_a_paid_order_that_is_cancelled_is_cancelled_for_its_customer() -> None:
    gone = only(read("shopify", "orders/cancelled", payload("shopify_order_cancelled")))

    assert (gone.type, gone.id, gone.member) == (
        "order.cancelled",
        "cancel-5620000000001",
        "706405506930370084",
    )
    assert (gone.body["order"], gone.body["reason"]) == ("5620000000001", "customer")


def test_an_unpaid_order_that_is_cancelled_counts_only_if_it_was_placed_here() -> None:
    body = payload("shopify_order_cancelled", financial_status="voided")

    reading = read("shopify", "orders/cancelled", body)

    assert (reading.order, reading.only_if_known) == ("5620000000001", True)
    assert "member" not in reading.events[0]


def test_a_new_customer_joins_with_attributes_and_personal_data_apart() -> None:
    reading = read("shopify", "customers/create", payload("shopify_customer"))

    joined = only(reading)
    assert (joined.type, joined.id, joined.member) == (
        "member.joined",
        "customer-706405506930370084",
        "706405506930370084",
    )
    assert joined.body["attributes"] == {"tags": "newsletter, wanderer"}
    assert reading.person is not None
    assert (reading.person.name, reading.person.email, reading.person.phone) == (
        "Ann Beispiel",
        "Ann@Example.com",
        "+49 30 1234567",
    )
    assert "Beispiel" not in str(joined.body)


def test_a_changed_customer_is_one_event_for_each_change() -> None:
    first = only(read("shopify", "customers/update", payload("shopify_customer")))
    later = only(
        read(
            "shopify", "customers/update", payload("shopify_customer", updated_at="2026-02-04T10:00:00+01:00")
        )
    )

    assert (first.type, later.type) == ("member.updated", "member.updated")
    assert first.id != later.id


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("customers/data_request", "shopify_privacy_data_request"),
        ("customers/redact", "shopify_privacy_customer_redact"),
        ("shop/redact", "shopify_privacy_shop_redact"),
    ],
)
def test_what_the_law_asks_is_left_to_a_person(topic: str, name: str) -> None:
    assert problem_of(read("shopify", topic, payload(name))).code == "privacy_request"


def test_a_topic_without_counterpart_says_so() -> None:
    problem = problem_of(read("shopify", "products/update", {"id": 1}))

    assert problem.code == "unmapped_topic"
    assert "products/update" in problem.message


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"total_price": None}, "missing_field", "total_price"),
        ({"total_price": "1,00"}, "bad_amount", "total_price"),
        ({"total_price": "1e400"}, "bad_amount", "total_price"),
        ({"total_price": True}, "bad_amount", "total_price"),
        ({"id": None}, "missing_field", "id"),
    ],
)
def test_a_field_that_is_wrong_is_named(changes: dict[str, object], code: str, field: str) -> None:
    problem = problem_of(read("shopify", "orders/paid", payload("shopify_order_tax_included", **changes)))

    assert (problem.code, problem.field) == (code, field)


def test_a_discount_the_shop_did_not_say_by_line_is_spread_over_the_articles() -> None:
    body = payload("shopify_order_tax_included", total_price="109.60")

    order = only(read("shopify", "orders/paid", body))

    assert lines_of(order) == [
        ("product", "SCHUH-42", D("75.48")),
        ("product", "SOCKE-2", D("29.22")),
        ("shipping", "shipping", D("4.90")),
    ]


def test_every_example_of_an_order_adds_up() -> None:
    for name in ("shopify_order_tax_on_top", "shopify_order_tax_included"):
        assert all(adds_up(event) for event in events_of(read("shopify", "orders/paid", payload(name))))
