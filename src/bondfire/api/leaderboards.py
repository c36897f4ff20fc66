"""Leaderboards: who is ahead, under pseudonyms, and where a member stands."""

import secrets
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from bondfire.api.guard import MayReadMembers
from bondfire.api.house import Caller
from bondfire.api.names import Member, about_member
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount
from bondfire.db import Connection
from bondfire.kit import format_amount, parse_time
from bondfire.leaderboards import BoardPage, board_page, has_pseudonyms, make_pseudonyms
from bondfire.leaderboards import Line as BoardLine
from bondfire.programs import Timeline

router = APIRouter(prefix="/v1", tags=["members"])

At = Annotated[
    str | None,
    Query(
        description="A moment of the period, RFC 3339 with an offset; now by default.",
        examples=["2026-03-29T01:59:59+01:00"],
        max_length=40,
    ),
]
Segment = Annotated[
    str,
    Query(description="Among whom, where members are compared by segment.", max_length=200),
]


class Line(BaseModel):
    """One member on a leaderboard."""

    rank: int = Field(description="Who shares a score shares a rank: 1, 2, 2, 4.", examples=[1])
    name: str = Field(description="A pseudonym of this period.", examples=["amber otter 4170"])
    score: Amount | None = Field(description="Null: it is not for others to see.")
    is_me: bool


class Leaderboard(BaseModel):
    """A leaderboard in one period."""

    leaderboard: str = Field(examples=["spenders"])
    start: datetime
    end: datetime = Field(description="The period ends at this very instant.")
    state: str = Field(description="running; over: its result is being made; closed: it stands.")
    segment: str = Field(description="Among whom; empty: all.")
    top: list[Line]
    near: list[Line] = Field(description="The member and their neighbours, when they are not in `top`.")
    me: Line | None = Field(description="The member; null for who has no rank.")
    is_shown: bool = Field(description="Whether the member takes part.")


@router.get("/leaderboards/{leaderboard}", responses=problems(404))
def get_leaderboard(
    caller: MayReadMembers, leaderboard: str, *, at: At = None, segment: Segment = ""
) -> Leaderboard:
    """Read a leaderboard: the first ones, under pseudonyms."""

    def act(conn: Connection) -> BoardPage:
        timeline, moment = caller.timeline(conn), _moment(at)
        return board_page(
            conn, caller.brand, timeline, leaderboard, now=caller.now, at=moment, segment=segment
        )

    _make_ready(caller)
    return _shown(caller.read(act))


@router.get("/members/{member}/leaderboards/{leaderboard}", responses=problems(404))
def get_member_leaderboard(
    caller: MayReadMembers, member: Member, leaderboard: str, *, at: At = None
) -> Leaderboard:
    """Read a leaderboard as a member sees it: the first ones, their own rank, and who is near."""

    def look(conn: Connection, timeline: Timeline, member_id: UUID) -> BoardPage:
        return board_page(
            conn, caller.brand, timeline, leaderboard, now=caller.now, at=_moment(at), member_id=member_id
        )

    _make_ready(caller)
    return _shown(about_member(caller, member, look))


def _make_ready(caller: Caller) -> None:
    """The first time that anybody looks there may be nothing yet to make pseudonyms with."""
    if not caller.read(lambda conn: has_pseudonyms(conn, caller.brand)):
        secret = secrets.token_bytes(32)
        caller.transact(lambda conn: make_pseudonyms(conn, caller.brand, secret))


def _moment(at: str | None) -> datetime | None:
    return None if at is None else parse_time(at, "at")


def _shown(page: BoardPage) -> Leaderboard:
    return Leaderboard(
        leaderboard=page.board,
        start=page.start,
        end=page.end,
        state=page.state,
        segment=page.segment,
        top=[_line(one) for one in page.top],
        near=[_line(one) for one in page.near],
        me=_line(page.me) if page.me else None,
        is_shown=page.is_shown,
    )


def _line(one: BoardLine) -> Line:
    score = None if one.score is None else format_amount(one.score)
    return Line(rank=one.rank, name=one.name, score=score, is_me=one.is_me)
