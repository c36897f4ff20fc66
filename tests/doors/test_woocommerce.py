"""WooCommerce's deliveries become orders, returns, cancellations and members."""

from decimal import Decimal

import pytest

from doors.makers import NOW, adds_up, events_of, lines_of, only, payload, problem_of, read

D = Decimal


def test_a_shop_with_tax_in_its_prices_has_gross_lines() -> None:
    order = only(read("woocommerce", "order.created", payload("woocommerce_order_tax_included")))

    assert (order.id, order.member, order.body["order"]) == ("order-727", "17", "727")
    assert lines_of(order) == [
        ("product", "LAT-1", D("71")),
        ("product", "23", D("24")),
        ("shipping", "shipping", D("4.90")),
    ]
    assert (order.body["total"], order.body["coupon"]) == (D("99.90"), "fuenf")
    assert order.occurred_at.isoformat() == "2026-03-22T15:28:02+00:00"


def test_a_shop_without_has_net_lines_fees_and_a_line_of_tax() -> None:
    order = only(read("woocommerce", "order.updated", payload("woocommerce_order_tax_on_top")))

    assert lines_of(order) == [
        ("product", "WS-1", D("6")),
        ("product", "SYI-23", D("11.99")),
        ("shipping", "fee", D("2")),
        ("shipping", "shipping", D("10")),
        ("tax", "tax", D("1.35")),
    ]
    assert adds_up(order)


def test_a_fee_below_zero_is_a_discount_on_the_articles() -> None:
    body = payload("woocommerce_order_tax_on_top", total="27.34")
    body["fee_lines"][0]["total"] = "-2.00"

    order = only(read("woocommerce", "order.updated", body))

    assert lines_of(order)[:2] == [("product", "WS-1", D("5.33")), ("product", "SYI-23", D("10.66"))]
    assert adds_up(order)


def test_cents_that_rounding_loses_do_not_break_the_sum() -> None:
    body = payload("woocommerce_order_tax_included", total="99.91")
    body["line_items"][0]["total_tax"] = "11.3366"

    assert adds_up(only(read("woocommerce", "order.updated", body)))


def test_a_guest_is_known_by_their_address() -> None:
    assert (
        only(read("woocommerce", "order.updated", payload("woocommerce_order_tax_on_top"))).member
        == "john.doe@example.com"
    )


@pytest.mark.parametrize("status", ["pending", "on-hold", "failed", "checkout-draft"])
def test_an_order_that_is_not_paid_yet_is_no_purchase(status: str) -> None:
    reading = read("woocommerce", "order.created", payload("woocommerce_order_tax_included", status=status))

    assert (reading.events, reading.problem) == ((), None)
    assert status in reading.note


def test_a_status_of_some_plug_in_is_left_to_a_person() -> None:
    body = payload("woocommerce_order_tax_included", status="awaiting-shipment")

    assert problem_of(read("woocommerce", "order.updated", body)).code == "unmapped_status"


def test_refunds_come_with_the_order_each_by_its_value() -> None:
    reading = read("woocommerce", "order.updated", payload("woocommerce_order_with_refunds"))

    order, newer, older = events_of(reading)
    assert order == only(read("woocommerce", "order.created", payload("woocommerce_order_tax_included")))
    assert [(one.type, one.id, one.body["total"]) for one in (newer, older)] == [
        ("order.returned", "refund-780", D("8")),
        ("order.returned", "refund-775", D("35.50")),
    ]
    assert newer.body["reason"] == "zerbrochen"
    assert reading.guessed == {"refund-780", "refund-775"}


def test_a_paid_order_that_is_cancelled_tells_both() -> None:
    reading = read(
        "woocommerce", "order.updated", payload("woocommerce_order_tax_included", status="cancelled")
    )

    assert [one.type for one in events_of(reading)] == ["order.placed", "order.cancelled"]


def test_an_unpaid_order_that_is_cancelled_counts_only_if_it_was_placed_here() -> None:
    body = payload("woocommerce_order_tax_included", status="cancelled", date_paid_gmt=None)

    reading = read("woocommerce", "order.updated", body)

    assert (reading.order, reading.only_if_known) == ("727", True)
    assert only(reading, member="ann").type == "order.cancelled"


def test_an_order_that_is_deleted_is_cancelled_if_it_was_placed_here() -> None:
    reading = read("woocommerce", "order.deleted", {"id": 727})

    assert (reading.order, reading.only_if_known) == ("727", True)
    assert only(reading, member="ann").occurred_at == NOW


def test_a_new_customer_joins_and_a_changed_one_is_updated() -> None:
    joined = read("woocommerce", "customer.created", payload("woocommerce_customer"))
    changed = read("woocommerce", "customer.updated", payload("woocommerce_customer"))

    assert (only(joined).type, only(joined).member) == ("member.joined", "17")
    assert only(joined).occurred_at.isoformat() == "2026-03-01T09:00:00+00:00"
    assert changed.events == ()  # no attribute that this programme declares
    assert changed.member == "17"
    assert changed.person is not None
    assert changed.person.phone == "030 1234567"


def test_a_deleted_customer_is_left_to_a_person() -> None:
    assert problem_of(read("woocommerce", "customer.deleted", {"id": 17})).code == "privacy_request"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"total": None}, "total"),
        ({"line_items": [{"id": 1, "quantity": 1}]}, "line_items[0].total"),
        ({"refunds": [{"id": 1, "total": "abc"}]}, "refunds[0].total"),
    ],
)
def test_a_field_that_is_wrong_is_named(changes: dict[str, object], field: str) -> None:
    body = payload("woocommerce_order_tax_included", **changes)

    assert problem_of(read("woocommerce", "order.updated", body)).field == field
