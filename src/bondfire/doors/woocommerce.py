"""WooCommerce's webhooks: orders with their refunds, and customers, in the shapes of its REST API v3.

Amounts of lines come without tax, and the tax beside them; where the shop's prices include tax it is added
back to each line, else it is a line of its own.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from bondfire.doors.basket import Line, closed, shipping_line, tax_line
from bondfire.doors.fields import amount, first_text, moment, money, record, records, sum_of, text
from bondfire.doors.model import Parcel, Raw, Reading, Terms
from bondfire.doors.shops import (
    NO_CUSTOMER,
    body_of,
    customer,
    customer_reference,
    filled,
    first_code,
    for_a_person,
    header_of,
    numbered,
    person_of,
    unmapped,
)
from bondfire.events import EventError

_Body = Mapping[str, object]

_ZERO: Final = Decimal(0)
_PLACED: Final = frozenset({"processing", "completed", "refunded"})
_NOT_YET: Final = frozenset({"pending", "on-hold", "failed", "checkout-draft", "auto-draft"})
_GONE: Final = frozenset({"cancelled", "trash"})


def read_woocommerce(parcel: Parcel, terms: Terms) -> Reading:
    """One delivery in our words.

    Raises:
        EventError: a topic without counterpart, a customer who was deleted, or a field that is wrong.
    """
    if parcel.topic == "customer.deleted":
        raise for_a_person(parcel, "a customer was deleted in the shop")
    if parcel.topic not in _READERS:
        raise unmapped(parcel)
    return _READERS[parcel.topic](parcel, body_of(parcel), terms)


def _order(parcel: Parcel, body: _Body, _terms: Terms) -> Reading:
    """An order as it stands: placed, with what of it was paid back, or gone.

    Each delivery tells all of it again, so what came before is a duplicate. Refunds and cancellations
    come without their time; the one of this change is the best there is.
    """
    status = text(body.get("status"))
    if status in _NOT_YET:
        return Reading(note=f"The order is {status}, so nothing was bought yet.")
    if status not in _PLACED | _GONE:
        raise EventError(
            f"is {status[:40]!r}, of which is not known whether it means a purchase.",
            code="unmapped_status",
            field="status",
            next_step="Retry when the order has one of WooCommerce's own statuses.",
        )
    if status in _GONE and not text(body.get("date_paid_gmt")):
        return _gone(parcel, body)
    member = customer_reference(parcel, body.get("customer_id"), record(body.get("billing")).get("email"))
    if not member:
        return NO_CUSTOMER
    later = [*_refunds(parcel, body), *([_cancelled(parcel, body)] if status in _GONE else [])]
    return Reading(
        events=tuple({**raw, "member": member} for raw in (_placed(parcel, body), *later)),
        guessed=frozenset(text(raw["id"]) for raw in later),
    )


def _gone(parcel: Parcel, body: _Body) -> Reading:
    """An order that is deleted, or was cancelled unpaid: it may never have been placed here."""
    return Reading(
        events=(_cancelled(parcel, body),),
        order=numbered(parcel, body.get("id")),
        only_if_known=True,
        guessed=frozenset({_cancel_id(body)}),
    )


def _deleted(parcel: Parcel, body: _Body, _terms: Terms) -> Reading:
    return _gone(parcel, body)


def _placed(parcel: Parcel, body: _Body) -> Raw:
    currency = text(body.get("currency")).upper()
    gross = body.get("prices_include_tax") is True
    total = _required(body.get("total"), "total")
    lines = [_line(line, f"line_items[{place}]", gross=gross) for place, line in _listed(body, "line_items")]
    if lines:
        lines += [line for line in _fees(body, gross=gross) if line.amount > 0]
        lines += shipping_line(_shipping(body, gross=gross))
        lines += [] if gross else tax_line(amount(body.get("total_tax"), "total_tax"))
    discount = amount(body.get("discount_total"), "discount_total") or _ZERO
    raw = {
        **header_of(
            parcel, "order.placed", f"order-{text(body.get('id'))}", _gmt(body.get("date_created_gmt"))
        ),
        "order": numbered(parcel, body.get("id")),
        "currency": currency,
        "total": money(total, currency),
        "discount": money(discount, currency) if discount > 0 else "",
        "coupon": first_code(body.get("coupon_lines")),
        "channel": text(body.get("created_via")),
        "lines": closed(lines, total, currency) if lines else [],
    }
    return filled(raw)


def _listed(body: _Body, name: str) -> list[tuple[int, _Body]]:
    return list(enumerate(records(body.get(name))))


def _required(value: object, field: str) -> Decimal:
    found = amount(value, field)
    if found is None:
        raise EventError("is missing.", code="missing_field", field=field, next_step=f"Send {field}.")
    return found


def _cost(line: _Body, field: str, *, gross: bool) -> Decimal:
    """What a line costs after discounts, with its tax where prices include it."""
    net = _required(line.get("total"), f"{field}.total")
    tax = amount(line.get("total_tax"), f"{field}.total_tax") or _ZERO
    return net + tax if gross else net


def _line(line: _Body, field: str, *, gross: bool) -> Line:
    number = text(line.get("variation_id"))
    return Line(
        amount=_cost(line, field, gross=gross),
        sku=first_text(line.get("sku"), number if number != "0" else "", line.get("product_id")),
        quantity=amount(line.get("quantity"), f"{field}.quantity"),
        name=text(line.get("name")),
    )


def _shipping(body: _Body, *, gross: bool) -> Decimal:
    listed = _listed(body, "shipping_lines")
    return sum_of(_cost(line, f"shipping_lines[{place}]", gross=gross) for place, line in listed)


def _fees(body: _Body, *, gross: bool) -> list[Line]:
    """Charges that are no article; those below zero are discounts, which `closed` spreads."""
    return [
        Line(kind="shipping", sku="fee", amount=_cost(line, f"fee_lines[{place}]", gross=gross))
        for place, line in _listed(body, "fee_lines")
    ]


def _refunds(parcel: Parcel, body: _Body) -> list[Raw]:
    """What was paid back so far, each by its value: WooCommerce does not say which articles came back."""
    currency = text(body.get("currency")).upper()
    returned = []
    for place, refund in _listed(body, "refunds"):
        back = abs(_required(refund.get("total"), f"refunds[{place}].total"))
        number = text(refund.get("id"))
        raw = {
            **header_of(parcel, "order.returned", f"refund-{number}", _changed_at(parcel, body)),
            "order": numbered(parcel, body.get("id")),
            "currency": currency,
            "total": money(back, currency),
            "reason": text(refund.get("reason"))[:1_000],
        }
        if back:
            returned.append(filled(raw))
    return returned


def _cancelled(parcel: Parcel, body: _Body) -> Raw:
    return {
        **header_of(parcel, "order.cancelled", _cancel_id(body), _changed_at(parcel, body)),
        "order": numbered(parcel, body.get("id")),
    }


def _cancel_id(body: _Body) -> str:
    return f"cancel-{text(body.get('id'))}"


def _gmt(value: object) -> object:
    """A time of WooCommerce's, which is in UTC and does not say so."""
    said = moment(value)
    return f"{said}Z" if isinstance(said, str) and said else None


def _changed_at(parcel: Parcel, body: _Body) -> object:
    return _gmt(body.get("date_modified_gmt")) or parcel.received_at


def _customer(parcel: Parcel, body: _Body, terms: Terms) -> Reading:
    number = text(body.get("id"))
    changed_at = _changed_at(parcel, body)
    if parcel.topic == "customer.created":
        raw = header_of(parcel, "member.joined", f"customer-{number}", _gmt(body.get("date_created_gmt")))
    else:
        raw = header_of(parcel, "member.updated", f"customer-{number}-{changed_at}", changed_at)
    person = person_of(body, phone=record(body.get("billing")).get("phone"))
    return customer(raw, numbered(parcel, number), person, said=body, terms=terms)


_READERS: Final[Mapping[str, Callable[[Parcel, _Body, Terms], Reading]]] = {
    "order.created": _order,
    "order.updated": _order,
    "order.restored": _order,
    "order.deleted": _deleted,
    "customer.created": _customer,
    "customer.updated": _customer,
}
