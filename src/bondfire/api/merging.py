"""Two accounts of one person become one."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from bondfire.api.bodies import StrictJsonRoute
from bondfire.api.changes import IdempotencyKey, change
from bondfire.api.guard import MayWriteMembers
from bondfire.api.names import Member
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount, TierChange, tier_change_of
from bondfire.db import Connection
from bondfire.groups import Merged, merge_members, preview_merge
from bondfire.journal import Because
from bondfire.kit import format_amount, show_id

router = APIRouter(prefix="/v1/members", tags=["members"], route_class=StrictJsonRoute)


class MergeFields(BaseModel):
    """Into which account, and why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    into: str = Field(description="The account that stays: a reference or id.", examples=["c-18"])
    reason: Literal["duplicate", "asked", "replaced"] = Field(
        "duplicate", description="Two accounts by mistake, the person asked for it, or a card was replaced."
    )
    dry_run: bool = Field(default=False, description="Say what would be, and change nothing.")


class WithdrawnConsent(BaseModel):
    """A consent that one account had given and the other had taken back: it is taken back."""

    kind: str = Field(examples=["email.marketing"])
    source: str = Field(description="Which account had taken it back, and where it was asked.")


class MergedAccounts(BaseModel):
    """What came over; of a merge that had been done before nothing does."""

    member_id: str = Field(description="The account that stays.", examples=["mem_7f4k2v6q3znh5x2c4y6a7b3d2e"])
    former_id: str = Field(description="The account that is part of it now.")
    is_new: bool = Field(description="False: it had been done before, and nothing changed.")
    dry_run: bool
    came_over: dict[str, Amount] = Field(
        description="By unit: active, pending and held, debts not taken off."
    )
    owed: dict[str, Amount] = Field(description="By unit: what was owed, and is owed by the one that stays.")
    tier_changes: list[TierChange]
    withdrawn_consents: list[WithdrawnConsent]


@router.post("/{member}/merge", responses=problems(404, 409), response_model=MergedAccounts)
def merge_member(
    caller: MayWriteMembers, member: Member, sent: MergeFields, idempotency_key: IdempotencyKey = None
) -> Response:
    """Merge an account into another one of the same person; it cannot be undone.

    Lots keep when they were earned and when they end; what was pending, held or owed stays that. Whatever
    comes later for the account (events, returns, its id) goes to the other. Sent again it changes nothing.
    """

    def act(conn: Connection) -> MergedAccounts:
        merge = preview_merge if sent.dry_run else merge_members
        why = Because(sent.reason, caller.key.name)
        timeline = caller.timeline(conn)
        merged = merge(conn, caller.brand, timeline, (member, sent.into), at=caller.now, why=why)
        return _answer(merged, dry_run=sent.dry_run)

    return change(caller, act, idempotency_key)


def _answer(merged: Merged, *, dry_run: bool) -> MergedAccounts:
    return MergedAccounts(
        member_id=show_id("mem", merged.survivor),
        former_id=show_id("mem", merged.former),
        is_new=merged.is_new,
        dry_run=dry_run,
        came_over={unit: format_amount(amount) for unit, amount in merged.came_over.items()},
        owed={unit: format_amount(amount) for unit, amount in merged.owed.items()},
        tier_changes=[TierChange(**tier_change_of(change)) for change in merged.tier_changes],
        withdrawn_consents=[WithdrawnConsent(kind=one.kind, source=one.source) for one in merged.withdrawn],
    )
