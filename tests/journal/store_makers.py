"""Makers of brands, programmes and events for the tests of the persistent engine."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from bondfire.db import connect, transaction
from bondfire.events import CATALOGUE, Event, parse_event
from bondfire.journal import (
    Result,
    Unmatched,
    WalletView,
    digest,
    pass_time,
    process_events,
    read_member,
    unmatched_returns,
    verify,
)
from bondfire.kit import EPOCH, format_amount, member_id_of
from bondfire.programs import (
    Brand,
    Timeline,
    ensure_brand,
    load_timeline,
    publish_program,
)

T0 = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CAFE = """
program: hearth-club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {expires: {after: 6 months, round: end_of_month}, pending: 14 days}
  status: {qualifying: true}
tier_sets:
  flame:
    unit: status
    window: calendar_year
    grace: 60 days
    tiers:
      spark: {from: 0}
      flame: {from: 500, benefits: [early_access]}
      fire:  {from: 2000, benefits: [early_access]}
earn:
  base:
    on: order.placed
    when: event.total >= 10.00
    award: {points: floor(event.total), status: floor(event.total)}
    cap: {points: 1000, per: day}
  shoes:
    on: order.placed
    lines: '"shoes" in line.categories'
    award: {points: line.amount}
    round: {to: down, per: order}
  for_flames:
    on: order.placed
    when: member.tiers.flame in ['flame', 'fire']
    award: {points: floor(event.total * 0.5)}
rewards:
  coffee: {price: {points: 0}, limit: {times: 1}}
returns: {clawback: allow_negative, window: 100 days}
restored: {grace: 14 days}
"""
SIMPLE = """
program: plain
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {expires: {after: 12 months}}
earn:
  base: {on: order.placed, award: {points: floor(event.total)}}
"""


def brand_of(dsn: str, document: str = CAFE) -> tuple[Brand, Timeline]:
    """A brand that lives by its events, with one published version."""
    with connect(dsn) as conn, transaction(conn):
        brand = ensure_brand(conn, "kaminrot", "events", created_at=EPOCH)
        publish_program(conn, brand.id, document, published_at=T0, published_by="test")
        return brand, load_timeline(conn, brand.id)


def event_of(kind: str, at: datetime, **fields: object) -> Event:
    """An event as a sender would send it; `id` and `member` have defaults."""
    raw = {"type": kind, "source": "shop", "member": "c-1", "occurred_at": at.isoformat(), **fields}
    raw.setdefault("id", f"{kind}-{at.isoformat()}")
    return parse_event(raw, CATALOGUE)


def order(number: int | str, at: datetime = T0, *, total: object = "100", **fields: object) -> Event:
    """An order."""
    fields = {"id": f"ord-{number}", "order": str(number), "currency": "EUR", "total": str(total), **fields}
    return event_of("order.placed", at, **fields)


def back(number: int | str, at: datetime, **fields: object) -> Event:
    """A return; without `order` it names none."""
    return event_of("order.returned", at, **{"id": f"ret-{number}", "currency": "EUR", **fields})


def spent(number: int | str, at: datetime, amount: int, **fields: object) -> Event:
    """A spending of points."""
    return event_of(
        "points.spent", at, **{"id": f"sp-{number}", "unit": "points", "amount": str(amount), **fields}
    )


def held(number: int | str, at: datetime, amount: int, **fields: object) -> Event:
    """Points held for a day, if nothing else is said."""
    named = {"id": f"hold-{number}", "unit": "points", "amount": str(amount)}
    return event_of("points.held", at, **{**named, "until": (at + timedelta(days=1)).isoformat(), **fields})


def captured(number: int | str, at: datetime, **fields: object) -> Event:
    """The hold of this number captured, all of it if no amount is given."""
    return event_of("points.captured", at, **{"id": f"cap-{number}", "hold": f"hold-{number}", **fields})


def plain(*amounts: Decimal) -> list[str]:
    """Amounts as people write them."""
    return [format_amount(amount) for amount in amounts]


def history(count: int, *, members: int = 20, seed: int = 1) -> list[Event]:
    """A shop's history: orders with lines, returns with and without order, spendings and their undoing."""
    shop = _Shop(Random(seed), members)
    return [shop.next_event(number) for number in range(count)]


class _Shop:
    def __init__(self, chance: Random, members: int) -> None:
        self.chance = chance
        self.members = members
        self.orders: list[tuple[str, str, int]] = []

    def next_event(self, number: int) -> Event:
        chance = self.chance
        at = T0 + timedelta(hours=5 * number, minutes=chance.randrange(60))
        member, what = f"c-{chance.randrange(self.members)}", chance.random()
        mine = [one for one in self.orders if one[1] == member]
        if what < 0.12 and mine:
            returned, _, total = chance.choice(mine)
            part = max(1, total // chance.choice((1, 2, 3)))
            named = {"order": returned} if chance.random() < 0.6 else {}
            return back(number, at, member=member, total=str(part), **named)
        if what < 0.16:
            return back(number, at, member=member, order=f"{number + 3}", total="5")
        if what < 0.28:
            return spent(number, at, chance.randrange(1, 80), member=member)
        if what < 0.34:
            amount = str(chance.randrange(1, 30))
            fields = {"id": f"rs-{number}", "member": member, "unit": "points", "amount": amount}
            return event_of("points.restored", at, **fields)
        return self.order(number, at, member)

    def order(self, number: int, at: datetime, member: str) -> Event:
        first, second = self.chance.randrange(5, 150), self.chance.randrange(5, 150)
        self.orders.append((str(number), member, first + second))
        skus = [f"A{self.chance.randrange(6)}", f"B{self.chance.randrange(6)}"]
        lines = [
            {"sku": skus[0], "quantity": 1, "amount": str(first), "categories": ["shoes"]},
            {"sku": skus[1], "quantity": 1, "amount": str(second), "categories": ["hats"]},
        ]
        return order(number, at, total=first + second, member=member, lines=lines)


class Store(NamedTuple):
    """A database with a brand in it."""

    dsn: str
    brand: Brand
    timeline: Timeline

    def send(self, *events: Event) -> list[Result]:
        """One batch, committed."""
        with connect(self.dsn) as conn, transaction(conn):
            return process_events(conn, self.brand, self.timeline, events)

    def bring_to(self, until: datetime) -> None:
        """Let time pass for everybody."""
        pass_time(self.dsn, self.brand, self.timeline, until=until)

    def wallet(self, unit: str, reference: str = "c-1") -> WalletView:
        """What a member holds."""
        with connect(self.dsn) as conn:
            member_id = member_id_of(self.brand.name, reference)
            return read_member(conn, self.brand, self.timeline, member_id).wallets[unit]

    def digest(self) -> str:
        """The digest of what is stored."""
        with connect(self.dsn) as conn:
            return digest(conn, self.brand)

    def unmatched(self) -> list[Unmatched]:
        """Returns that wait for a person."""
        with connect(self.dsn) as conn:
            return unmatched_returns(conn, self.brand)

    def verified(self) -> list[str]:
        """Differences between what is stored and what the journal says."""
        return [str(one) for one in verify(self.dsn, self.brand, self.timeline).differences]


def store_of(dsn: str, document: str = CAFE) -> Store:
    """A database with a brand that lives by its events, with one published version."""
    return Store(dsn, *brand_of(dsn, document))
