"""What speaks against paying a referral by itself: two accounts of one person, rings, bursts (G3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from bondfire.engine.pseudonyms import shown_member
from bondfire.events import Event, own_event
from bondfire.programs import Doubts, Program


@dataclass(frozen=True)
class Person:
    """By what two accounts of one person are known, as far as it is known.

    Attributes:
        emails, phones: in normal form, from profile and aliases.
        address: where they live, as text; "" when nobody said.
    """

    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    address: str = ""


@dataclass(frozen=True)
class Facts:
    """What lies outside the past of the member who was invited.

    Attributes:
        is_known: whether anybody has joined as the referrer; None when that is not asked yet.
        member, referrer: the two persons.
        chain: who invited the referrer, who invited that one, and so on.
        paid: whom points that the member sent have reached, as far as rings are looked for.
        sign_ups: when each member joined whom the referrer invited, this one among them.
    """

    member_id: UUID
    referrer_id: UUID
    claimed_at: datetime
    member: Person
    referrer: Person
    chain: Sequence[UUID]
    paid: frozenset[UUID]
    sign_ups: Sequence[datetime]
    is_known: bool | None = None


def doubts_about(program: Program, facts: Facts) -> list[str]:
    """The reasons to let a person decide, as stable words in order; none: it may be paid by itself.

    Args:
        program: the one that the referral was claimed under.
        facts: what is known now.
    """
    assert program.referrals is not None, "it was claimed under them"  # noqa: S101
    doubts = program.referrals.doubts
    if facts.member_id == facts.referrer_id:
        return ["same_member"]
    found = []
    if facts.is_known is False:
        found.append("unknown_referrer")
    if doubts.same_person:
        found += _shared(facts.member, facts.referrer)
    if facts.member_id in facts.chain[: doubts.ring]:
        found.append("ring")
    if facts.referrer_id in facts.paid:
        found.append("payment_ring")
    if _is_burst(doubts, facts, program.zone):
        found.append("burst")
    return sorted(found)


def _shared(member: Person, referrer: Person) -> list[str]:
    shared = {
        "same_email": bool(member.emails & referrer.emails),
        "same_phone": bool(member.phones & referrer.phones),
        "same_address": bool(member.address) and member.address == referrer.address,
    }
    return [reason for reason, holds in shared.items() if holds]


def _is_burst(doubts: Doubts, facts: Facts, zone: ZoneInfo) -> bool:
    """Whether any window around the sign-up holds more of them than the programme lets pass."""
    times = sorted(facts.sign_ups)
    for place, first in enumerate(times):
        until = doubts.within.after(first, zone)
        inside = [at for at in times[place:] if at < until]
        if first <= facts.claimed_at < until and len(inside) > doubts.sign_ups:
            return True
    return False


def check_of(member_id: UUID, reasons: Sequence[str], *, at: datetime, is_ripe: bool) -> Event:
    """The event that says what speaks against a referral: one when it is claimed, one when it is ripe."""
    raw = {
        "id": f"referral-{'ripe' if is_ripe else 'claimed'}",
        "type": "referral.checked",
        "member": shown_member(member_id),
        "occurred_at": at,
        "reasons": list(reasons),
    }
    return own_event(raw, recorded_at=at)
