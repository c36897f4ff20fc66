"""Shopify's webhooks: orders, refunds and customers, in the shapes of its REST Admin API.

Amounts are those of the shop's own currency. Prices include tax or not as the shop has it; where they do
not, tax is a line of its own.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from bondfire.doors.basket import Line, closed, refunded, shipping_line, tax_line
from bondfire.doors.fields import amount, first_text, moment, money, record, records, sum_of, text
from bondfire.doors.model import Parcel, Reading, Terms
from bondfire.doors.shops import (
    body_of,
    customer,
    customer_reference,
    filled,
    first_code,
    for_a_person,
    header_of,
    numbered,
    person_of,
    placed,
    unmapped,
)
from bondfire.events import EventError
from bondfire.kit import EXACT

_Body = Mapping[str, object]

_ZERO: Final = Decimal(0)
_WAS_PAID: Final = frozenset({"paid", "partially_paid", "partially_refunded", "refunded"})
_PAID_BACK: Final = frozenset({"success", "pending"})
_PRIVACY: Final[Mapping[str, str]] = {
    "customers/data_request": "a customer wants to know what is stored of them",
    "customers/redact": "a customer's data must be erased",
    "shop/redact": "the data of the whole shop must be erased",
}


def read_shopify(parcel: Parcel, terms: Terms) -> Reading:
    """One delivery in our words.

    Raises:
        EventError: a topic without counterpart, a privacy request, or a field that is wrong.
    """
    if parcel.topic in _PRIVACY:
        raise for_a_person(parcel, _PRIVACY[parcel.topic])
    if parcel.topic not in _READERS:
        raise unmapped(parcel)
    return _READERS[parcel.topic](parcel, body_of(parcel), terms)


def _order(parcel: Parcel, body: _Body, _terms: Terms) -> Reading:
    currency = text(body.get("currency")).upper()
    total = _required(body.get("total_price"), "total_price")
    lines = [
        _line(line, f"line_items[{place}]") for place, line in enumerate(records(body.get("line_items")))
    ]
    if lines:
        lines += shipping_line(_shipping(body))
        if body.get("taxes_included") is not True:
            lines += tax_line(amount(body.get("total_tax"), "total_tax"))
    discount = amount(body.get("total_discounts"), "total_discounts") or _ZERO
    raw = {
        **header_of(parcel, "order.placed", f"order-{text(body.get('id'))}", moment(body.get("created_at"))),
        "order": numbered(parcel, body.get("id")),
        "currency": currency,
        "total": money(total, currency),
        "discount": money(discount, currency) if discount > 0 else "",
        "coupon": first_code(body.get("discount_codes")),
        "channel": text(body.get("source_name")),
        "store": text(body.get("location_id")),
        "lines": closed(lines, total, currency) if lines else [],
    }
    return placed(filled(raw), _customer_of(parcel, body))


def _required(value: object, field: str) -> Decimal:
    found = amount(value, field)
    if found is None:
        raise EventError("is missing.", code="missing_field", field=field, next_step=f"Send {field}.")
    return found


def _line(line: _Body, field: str) -> Line:
    price = _required(line.get("price"), f"{field}.price")
    quantity = amount(line.get("quantity"), f"{field}.quantity")
    taken_off = _discounts(line, field)
    return Line(
        amount=EXACT.subtract(EXACT.multiply(price, Decimal(1) if quantity is None else quantity), taken_off),
        kind="gift_card" if line.get("gift_card") is True else "product",
        sku=_sku(line),
        quantity=quantity,
        name=first_text(line.get("name"), line.get("title")),
        brand=text(line.get("vendor")),
    )


def _discounts(line: _Body, field: str) -> Decimal:
    """What was taken off a line, its share of discounts on the whole order included."""
    return sum_of(
        amount(one.get("amount"), f"{field}.discount_allocations")
        for one in records(line.get("discount_allocations"))
    )


def _sku(line: _Body) -> str:
    return first_text(line.get("sku"), line.get("variant_id"), line.get("product_id"))


def _shipping(body: _Body) -> Decimal:
    costs = []
    for place, line in enumerate(records(body.get("shipping_lines"))):
        if line.get("is_removed") is True:
            continue
        field = f"shipping_lines[{place}]"
        after = amount(line.get("discounted_price"), f"{field}.discounted_price")
        price = amount(line.get("price"), f"{field}.price") or _ZERO
        costs.append(price - _discounts(line, field) if after is None else after)
    return sum_of(costs)


def _customer_of(parcel: Parcel, body: _Body) -> str:
    email = first_text(body.get("email"), body.get("contact_email"))
    return customer_reference(parcel, record(body.get("customer")).get("id"), email)


def _cancelled(parcel: Parcel, body: _Body, _terms: Terms) -> Reading:
    """A cancelled order; one that was never paid may not be known here, and then nothing follows."""
    order = numbered(parcel, body.get("id"))
    raw = {
        **header_of(
            parcel, "order.cancelled", f"cancel-{text(body.get('id'))}", moment(body.get("cancelled_at"))
        ),
        "order": order,
        "reason": text(body.get("cancel_reason")),
    }
    if text(body.get("financial_status")) in _WAS_PAID:
        return placed(filled(raw), _customer_of(parcel, body))
    return Reading(events=(filled(raw),), order=order, only_if_known=True)


def _refund(parcel: Parcel, body: _Body, _terms: Terms) -> Reading:
    """Money paid back. Shopify does not say whose: the order does."""
    order = numbered(parcel, body.get("order_id"), "order_id")
    articles = [
        _returned(line, f"refund_line_items[{place}]")
        for place, line in enumerate(records(body.get("refund_line_items")))
    ]
    delivery = _delivery_back(body)
    currency, paid = _paid_back(body)
    worth = sum_of(line.amount for line in articles) + delivery
    more = -_adjusted(body, "refund_discrepancy")
    total = worth + more if paid is None else paid
    if total <= 0:
        return Reading(note="The refund pays no money back.")
    tax = min(max(total - worth - more, _ZERO), _tax_back(body))
    lines = [*articles, *shipping_line(delivery), *tax_line(tax)]
    raw = {
        **header_of(
            parcel, "order.returned", f"refund-{text(body.get('id'))}", moment(body.get("created_at"))
        ),
        "order": order,
        "currency": currency,
        "total": money(total, currency),
        "lines": refunded(lines, total, currency),
        "reason": text(body.get("note"))[:1_000],
    }
    return Reading(events=(filled(raw),), order=order)


def _returned(line: _Body, field: str) -> Line:
    article = record(line.get("line_item"))
    return Line(
        amount=_required(line.get("subtotal"), f"{field}.subtotal"),
        kind="gift_card" if article.get("gift_card") is True else "product",
        sku=_sku(article) or text(line.get("line_item_id")),
        quantity=amount(line.get("quantity"), f"{field}.quantity"),
        name=first_text(article.get("name"), article.get("title")),
    )


def _adjusted(body: _Body, kind: str) -> Decimal:
    """What adjustments of a kind add to the order; below zero is money for the customer."""
    return sum_of(
        amount(one.get("amount"), "order_adjustments.amount")
        for one in records(body.get("order_adjustments"))
        if one.get("kind") == kind
    )


def _delivery_back(body: _Body) -> Decimal:
    """Delivery that is paid back: an adjustment, or in newer versions of the API a line of its own."""
    adjusted = -_adjusted(body, "shipping_refund")
    if adjusted:
        return adjusted
    return sum_of(
        amount(_shop_money(line.get("subtotal_amount_set")).get("amount"), "refund_shipping_lines")
        for line in records(body.get("refund_shipping_lines"))
    )


def _tax_back(body: _Body) -> Decimal:
    """The tax of all that comes back, whether it is in the prices or not."""
    of_lines = sum_of(
        amount(line.get("total_tax"), "refund_line_items.total_tax")
        for line in records(body.get("refund_line_items"))
    )
    return of_lines - sum_of(
        amount(one.get("tax_amount"), "order_adjustments.tax_amount")
        for one in records(body.get("order_adjustments"))
    )


def _shop_money(value: object) -> _Body:
    return record(record(value).get("shop_money"))


def _paid_back(body: _Body) -> tuple[str, Decimal | None]:
    """The shop's currency, and the money paid back in it; None where payments do not say it."""
    back = [
        one
        for one in records(body.get("transactions"))
        if one.get("kind") == "refund" and text(one.get("status")) in _PAID_BACK
    ]
    paid_in = first_text(*(one.get("currency") for one in back)).upper()
    currency = _currency_of_shop(body) or paid_in
    if not back or paid_in != currency:
        return currency, None
    return currency, sum_of(amount(one.get("amount"), "transactions.amount") for one in back)


def _currency_of_shop(body: _Body) -> str:
    sets = [line.get("subtotal_set") for line in records(body.get("refund_line_items"))]
    sets += [one.get("amount_set") for one in records(body.get("order_adjustments"))]
    sets += [line.get("subtotal_amount_set") for line in records(body.get("refund_shipping_lines"))]
    return first_text(*(_shop_money(one).get("currency_code") for one in sets)).upper()


def _customer(parcel: Parcel, body: _Body, terms: Terms) -> Reading:
    number = text(body.get("id"))
    changed_at = moment(body.get("updated_at"))
    if parcel.topic == "customers/create":
        raw = header_of(parcel, "member.joined", f"customer-{number}", moment(body.get("created_at")))
    else:
        raw = header_of(parcel, "member.updated", f"customer-{number}-{changed_at}", changed_at)
    person = person_of(body, phone=body.get("phone"))
    return customer(raw, numbered(parcel, number), person, said=body, terms=terms)


_READERS: Final[Mapping[str, Callable[[Parcel, _Body, Terms], Reading]]] = {
    "orders/create": _order,
    "orders/paid": _order,
    "orders/cancelled": _cancelled,
    "refunds/create": _refund,
    "customers/create": _customer,
    "customers/update": _customer,
}
