"""Creators: tracked codes, what they brought, and content that a person approves or rejects."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bondfire.api.addresses import named
from bondfire.api.bodies import StrictJsonRoute
from bondfire.api.changes import IdempotencyKey, change
from bondfire.api.guard import MayDecideReviews, MayReadMembers, MayWriteMembers
from bondfire.api.names import Member
from bondfire.api.pages import Cursor, Limit, Page, RowPlace, Text, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount
from bondfire.creators import (
    Content,
    ContentVerdict,
    TrackedCode,
    brought_by_codes,
    commission_on,
    decide_content,
    give_tracked_code,
    list_codes,
    waiting_content,
)
from bondfire.db import Connection
from bondfire.kit import format_amount, show_id
from bondfire.members import find_member
from bondfire.review import period_of

router = APIRouter(prefix="/v1/creators", tags=["creators"], route_class=StrictJsonRoute)

ContentId = Annotated[
    str,
    Path(description="The id of the content.submitted event.", examples=["reel-7"]),
    AfterValidator(named),
]
Day = Annotated[
    str | None,
    Query(max_length=40, description="A day in the programme's time zone.", examples=["2026-03-29"]),
]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class CodeFields(_Sent):
    """A code for a creator and a campaign."""

    member: str = Field(max_length=200, examples=["c-17"])
    code: str = Field(max_length=60, examples=["ANNA10"])
    campaign: str = Field(max_length=60, examples=["spring"])


class TrackedCodeAnswer(BaseModel):
    """A code of a creator."""

    code: str
    member_id: str
    campaign: str
    created_at: datetime


class CodesPage(Page):
    """Tracked codes, in their order."""

    codes: list[TrackedCodeAnswer]


class CodePlace(RowPlace, tag="tracked_codes"):
    """Where a code stands in the list."""

    code: Text


class BroughtByCode(BaseModel):
    """What one code brought: orders that were kept."""

    member_id: str
    code: str
    campaign: str
    orders: int
    total: Amount
    commission: Amount = Field(description="What is owed for it, by the programme's `commission`.")


class CreatorsReport(BaseModel):
    """What tracked codes brought in a time, by when orders were credited."""

    since: datetime
    until: datetime
    currency: str
    codes: list[BroughtByCode]


class ContentAnswer(BaseModel):
    """What a creator submitted."""

    member_id: str
    content: str
    url: str
    campaign: str | None
    authenticity: str = Field(description="own_experience, gifted or paid")
    submitted_at: datetime


class ContentPage(Page):
    """Content that waits for a person, the oldest first."""

    content: list[ContentAnswer]


class ContentPlace(RowPlace, tag="creator_content"):
    """Where a submission stands in the list."""

    submitted_at: Annotated[datetime, msgspec.Meta(tz=True)]
    member_id: UUID
    content: Text


class ContentDecision(_Sent):
    """What a person decided, why, and who that was."""

    verdict: ContentVerdict
    reason: str = Field(min_length=1, max_length=1000, pattern=r"\S", examples=["as agreed"])
    actor: str = Field(min_length=1, max_length=200, pattern=r"\S", examples=["ada"])


class DecidedContent(BaseModel):
    """What was decided."""

    member_id: str
    content: str
    verdict: ContentVerdict


@router.post("/codes", responses=problems(409), response_model=TrackedCodeAnswer)
def give_creator_code(
    caller: MayWriteMembers, code: CodeFields, idempotency_key: IdempotencyKey = None
) -> Response:
    """Give a creator a code for a campaign; the very same again changes nothing."""

    def act(conn: Connection) -> TrackedCodeAnswer:
        member_id = find_member(conn, caller.brand, code.member)
        now = caller.house.now()
        return _code(
            give_tracked_code(conn, caller.brand, member_id, code=code.code, campaign=code.campaign, at=now)
        )

    return change(caller, act, idempotency_key)


@router.get("/codes", responses=problems())
def list_creator_codes(caller: MayReadMembers, cursor: Cursor = None, limit: Limit = 100) -> CodesPage:
    """List the tracked codes of the brand."""
    sent = read_cursor(cursor, CodePlace)
    after = sent.code if sent else ""
    found = caller.read(lambda conn: list_codes(conn, caller.brand, after=after, limit=limit + 1))
    page, last = cut(found, limit)
    return CodesPage(
        codes=[_code(one) for one in page],
        next_cursor=write_cursor(CodePlace(last.code)) if last else None,
        limit=limit,
    )


@router.get("/report", responses=problems())
def report_creators(caller: MayReadMembers, since: Day = None, until: Day = None) -> CreatorsReport:
    """Report what tracked codes brought in a time and what is owed for it; the last 30 days without days."""

    def act(conn: Connection) -> CreatorsReport:
        program = caller.timeline(conn).newest.program
        period = period_of(since, until, now=caller.now, zone=program.zone)
        found = brought_by_codes(conn, caller.brand, since=period.since, until=period.until)
        return CreatorsReport(
            since=period.since,
            until=period.until,
            currency=program.currency,
            codes=[
                BroughtByCode(
                    member_id=show_id("mem", one.member_id),
                    code=one.code,
                    campaign=one.campaign,
                    orders=one.orders,
                    total=format_amount(one.total),
                    commission=format_amount(commission_on(program, one.total)),
                )
                for one in found
            ],
        )

    return caller.read(act)


@router.get("/content", responses=problems())
def list_submitted_content(caller: MayReadMembers, cursor: Cursor = None, limit: Limit = 100) -> ContentPage:
    """List what creators submitted and nobody has decided about."""
    sent = read_cursor(cursor, ContentPlace)
    after = (sent.submitted_at, sent.member_id, sent.content) if sent else None
    found = caller.read(lambda conn: waiting_content(conn, caller.brand, after=after, limit=limit + 1))
    page, last = cut(found, limit)
    place = ContentPlace(last.submitted_at, last.member_id, last.content) if last else None
    return ContentPage(
        content=[_content(one) for one in page],
        next_cursor=write_cursor(place) if place else None,
        limit=limit,
    )


@router.post(
    "/content/{member}/{content}/decision", responses=problems(404, 409), response_model=DecidedContent
)
def decide_submitted_content(
    caller: MayDecideReviews,
    member: Member,
    content: ContentId,
    decision: ContentDecision,
    *,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Approve or reject what a creator submitted, for ever."""

    def act(conn: Connection) -> DecidedContent:
        member_id = find_member(conn, caller.brand, member)
        what, timeline = (member_id, content), caller.timeline(conn)
        decide_content(conn, caller.brand, timeline, what, at=caller.now, **decision.model_dump())
        return DecidedContent(member_id=show_id("mem", member_id), content=content, verdict=decision.verdict)

    return change(caller, act, idempotency_key)


def _code(one: TrackedCode) -> TrackedCodeAnswer:
    return TrackedCodeAnswer(
        code=one.code,
        member_id=show_id("mem", one.member_id),
        campaign=one.campaign,
        created_at=one.created_at,
    )


def _content(one: Content) -> ContentAnswer:
    return ContentAnswer(
        member_id=show_id("mem", one.member_id),
        content=one.content,
        url=one.url,
        campaign=one.campaign or None,
        authenticity=one.authenticity,
        submitted_at=one.submitted_at,
    )
