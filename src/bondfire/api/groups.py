"""Households and companies: who is in them, and what they spend together."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bondfire.api.addresses import named
from bondfire.api.bodies import StrictJsonRoute
from bondfire.api.changes import IdempotencyKey, change
from bondfire.api.guard import MayReadMembers, MayWriteEvents, MayWriteMembers
from bondfire.api.names import Member
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount
from bondfire.db import Connection
from bondfire.groups import (
    Group,
    Spending,
    Wish,
    accept,
    dissolve,
    found_group,
    invite,
    leave,
    read_group,
    spend_together,
    switch_pooling,
)
from bondfire.kit import format_amount, parse_amount, parse_id, show_id

router = APIRouter(prefix="/v1/groups", tags=["groups"], route_class=StrictJsonRoute)

GroupId = Annotated[
    str,
    Path(description="Its id.", examples=["grp_7f4k2v6q3znh5x2c4y6a7b3d2e"]),
    AfterValidator(named),
]
Role = Literal["owner", "member", "spender"]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class FoundedGroup(_Sent):
    """A new group."""

    kind: Literal["household", "company"]
    owner: str = Field(description="Reference or id of the member who founds it.", examples=["c-17"])


class Invitation(_Sent):
    """Whom to invite, and as what."""

    member: str = Field(description="Reference or id of a member.", examples=["c-18"])
    role: Role = Field(
        "spender",
        description="An owner looks after it and spends, a spender spends, a member's points only pay.",
    )


class PoolingSwitch(_Sent):
    """Whether a spending takes from all members or from whoever spends."""

    pooled: bool


class WishToSpend(_Sent):
    """What is to be paid."""

    id: str = Field(description="Your id of it; it counts once.", min_length=1, max_length=200)
    source: str = Field("api", description="Which system asks.", min_length=1, max_length=100)
    member: str = Field(description="Who spends: reference or id.", examples=["c-18"])
    unit: str = Field(examples=["points"])
    amount: Amount
    order: str | None = Field(None, description="The order that is paid; its return gives the points back.")


class GroupMember(BaseModel):
    """Somebody in the group."""

    member_id: str
    role: Role
    invited_at: datetime
    joined_at: datetime | None = Field(description="Null: they have not said yes.")


class GroupAnswer(BaseModel):
    """A household or company."""

    group_id: str = Field(examples=["grp_7f4k2v6q3znh5x2c4y6a7b3d2e"])
    kind: Literal["household", "company"]
    pooled: bool
    created_at: datetime
    members: list[GroupMember]


class LeftGroup(BaseModel):
    """A group that somebody left, or that is dissolved; everybody keeps what is theirs."""

    group_id: str
    is_dissolved: bool


class PaidPart(BaseModel):
    """Who paid how much, and how much of it went back to them."""

    member_id: str
    amount: Amount
    given_back: Amount


class SpentTogether(BaseModel):
    """What a group paid."""

    group_id: str
    id: str
    source: str
    member_id: str = Field(description="Who spent.")
    unit: str
    amount: Amount
    order: str | None
    occurred_at: datetime
    payers: list[PaidPart] = Field(description="What ends first paid first, whoever had it.")


@router.post("", status_code=201, responses=problems(404, 409), response_model=GroupAnswer)
def post_group(
    caller: MayWriteMembers, sent: FoundedGroup, idempotency_key: IdempotencyKey = None
) -> Response:
    """Found a household or a company, if the programme has them; its owner is its first member."""

    def act(conn: Connection) -> GroupAnswer:
        timeline = caller.timeline(conn)
        return _group(
            found_group(conn, caller.brand, timeline, kind=sent.kind, owner=sent.owner, at=caller.now)
        )

    return change(caller, act, idempotency_key, status=201)


@router.get("/{group}", responses=problems(404))
def get_group(caller: MayReadMembers, group: GroupId) -> GroupAnswer:
    """Read who is in a group or invited, and whether it pools."""
    return caller.read(lambda conn: _group(read_group(conn, caller.brand, _id(group))))


@router.put("/{group}/pooling", responses=problems(404, 409), response_model=GroupAnswer)
def put_group_pooling(
    caller: MayWriteMembers, group: GroupId, sent: PoolingSwitch, idempotency_key: IdempotencyKey = None
) -> Response:
    """Let a group spend from all its members, or each from their own."""

    def act(conn: Connection) -> GroupAnswer:
        return _group(switch_pooling(conn, caller.brand, _id(group), is_pooled=sent.pooled))

    return change(caller, act, idempotency_key)


@router.post(
    "/{group}/invitations", status_code=201, responses=problems(404, 409), response_model=GroupAnswer
)
def post_group_invitation(
    caller: MayWriteMembers, group: GroupId, sent: Invitation, idempotency_key: IdempotencyKey = None
) -> Response:
    """Invite a member, or change the role of one; whoever is invited is in the group once they accept."""

    def act(conn: Connection) -> GroupAnswer:
        timeline, group_id = caller.timeline(conn), _id(group)
        return _group(
            invite(conn, caller.brand, timeline, group_id, member=sent.member, role=sent.role, at=caller.now)
        )

    return change(caller, act, idempotency_key, status=201)


@router.post("/{group}/members/{member}/accept", responses=problems(404, 409), response_model=GroupAnswer)
def accept_group_invitation(
    caller: MayWriteMembers, group: GroupId, member: Member, idempotency_key: IdempotencyKey = None
) -> Response:
    """Say yes to an invitation, for the member who does; a member is in one group at most."""

    def act(conn: Connection) -> GroupAnswer:
        return _group(accept(conn, caller.brand, _id(group), member=member, at=caller.now))

    return change(caller, act, idempotency_key)


@router.delete("/{group}/members/{member}", responses=problems(404, 409), response_model=LeftGroup)
def leave_group(
    caller: MayWriteMembers, group: GroupId, member: Member, idempotency_key: IdempotencyKey = None
) -> Response:
    """Let a member leave, or an invitation lapse; what they have not spent stays theirs."""

    def act(conn: Connection) -> LeftGroup:
        left = leave(conn, caller.brand, _id(group), member=member, at=caller.now)
        return LeftGroup(group_id=group, is_dissolved=left is None)

    return change(caller, act, idempotency_key)


@router.delete("/{group}", responses=problems(404, 409), response_model=LeftGroup)
def dissolve_group(
    caller: MayWriteMembers, group: GroupId, idempotency_key: IdempotencyKey = None
) -> Response:
    """Dissolve a group; everybody keeps what is theirs, and what was spent can still come back."""

    def act(conn: Connection) -> LeftGroup:
        dissolve(conn, caller.brand, _id(group), at=caller.now)
        return LeftGroup(group_id=group, is_dissolved=True)

    return change(caller, act, idempotency_key)


@router.post(
    "/{group}/spendings", status_code=201, responses=problems(403, 404, 409), response_model=SpentTogether
)
def post_group_spending(
    caller: MayWriteEvents, group: GroupId, sent: WishToSpend, idempotency_key: IdempotencyKey = None
) -> Response:
    """Spend from the members of a group, first what ends first; a return gives back to who paid."""
    wish = Wish(
        sent.source,
        sent.id,
        sent.member,
        sent.unit,
        parse_amount(sent.amount, decimals=6, name="amount"),
        sent.order or "",
    )

    def act(conn: Connection) -> SpentTogether:
        timeline, group_id = caller.timeline(conn), _id(group)
        return _spending(
            spend_together(conn, caller.brand, timeline, group_id=group_id, wish=wish, at=caller.now)
        )

    return change(caller, act, idempotency_key, status=201)


def _id(group: str) -> UUID:
    return parse_id("grp", group)


def _group(group: Group) -> GroupAnswer:
    return GroupAnswer(
        group_id=show_id("grp", group.group_id),
        kind=group.kind,
        pooled=group.is_pooled,
        created_at=group.created_at,
        members=[
            GroupMember(
                member_id=show_id("mem", one.member_id),
                role=one.role,
                invited_at=one.invited_at,
                joined_at=one.joined_at,
            )
            for one in group.belongings
        ],
    )


def _spending(spent: Spending) -> SpentTogether:
    return SpentTogether(
        group_id=show_id("grp", spent.group_id),
        id=spent.event_id,
        source=spent.source,
        member_id=show_id("mem", spent.member_id),
        unit=spent.unit,
        amount=format_amount(spent.amount),
        order=spent.order or None,
        occurred_at=spent.occurred_at,
        payers=[
            PaidPart(
                member_id=show_id("mem", payer),
                amount=format_amount(amount),
                given_back=format_amount(spent.given_back.get(payer, 0 * amount)),
            )
            for payer, amount in spent.payers.items()
        ],
    )
