"""What is measured: a programme with ten rules, and orders of members drawn by a stored seed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final

import msgspec

from bondfire.kit import bucket_of, member_id_of

BRAND: Final = "bench"
SEED: Final = 20_261_124
PROGRAM: Final = """\
program: bench
brand: bench
timezone: Europe/Berlin
currency: EUR
units:
  points: {pending: 14 days, expires: {after: 24 months, round: end_of_month}}
  status: {qualifying: true}
tier_sets:
  flame:
    unit: status
    window: calendar_year
    grace: 60 days
    tiers: {spark: {from: 0}, flame: {from: 500}, fire: {from: 2000}}
earn:
  base:
    on: order.placed
    when: event.total >= 10.00
    award: {points: floor(event.total), status: floor(event.total)}
    cap: {points: 1000, per: day}
  shoes:
    on: order.placed
    when: "'shoes' in event.categories && member.tiers.flame in ['flame', 'fire']"
    award: {points: floor(event.total)}
  books: {on: order.placed, when: "'books' in event.categories && event.total >= 30.00", award: {points: 20}}
  app:
    on: order.placed
    when: "has(event.channel) && event.channel == 'app'"
    award: {points: 5}
    cap: {points: 50, per: month}
  big: {on: order.placed, when: event.total >= 150.00, award: {points: 50}}
  gold:
    on: order.placed
    when: "member.tiers.flame == 'fire'"
    award: {points: floor(event.total)}
    multiplier: 0.5
  store: {on: order.placed, when: "has(event.store) && event.store == 's7'", award: {points: 10}}
  dawn: {on: order.placed, when: event.total < 0.50, award: {points: 1}}
  toys: {on: order.placed, when: "'toys' in event.categories", award: {points: 3}, starts: 2030-01-01}
  review:
    on: review.submitted
    when: event.text_length >= 80
    award: {points: 20}
    cap: {points: 60, per: week}
"""
"""Ten rules with what real ones have: categories, tiers, caps, a multiplier, a start."""

_CATEGORIES: Final = ("shoes", "books", "toys", "food", "home")
_STEP: Final = timedelta(milliseconds=1)


def members_of(share: int, shares: int, members: int) -> list[str]:
    """The references of one share of the members: those in every so many-th bucket."""
    return [
        reference
        for reference in map(str, range(members))
        if bucket_of(member_id_of(BRAND, reference)) % shares == share
    ]


def orders(
    members: Sequence[str], run: str, *, begin: datetime, seed: int = SEED
) -> Iterator[dict[str, object]]:
    """Orders without end, each of a member drawn at random.

    Args:
        members: whose.
        run: makes ids that no other run has.
        begin: when the first is placed; the others follow, a millisecond each.
        seed: of what is drawn.
    """
    draw = Random(f"{seed}/{run}")  # noqa: S311 - a workload
    return (
        order(draw, draw.choice(members), f"{run}-{number}", begin + number * _STEP) for number in count()
    )


def first_orders(members: Sequence[str], *, begin: datetime) -> Iterator[dict[str, object]]:
    """One order of each member, so that all of them are there."""
    draw = Random(SEED)  # noqa: S311 - a workload
    return (order(draw, member, f"first-{member}", begin) for member in members)


def order(draw: Random, member: str, number: str, placed_at: datetime) -> dict[str, object]:
    """An order as a shop sends it."""
    event: dict[str, object] = {
        "id": f"e-{number}",
        "type": "order.placed",
        "source": "shop",
        "member": member,
        "occurred_at": placed_at.isoformat(),
        "order": number,
        "currency": "EUR",
        "total": f"{draw.randrange(100, 20_000) / 100:.2f}",
        "categories": draw.sample(_CATEGORIES, draw.randrange(3)),
    }
    if draw.random() < 0.3:
        event["channel"] = "app"
    if draw.random() < 0.3:
        event["store"] = "s7"
    return event


write_json: Final = msgspec.json.Encoder().encode
