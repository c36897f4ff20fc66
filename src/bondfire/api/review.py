"""Awards beyond the limits of a programme: which are held, and the decision of a person."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from bondfire.api.bodies import StrictJsonRoute
from bondfire.api.changes import IdempotencyKey, change
from bondfire.api.guard import MayDecideReviews, MayReadMembers
from bondfire.api.names import Member, unknown_member
from bondfire.api.pages import Cursor, Limit, Page, RowPlace, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount
from bondfire.db import Connection
from bondfire.journal import is_member
from bondfire.kit import format_amount, show_id
from bondfire.members import find_member
from bondfire.review import AwardVerdict, HeldAward, decide_award, held_awards

router = APIRouter(prefix="/v1/review", tags=["review"], route_class=StrictJsonRoute)

LotNumber = Annotated[int, Path(ge=1, le=2**53, description="The number of the lot with the member.")]


class HeldAwardAnswer(BaseModel):
    """What was earned beyond a limit: it is pending until a person has decided."""

    member_id: str
    lot: int
    unit: str
    amount: Amount
    rule: str
    reason: str = Field(description="Which limit it goes beyond.", examples=["more than 100 points per day"])
    held_at: datetime = Field(description="When it was earned.")


class HeldAwardsPage(Page):
    """Awards that a person has to decide about, the oldest first."""

    awards: list[HeldAwardAnswer]


class AwardPlace(RowPlace, tag="held_awards"):
    """Where a held award stands in the list."""

    held_at: Annotated[datetime, msgspec.Meta(tz=True)]
    member_id: UUID
    lot: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class AwardDecision(BaseModel):
    """What a person decided, why, and who that was."""

    model_config = ConfigDict(extra="forbid", strict=True)

    verdict: AwardVerdict
    reason: str = Field(min_length=1, max_length=1000, pattern=r"\S", examples=["a wedding"])
    actor: str = Field(min_length=1, max_length=200, pattern=r"\S", examples=["ada"])


class DecidedAward(BaseModel):
    """What was decided."""

    member_id: str
    lot: int
    verdict: AwardVerdict


@router.get("/awards", responses=problems())
def list_held_awards(caller: MayReadMembers, cursor: Cursor = None, limit: Limit = 100) -> HeldAwardsPage:
    """List the awards that a person has to decide about; they cannot be spent before."""
    sent = read_cursor(cursor, AwardPlace)
    after = (sent.held_at, sent.member_id, sent.lot) if sent else None
    found = caller.read(lambda conn: held_awards(conn, caller.brand, after=after, limit=limit + 1))
    page, last = cut(found, limit)
    return HeldAwardsPage(
        awards=[_answer(one) for one in page],
        next_cursor=write_cursor(AwardPlace(last.held_at, last.member_id, last.lot)) if last else None,
        limit=limit,
    )


@router.post("/awards/{member}/{lot}/decision", responses=problems(404, 409), response_model=DecidedAward)
def decide_held_award(
    caller: MayDecideReviews,
    member: Member,
    lot: LotNumber,
    decision: AwardDecision,
    *,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Release a held award, or take it back: an entry with reason and name, for ever."""

    def act(conn: Connection) -> DecidedAward:
        member_id = find_member(conn, caller.brand, member)
        if not is_member(conn, caller.brand, member_id):
            raise unknown_member(caller, member)
        timeline, award = caller.timeline(conn), (member_id, lot)
        decide_award(conn, caller.brand, timeline, award, at=caller.now, **decision.model_dump())
        return DecidedAward(member_id=show_id("mem", member_id), lot=lot, verdict=decision.verdict)

    return change(caller, act, idempotency_key)


def _answer(one: HeldAward) -> HeldAwardAnswer:
    return HeldAwardAnswer(
        member_id=show_id("mem", one.member_id),
        lot=one.lot,
        unit=one.unit,
        amount=format_amount(one.amount),
        rule=one.rule,
        reason=one.reason,
        held_at=one.held_at,
    )
