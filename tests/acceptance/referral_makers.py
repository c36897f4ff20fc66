"""Makers of tests about referrals: a programme, who invites whom, and the worker's rounds."""

from datetime import datetime, timedelta
from uuid import uuid4

from acceptance.group_makers import carry
from bondfire.db import connect, transaction
from bondfire.events import Event
from bondfire.kit import EPOCH, member_id_of
from bondfire.programs import ensure_brand, load_timeline, publish_program
from bondfire.referrals import MemberReferrals, Verdict, decide_referral, follow_referrals, read_referrals
from journal.store_makers import T0, Store, event_of, order

DAY = timedelta(days=1)
CLUB = """
program: hearth-club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {transfers: {}}
referrals:
  referrer: {points: 500}
  referred: {points: 200}
  first_order: {total: 30.00, within: 60 days}
  after: 14 days
  limits: {month: 2}
  hold: {sign_ups: 3}
"""


def club(dsn: str, document: str = CLUB) -> Store:
    """A brand of its own with a programme, so that the tests of a file can share a database."""
    name = f"club-{uuid4().hex}"
    with connect(dsn) as conn, transaction(conn):
        brand = ensure_brand(conn, name, "events", created_at=EPOCH)
        text = document.replace("brand: kaminrot", f"brand: {name}")
        publish_program(conn, brand.id, text, published_at=T0, published_by="test")
        return Store(dsn, brand, load_timeline(conn, brand.id))


def joins(member: str, at: int | timedelta, *, by: str = "", **fields: object) -> Event:
    """A member joins so many days after the beginning, and may say who invited them."""
    when = T0 + (at * DAY if isinstance(at, int) else at)
    said = {"referrer": by} if by else {}
    return event_of("member.joined", when, member=member, id=f"join-{member}", **said, **fields)


def buys(member: str, at: int, total: object = 50) -> Event:
    """An order of a member, so many days after the beginning."""
    return order(f"{member}-{at}", T0 + at * DAY, total=total, member=member)


def gives_back(member: str, bought: int, at: int, total: object) -> Event:
    """So much of an order comes back."""
    fields = {"member": member, "order": f"{member}-{bought}", "total": str(total), "currency": "EUR"}
    return event_of("order.returned", T0 + at * DAY, id=f"ret-{member}-{at}", **fields)


def rounds(store: Store, *, until: int | None = None) -> int:
    """What the worker does, until nothing is left; how many halves were carried on."""
    if until is not None:
        store.bring_to(T0 + until * DAY)
    with connect(store.dsn) as conn:
        while True:
            with transaction(conn):
                read = follow_referrals(conn, store.brand, store.timeline)
            if not read:
                return carry(store)


def points(store: Store, *members: str) -> list[int]:
    """What each can spend."""
    return [int(store.wallet("points", member).active) for member in members]


def seen(store: Store, member: str) -> MemberReferrals:
    """Both sides of a member's referrals."""
    with connect(store.dsn) as conn:
        return read_referrals(conn, store.brand, member_id_of(store.brand.name, member))


def why_held(store: Store, member: str) -> tuple[str, ...]:
    """Why the referral of a member is held now; nothing when it is not."""
    referral = seen(store, member).invited_by
    return referral.reasons if referral is not None and referral.is_held else ()


def decide(store: Store, member: str, verdict: Verdict, at: datetime) -> None:
    """A person decides."""
    with connect(store.dsn) as conn, transaction(conn):
        member_id = member_id_of(store.brand.name, member)
        why = {"reason": "looked into it", "actor": "ada"}
        decide_referral(conn, store.brand, store.timeline, member_id, verdict=verdict, at=at, **why)
