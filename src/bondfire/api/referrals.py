"""Members who invite others: codes, who invited whom, and what is held until a person has decided."""

import secrets
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from bondfire.api.bodies import StrictJsonRoute
from bondfire.api.changes import IdempotencyKey, change
from bondfire.api.guard import MayDecideReviews, MayReadMembers, MayWriteMembers
from bondfire.api.names import Member, about_member, unknown_member
from bondfire.api.pages import Cursor, Limit, Page, RowPlace, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.db import Connection
from bondfire.journal import is_member
from bondfire.kit import show_id
from bondfire.members import find_member
from bondfire.programs import Timeline
from bondfire.referrals import (
    StoredReferral,
    Verdict,
    decide_referral,
    give_code,
    held_referrals,
    link_of,
    read_referrals,
)

router = APIRouter(tags=["referrals"], route_class=StrictJsonRoute)


class ReferralCode(BaseModel):
    """What a member gives to those whom they invite; it says nothing of them."""

    member_id: str
    code: str = Field(examples=["LJNF-UWS2-LJNF-UWS2"])
    link: str | None = Field(description="The programme's `link` with the code; null without one.")


class ReferralAnswer(BaseModel):
    """That a member was invited by another."""

    member_id: str = Field(description="Who was invited.")
    referrer_id: str = Field(description="Who invited them.")
    claimed_at: datetime = Field(description="When they said so.")
    stage: Literal["open", "waiting", "ripe", "paid", "cancelled", "rejected"] = Field(
        description="open until an order counts; waiting while it may come back; ripe until it is paid."
    )
    is_held: bool = Field(description="Whether a person has to decide before anything is paid.")
    reasons: list[str] = Field(
        description="Why it is or was held: same_member, same_email, same_phone, same_address, ring, "
        "payment_ring, burst, unknown_referrer."
    )
    order: str | None = Field(description="The order that counts.")
    decision: str | None = Field(description="What a person decided and who that was.")


class MemberReferralsAnswer(BaseModel):
    """By whom a member was invited, and whom they invited."""

    member_id: str
    invited_by: ReferralAnswer | None
    invited: list[ReferralAnswer] = Field(description="In order; the first thousand.")


class HeldReferralsPage(Page):
    """Referrals that a person has to decide about, the oldest first."""

    referrals: list[ReferralAnswer]


class HeldPlace(RowPlace, tag="held_referrals"):
    """Where a referral stands in the list."""

    claimed_at: Annotated[datetime, msgspec.Meta(tz=True)]
    member_id: UUID


class ReferralDecision(BaseModel):
    """What a person decided, why, and who that was."""

    model_config = ConfigDict(extra="forbid", strict=True)

    verdict: Verdict
    reason: str = Field(min_length=1, max_length=1000, pattern=r"\S", examples=["two sisters in one flat"])
    actor: str = Field(min_length=1, max_length=200, pattern=r"\S", examples=["ada"])


class DecidedReferral(BaseModel):
    """What follows from a decision; what is paid to the referrer is carried to them by the worker."""

    member_id: str
    verdict: Verdict
    is_paid: bool = Field(description="False when its order still has to be kept, or it was rejected.")


@router.post("/v1/members/{member}/referral-code", responses=problems(404, 409), response_model=ReferralCode)
def give_referral_code(
    caller: MayWriteMembers, member: Member, idempotency_key: IdempotencyKey = None
) -> Response:
    """Give a member their referral code; it is made when it is first asked for, and stays."""

    def act(conn: Connection) -> ReferralCode:
        member_id = find_member(conn, caller.brand, member)
        if not is_member(conn, caller.brand, member_id):
            raise unknown_member(caller, member)
        code = give_code(conn, caller.brand, member_id, chance=secrets.token_bytes, at=caller.house.now())
        link = link_of(caller.timeline(conn).newest.program, code)
        return ReferralCode(member_id=show_id("mem", member_id), code=code, link=link)

    return change(caller, act, idempotency_key)


@router.get("/v1/members/{member}/referrals", responses=problems(404))
def get_member_referrals(caller: MayReadMembers, member: Member) -> MemberReferralsAnswer:
    """Read by whom a member was invited, whom they invited, and how far each of it has come."""

    def look(conn: Connection, _timeline: Timeline, member_id: UUID) -> MemberReferralsAnswer:
        if not is_member(conn, caller.brand, member_id):
            raise unknown_member(caller, member)
        found = read_referrals(conn, caller.brand, member_id)
        return MemberReferralsAnswer(
            member_id=show_id("mem", member_id),
            invited_by=_answer(found.invited_by) if found.invited_by else None,
            invited=[_answer(one) for one in found.invited],
        )

    return about_member(caller, member, look)


@router.get("/v1/referrals/held", responses=problems())
def list_held_referrals(
    caller: MayReadMembers, cursor: Cursor = None, limit: Limit = 100
) -> HeldReferralsPage:
    """List the referrals that a person has to decide about; nothing of them is paid before."""
    sent = read_cursor(cursor, HeldPlace)
    after = (sent.claimed_at, sent.member_id) if sent else None
    found = caller.read(lambda conn: held_referrals(conn, caller.brand, after=after, limit=limit + 1))
    page, last = cut(found, limit)
    return HeldReferralsPage(
        referrals=[_answer(one) for one in page],
        next_cursor=write_cursor(HeldPlace(last.claimed_at, last.member_id)) if last else None,
        limit=limit,
    )


@router.post("/v1/referrals/{member}/decision", responses=problems(404, 409), response_model=DecidedReferral)
def decide_held_referral(
    caller: MayDecideReviews,
    member: Member,
    decision: ReferralDecision,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Approve or reject the held referral of the member who was invited; each is for ever."""

    def act(conn: Connection) -> DecidedReferral:
        member_id = find_member(conn, caller.brand, member)
        if not is_member(conn, caller.brand, member_id):
            raise unknown_member(caller, member)
        result = decide_referral(
            conn, caller.brand, caller.timeline(conn), member_id, at=caller.now, **decision.model_dump()
        )
        told = result.decision.told if result.decision else []
        return DecidedReferral(
            member_id=show_id("mem", member_id),
            verdict=decision.verdict,
            is_paid=any(reason.code == "referral_paid" for reason in told),
        )

    return change(caller, act, idempotency_key)


def _answer(one: StoredReferral) -> ReferralAnswer:
    return ReferralAnswer.model_validate(
        {
            "member_id": show_id("mem", one.member_id),
            "referrer_id": show_id("mem", one.referrer_id),
            "claimed_at": one.claimed_at,
            "stage": one.stage,
            "is_held": one.is_held,
            "reasons": list(one.reasons),
            "order": one.order or None,
            "decision": one.decision or None,
        }
    )
