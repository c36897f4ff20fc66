"""Rejects: what came through a door and could not be an event; to be seen to, tried again, or deleted."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from bondfire.api.changes import IdempotencyKey, UnusedIdempotencyKey, change
from bondfire.api.doors.answers import DeliveredRow, row_of
from bondfire.api.doors.handing import hand_over
from bondfire.api.guard import MayReadMembers, MayWriteEvents, MayWriteMembers
from bondfire.api.pages import Cursor, Limit, Page, RowPlace, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.db import Connection
from bondfire.deliveries import (
    Place,
    Reject,
    drop_reject,
    drop_topic,
    find_reject,
    forget_member,
    list_rejects,
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


class RejectsPage(Page):
    """Rejects, the newest first."""

    rejects: list[KeptReject]


class ListedReject(RowPlace, tag="rejects"):
    """Where a reject stands in the list."""

    received_at: Annotated[datetime, msgspec.Meta(tz=True)]
    reject_id: UUID


class Dropped(BaseModel):
    """How many rejects were deleted."""

    deleted: int


@router.get("", responses=problems())
def list_kept_rejects(caller: MayReadMembers, cursor: Cursor = None, limit: Limit = 20) -> RejectsPage:
    """List what could not be taken, the newest first, with the reason of each and what came in."""
    sent = read_cursor(cursor, ListedReject)
    after = Place(sent.received_at, sent.reject_id) if sent else None
    found = caller.read(lambda conn: list_rejects(conn, caller.brand.id, after=after, most=limit + 1))
    page, last = cut(found, limit)
    place = ListedReject(last.parcel.received_at, last.reject_id) if last else None
    return RejectsPage(
        rejects=[_kept(reject) for reject in page],
        next_cursor=write_cursor(place) if place else None,
        limit=limit,
    )


@router.post("/{reject}/retry", responses=problems(404))
def retry_reject(caller: MayWriteEvents, reject: RejectId, _key: UnusedIdempotencyKey = None) -> DeliveredRow:
    """Try again to take one, for instance after the programme has declared its type."""
    reject_id = _id(reject)
    kept = caller.read(lambda conn: find_reject(conn, caller.brand.id, reject_id))
    (taken,) = hand_over(caller.house, caller.brand, [kept.parcel])
    return row_of(0, taken)


@router.delete("/{reject}", responses=problems(404, 409), response_model=Dropped)
def delete_reject(
    caller: MayWriteEvents, reject: RejectId, idempotency_key: IdempotencyKey = None
) -> Response:
    """Delete one for ever."""
    reject_id = _id(reject)

    def act(conn: Connection) -> Dropped:
        drop_reject(conn, caller.brand.id, reject_id)
        return Dropped(deleted=1)

    return change(caller, act, idempotency_key)


@router.delete("", responses=problems(409), response_model=Dropped)
def delete_rejects(
    caller: MayWriteMembers,
    member: Annotated[str | None, Query(description="Everything in which this member is named.")] = None,
    topic: Annotated[str | None, Query(description="Everything of this topic.")] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Delete many for ever: all that name a member, also by alias, e-mail or phone, or all of a topic.

    For a member it also forgets which orders of shops were theirs.
    """

    def act(conn: Connection) -> Dropped:
        if member is not None and topic is None:
            return Dropped(deleted=forget_member(conn, caller.brand, member))
        if topic is not None and member is None:
            return Dropped(deleted=drop_topic(conn, caller.brand.id, topic))
        raise BadInput("Say which: member or topic, one of them.", next_step="Add ?member= or ?topic=.")

    return change(caller, act, idempotency_key)


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
