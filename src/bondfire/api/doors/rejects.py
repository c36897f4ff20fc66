"""Rejects: what came through a door and could not be an event; to be seen to, tried again, or deleted."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from bondfire.api.doors.answers import DeliveredRow, row_of
from bondfire.api.doors.handing import hand_over
from bondfire.api.guard import MayReadMembers, MayWriteEvents, MayWriteMembers
from bondfire.api.problems import problems
from bondfire.db import Connection
from bondfire.deliveries import (
    Reject,
    drop_reject,
    drop_topic,
    find_reject,
    forget_member,
    list_rejects,
    parse_place,
    show_place,
)
from bondfire.errors import BadInput
from bondfire.kit import parse_id, show_id

router = APIRouter(prefix="/v1/rejects", tags=["rejects"])

RejectId = Annotated[str, Path(description="As it was listed.", examples=["rej_7f4k2v6q3znh5x2c4y6a7b3d2e"])]


class KeptReject(BaseModel):
    """Something that came in and could not be an event, with the reason."""

    id: str = Field(examples=["rej_7f4k2v6q3znh5x2c4y6a7b3d2e"])
    door: str = Field(examples=["shopify"])
    source: str = Field(description="What its events would have as their source.", examples=["shop-de"])
    topic: str = Field(description="What the sender calls it.", examples=["orders/paid"])
    received_at: datetime
    code: str = Field(description="A stable word for programs.", examples=["unmapped_event"])
    message: str
    next_step: str
    waits_for: str | None = Field(description="The order with which it will be tried again by itself.")
    is_public: bool = Field(description="It came with a key that anybody can read in a page.")
    people: list[str] = Field(description="References and addresses in it.")
    frame: dict[str, str] = Field(description="What came around it: attributes, fields of its batch.")
    raw: str = Field(description="As it came; bytes that are no UTF-8 as backslash escapes.")


class RejectsPage(BaseModel):
    """A page of rejects, the newest first."""

    rejects: list[KeptReject]
    next_cursor: str | None = Field(description="For the next page; null at the end.")


class Dropped(BaseModel):
    """How many rejects were deleted."""

    deleted: int


@router.get("", responses=problems())
def list_kept_rejects(
    caller: MayReadMembers,
    cursor: Annotated[str | None, Query(description="The next_cursor of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> RejectsPage:
    """List what could not be taken, the newest first, with the reason of each and what came in."""
    after = parse_place(cursor) if cursor is not None else None
    page = caller.read(lambda conn: list_rejects(conn, caller.brand.id, after=after, most=limit + 1))
    return RejectsPage(
        rejects=[_kept(reject) for reject in page[:limit]],
        next_cursor=show_place(page[limit - 1]) if len(page) > limit else None,
    )


@router.post("/{reject}/retry", responses=problems(404))
def retry_reject(caller: MayWriteEvents, reject: RejectId) -> DeliveredRow:
    """Try again to take one, for instance after the programme has declared its type."""
    reject_id = _id(reject)
    kept = caller.read(lambda conn: find_reject(conn, caller.brand.id, reject_id))
    (taken,) = hand_over(caller.house, caller.brand, [kept.parcel])
    return row_of(0, taken)


@router.delete("/{reject}", responses=problems(404))
def delete_reject(caller: MayWriteEvents, reject: RejectId) -> Dropped:
    """Delete one for ever."""
    reject_id = _id(reject)
    caller.transact(lambda conn: drop_reject(conn, caller.brand.id, reject_id))
    return Dropped(deleted=1)


@router.delete("", responses=problems())
def delete_rejects(
    caller: MayWriteMembers,
    member: Annotated[str | None, Query(description="Everything in which this member is named.")] = None,
    topic: Annotated[str | None, Query(description="Everything of this topic.")] = None,
) -> Dropped:
    """Delete many for ever: all that name a member, also by alias, e-mail or phone, or all of a topic.

    For a member it also forgets which orders of shops were theirs.
    """

    def act(conn: Connection) -> int:
        if member is not None and topic is None:
            return forget_member(conn, caller.brand, member)
        if topic is not None and member is None:
            return drop_topic(conn, caller.brand.id, topic)
        raise BadInput("Say which: member or topic, one of them.", next_step="Add ?member= or ?topic=.")

    return Dropped(deleted=caller.transact(act))


def _id(shown: str) -> UUID:
    return parse_id("rej", shown)


def _kept(reject: Reject) -> KeptReject:
    parcel = reject.parcel
    return KeptReject(
        id=show_id("rej", reject.reject_id),
        door=parcel.door,
        source=parcel.source,
        topic=parcel.topic,
        received_at=parcel.received_at,
        code=reject.code,
        message=reject.message,
        next_step=reject.next_step,
        waits_for=reject.waits_for,
        is_public=parcel.is_public,
        people=list(reject.people),
        frame=dict(parcel.frame),
        raw=parcel.raw.decode("utf-8", "backslashreplace"),
    )
