"""What a member holds, lot by lot, and where they stand, with how they came there."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from bondfire.api.guard import MayReadMembers
from bondfire.api.names import Member, about_member
from bondfire.api.pages import Cursor, Limit, Number, Page, RowPlace, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount
from bondfire.db import Connection
from bondfire.engine import Outlook
from bondfire.errors import NotFound
from bondfire.journal import LotPlace, StandingView, lots_page, place_of, read_standings
from bondfire.kit import EPOCH, format_amount, nearest, show_id
from bondfire.ledger import Lot as LedgerLot
from bondfire.programs import Timeline

router = APIRouter(prefix="/v1/members", tags=["members"])


class Lot(BaseModel):
    """What is left of one award."""

    number: int
    amount: Amount
    pending: bool = Field(description="Not released yet.")
    event: str
    rule: str | None
    earned_at: datetime
    available_at: datetime
    expires_at: datetime | None = Field(description="It is gone at this very instant; null: never.")


class LotsPage(Page):
    """What is left of a unit, lot by lot, in the order in which it is spent."""

    unit: str
    lots: list[Lot]


class ListedLot(RowPlace, tag="lots"):
    """Where a lot stands in the spending order."""

    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None
    earned_at: Annotated[datetime, msgspec.Meta(tz=True)]
    number: Number


class Standing(BaseModel):
    """Where a member stands in one tier set, and what comes next."""

    tier: str | None
    since: datetime | None = Field(description="Null: always.")
    credits: Amount = Field(description="What counts in the running window.")
    next_tier: str | None = Field(description="Null at the top.")
    missing: Amount | None
    projected_at: datetime | None = Field(
        description="When the next tier is reached at this pace; null: not within this window."
    )
    closes_at: datetime | None = Field(
        description="When the tier is judged next: at the end of the running window, or when a rolling one "
        "holds less than the tier needs; null: never."
    )
    falls_at: datetime | None = Field(description="When the member falls, if nothing more is earned.")
    earned: str | None = Field(description="The tier that was earned; a higher one may be granted.")
    granted_until: datetime | None = Field(description="When the granted tier ends; null: it is earned.")


class Step(BaseModel):
    """A tier a member came to."""

    tier: str | None = Field(description="Null: below the first.")
    since: datetime | None = Field(description="Null: always.")


class StandingWithHistory(Standing):
    """Where a member stands in one tier set, and how they came there."""

    history: list[Step] = Field(description="The oldest first.")


class MemberTiers(BaseModel):
    """Where a member stands in each tier set."""

    member: str = Field(description="As asked for.", examples=["c-17"])
    member_id: str
    tiers: dict[str, StandingWithHistory] = Field(description="By tier set.")


@router.get("/{member}/lots", responses=problems(404))
def list_member_lots(
    caller: MayReadMembers,
    member: Member,
    *,
    unit: Annotated[str, Query(description="Of which unit.", examples=["points"], max_length=200)],
    cursor: Cursor = None,
    limit: Limit = 100,
) -> LotsPage:
    """List what is left of a unit, lot by lot, in the order in which it is spent."""
    sent = read_cursor(cursor, ListedLot)
    after = LotPlace(sent.expires_at, sent.earned_at, sent.number) if sent else None

    def look(conn: Connection, timeline: Timeline, member_id: UUID) -> list[LedgerLot]:
        brand, now = caller.brand, caller.now
        found = lots_page(conn, brand, timeline, member_id, unit=unit, now=now, after=after, limit=limit + 1)
        if found is None:
            raise _unknown_unit(unit, timeline)
        return found

    page, last = cut(about_member(caller, member, look), limit)
    return LotsPage(
        unit=unit,
        lots=[lot_of(lot) for lot in page],
        next_cursor=cursor_behind(last) if last else None,
        limit=limit,
    )


@router.get("/{member}/tiers", responses=problems(404))
def get_member_tiers(caller: MayReadMembers, member: Member) -> MemberTiers:
    """Read where a member stands in each tier set, what comes next, and how they came there."""

    def look(conn: Connection, timeline: Timeline, member_id: UUID) -> MemberTiers:
        found = read_standings(conn, caller.brand, timeline, member_id, now=caller.now)
        tiers = {name: _with_history(one) for name, one in found.items()}
        return MemberTiers(member=member, member_id=show_id("mem", member_id), tiers=tiers)

    return about_member(caller, member, look)


def _unknown_unit(unit: str, timeline: Timeline) -> NotFound:
    units = timeline.newest.program.units
    like = nearest(unit, units)
    return NotFound(
        f"The programme has no unit {unit[:80]!r}.",
        next_step=f"Did you mean {like!r}?" if like else f"Units are {', '.join(sorted(units))}.",
        code="unknown_unit",
    )


def cursor_behind(lot: LedgerLot) -> str:
    """The cursor of the lots that are spent after this one."""
    return write_cursor(ListedLot(*place_of(lot)))


def lot_of(lot: LedgerLot) -> Lot:
    """A lot for the wire."""
    return Lot(
        number=lot.number,
        amount=format_amount(lot.left),
        pending=lot.is_pending,
        event=lot.event,
        rule=lot.rule or None,
        earned_at=lot.earned_at,
        available_at=lot.available_at,
        expires_at=lot.expires_at,
    )


def standing_of(one: Outlook) -> Standing:
    """A standing for the wire."""
    return Standing(**_standing(one))


def _standing(one: Outlook) -> dict[str, Any]:
    return {
        "tier": one.tier,
        "since": one.since,
        "credits": format_amount(one.credits),
        "next_tier": one.next_tier,
        "missing": None if one.missing is None else format_amount(one.missing),
        "projected_at": one.projected_at,
        "closes_at": one.closes_at,
        "falls_at": one.falls_at,
        "earned": one.earned,
        "granted_until": one.granted_until,
    }


def _with_history(view: StandingView) -> StandingWithHistory:
    history = [Step(tier=tier, since=None if at == EPOCH else at) for at, tier in view.history]
    return StandingWithHistory(**_standing(view.outlook), history=history)
