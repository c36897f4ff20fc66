"""Codes of coupons: made, imported, revoked, counted; and the coupons that a member has."""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from bondfire.api.bodies import StrictJsonRoute
from bondfire.api.changes import IdempotencyKey, change
from bondfire.api.guard import MayReadMembers, MayReadPrograms, MayWritePrograms
from bondfire.api.house import Caller
from bondfire.api.names import Member, about_member
from bondfire.api.pages import Cursor, Limit, Page, RowPlace, Text, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount
from bondfire.coupons import Given, Terms, create_codes, import_codes, list_batches, revoke_codes
from bondfire.db import Connection
from bondfire.errors import BadInput
from bondfire.journal import read_coupons
from bondfire.kit import format_amount, parse_time, show_id
from bondfire.members import find_member
from bondfire.programs import Timeline

router = APIRouter(prefix="/v1/coupons", tags=["coupons"], route_class=StrictJsonRoute)
of_members = APIRouter(prefix="/v1/members", tags=["coupons"])

MOST_AT_ONCE = 10_000


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class BatchTerms(_Sent):
    """What holds for all codes of a batch."""

    coupon: str = Field(description="A coupon of the programme.", examples=["five_off"], max_length=200)
    batch: str = Field(description="A name for all of them.", examples=["newsletter May"], max_length=200)
    uses: int | None = Field(
        1, ge=1, le=2**31 - 1, description="How often each may be used; null: without end."
    )
    expires_at: str | None = Field(None, description="From when on they open nothing, RFC 3339.")


class NewCodes(BatchTerms):
    """Codes to be made; for members a code each, else for whoever has it."""

    count: int | None = Field(None, ge=1, le=MOST_AT_ONCE, description="How many, for whoever has one.")
    members: list[str] | None = Field(
        None,
        min_length=1,
        max_length=MOST_AT_ONCE,
        description="A code for each of these, who alone can use it.",
    )


class MemberCode(_Sent):
    """A code and whose alone it is."""

    code: str = Field(examples=["X7K3QP-9DMW2T-HB4R8C"], max_length=200)
    member: str | None = Field(None, examples=["c-17"], max_length=200)


class GivenCodes(BatchTerms):
    """Codes that somebody else made."""

    codes: list[MemberCode] = Field(min_length=1, max_length=MOST_AT_ONCE)


class MadeCodes(BaseModel):
    """Codes that were made; shown this once."""

    coupon: str
    batch: str
    codes: list[MemberCode] | None = Field(description="Null when the same request is answered again.")


class Imported(BaseModel):
    """What an import did."""

    coupon: str
    batch: str
    added: int = Field(description="How many were not there yet.")


class WhatToRevoke(_Sent):
    """A whole batch, or one code."""

    batch: str | None = Field(None, max_length=200)
    code: str | None = Field(None, max_length=200)


class Revoked(BaseModel):
    """How many codes could be used until now."""

    revoked: int


class CodeBatch(BaseModel):
    """Codes that were made or imported together."""

    batch: str
    coupon: str
    created_at: datetime
    codes: int
    used: int = Field(description="How many of them were used.")
    uses: int = Field(description="How often any was used.")
    revoked: int


class BatchesPage(Page):
    """Batches by name."""

    batches: list[CodeBatch]


class ListedBatch(RowPlace, tag="batches"):
    """The name of a batch."""

    batch: Text


class MemberCoupon(BaseModel):
    """A coupon that a member has or used."""

    id: str = Field(examples=["cpn_7f4k2v6q3znh5x2c4y6a7b3d2e"])
    coupon: str = Field(examples=["five_off"])
    since: datetime
    ends_at: datetime | None = Field(description="It cannot be used from then on; null: as the coupon says.")
    can_be_used: bool
    used_by: str | None = Field(description="The order that used it.")
    worth: Amount = Field(description="The discount that it gave, in the programme's currency.")


class MemberCoupons(BaseModel):
    """The coupons of a member, the latest hundred."""

    member: str = Field(description="As asked for.", examples=["c-17"])
    member_id: str
    coupons: list[MemberCoupon]


