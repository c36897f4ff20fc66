"""The orders of Segment's e-commerce specification (v2), and of RudderStack, which has the same."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from bondfire.doors.basket import Line, closed, refunded, shipping_line, tax_line, tax_on_top
from bondfire.doors.fields import amount, first_text, money, needed, records, sum_of, text
from bondfire.doors.model import Raw, Terms
from bondfire.events import EventError
from bondfire.kit import EXACT

_ONE: Final = Decimal(1)
_ZERO: Final = Decimal(0)

Properties = Mapping[str, object]


def order_completed(properties: Properties, terms: Terms) -> Raw:
    """`Order Completed` as the fields of an order.placed.

    Raises:
        EventError: an amount that is none, or nothing that says the total.
    """
    currency = currency_of(properties, terms)
    products = _product_lines(properties)
    discount = amount(properties.get("discount"), "properties.discount") or _ZERO
    total = _total(properties, products, discount)
    raw: Raw = {"currency": currency, "total": money(total, currency)}
    for name, value in (
        ("order", text(properties.get("order_id"))),
        ("store", text(properties.get("affiliation"))),
        ("coupon", text(properties.get("coupon"))),
        ("discount", money(discount, currency) if discount > 0 else ""),
    ):
        if value:
            raw[name] = value
    points = amount(properties.get("paid_with_points"), "properties.paid_with_points")
    if points is not None:
        raw["paid_with_points"] = money(points, currency)
    if products:
        lines = [*products, *_charges(properties, products, discount, total)]
        raw["lines"] = closed(lines, total, currency)
    return raw


def order_refunded(properties: Properties, terms: Terms) -> Raw:
    """`Order Refunded` as the fields of an order.returned; with neither total nor products, all of the order.

    Raises:
        EventError: an amount that is none, or no order.
    """
    currency = currency_of(properties, terms)
    products = _product_lines(properties)
    total = _first_amount(properties, "total", "revenue", "value")
    raw: Raw = {"order": needed(properties.get("order_id"), "properties.order_id"), "currency": currency}
    if total is None and not products:
        return raw
    lines = products
    if total is not None:
        lines = [*products, *_charges(properties, products, _ZERO, total)]
    paid = total if total is not None else _worth(products)
    raw["total"] = money(paid, currency)
    if back := refunded(lines, paid, currency):
        raw["lines"] = back
    return raw


def order_cancelled(properties: Properties, _terms: Terms) -> Raw:
    """`Order Cancelled` as the fields of an order.cancelled.

    Raises:
        EventError: no order.
    """
    return {"order": needed(properties.get("order_id"), "properties.order_id")}


def currency_of(properties: Properties, terms: Terms) -> str:
    """The currency that was sent, in capitals; the programme's when none was."""
    return text(properties.get("currency")).upper() or terms.currency


def _total(properties: Properties, products: list[Line], discount: Decimal) -> Decimal:
    """What was paid: `total`, or what the specification lets one work out of the rest."""
    total = amount(properties.get("total"), "properties.total")
    if total is not None:
        return total
    goods = amount(properties.get("subtotal"), "properties.subtotal")
    revenue = amount(properties.get("revenue"), "properties.revenue")
    if goods is None and revenue is not None:
        goods = revenue - _not_yet_taken_off(revenue, products, discount)
    if goods is None and products:
        goods = _worth(products) - discount
    if goods is not None:
        return goods + sum_of(
            amount(properties.get(name), f"properties.{name}") for name in ("shipping", "tax")
        )
    value = amount(properties.get("value"), "properties.value")
    if value is None:
        raise EventError(
            "is missing.",
            code="missing_field",
            field="properties.total",
            next_step="Send total, or subtotal or revenue, or products with prices.",
        )
    return value


def _not_yet_taken_off(revenue: Decimal, products: list[Line], discount: Decimal) -> Decimal:
    """The discount, unless the products say that it is in the revenue already."""
    worth = _worth(products)
    if products and abs(worth - discount - revenue) < abs(worth - revenue):
        return _ZERO
    return discount


def _first_amount(properties: Properties, *names: str) -> Decimal | None:
    for name in names:
        found = amount(properties.get(name), f"properties.{name}")
        if found is not None:
            return found
    return None


def _charges(properties: Properties, products: list[Line], discount: Decimal, total: Decimal) -> list[Line]:
    """Delivery, and tax where the prices do not include it."""
    shipping = amount(properties.get("shipping"), "properties.shipping") or _ZERO
    tax = amount(properties.get("tax"), "properties.tax") or _ZERO
    net = _worth(products) - discount + shipping
    return [*shipping_line(shipping), *tax_line(tax_on_top(tax, net=net, total=total))]


def _worth(lines: list[Line]) -> Decimal:
    return sum_of(line.amount for line in lines)


def _product_lines(properties: Properties) -> list[Line]:
    """One line a product; none at all if one of them lacks its price, for then they cannot add up."""
    lines = []
    for place, product in enumerate(records(properties.get("products"))):
        field = f"properties.products[{place}]"
        price = amount(product.get("price"), f"{field}.price")
        if price is None:
            return []
        quantity = amount(product.get("quantity"), f"{field}.quantity")
        category = text(product.get("category"))
        lines.append(
            Line(
                amount=EXACT.multiply(price, _ONE if quantity is None else quantity),
                quantity=quantity,
                sku=first_text(product.get("sku"), product.get("product_id")),
                name=text(product.get("name")),
                brand=text(product.get("brand")),
                categories=(category,) if category else (),
            )
        )
    return lines
