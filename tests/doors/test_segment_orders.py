"""Orders of Segment's e-commerce specification, with every way of saying what they cost."""

from decimal import Decimal
from typing import Any

import pytest

from bondfire.doors import Reading
from bondfire.events import Event
from doors.makers import adds_up, call, lines_of, only, problem_of

D = Decimal
MONOPOLY = {
    "product_id": "507f",
    "sku": "45790-32",
    "name": "Monopoly: 3rd Edition",
    "price": 19,
    "quantity": 1,
}
UNO = {"product_id": "505b", "sku": "46493-32", "name": "Uno Card Game", "price": 3, "quantity": 2}
SPECIFICATION: dict[str, Any] = {
    "checkout_id": "fksdjfsdjfisjf9sdfjsd9f",
    "order_id": "50314b8e9bcf000000000000",
    "affiliation": "Google Store",
    "total": 27.50,
    "subtotal": 22.50,
    "revenue": 25.00,
    "shipping": 3,
    "tax": 2,
    "discount": 2.5,
    "coupon": "hasbros",
    "currency": "USD",
    "products": [{**MONOPOLY, "category": "Games", "brand": "Hasbro"}, {**UNO, "category": "Games"}],
}
"""The example of the specification."""


def tracked(event: str, properties: object) -> Reading:
    """What a track call says."""
    item = {"type": "track", "messageId": "m-1", "userId": "c-17", "event": event, "properties": properties}
    return call({**item, "timestamp": "2026-03-28T15:10:00.000Z"})


def order(**changes: object) -> Event:
    """The specification's example with changes, as an event."""
    said = {name: value for name, value in {**SPECIFICATION, **changes}.items() if value is not ...}
    return only(tracked("Order Completed", said))


def test_the_example_of_the_specification_adds_up() -> None:
    event = order()

    assert (event.id, event.source, event.member, event.type) == ("m-1", "segment", "c-17", "order.placed")
    assert lines_of(event) == [
        ("product", "45790-32", D("17.10")),
        ("product", "46493-32", D("5.40")),
        ("shipping", "shipping", D("3")),
        ("tax", "tax", D("2")),
    ]
    assert (event.body["total"], event.body["currency"]) == (D("27.5"), "USD")
    assert (event.body["order"], event.body["store"]) == ("50314b8e9bcf000000000000", "Google Store")
    assert (event.body["coupon"], event.body["discount"]) == ("hasbros", D("2.5"))
    assert event.body["categories"] == ["Games"]


@pytest.mark.parametrize(
    ("sent", "total"),
    [
        ({}, "27.50"),
        ({"total": ...}, "27.50"),
        ({"total": ..., "subtotal": ...}, "27.50"),
        ({"total": ..., "subtotal": ..., "revenue": 22.5}, "27.50"),
        ({"total": ..., "subtotal": ..., "revenue": ...}, "27.50"),
        ({"total": ..., "subtotal": ..., "revenue": ..., "products": ..., "value": 30}, "30"),
        ({"total": "27.50"}, "27.50"),
        ({"total": 27.500000000000004}, "27.50"),
    ],
)
def test_what_was_paid_is_worked_out_of_what_was_sent(sent: dict[str, object], total: str) -> None:
    event = order(**sent)

    assert event.body["total"] == D(total)
    assert adds_up(event) or "lines" not in event.body


def test_tax_inside_of_the_prices_is_no_line() -> None:
    products = [{"sku": "A", "price": 119, "quantity": 1}]

    event = order(total=123, subtotal=..., revenue=..., tax=19, shipping=4, discount=0, products=products)

    assert lines_of(event) == [("product", "A", D("119")), ("shipping", "shipping", D("4"))]


def test_what_the_lines_lack_is_a_line_that_is_no_article() -> None:
    event = order(total=30.49)

    assert lines_of(event)[-1] == ("shipping", "rest", D("0.49"))
    assert adds_up(event)


def test_products_without_a_price_make_no_lines() -> None:
    event = order(products=[{"sku": "A"}, UNO])

    assert "lines" not in event.body
    assert event.body["total"] == D("27.5")


def test_the_programmes_currency_is_meant_when_none_is_sent() -> None:
    assert order(currency=...).body["currency"] == "EUR"
    assert order(currency="chf").body["currency"] == "CHF"


def test_what_was_paid_with_points_may_be_told() -> None:
    assert order(paid_with_points=7.5).body["paid_with_points"] == D("7.5")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"total": "abc"}, "bad_amount", "properties.total"),
        ({"total": True}, "bad_amount", "properties.total"),
        ({"products": [{"price": {}}]}, "bad_amount", "properties.products[0].price"),
        (
            {"total": ..., "subtotal": ..., "revenue": ..., "products": ...},
            "missing_field",
            "properties.total",
        ),
    ],
)
def test_an_amount_that_is_none_is_named(changes: dict[str, object], code: str, field: str) -> None:
    said = {name: value for name, value in {**SPECIFICATION, **changes}.items() if value is not ...}

    problem = problem_of(tracked("Order Completed", said))

    assert (problem.code, problem.field) == (code, field)


def test_a_refund_of_articles_has_their_lines() -> None:
    back = only(
        tracked("Order Refunded", {"order_id": "5", "total": 6, "currency": "USD", "products": [UNO]})
    )

    assert (back.type, back.body["order"], back.body["total"]) == ("order.returned", "5", D("6"))
    assert lines_of(back) == [("product", "46493-32", D("6"))]


def test_a_refund_of_more_than_its_articles_counts_by_its_value() -> None:
    back = only(tracked("Order Refunded", {"order_id": "5", "total": 9, "products": [UNO]}))

    assert (back.body["total"], "lines" in back.body) == (D("9"), False)


def test_a_refund_that_says_no_amount_is_of_the_whole_order() -> None:
    back = only(tracked("Order Refunded", {"order_id": "5"}))

    assert ("total" in back.body, "lines" in back.body) == (False, False)


@pytest.mark.parametrize("name", ["Order Cancelled", "Order Canceled", "order_cancelled"])
def test_a_cancelled_order_is_cancelled(name: str) -> None:
    assert only(tracked(name, {"order_id": "5"})).type == "order.cancelled"


@pytest.mark.parametrize("name", ["Order Refunded", "Order Cancelled"])
def test_without_its_order_nothing_can_come_back(name: str) -> None:
    assert problem_of(tracked(name, {"total": 5})).field == "properties.order_id"
