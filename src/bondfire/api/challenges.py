"""How far a member is with each challenge, and the badges they have."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bondfire.api.guard import MayReadMembers
from bondfire.api.names import Member, about_member
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount
from bondfire.db import Connection
from bondfire.engine import Prospect
from bondfire.journal import read_challenges
from bondfire.kit import format_amount, show_id
from bondfire.programs import Timeline

router = APIRouter(prefix="/v1/members", tags=["members"])


class ChallengeStep(BaseModel):
    """What is given when so much is reached; the last one is the target."""

    at: Amount
    given: bool = Field(description="Of a challenge that can be done again: in the run that goes on.")


class MemberChallenge(BaseModel):
    """How far a member is with a challenge."""

    kind: Literal["count", "sum", "distinct", "sequence", "streak"]
    progress: Amount = Field(description="How much of the target counts now.")
    target: Amount
    times: int = Field(description="How often it was done.")
    steps: list[ChallengeStep]
    values: list[str] = Field(description="Of count_distinct: the values that count now.")
    takes_part: bool = Field(description="False: it has to be joined first (challenge.joined).")
    is_running: bool = Field(description="Whether its schedule holds this moment.")
    starts_at: datetime | None
    ends_at: datetime | None
    lapses_at: datetime | None = Field(
        description="When nothing of it counts any more unless more happens; null: never."
    )
    jokers_left: int | None = Field(description="Of a streak; null for the rest.")


class MemberChallenges(BaseModel):
    """How far a member is with every challenge of the programme, and their badges."""

    member: str = Field(description="As asked for.", examples=["c-17"])
    member_id: str
    challenges: dict[str, MemberChallenge] = Field(description="By challenge.")
    badges: dict[str, datetime] = Field(description="By badge: since when they have it.")


@router.get("/{member}/challenges", responses=problems(404))
def get_member_challenges(caller: MayReadMembers, member: Member) -> MemberChallenges:
    """Read how far a member is with every challenge, what comes next, and their badges."""

    def look(conn: Connection, timeline: Timeline, member_id: UUID) -> MemberChallenges:
        found = read_challenges(conn, caller.brand, timeline, member_id, now=caller.now)
        return MemberChallenges(
            member=member,
            member_id=show_id("mem", member_id),
            challenges={name: _challenge(one) for name, one in found.challenges.items()},
            badges=found.badges,
        )

    return about_member(caller, member, look)


def _challenge(one: Prospect) -> MemberChallenge:
    return MemberChallenge.model_validate(
        {
            "kind": one.kind,
            "progress": format_amount(one.reached),
            "target": format_amount(one.target),
            "times": one.times,
            "steps": [{"at": format_amount(at), "given": given} for at, given in one.steps],
            "values": one.values,
            "takes_part": one.takes_part,
            "is_running": one.is_running,
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "lapses_at": one.lapses_at,
            "jokers_left": one.jokers_left,
        }
    )
