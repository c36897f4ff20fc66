"""Makers of acceptance tests about accounts that become one."""

from datetime import datetime
from decimal import Decimal

from acceptance.group_makers import DAY, total
from bondfire.db import connect, transaction
from bondfire.groups import Merged, merge_members, preview_merge
from bondfire.journal import Because, MemberView, read_member, replay
from bondfire.ledger import Wallet
from bondfire.members import find_member
from journal.store_makers import T0, Store

LATER = T0 + 60 * DAY
MANY = """
program: hearth-club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {expires: {after: 6 months, round: end_of_month}, pending: 14 days, transfers: {}}
  status: {qualifying: true}
tier_sets:
  flame:
    unit: status
    window: calendar_year
    tiers: {spark: {from: 0}, flame: {from: 100}, fire: {from: 300}}
  guest:
    by: visits
    on: order.placed
    window: calendar_year
    tiers: {new: {from: 0}, regular: {from: 3}}
earn:
  base: {on: order.placed, award: {points: floor(event.total), status: floor(event.total)}}
  review: {on: review.submitted, award: {points: 10}, cap: {points: 20, per: month}}
challenges:
  three_worlds:
    {on: order.placed, count_distinct: event.categories, target: 3, award: {points: 200}, badge: explorer}
  four: {on: order.placed, target: 4, steps: [{at: 2, award: {points: 5}}], award: {points: 7}}
returns: {clawback: allow_negative, window: 100 days}
restored: {grace: 14 days}
member: {attributes: {size: string, city: string}}
"""


def merge(
    store: Store, former: str = "a", into: str = "b", *, at: datetime = LATER, dry_run: bool = False
) -> Merged:
    """Merge two accounts, committed; or look what would be."""
    act = preview_merge if dry_run else merge_members
    with connect(store.dsn) as conn, transaction(conn):
        return act(
            conn, store.brand, store.timeline, (former, into), at=at, why=Because("duplicate", "till 3")
        )


def view(store: Store, reference: str, now: datetime | None = None) -> MemberView:
    """A member as whoever asks by a reference sees them."""
    with connect(store.dsn) as conn:
        member_id = find_member(conn, store.brand, reference)
        return read_member(conn, store.brand, store.timeline, member_id, now=now)


def active(store: Store, reference: str, unit: str = "points") -> int:
    """What can be spent."""
    return int(view(store, reference).wallets[unit].active)


def holds_together(store: Store) -> bool:
    """Whether everything follows from the journal again, and nothing was made or lost under way."""
    result = replay(store.dsn, store.brand, store.timeline)
    whole: Wallet = total(store)
    gone = whole.spent + whole.expired + whole.clawed_back - whole.written_off
    kept = whole.liability - whole.debt
    return (
        store.verified() == []
        and result.differences == []
        and result.digest == store.digest()
        and whole.in_transit == Decimal(0)
        and whole.issued == gone + kept
    )
