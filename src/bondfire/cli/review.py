"""`bondfire review`: what is held until a person has decided."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

from cyclopts import App, Parameter

from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import count, print_json

if TYPE_CHECKING:
    from bondfire.db import Connection
    from bondfire.programs import Brand, Timeline
    from bondfire.referrals import StoredReferral, Verdict

T = TypeVar("T")

review = App(
    name="review",
    help="List what is held for a person, and decide about it.",
    help_epilogue="Example: bondfire review list --brand corner-cafe",
    help_format="plaintext",
)

Who = Annotated[str, Parameter(help="The member: a reference, an alias or an id.")]
Reason = Annotated[str, Parameter(help="Why; it stands in the journal.")]
Actor = Annotated[str, Parameter(name="--by", help="Who decided it.")]


@review.command(name="list")
def list_held(*, brand: BrandName, as_json: AsJson = False) -> None:
    """List what is held for a person to decide, the oldest first; nothing of it is paid before.

    Example: bondfire review list --brand corner-cafe
    """
    from bondfire.referrals import held_referrals

    held = _in_brand(brand, lambda conn, owner, _: held_referrals(conn, owner, limit=_MOST))
    if as_json:
        print_json({"referrals": [_plain(one) for one in held]})
        return
    for one in held:
        said = _plain(one)
        why = ", ".join(one.reasons)
        print(f"{said['member_id']} was invited by {said['referrer_id']} ({one.stage}): {why}")
    print(f"{count(len(held), 'referral')} held.")


@review.command
def approve(who: Who, /, *, brand: BrandName, reason: Reason, by: Actor, as_json: AsJson = False) -> None:
    """Approve the held referral of a member who was invited; both sides are paid.

    Example: bondfire review approve c-17 --brand corner-cafe --reason "two sisters" --by ada
    """
    _decide(who, "approved", brand=brand, reason=reason, by=by, as_json=as_json)


@review.command
def reject(who: Who, /, *, brand: BrandName, reason: Reason, by: Actor, as_json: AsJson = False) -> None:
    """Reject the held referral of a member who was invited; it is never paid.

    Example: bondfire review reject c-17 --brand corner-cafe --reason "one person twice" --by ada
    """
    _decide(who, "rejected", brand=brand, reason=reason, by=by, as_json=as_json)


_MOST = 1_000


def _decide(who: str, verdict: "Verdict", *, brand: str, reason: str, by: str, as_json: bool) -> None:
    from bondfire.kit import show_id
    from bondfire.members import find_member
    from bondfire.referrals import decide_referral

    def act(conn: "Connection", owner: "Brand", timeline: "Timeline") -> str:
        member_id, at = find_member(conn, owner, who), owner.time(datetime.now(UTC))
        decide_referral(conn, owner, timeline, member_id, verdict=verdict, reason=reason, actor=by, at=at)
        return show_id("mem", member_id)

    member_id = _in_brand(brand, act)
    if as_json:
        print_json({"member_id": member_id, "verdict": verdict})
    else:
        print(f"The referral of {member_id} is {verdict}.")


def _in_brand(name: str, act: "Callable[[Connection, Brand, Timeline], T]") -> "T":
    """Do something in one transaction of a brand, and commit it."""
    from bondfire.db import connect, retrying, transaction
    from bondfire.programs import brand_named, load_timeline

    with open_database() as dsn, connect(dsn) as conn:

        def once() -> "T":
            with transaction(conn):
                owner = brand_named(conn, name)
                return act(conn, owner, load_timeline(conn, owner.id))

        return retrying(once)


def _plain(one: "StoredReferral") -> dict[str, object]:
    from bondfire.kit import show_id

    return {
        "member_id": show_id("mem", one.member_id),
        "referrer_id": show_id("mem", one.referrer_id),
        "claimed_at": one.claimed_at.isoformat(),
        "stage": one.stage,
        "reasons": list(one.reasons),
        "order": one.order or None,
    }
