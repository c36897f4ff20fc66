"""What we do when the journal says that somebody was invited, or that their order was kept."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from bondfire.db import Connection, Overtaken
from bondfire.engine import check_of, doubts_about
from bondfire.events import Event
from bondfire.journal import Announcement, news_after, process_own
from bondfire.kit import parse_id
from bondfire.members import survivor_of
from bondfire.programs import Brand, Timeline
from bondfire.referrals import store
from bondfire.referrals.facts import facts_about
from bondfire.referrals.model import StoredReferral


def follow_referrals(conn: Connection, brand: Brand, timeline: Timeline, *, limit: int = 500) -> int:
    """Read what the journal says of referrals and then look at them, in the caller's transaction.

    First everything is read, so that a ring or a burst is known whole, whatever bucket it lies in. Then each
    referral that is new or would be paid is looked at: with a reason it is held for a person, without one it
    is paid when it is ripe. The reasons stand in the event that says so, so the journal is replayed without
    these tables. Call it again until it gives 0, then `carry_transfers`, for the referrer's part.

    Args:
        conn: in a transaction; never committed here.
        brand: whose members.
        timeline: the versions of its programme.
        limit: how many rows, or referrals, at most.

    Returns:
        In how many buckets there was news, or how many referrals were looked at.

    Raises:
        Overtaken: another worker has read the same meanwhile; to be run again.
    """
    if not any(version.program.referrals for version in timeline.versions):
        return 0
    return _read_news(conn, brand, limit) or _look_at(conn, brand, timeline, limit)


def _read_news(conn: Connection, brand: Brand, limit: int) -> int:
    found, read = news_after(conn, brand, store.positions(conn, brand.id), limit=limit)
    if read and not store.move_positions(conn, brand.id, read):
        raise Overtaken("somebody else has read this, and perhaps more; it must not be told again after that")
    for told in found:
        if told.kind in _CHANGES:
            _take_in(conn, brand, told)
    return len(read)


def _take_in(conn: Connection, brand: Brand, told: Announcement) -> None:
    body: dict[str, Any] = msgspec.json.decode(told.body)
    if told.kind == "ReferralHandedOver":
        store.remove_referral(conn, brand.id, told.member_id)
    elif told.kind in {"ReferralClaimed", "ReferralTakenOver"}:
        by, since = parse_id("mem", body["note"]), body.get("since")
        by = survivor_of(conn, brand, by) or by
        at = datetime.fromisoformat(since) if since else told.occurred_at
        store.add_referral(conn, brand.id, told.member_id, referrer_id=by, claimed_at=at)
    store.change_referral(conn, brand.id, told.member_id, **_CHANGES[told.kind](body))


_Change = Callable[[Mapping[str, Any]], Mapping[str, object]]
_CHANGES: Final[Mapping[str, _Change]] = {
    "ReferralClaimed": lambda _: {},
    "ReferralQualified": lambda body: {"stage": "waiting", "order": body["order"]},
    "ReferralRipe": lambda body: {"stage": "ripe", "check_at": datetime.fromisoformat(body["at"])},
    "ReferralHeld": lambda body: {"is_held": True, "reasons": body["note"]},
    "ReferralApproved": lambda body: {"is_held": False, "decision": body["note"]},
    "ReferralRejected": lambda body: {"is_held": False, "stage": "rejected", "decision": body["note"]},
    "ReferralCancelled": lambda _: {"is_held": False, "stage": "cancelled"},
    "ReferralHandedOver": lambda _: {},
    "ReferralTakenOver": lambda body: {
        "stage": body["stage"],
        "order": body["order"],
        "is_held": body["is_held"] == "yes",
        "reasons": body["reasons"],
        "check_at": datetime.fromisoformat(body["check_at"]),
    },
    "ReferralPaid": lambda _: {"is_held": False, "stage": "paid"},
}
"""What each announcement changes about a referral."""


def _look_at(conn: Connection, brand: Brand, timeline: Timeline, limit: int) -> int:
    waiting = store.referrals_to_check(conn, brand.id, most=limit)
    checks: list[tuple[UUID, Event]] = []
    for referral, at in waiting:
        reasons, is_ripe = _reasons(conn, brand, timeline, referral), referral.stage == "ripe"
        if reasons or is_ripe:
            checks.append((referral.member_id, check_of(referral.member_id, reasons, at=at, is_ripe=is_ripe)))
    if checks:
        process_own(conn, brand, timeline, checks)
    if waiting:
        store.set_checked(conn, brand.id, [(referral.member_id, at) for referral, at in waiting])
    return len(waiting)


def _reasons(conn: Connection, brand: Brand, timeline: Timeline, referral: StoredReferral) -> list[str]:
    program = timeline.at(referral.claimed_at).program
    return doubts_about(program, facts_about(conn, brand, program, referral))
