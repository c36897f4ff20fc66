"""Stripe's deliveries become orders and returns; amounts are exact in every currency."""

from decimal import Decimal
from typing import Any

import pytest

from doors.makers import lines_of, only, payload, problem_of, read

D = Decimal


def with_object(name: str, **changes: object) -> dict[str, Any]:
    """An example with changes in what it is about."""
    event = payload(name)
    event["data"]["object"] |= changes
    return event


def test_a_paid_checkout_is_an_order_with_delivery_and_tax() -> None:
    order = only(read("stripe", "checkout.session.completed", payload("stripe_checkout_completed")))

    assert (order.type, order.member, order.source) == ("order.placed", "c-17", "shop-de")
    assert order.body["order"] == "pi_3MtwBwLkdIwHu7ix28a3tqPa"
    assert (order.body["total"], order.body["currency"]) == (D("114"), "EUR")
    assert lines_of(order) == [
        ("product", "", D("90")),
        ("shipping", "shipping", D("5")),
        ("tax", "tax", D("19")),
    ]


def test_tax_inside_of_the_prices_is_no_line() -> None:
    event = with_object("stripe_checkout_completed", amount_total=9500)

    order = only(read("stripe", "checkout.session.completed", event))

    assert lines_of(order) == [("product", "", D("90")), ("shipping", "shipping", D("5"))]


def test_a_checkout_paid_later_is_an_order_when_the_money_comes() -> None:
    unpaid = read(
        "stripe",
        "checkout.session.completed",
        with_object("stripe_checkout_completed", payment_status="unpaid"),
    )
    paid = read("stripe", "checkout.session.async_payment_succeeded", payload("stripe_checkout_completed"))

    assert (unpaid.events, unpaid.problem) == ((), None)
    assert only(paid).body["total"] == D("114")


@pytest.mark.parametrize(
    ("currency", "amount", "total"),
    [("jpy", 1099, "1099"), ("usd", 1099, "10.99"), ("kwd", 1090, "1.09"), ("isk", 109900, "1099")],
)
def test_the_smallest_unit_is_the_one_that_stripe_counts_in(currency: str, amount: int, total: str) -> None:
    event = with_object("stripe_payment_succeeded", currency=currency, amount_received=amount)

    assert only(read("stripe", "payment_intent.succeeded", event)).body["total"] == D(total)


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"metadata": {"member": "c-9"}}, "c-9"),
        ({"client_reference_id": None}, "cus_NffrFeUfNV2Hib"),
        ({"client_reference_id": None, "customer": {"id": "cus_9"}}, "cus_9"),
        ({"client_reference_id": None, "customer": None}, "ann@example.com"),
    ],
)
def test_whose_an_order_is(changes: dict[str, object], member: str) -> None:
    event = with_object("stripe_checkout_completed", **changes)

    assert only(read("stripe", "checkout.session.completed", event)).member == member


def test_a_refund_is_what_was_added_since_before() -> None:
    reading = read("stripe", "charge.refunded", payload("stripe_charge_refunded"))

    back = only(reading, member="c-17")
    assert reading.order == "pi_3MtwBwLkdIwHu7ix28a3tqPa"
    assert (back.type, back.id) == ("order.returned", "ch_3MmlLrLkdIwHu7ix0snN0B15-3000")
    assert (back.body["total"], back.body["order"]) == (D("20"), "pi_3MtwBwLkdIwHu7ix28a3tqPa")


@pytest.mark.parametrize(
    ("name", "topic", "changes", "field"),
    [
        ("stripe_checkout_completed", "checkout.session.completed", {"amount_total": 12.5}, "amount_total"),
        ("stripe_checkout_completed", "checkout.session.completed", {"amount_total": None}, "amount_total"),
        ("stripe_checkout_completed", "checkout.session.completed", {"created": "x"}, "created"),
        (
            "stripe_payment_succeeded",
            "payment_intent.succeeded",
            {"amount_received": 10**19},
            "amount_received",
        ),
        ("stripe_charge_refunded", "charge.refunded", {"amount_refunded": "1"}, "amount_refunded"),
    ],
)
def test_a_field_that_is_wrong_is_named(
    name: str, topic: str, changes: dict[str, object], field: str
) -> None:
    assert problem_of(read("stripe", topic, with_object(name, **changes))).field == field


def test_a_type_without_counterpart_says_so() -> None:
    assert problem_of(read("stripe", "invoice.paid", {"type": "invoice.paid"})).code == "unmapped_topic"
