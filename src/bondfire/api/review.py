"""Awards beyond the limits of a programme: which are held, and the decision of a person."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Path, Query, Response
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
from bondfire.review import (
    MEASURES,
    AwardVerdict,
    Finding,
    HeldAward,
    decide_award,
    held_awards,
    period_of,
    unusual_patterns,
)

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


class UnusualFinding(BaseModel):
    """Somebody who stands out."""

    pattern: str = Field(description="earning, returns, corrections or referrals")
    member_id: str | None = Field(description="Null of corrections, which are about who made them.")
    actor: str | None = Field(description="Who made the corrections.")
    unit: str | None = Field(description="Of earning.")
    value: Amount = Field(description="How much, or how often.")
    usual: Amount | None = Field(description="Of earning: the median of those who earned anything.")
    score: Amount | None = Field(description="Of earning: the modified z-score.")
    members: int | None = Field(description="Of corrections: of how many members.")


class PatternsReport(BaseModel):
    """Who stands out in a time, and what was measured."""

    since: datetime
    until: datetime
    measures: dict[str, str] = Field(
        description="By pattern: what is measured, and from where on it is shown."
    )
    findings: list[UnusualFinding] = Field(description="The first hundred of each pattern, the most first.")


Day = Annotated[
    str | None,
    Query(max_length=40, description="A day in the programme's time zone.", examples=["2026-03-29"]),
]


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


@router.get("/patterns", responses=problems())
def report_unusual_patterns(caller: MayReadMembers, since: Day = None, until: Day = None) -> PatternsReport:
    """Report who stands out in a time and by which measure; it is a reason to look and decides nothing."""

    def act(conn: Connection) -> PatternsReport:
        zone = caller.timeline(conn).newest.program.zone
        period = period_of(since, until, now=caller.now, zone=zone)
        found = unusual_patterns(conn, caller.brand, since=period.since, until=period.until)
        return PatternsReport(
            since=period.since,
            until=period.until,
            measures=dict(MEASURES),
            findings=[_finding(one) for one in found],
        )

    return caller.read(act)


def _finding(one: Finding) -> UnusualFinding:
    return UnusualFinding(
        pattern=one.pattern,
        member_id=show_id("mem", one.member_id) if one.member_id else None,
        actor=one.actor or None,
        unit=one.unit or None,
        value=format_amount(one.value),
        usual=None if one.usual is None else format_amount(one.usual),
        score=None if one.score is None else format_amount(one.score),
        members=one.members,
    )


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
