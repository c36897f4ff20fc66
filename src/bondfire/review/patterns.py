"""The report of unusual patterns in a time: what was measured, and who stands out. It decides nothing."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from bondfire.db import Connection
from bondfire.errors import BadInput
from bondfire.journal import Activity, read_activity
from bondfire.kit import local_midnight
from bondfire.programs import Brand
from bondfire.referrals import busiest_referrers
from bondfire.review.outliers import CUT_OFF, LEAST_PEERS, outliers

RETURNS: Final = 3
CORRECTIONS: Final = 10
SIGN_UPS: Final = 10
MOST_SHOWN: Final = 100
"""Of each pattern."""
MEASURES: Final[Mapping[str, str]] = {
    "earning": "What rules gave a member, of each unit. Shown is who has a modified z-score (Iglewicz and "
    f"Hoaglin 1993: 0.6745 times the distance from the median, by the median distance) over {CUT_OFF}, among "
    f"at least {LEAST_PEERS} members who earned something.",
    "returns": "Orders that came back after the member had redeemed something in this time: "
    f"{RETURNS} or more.",
    "corrections": f"Corrections of wallets that one person made: {CORRECTIONS} or more.",
    "referrals": f"Members who joined because of one referrer: {SIGN_UPS} or more.",
}
"""By pattern: what is measured, and from where on it is shown."""


class Period(NamedTuple):
    """From a moment on, and before another."""

    since: datetime
    until: datetime


def period_of(since: str | None, until: str | None, *, now: datetime, zone: ZoneInfo) -> Period:
    """From the first to the last day, both included, in a time zone; without days the last 30 up to now.

    Raises:
        BadInput: a day that is none, or the last one before the first.
    """
    last = local_midnight(_day(until, "until") + timedelta(days=1), zone) if until else now
    first = local_midnight(_day(since, "since"), zone) if since else last - timedelta(days=30)
    if first >= last:
        raise BadInput(
            "The period ends before it begins.", next_step="Name the first day as since, the last as until."
        )
    return Period(first, last)


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"{name} is {text[:40]!r}, which is no day.",
            next_step="Write it like 2026-03-29.",
            code="bad_time",
        ) from None


class Finding(NamedTuple):
    """Somebody who stands out.

    Attributes:
        pattern: a key of `MEASURES`.
        member_id: whom it is about; None of a correction, which is about its `actor`.
        unit: of earning, "" of the others.
        value: how much, or how often. score, usual: of earning, the score and the median; None of the others.
        members: of corrections, of how many members; None of the others.
    """

    pattern: str
    value: Decimal
    member_id: UUID | None = None
    actor: str = ""
    unit: str = ""
    score: Decimal | None = None
    usual: Decimal | None = None
    members: int | None = None


def unusual_patterns(conn: Connection, brand: Brand, *, since: datetime, until: datetime) -> list[Finding]:
    """Who stands out from a moment on and before another; the first hundred of each pattern, the most first.

    A pattern is a reason to look, not a verdict: nothing is held, refused or taken back because of it.

    Args:
        conn: in a transaction; with a snapshot everything is of one moment.
        brand: whose members.
        since: from when on.
        until: before when.
    """
    found = read_activity(conn, brand, since=since, until=until)
    referrers = busiest_referrers(conn, brand, between=(since, until), least=SIGN_UPS, limit=MOST_SHOWN)
    return [
        *_earning(found),
        *_returns(found),
        *_corrections(found),
        *(Finding("referrals", Decimal(count), member_id) for member_id, count in referrers),
    ]


def _earning(found: Activity) -> Iterator[Finding]:
    for unit, earned in sorted(found.earned.items()):
        for member_id, one in list(outliers(earned).items())[:MOST_SHOWN]:
            yield Finding("earning", one.value, member_id, unit=unit, score=one.score, usual=one.median)


def _returns(found: Activity) -> Iterator[Finding]:
    many = [(-count, member_id) for member_id, count in found.returned.items() if count >= RETURNS]
    for count, member_id in sorted(many)[:MOST_SHOWN]:
        yield Finding("returns", Decimal(-count), member_id)


def _corrections(found: Activity) -> Iterator[Finding]:
    many = [one for one in found.corrections if one.corrections >= CORRECTIONS]
    for one in sorted(many, key=lambda one: (-one.corrections, one.actor))[:MOST_SHOWN]:
        yield Finding("corrections", Decimal(one.corrections), actor=one.actor, members=one.members)
