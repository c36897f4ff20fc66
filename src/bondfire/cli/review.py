"""`bondfire review`: what is held until a person has decided, and what is unusual."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from cyclopts import App, Parameter

from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import count, print_json

if TYPE_CHECKING:
    from bondfire.db import Connection
    from bondfire.programs import Brand, Timeline
    from bondfire.referrals import StoredReferral, Verdict
    from bondfire.review import AwardVerdict, Finding, HeldAward, Period

T = TypeVar("T")

review = App(
    name="review",
    help="Decide what is held for a person, and see what is unusual.",
    help_epilogue="Example: bondfire review list --brand corner-cafe",
    help_format="plaintext",
)

Who = Annotated[str, Parameter(help="The member: a reference, an alias or an id.")]
Reason = Annotated[str, Parameter(help="Why; it stands in the journal.")]
Lot = Annotated[int | None, Parameter(help="The lot of a held award; without it the referral is meant.")]
Since = Annotated[str | None, Parameter(help="The first day, such as 2026-03-01.")]
Until = Annotated[str | None, Parameter(help="The last day, included.")]
Actor = Annotated[str, Parameter(name="--by", help="Who decided it.")]


@review.command(name="list")
def list_held(*, brand: BrandName, as_json: AsJson = False) -> None:
    """List what is held for a person to decide, the oldest first; nothing of it is paid before.

    Referrals with what speaks against them, and awards beyond the limits of the programme.

    Example: bondfire review list --brand corner-cafe
    """
    from bondfire.referrals import held_referrals
    from bondfire.review import held_awards

    def act(
        conn: "Connection", owner: "Brand", _: "Timeline"
    ) -> "tuple[list[StoredReferral], list[HeldAward]]":
        return held_referrals(conn, owner, limit=_MOST), held_awards(conn, owner, limit=_MOST)

    found = in_brand(brand, act)
    referrals, awards = [_referral(one) for one in found[0]], [_award(one) for one in found[1]]
    if as_json:
        print_json({"referrals": referrals, "awards": awards})
        return
    for one in referrals:
        why = ", ".join(one["reasons"])
        print(f"{one['member_id']} was invited by {one['referrer_id']} ({one['stage']}): {why}")
    for one in awards:
        print(f"{one['member_id']} lot {one['lot']}: {one['amount']} {one['unit']}, {one['reason']}")
    print(f"{count(len(referrals), 'referral')} and {count(len(awards), 'award')} held.")


@review.command
def approve(
    who: Who, /, *, brand: BrandName, reason: Reason, by: Actor, lot: Lot = None, as_json: AsJson = False
) -> None:
    """Approve a held referral of the member who was invited, or, with --lot, release a held award.

    Example: bondfire review approve c-17 --brand corner-cafe --reason "two sisters" --by ada
    """
    said = {"reason": reason, "actor": by}
    _decide(who, brand, ("approved", "released"), lot=lot, said=said, as_json=as_json)


@review.command
def reject(
    who: Who, /, *, brand: BrandName, reason: Reason, by: Actor, lot: Lot = None, as_json: AsJson = False
) -> None:
    """Reject a held referral of the member who was invited, or, with --lot, take a held award back.

    Example: bondfire review reject c-17 --brand corner-cafe --reason "one person twice" --by ada
    """
    said = {"reason": reason, "actor": by}
    _decide(who, brand, ("rejected", "taken_back"), lot=lot, said=said, as_json=as_json)


@review.command
def patterns(*, brand: BrandName, since: Since = None, until: Until = None, as_json: AsJson = False) -> None:
    """Report unusual patterns of a time: what was measured, and who stands out. It decides nothing.

    Extreme earning beside the others, returns after redeeming, many corrections by one person, many sign-ups
    by one referrer. Without days the last 30 up to now.

    Example: bondfire review patterns --brand corner-cafe --since 2026-03-01 --until 2026-03-31
    """
    from bondfire.review import MEASURES, period_of, unusual_patterns

    def act(conn: "Connection", owner: "Brand", timeline: "Timeline") -> "tuple[Period, list[Finding]]":
        now, zone = owner.time(datetime.now(UTC)), timeline.newest.program.zone
        period = period_of(since, until, now=now, zone=zone)
        return period, unusual_patterns(conn, owner, since=period.since, until=period.until)

    period, found = in_brand(brand, act)
    if as_json:
        shown = [_finding(one) for one in found]
        days = {"since": period.since.isoformat(), "until": period.until.isoformat()}
        print_json({**days, "measures": dict(MEASURES), "findings": shown})
        return
    for pattern, measure in MEASURES.items():
        print(f"{pattern}: {measure}")
        for one in map(_finding, (each for each in found if each.pattern == pattern)):
            who = one["member_id"] or one["actor"]
            beside = f", usual {one['usual']}, score {one['score']}" if one["score"] else ""
            print(f"  {who}: {one['value']} {one['unit']}".rstrip() + beside)
    print(f"{count(len(found), 'finding')}. Each is a reason to look, and no more.")


_MOST = 1_000


def _decide(
    who: str,
    brand: str,
    verdicts: "tuple[Verdict, AwardVerdict]",
    *,
    lot: int | None,
    said: dict[str, str],
    as_json: bool,
) -> None:
    from bondfire.kit import show_id
    from bondfire.members import find_member
    from bondfire.referrals import decide_referral
    from bondfire.review import decide_award

    of_referral, of_award = verdicts

    def act(conn: "Connection", owner: "Brand", timeline: "Timeline") -> str:
        member_id, at = find_member(conn, owner, who), owner.time(datetime.now(UTC))
        if lot is None:
            decide_referral(conn, owner, timeline, member_id, verdict=of_referral, at=at, **said)
        else:
            decide_award(conn, owner, timeline, (member_id, lot), verdict=of_award, at=at, **said)
        return show_id("mem", member_id)

    member_id = in_brand(brand, act)
    what, verdict = (f"Lot {lot}", of_award) if lot else ("The referral", of_referral)
    if as_json:
        print_json({"member_id": member_id, "lot": lot, "verdict": verdict})
    else:
        print(f"{what} of {member_id} is {verdict.replace('_', ' ')}.")


def in_brand(name: str, act: "Callable[[Connection, Brand, Timeline], T]") -> "T":
    """Do something in one transaction of a brand, and commit it."""
    from bondfire.db import connect, retrying, transaction
    from bondfire.programs import brand_named, load_timeline

    with open_database() as dsn, connect(dsn) as conn:

        def once() -> "T":
            with transaction(conn):
                owner = brand_named(conn, name)
                return act(conn, owner, load_timeline(conn, owner.id))

        return retrying(once)


def _finding(one: "Finding") -> dict[str, Any]:
    from bondfire.kit import format_amount, show_id

    return {
        "pattern": one.pattern,
        "member_id": show_id("mem", one.member_id) if one.member_id else None,
        "actor": one.actor or None,
        "unit": one.unit,
        "value": format_amount(one.value),
        "usual": None if one.usual is None else format_amount(one.usual),
        "score": None if one.score is None else format_amount(one.score),
        "members": one.members,
    }


def _award(one: "HeldAward") -> dict[str, Any]:
    from bondfire.kit import format_amount, show_id

    return {
        "member_id": show_id("mem", one.member_id),
        "lot": one.lot,
        "unit": one.unit,
        "amount": format_amount(one.amount),
        "rule": one.rule,
        "reason": one.reason,
        "held_at": one.held_at.isoformat(),
    }


def _referral(one: "StoredReferral") -> dict[str, Any]:
    from bondfire.kit import show_id

    return {
        "member_id": show_id("mem", one.member_id),
        "referrer_id": show_id("mem", one.referrer_id),
        "claimed_at": one.claimed_at.isoformat(),
        "stage": one.stage,
        "reasons": list(one.reasons),
        "order": one.order or None,
    }
