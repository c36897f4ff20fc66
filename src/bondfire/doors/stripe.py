"""Stripe's webhooks: a checkout that was paid, a payment that succeeded, money that was paid back.

Amounts are whole numbers of the smallest unit of the currency, as Stripe counts it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from bondfire.doors.basket import Line, closed, shipping_line, tax_line, tax_on_top
from bondfire.doors.fields import first_text, money, record, records, text, unix_time
from bondfire.doors.model import Parcel, Raw, Reading, Terms
from bondfire.doors.shops import body_of, customer_reference, filled, header_of, numbered, placed, unmapped
from bondfire.events import EventError

_Body = Mapping[str, object]

_ZERO: Final = Decimal(0)
_LARGEST: Final = 10**18
_WHOLE: Final = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
"""Currencies that Stripe counts in whole units; three of them differ from ISO 4217."""
_THOUSANDTHS: Final = "BHD JOD KWD OMR TND"
_UNPAID: Final = "unpaid"


def read_stripe(parcel: Parcel, _terms: Terms) -> Reading:
    """One delivery in our words.

    Raises:
        EventError: a type without counterpart, or a field that is wrong.
    """
    body = body_of(parcel)
    if parcel.topic not in _READERS:
        raise unmapped(parcel)
    data = record(body.get("data"))
    return _READERS[parcel.topic](parcel, body, record(data.get("object")))


def _checkout(parcel: Parcel, _event: _Body, session: _Body) -> Reading:
    """A finished checkout; when the money comes later, its coming is told by a delivery of its own."""
    if text(session.get("payment_status")) == _UNPAID:
        return Reading(note="The checkout is not paid yet.")
    if text(session.get("mode")) == "setup":
        return Reading(note="The checkout only stored a means of payment.")
    currency = text(session.get("currency")).upper()
    total = _amount(session.get("amount_total"), currency, "amount_total")
    order = first_text(session.get("payment_intent"), session.get("id"))
    said = record(session.get("customer_details"))
    raw = {
        **header_of(
            parcel, "order.placed", text(session.get("id")), unix_time(session.get("created"), "created")
        ),
        "order": numbered(parcel, order),
        "currency": currency,
        "total": money(total, currency),
        "coupon": _promotion(session),
        "lines": _lines(session, total, currency),
    }
    return placed(filled(raw), _payer(parcel, session, said.get("email")))


def _promotion(session: _Body) -> str:
    """The promotion code of a checkout, by Stripe's id of it."""
    return first_text(*(one.get("promotion_code") for one in records(session.get("discounts"))))


def _lines(session: _Body, total: Decimal, currency: str) -> list[Raw]:
    """Goods, delivery and tax; Stripe sends no articles with the checkout, so all goods are one line."""
    if session.get("amount_subtotal") is None:
        return []
    details = record(session.get("total_details"))
    discount, shipping, tax = (
        _optional(details.get(name), currency, f"total_details.{name}")
        for name in ("amount_discount", "amount_shipping", "amount_tax")
    )
    goods = _amount(session.get("amount_subtotal"), currency, "amount_subtotal") - discount
    on_top = tax_on_top(tax, net=goods + shipping, total=total)
    lines = [Line(amount=goods), *shipping_line(shipping), *tax_line(on_top)]
    return closed(lines, total, currency)


def _payment(parcel: Parcel, body: _Body, intent: _Body) -> Reading:
    currency = text(intent.get("currency")).upper()
    received = intent.get("amount_received")
    total = _amount(intent.get("amount") if received is None else received, currency, "amount_received")
    raw = {
        **header_of(
            parcel, "order.placed", text(intent.get("id")), unix_time(body.get("created"), "created")
        ),
        "order": numbered(parcel, intent.get("id")),
        "currency": currency,
        "total": money(total, currency),
    }
    return placed(filled(raw), _payer(parcel, intent, intent.get("receipt_email")))


def _refunded(parcel: Parcel, body: _Body, charge: _Body) -> Reading:
    """Money paid back on a charge: Stripe says how much in all, so it is what was added since before."""
    currency = text(charge.get("currency")).upper()
    before = record(record(body.get("data")).get("previous_attributes")).get("amount_refunded")
    in_all = _amount(charge.get("amount_refunded"), currency, "amount_refunded")
    back = in_all - _amount(before, currency, "previous_attributes.amount_refunded")
    if back <= 0:
        return Reading(note="No more was paid back than before.")
    order = numbered(parcel, first_text(charge.get("payment_intent"), charge.get("id")))
    event_id = f"{text(charge.get('id'))}-{charge.get('amount_refunded')}"
    raw = {
        **header_of(parcel, "order.returned", event_id, unix_time(body.get("created"), "created")),
        "order": order,
        "currency": currency,
        "total": money(back, currency),
    }
    return Reading(events=(filled(raw),), order=order)


def _payer(parcel: Parcel, payment: _Body, email: object) -> str:
    """Whose it is: what the brand wrote on it, else Stripe's customer, else an e-mail address."""
    written = record(payment.get("metadata")).get("member")
    known = first_text(written, payment.get("client_reference_id"), payment.get("customer"))
    expanded = record(payment.get("customer")).get("id")
    return customer_reference(parcel, known or expanded, email)


def _optional(value: object, currency: str, field: str) -> Decimal:
    return _ZERO if value is None else _amount(value, currency, field)


def _amount(value: object, currency: str, field: str) -> Decimal:
    """An amount in units of the currency.

    Raises:
        EventError: `bad_amount`: not a whole number.
    """
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= _LARGEST:
        raise EventError(
            "is not a whole number of the smallest unit.",
            code="bad_amount",
            field=field,
            next_step="Retry with what Stripe sends; it counts in cents.",
        )
    decimals = 0 if currency in _WHOLE.split() else 3 if currency in _THOUSANDTHS.split() else 2
    return Decimal(value).scaleb(-decimals)


_READERS: Final[Mapping[str, Callable[[Parcel, _Body, _Body], Reading]]] = {
    "checkout.session.completed": _checkout,
    "checkout.session.async_payment_succeeded": _checkout,
    "payment_intent.succeeded": _payment,
    "charge.refunded": _refunded,
}
