"""Makers of acceptance tests about several members: a programme with gifts, transfers, both sides of one."""

from datetime import timedelta

from bondfire.db import connect, transaction
from bondfire.events import Event
from bondfire.journal import carry_transfers, replay, report
from bondfire.ledger import Wallet
from bondfire.simulation import Simulation, simulate
from journal.store_makers import T0, Store, event_of, order

GIFTS = """
program: hearth-club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {expires: {after: 6 months, round: end_of_month}, transfers: {}}
  stones: {}
  status: {qualifying: true}
tier_sets:
  flame: {unit: status, window: calendar_year, tiers: {spark: {from: 0}, flame: {from: 100}}}
earn:
  base: {on: order.placed, award: {points: floor(event.total), stones: 1, status: floor(event.total)}}
returns: {clawback: allow_negative}
restored: {grace: 14 days}
"""
LIMITED = GIFTS.replace("transfers: {}", "transfers: {most: 50, per_month: 80}")
DAY = timedelta(days=1)


def sent(number: int | str, at: int, amount: object, *, to: str = "b", **fields: object) -> Event:
    """A transfer of member `a`, so many days after the beginning."""
    raw = {"id": f"gift-{number}", "unit": "points", "amount": str(amount), "to": to, "member": "a"}
    return event_of("points.sent", T0 + at * DAY, **raw | fields)


def earned(member: str, at: int, total: object) -> Event:
    """An order of a member, so many days after the beginning."""
    return order(f"{member}-{at}", T0 + at * DAY, total=total, member=member)


def carry(store: Store) -> int:
    """Carry on what was sent, as the worker does, until nothing is left; how many halves that were."""
    done = 0
    with connect(store.dsn) as conn:
        while True:
            with transaction(conn):
                carried = carry_transfers(conn, store.brand, store.timeline)
            if not carried:
                return done
            done += carried


def balances(store: Store, *members: str) -> list[int]:
    """What each can spend."""
    return [int(store.wallet("points", member).active) for member in members]


def lots(store: Store, member: str) -> list[tuple[int, str, str]]:
    """What is left of each lot, the day it was earned on and that it ends on."""
    return [
        (int(lot.left), f"{lot.earned_at:%Y-%m-%d}", f"{lot.expires_at:%Y-%m-%d}")
        for lot in store.wallet("points", member).lots
    ]


def total(store: Store) -> Wallet:
    """All balances of all members added up."""
    with connect(store.dsn) as conn:
        return report(conn, store.brand).totals["points"]


def simulated(store: Store, *events: Event) -> Simulation:
    """The same in one process, where both sides of a transfer happen at once."""
    return simulate(store.timeline.newest.program, events)


def is_as_simulated(store: Store, *events: Event) -> bool:
    """Whether everybody's history is the same, and follows from the journal."""
    result = replay(store.dsn, store.brand, store.timeline)
    return store.verified() == [] and result.digest == store.digest() == simulated(store, *events).digest
