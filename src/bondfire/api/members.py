"""A member at a glance, and every entry with its reason."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from bondfire.api.guard import MayReadMembers
from bondfire.api.house import Caller
from bondfire.api.people import Member
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount, Entry, Reason, Wallet, entry_of, reason_of, wallet_of
from bondfire.db import Connection
from bondfire.engine import Outlook
from bondfire.errors import NotFound
from bondfire.journal import EntryPlace, MemberView, WalletView, explain_member, read_member
from bondfire.journal import ExplainedEntry as EngineEntry
from bondfire.kit import format_amount, show_id
from bondfire.ledger import Lot as LedgerLot
from bondfire.members import find_member

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


class Coming(BaseModel):
    """So much becomes spendable, or is gone, at this instant."""

    at: datetime
    amount: Amount


class FullWallet(Wallet):
    """A member's balances in one unit, with what is left of each award and everything that comes."""

    lots: list[Lot] = Field(description="In the order in which they are spent.")
    releases: list[Coming]
    expiries: list[Coming]


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
    closes_at: datetime | None = Field(description="When the running window ends.")
    falls_at: datetime | None = Field(description="When the member falls, if nothing more is earned.")


class MemberAnswer(BaseModel):
    """A member at a glance."""

    member: str = Field(description="As asked for.", examples=["c-17"])
    member_id: str = Field(examples=["mem_7f4k2v6q3znh5x2c4y6a7b3d2e"])
    joined_at: datetime
    now: datetime = Field(description="The time this is true for.")
    attributes: dict[str, Any]
    wallets: dict[str, FullWallet] = Field(description="By unit.")
    tiers: dict[str, Standing] = Field(description="By tier set.")


class ExplainedEntry(Entry):
    """An entry with its reason."""

    source: str = Field(description="Who sent the event.")
    type: str = Field(description="The event's type.")
    reason: Reason | None
    sentence: str = Field(
        description="The reason in plain words.",
        examples=[
            "29 Mar 2026: 119 points from rule base (version 1) for order 1001: event.total was 119.8."
        ],
    )


class EntriesPage(BaseModel):
    """A page of entries, the newest first."""

    entries: list[ExplainedEntry]
    next_cursor: str | None = Field(description="For the next page; null at the end.")


@router.get("/{member}", responses=problems(404))
def get_member(caller: MayReadMembers, member: Member) -> MemberAnswer:
    """Read a member's wallets with open lots and coming expiries, and their tiers with what comes next."""
    return _member(member, caller.read(lambda conn: _view(conn, caller, member)))


@router.get("/{member}/entries", responses=problems(404))
def list_member_entries(
    caller: MayReadMembers,
    member: Member,
    cursor: Annotated[
        str | None, Query(description="The next_cursor of the page before.", pattern=r"^\d{1,18}-\d{1,18}$")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> EntriesPage:
    """Read a member's entries with the reason of each, the newest first."""

    def act(conn: Connection) -> list[EngineEntry]:
        timeline, member_id = caller.timeline(conn), find_member(conn, caller.brand, member)
        after = EntryPlace(*map(int, cursor.split("-"))) if cursor is not None else None
        page = explain_member(
            conn, caller.brand, timeline, member_id, after=after, limit=limit + 1, newest_first=True
        )
        if not page:
            _view(conn, caller, member)
        return page

    page = caller.read(act)
    return EntriesPage(
        entries=[_explained(one) for one in page[:limit]],
        next_cursor="{}-{}".format(*page[limit - 1].view.place) if len(page) > limit else None,
    )


def _view(conn: Connection, caller: Caller, member: str) -> MemberView:
    """The member as they stand now.

    Raises:
        NotFound: nobody has joined under this name.
    """
    member_id = find_member(conn, caller.brand, member)
    try:
        return read_member(conn, caller.brand, caller.timeline(conn), member_id, now=caller.now)
    except NotFound:
        raise NotFound(
            f"Nobody has joined {caller.brand.name} as {member[:80]!r}.",
            next_step="Check the reference; a member is known from their first event or from joining.",
            code="unknown_member",
        ) from None


def _member(member: str, view: MemberView) -> MemberAnswer:
    return MemberAnswer(
        member=member,
        member_id=show_id("mem", view.member_id),
        joined_at=view.joined_at,
        now=view.now,
        attributes=view.attributes,
        wallets={unit: _full_wallet(wallet) for unit, wallet in view.wallets.items()},
        tiers={name: _standing(one) for name, one in view.tiers.items()},
    )


def _full_wallet(wallet: WalletView) -> FullWallet:
    return FullWallet(
        **wallet_of(wallet).model_dump(),
        lots=[_lot(lot) for lot in wallet.lots],
        releases=[Coming(at=one.at, amount=format_amount(one.amount)) for one in wallet.releases],
        expiries=[Coming(at=one.at, amount=format_amount(one.amount)) for one in wallet.expiries],
    )


def _lot(lot: LedgerLot) -> Lot:
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


def _standing(one: Outlook) -> Standing:
    return Standing(
        tier=one.tier,
        since=one.since,
        credits=format_amount(one.credits),
        next_tier=one.next_tier,
        missing=None if one.missing is None else format_amount(one.missing),
        projected_at=one.projected_at,
        closes_at=one.closes_at,
        falls_at=one.falls_at,
    )


def _explained(told: EngineEntry) -> ExplainedEntry:
    view = told.view
    return ExplainedEntry(
        **entry_of(view.entry).model_dump(),
        source=view.source,
        type=view.type,
        reason=reason_of(view.reason) if view.reason else None,
        sentence=told.sentence,
    )
