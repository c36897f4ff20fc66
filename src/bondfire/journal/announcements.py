"""What a row of the journal announces to the rest of the house; the journal is the outbox."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from bondfire.engine import Reason, shown_member
from bondfire.journal.log.rows import JournalRow, read_kept

_REWARD: Final = "reward_"
"""How the reasons begin that say what became of a redemption."""
REFERRAL_NEWS: Final = {
    "referral_claimed": "ReferralClaimed",
    "referral_qualified": "ReferralQualified",
    "referral_ripe": "ReferralRipe",
    "referral_held": "ReferralHeld",
    "referral_approved": "ReferralApproved",
    "referral_rejected": "ReferralRejected",
    "referral_cancelled": "ReferralCancelled",
    "referral_paid": "ReferralPaid",
    "referral_handed_over": "ReferralHandedOver",
    "referral_taken_over": "ReferralTakenOver",
}
REVIEW_NEWS: Final = {
    "award_held": "AwardHeld",
    "award_released": "AwardDecided",
    "award_taken_back": "AwardDecided",
    "award_gone": "AwardDecided",
    "award_handed_over": "AwardDecided",
    "award_taken_over": "AwardHeld",
}
_OF_CREATORS: Final = frozenset({"order.placed", "content.submitted"})
_encode: Final = msgspec.json.Encoder(decimal_format="string").encode


def announcements_of(row: JournalRow) -> Iterator[tuple[str, str]]:
    """Kind and JSON of each announcement of a row, in order.

    `PointsPosted` names a range of the member's entries; `TierReached` and `TierLost` a change of tier (a
    member without a tier has lost one); `RewardChanged` what became of a redemption; `ReturnParked` and
    `ReturnUnmatched` the event. The kinds in `REFERRAL_NEWS` say how far a member's referral has come, those
    in `REVIEW_NEWS` which award waits for a person, or does no longer; with the reason. `OrderAttributed`
    and `ContentSubmitted` are about creators.
    """
    about = {"member": shown_member(row.member_id), "event": row.event_id}
    kept = read_kept(row.decision)
    if row.entries:
        numbers = {"first_entry": row.first_entry, "entries": row.entries}
        yield "PointsPosted", _encode(about | numbers).decode()
    for change in kept.tier_changes:
        kind = "TierReached" if change.is_rise else "TierLost"
        yield kind, _encode(about | msgspec.structs.asdict(change)).decode()
    if row.outcome == "parked":
        yield "ReturnParked", _encode(about).decode()
    if any(reason.code == "unmatched" for reason in kept.told):
        yield "ReturnUnmatched", _encode(about).decode()
    if row.type in _OF_CREATORS and row.outcome == "accepted":
        yield from _of_creators(row, about)
    for reason in kept.told:
        for kind, told in _of_reason(reason):
            yield kind, _encode(about | told).decode()


def _of_reason(reason: Reason) -> Iterator[tuple[str, dict[str, object]]]:
    """What became of a redemption, an award over a limit, or a referral."""
    if reason.code.startswith(_REWARD):
        said = {"reward": reason.rule.partition("/")[2], "change": reason.code.removeprefix(_REWARD)}
        yield "RewardChanged", {**said, **reason.values, "quantity": int(reason.amount or 0)}
    if reason.code in REVIEW_NEWS:
        lot = {"lot": reason.lot, "unit": reason.unit, "amount": reason.amount, "rule": reason.rule}
        yield REVIEW_NEWS[reason.code], {**lot, "note": reason.note}
    if reason.code in REFERRAL_NEWS:
        yield REFERRAL_NEWS[reason.code], {"order": reason.order, "note": reason.note, **reason.values}


def _of_creators(row: JournalRow, about: dict[str, str]) -> Iterator[tuple[str, str]]:
    """An order that names a tracked code, and what a creator submitted."""
    if row.type == "order.placed" and '"referral"' not in row.body:
        return
    body: dict[str, Any] = msgspec.json.decode(row.body)
    if row.type == "content.submitted":
        said = {name: body[name] for name in ("url", "authenticity", "campaign") if name in body}
        yield "ContentSubmitted", _encode(about | said).decode()
    elif "referral" in body:
        order = {"code": body["referral"], "order": body["order"], "total": body["total"]}
        yield "OrderAttributed", _encode(about | order).decode()
