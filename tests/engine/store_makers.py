"""Makers of brands, programmes and events for the tests of the persistent engine."""

from datetime import UTC, datetime, timedelta
from random import Random

from bondfire.db import connect, transaction
from bondfire.events import CATALOGUE, Event, parse_event
from bondfire.kit import EPOCH
from bondfire.programs import (
    Brand,
    Timeline,
    ensure_brand,
    load_program,
    load_timeline,
    publish_program,
    timeline_of,
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


def timeline(document: str = CAFE) -> Timeline:
    """A timeline of one version."""
    return timeline_of(load_program(document))


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


def history(count: int, *, members: int = 20, seed: int = 1) -> list[Event]:
    """A shop's history: orders with lines, returns with and without their order, spendings and their undoing."""
    chance, events = Random(seed), list[Event]()
    orders: list[tuple[str, str, int]] = []
    for number in range(count):
        at = T0 + timedelta(hours=5 * number, minutes=chance.randrange(60))
        member = f"c-{chance.randrange(members)}"
        events.append(_some_event(chance, number, at, member, orders))
    return events


def _some_event(
    chance: Random, number: int, at: datetime, member: str, orders: list[tuple[str, str, int]]
) -> Event:
    what = chance.random()
    mine = [one for one in orders if one[1] == member]
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
        return event_of(
            "points.restored",
            at,
            id=f"rs-{number}",
            member=member,
            unit="points",
            amount=str(chance.randrange(1, 30)),
        )
    first, second = chance.randrange(5, 150), chance.randrange(5, 150)
    orders.append((str(number), member, first + second))
    lines = [
        {"sku": f"A{chance.randrange(6)}", "quantity": 1, "amount": str(first), "categories": ["shoes"]},
        {"sku": f"B{chance.randrange(6)}", "quantity": 1, "amount": str(second), "categories": ["hats"]},
    ]
    return order(number, at, total=first + second, member=member, lines=lines)
