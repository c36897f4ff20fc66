"""Members: who there is, and each at a glance, with what they hold and where they stand."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bondfire.api.guard import MayReadMembers
from bondfire.api.holdings import Lot, Standing, cursor_behind, lot_of, standing_of
from bondfire.api.names import Member, about_member
from bondfire.api.pages import Cursor, Limit, Page, RowPlace, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount, Wallet, wallet_of
from bondfire.db import Connection
from bondfire.journal import Coming, MemberView, WalletView, list_members, read_holdings
from bondfire.kit import format_amount, show_id
from bondfire.programs import Timeline

router = APIRouter(prefix="/v1/members", tags=["members"])

_AT_A_GLANCE: Final = 100
"""Lots, releases and expiries of each unit that one look at a member shows."""


class ListedMember(BaseModel):
    """Somebody who has joined."""

    member_id: str = Field(examples=["mem_7f4k2v6q3znh5x2c4y6a7b3d2e"])
    joined_at: datetime


class MembersPage(Page):
    """Members, in an order that never changes."""

    members: list[ListedMember]


class MemberPlace(RowPlace, tag="members"):
    """The id of a member."""

    member_id: UUID


class ComingAmount(BaseModel):
    """So much becomes spendable, or is gone, at this instant."""

    at: datetime
    amount: Amount


class FullWallet(Wallet):
    """A member's balances in one unit, with the first of what is left of each award and of what comes."""

    lots: list[Lot] = Field(description="In the order in which they are spent; the first 100.")
    next_lots: str | None = Field(description="The address of the rest of them; null: these are all.")
    releases: list[ComingAmount] = Field(description="By date, the first 100.")
    more_releases: bool
    expiries: list[ComingAmount] = Field(description="By date, the first 100.")
    more_expiries: bool


class MemberAnswer(BaseModel):
    """A member at a glance."""

    member: str = Field(description="As asked for.", examples=["c-17"])
    member_id: str = Field(examples=["mem_7f4k2v6q3znh5x2c4y6a7b3d2e"])
    joined_at: datetime
    now: datetime = Field(description="The time this is true for.")
    attributes: dict[str, Any]
    wallets: dict[str, FullWallet] = Field(description="By unit.")
    tiers: dict[str, Standing] = Field(description="By tier set.")
    formerly: list[str] = Field(
        description="The accounts that became part of this one; `account` of entries and events tells theirs."
    )


@router.get("", responses=problems())
def list_all_members(caller: MayReadMembers, cursor: Cursor = None, limit: Limit = 100) -> MembersPage:
    """List everybody who has joined; who joins meanwhile may come behind the page or before it."""
    sent = read_cursor(cursor, MemberPlace)
    after = sent.member_id if sent else None
    found = caller.read(lambda conn: list_members(conn, caller.brand, after=after, limit=limit + 1))
    page, last = cut(found, limit)
    return MembersPage(
        members=[ListedMember(member_id=show_id("mem", each), joined_at=joined) for each, joined in page],
        next_cursor=write_cursor(MemberPlace(last[0])) if last else None,
        limit=limit,
    )


@router.get("/{member}", responses=problems(404))
def get_member(caller: MayReadMembers, member: Member) -> MemberAnswer:
    """Read a member's wallets with open lots and coming expiries, and their tiers with what comes next."""

    def look(conn: Connection, timeline: Timeline, member_id: UUID) -> MemberView:
        return read_holdings(conn, caller.brand, timeline, member_id, now=caller.now, limit=_AT_A_GLANCE + 1)

    return _member(member, about_member(caller, member, look))


def _member(member: str, view: MemberView) -> MemberAnswer:
    member_id = show_id("mem", view.member_id)
    return MemberAnswer(
        member=member,
        member_id=member_id,
        joined_at=view.joined_at,
        now=view.now,
        attributes=view.attributes,
        wallets={unit: _full_wallet(member_id, unit, wallet) for unit, wallet in view.wallets.items()},
        tiers={name: standing_of(one) for name, one in view.tiers.items()},
        formerly=[show_id("mem", former) for former in view.formerly],
    )


def _full_wallet(member_id: str, unit: str, wallet: WalletView) -> FullWallet:
    lots, last = cut(wallet.lots, _AT_A_GLANCE)
    releases, more_releases = cut(wallet.releases, _AT_A_GLANCE)
    expiries, more_expiries = cut(wallet.expiries, _AT_A_GLANCE)
    rest = urlencode({"unit": unit, "cursor": cursor_behind(last)}) if last else ""
    return FullWallet(
        **wallet_of(wallet),
        lots=[lot_of(lot) for lot in lots],
        next_lots=f"/v1/members/{member_id}/lots?{rest}" if rest else None,
        releases=[_coming(one) for one in releases],
        more_releases=more_releases is not None,
        expiries=[_coming(one) for one in expiries],
        more_expiries=more_expiries is not None,
    )


def _coming(one: Coming) -> ComingAmount:
    return ComingAmount(at=one.at, amount=format_amount(one.amount))
