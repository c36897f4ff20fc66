"""Sums over all members of the brand, and returns that need a person."""

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter
from pydantic import BaseModel, Field

from bondfire.api.guard import MayReadMembers
from bondfire.api.pages import Cursor, Limit, Number, Page, RowPlace, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount
from bondfire.journal import ReturnPlace, UnmatchedPlaced, report, unmatched_page
from bondfire.kit import format_amount, show_id

router = APIRouter(prefix="/v1", tags=["reports"])


class UnitTotals(BaseModel):
    """What became of one unit over all members."""

    issued: Amount
    active: Amount
    pending: Amount
    held: Amount
    debt: Amount
    spent: Amount
    expired: Amount
    clawed_back: Amount
    written_off: Amount
    in_transit: Amount = Field(description="Sent by one member and not received by the other yet.")
    liability: Amount = Field(
        description="What members can still claim: active, pending, held and in transit."
    )


class TypeCount(BaseModel):
    """How many events of a type came to an outcome."""

    type: str = Field(examples=["order.placed"])
    outcome: str = Field(examples=["accepted"])
    events: int


class TotalsReport(BaseModel):
    """The brand at a glance."""

    members: int
    until: datetime | None = Field(description="The latest time that any event says.")
    totals: dict[str, UnitTotals] = Field(description="By unit.")
    events: list[TypeCount]


class TierMembers(BaseModel):
    """How many members stand in one tier."""

    tier_set: str
    tier: str | None = Field(description="Null: below the first tier.")
    members: int


class TiersReport(BaseModel):
    """Members by tier."""

    tiers: list[TierMembers]


class UnmatchedReturn(BaseModel):
    """A return that fits no purchase, for a person to look at."""

    member_id: str
    source: str
    event: str
    occurred_at: datetime
    amount: Amount
    note: str


class UnmatchedPage(Page):
    """Returns that fit no purchase, the newest first."""

    returns: list[UnmatchedReturn]


class UnmatchedPlace(RowPlace, tag="unmatched"):
    """Where a return stands in the list."""

    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    bucket: Annotated[int, msgspec.Meta(ge=0, lt=1024)]
    seq: Number


@router.get("/reports/totals", responses=problems(), tags=["reports"])
def read_totals(caller: MayReadMembers) -> TotalsReport:
    """Read what was issued in each unit and what became of it."""
    found = caller.read(lambda conn: report(conn, caller.brand))
    return TotalsReport(
        members=found.members,
        until=found.until,
        totals={
            unit: UnitTotals(
                **{figure: format_amount(getattr(total, figure)) for figure in UnitTotals.model_fields}
            )
            for unit, total in found.totals.items()
        },
        events=[TypeCount(type=one.type, outcome=one.outcome, events=one.events) for one in found.events],
    )


@router.get("/reports/tiers", responses=problems())
def read_tiers(caller: MayReadMembers) -> TiersReport:
    """Read how many members stand in each tier."""
    found = caller.read(lambda conn: report(conn, caller.brand))
    return TiersReport(
        tiers=[TierMembers(tier_set=one.tier_set, tier=one.tier, members=one.members) for one in found.tiers]
    )


@router.get("/returns/unmatched", responses=problems())
def list_unmatched_returns(
    caller: MayReadMembers, cursor: Cursor = None, limit: Limit = 100
) -> UnmatchedPage:
    """List returns that fit no purchase; they were accepted and changed nothing."""
    sent = read_cursor(cursor, UnmatchedPlace)
    after = ReturnPlace(sent.occurred_at, sent.bucket, sent.seq) if sent else None
    found = caller.read(lambda conn: unmatched_page(conn, caller.brand, after=after, limit=limit + 1))
    page, last = cut(found, limit)
    return UnmatchedPage(
        returns=[_return(one) for one in page],
        next_cursor=write_cursor(UnmatchedPlace(*last.place)) if last else None,
        limit=limit,
    )


def _return(placed: UnmatchedPlaced) -> UnmatchedReturn:
    one = placed.unmatched
    return UnmatchedReturn(
        member_id=show_id("mem", one.member_id),
        source=one.source,
        event=one.event,
        occurred_at=one.occurred_at,
        amount=format_amount(one.amount),
        note=one.note,
    )