@router.post("/codes", status_code=201, responses=problems(404, 409), response_model=MadeCodes)
def create_coupon_codes(
    caller: MayWritePrograms, wanted: NewCodes, idempotency_key: IdempotencyKey = None
) -> Response:
    """Make codes of 84 random bits; the answer shows them, this once, for they are kept as hashes."""
    if (wanted.count is None) == (wanted.members is None):
        raise BadInput("Exactly one of count and members is needed.", next_step="Send one.", code="bad_count")

    def act(conn: Connection) -> MadeCodes:
        references: list[str | None] = [*(wanted.members or ())] or [None] * (wanted.count or 0)
        made = create_codes(
            conn,
            caller.brand,
            caller.timeline(conn).newest.program,
            _terms(caller, wanted),
            holders=[_holder(conn, caller, one) for one in references],
            chance=secrets.token_bytes,
        )
        codes = [MemberCode(code=code, member=one) for code, one in zip(made, references, strict=True)]
        return MadeCodes(coupon=wanted.coupon, batch=wanted.batch, codes=codes)

    return change(caller, act, idempotency_key, status=201, not_kept=("codes",))


@router.post("/codes/import", responses=problems(404, 409), response_model=Imported)
def import_coupon_codes(
    caller: MayWritePrograms, sent: GivenCodes, idempotency_key: IdempotencyKey = None
) -> Response:
    """Keep codes that somebody else made, such as a partner; again changes nothing."""

    def act(conn: Connection) -> Imported:
        given = [Given(one.code, _holder(conn, caller, one.member)) for one in sent.codes]
        program = caller.timeline(conn).newest.program
        added = import_codes(conn, caller.brand, program, _terms(caller, sent), given=given)
        return Imported(coupon=sent.coupon, batch=sent.batch, added=added)

    return change(caller, act, idempotency_key)


@router.post("/codes/revoke", responses=problems(), response_model=Revoked)
def revoke_coupon_codes(
    caller: MayWritePrograms, what: WhatToRevoke, idempotency_key: IdempotencyKey = None
) -> Response:
    """Revoke a batch or a code for ever: what was used stays used, and doing it again changes nothing."""
    if (what.batch is None) == (what.code is None):
        raise BadInput("Exactly one of batch and code is needed.", next_step="Send one.", code="bad_batch")

    def act(conn: Connection) -> Revoked:
        at = caller.house.now()
        revoked = revoke_codes(conn, caller.brand, revoked_at=at, batch=what.batch, code=what.code)
        return Revoked(revoked=revoked)

    return change(caller, act, idempotency_key)


@router.get("/batches", responses=problems())
def list_code_batches(caller: MayReadPrograms, cursor: Cursor = None, limit: Limit = 100) -> BatchesPage:
    """List batches of codes by name, and how many of their codes were used."""
    sent = read_cursor(cursor, ListedBatch)
    after = sent.batch if sent else ""
    found = caller.read(lambda conn: list_batches(conn, caller.brand, after=after, limit=limit + 1))
    page, last = cut(found, limit)
    return BatchesPage(
        batches=[CodeBatch.model_validate(msgspec.structs.asdict(one)) for one in page],
        next_cursor=write_cursor(ListedBatch(last.batch)) if last else None,
        limit=limit,
    )


@of_members.get("/{member}/coupons", responses=problems(404))
def list_member_coupons(caller: MayReadMembers, member: Member) -> MemberCoupons:
    """List the coupons that a member has or used, the latest hundred."""

    def look(conn: Connection, _timeline: Timeline, member_id: UUID) -> MemberCoupons:
        now, held = caller.now, read_coupons(conn, caller.brand, member_id)
        return MemberCoupons(
            member=member,
            member_id=show_id("mem", member_id),
            coupons=[
                MemberCoupon(
                    id=key,
                    coupon=one.coupon,
                    since=one.got_at,
                    ends_at=one.ends_at,
                    can_be_used=not one.used_by and (one.ends_at is None or now < one.ends_at),
                    used_by=one.used_by or None,
                    worth=format_amount(one.worth),
                )
                for key, one in sorted(held.items(), key=lambda pair: (pair[1].got_at, pair[0]))
            ],
        )

    return about_member(caller, member, look)


def _terms(caller: Caller, sent: BatchTerms) -> Terms:
    expires_at = parse_time(sent.expires_at, "expires_at") if sent.expires_at is not None else None
    return Terms(sent.coupon, sent.batch, caller.house.now(), sent.uses, expires_at)


def _holder(conn: Connection, caller: Caller, reference: str | None) -> UUID | None:
    return None if reference is None else find_member(conn, caller.brand, reference)
