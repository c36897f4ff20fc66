"""Makers of baskets and of shops that have coupons."""

from datetime import datetime
from random import Random
from typing import NamedTuple

from bondfire.coupons import Basket, Evaluation, Terms, confirm_basket, create_codes, evaluate_basket
from bondfire.db import connect, transaction
from bondfire.events import CATALOGUE, Event, parse_event
from bondfire.journal import Result
from bondfire.kit import EPOCH
from bondfire.programs import Brand, Timeline, ensure_brand, load_timeline, publish_program
from journal.store_makers import T0, Store

HEAD = """\
program: corner-club
brand: corner
timezone: Europe/Berlin
currency: EUR
units: {points: {pending: 14 days, expires: {after: 12 months}}}
earn:
  base: {on: order.placed, award: {points: floor(event.total)}}
"""
COUPONS = """\
coupons:
  five_off: {discount: {amount: 5.00}, minimum: 20}
  tenth: {discount: {percent: 10}}
  thanks:
    discount: {amount: 3.00}
    issue: {on: order.placed, when: event.total >= 100, repeat: true, valid: 30 days}
"""


def line(
    sku: str, amount: str, quantity: object = 1, *categories: str, **fields: object
) -> dict[str, object]:
    """One line of a basket."""
    return {"sku": sku, "quantity": quantity, "amount": amount, "categories": list(categories), **fields}


def basket(
    number: str, total: str, *coupons: str, at: datetime = T0, member: str = "c-1", **fields: object
) -> Basket:
    """A basket of this order's number."""
    raw = {"id": f"ord-{number}", "type": "order.placed", "source": "till", "order": number}
    raw |= {"member": member, "currency": "EUR", "total": total, "occurred_at": at.isoformat()}
    return Basket(parse_event(raw | fields, CATALOGUE), coupons)


class Shop(NamedTuple):
    """A database with a brand that has coupons."""

    dsn: str
    brand: Brand
    timeline: Timeline

    @property
    def store(self) -> Store:
        """The same for those who look at members."""
        return Store(self.dsn, self.brand, self.timeline)

    def codes(self, coupon: str, count: int = 1, **terms: object) -> list[str]:
        """So many fresh codes."""
        made = Terms(coupon, f"{coupon}-{Random().random()}", T0, **terms)  # type: ignore[arg-type]
        with connect(self.dsn) as conn, transaction(conn):
            return create_codes(
                conn,
                self.brand,
                self.timeline.newest.program,
                made,
                holders=[None] * count,
                chance=Random().randbytes,
            )

    def evaluate(self, sent: Basket) -> Evaluation:
        """What a basket would be."""
        with connect(self.dsn) as conn, transaction(conn, snapshot=True):
            return evaluate_basket(conn, self.brand, self.timeline, sent)

    def confirm(self, sent: Basket) -> tuple[Event, Result]:
        """Make an order of a basket, committed."""
        with connect(self.dsn) as conn, transaction(conn):
            return confirm_basket(conn, self.brand, self.timeline, sent)


def shop_of(dsn: str, coupons: str = COUPONS, *, name: str = "corner") -> Shop:
    """A shop with these coupons, that lives by its events."""
    with connect(dsn) as conn, transaction(conn):
        brand = ensure_brand(conn, name, "events", created_at=EPOCH)
        document = HEAD.replace("brand: corner", f"brand: {name}") + coupons
        publish_program(conn, brand.id, document, published_at=T0, published_by="test")
        return Shop(dsn, brand, load_timeline(conn, brand.id))
