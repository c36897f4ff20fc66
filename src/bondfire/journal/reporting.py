"""Reports over a whole brand: what was issued and what became of it, tiers, events, the digest."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from bondfire.engine import COUPON_PREFIX, digest_of_chains
from bondfire.journal.log.rows import read_kept
from bondfire.journal.log.store import Connection
from bondfire.journal.reports import store
from bondfire.journal.reports.store import EventCount, EventPlace, TierCount
from bondfire.kit import bucket_of
from bondfire.ledger import ZERO, Wallet
from bondfire.programs import Brand


class Report(msgspec.Struct, frozen=True):
    """A brand at a glance.

    Attributes:
        until: the latest time that any event says; None before the first.
        totals: by unit. tiers, events: how many, in order of name.
    """

    members: int
    until: datetime | None
    totals: dict[str, Wallet]
    tiers: list[TierCount]
    events: list[EventCount]


class Unmatched(msgspec.Struct, frozen=True):
    """A return that fits no purchase, for a person to look at (R18)."""

    member_id: UUID
    source: str
    event: str
    occurred_at: datetime
    amount: Decimal
    note: str


def report(conn: Connection, brand: Brand) -> Report:
    """The brand at a glance, from what is stored."""
    return Report(
        members=store.count_members(conn, brand.id),
        until=store.latest_at(conn, brand.id),
        totals=store.totals(conn, brand.id),
        tiers=store.tier_counts(conn, brand.id),
        events=store.event_counts(conn, brand.id),
    )


def digest(conn: Connection, brand: Brand) -> str:
    """The digest of everybody's history, from what is stored."""
    return digest_of_chains(store.chains(conn, brand.id))


def unmatched_returns(conn: Connection, brand: Brand, *, most: int = 100) -> list[Unmatched]:
    """Returns that nobody could match, the newest first."""
    found = []
    for row in store.unmatched_returns(conn, brand.id, most=most):
        reason = next(reason for reason in read_kept(row.decision).told if reason.code == "unmatched")
        amount = ZERO if reason.amount is None else reason.amount
        found.append(Unmatched(row.member_id, row.source, row.event_id, row.occurred_at, amount, reason.note))
    return found


def find_events(
    conn: Connection,
    brand: Brand,
    event_id: str,
    *,
    source: str | None = None,
    member_id: UUID | None = None,
    most: int = 20,
) -> list[EventPlace]:
    """Whose events have an id: a person often knows no more of an event than that.

    Reads the whole journal of the brand unless the member is given.
    """
    return store.events_named(conn, brand.id, event_id, source=source, member_id=member_id, most=most)


def list_members(
    conn: Connection, brand: Brand, *, after: UUID | None = None, limit: int = 100
) -> list[tuple[UUID, datetime]]:
    """Members and when they joined, in an order that never changes; go on behind the last one given."""
    place = after or UUID(int=0)
    bucket = bucket_of(after) if after else -1
    return store.member_ids(conn, brand.id, bucket=bucket, after=place, most=limit)


class CouponMoves(msgspec.Struct, frozen=True):
    """What happened to coupons of a name.

    Attributes:
        what: issued, used, given_back, withdrawn or lost; `times`: how often.
        amount: the discounts that were given, taken back or lost, in the programme's currency.
    """

    coupon: str
    what: str
    times: int
    amount: Decimal


def coupon_moves(
    conn: Connection, brand: Brand, *, since: datetime | None = None, until: datetime | None = None
) -> list[CouponMoves]:
    """What happened to coupons, by when the house learned of it, so what is over never changes (R15)."""
    found = store.coupon_moves(conn, brand.id, since=since, until=until)
    return [
        CouponMoves(rule.removeprefix(COUPON_PREFIX), code.removeprefix("coupon_"), times, amount)
        for rule, code, times, amount in found
    ]
