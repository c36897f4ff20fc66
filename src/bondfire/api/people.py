"""What we hold of a person: profile, aliases, consents. Apart from points, so that it can be erased."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from bondfire.api.bodies import StrictJsonRoute
from bondfire.api.changes import IdempotencyKey, change
from bondfire.api.guard import MayReadMembers, MayWriteMembers
from bondfire.api.house import Caller
from bondfire.api.names import Member
from bondfire.api.pages import Cursor, Limit, Number, Page, RowPlace, Text, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.db import Connection
from bondfire.kit import parse_time, show_id
from bondfire.members import (
    Alias,
    Consent,
    Consents,
    Profile,
    claim_alias,
    find_member,
    read_aliases,
    read_consents,
    read_profile,
    record_consent,
    save_profile,
)
from bondfire.privacy import erase_member

router = APIRouter(prefix="/v1/members", tags=["members"], route_class=StrictJsonRoute)


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ProfileFields(_Sent):
    """A member's personal data; all of it may be missing."""

    name: str | None = Field(None, examples=["Ann Example"])
    email: str | None = Field(None, examples=["ann@example.com"])
    phone: str | None = Field(None, examples=["+49 30 123456"])
    data: dict[str, Any] = Field({}, description="Further particulars, at most 16 kB of JSON.")


class StoredProfile(ProfileFields):
    """A member's personal data, in normal form."""

    member_id: str = Field(examples=["mem_7f4k2v6q3znh5x2c4y6a7b3d2e"])


class AliasFields(_Sent):
    """One more name for a member."""

    kind: str = Field(description="reference, email, card, phone or device", examples=["card"])
    value: str = Field(examples=["7004 1234 5678"])


class KnownAlias(BaseModel):
    """A name a member goes by, in normal form."""

    kind: str
    value: str


class ClaimedAlias(KnownAlias):
    """The name a member now goes by, too."""

    member_id: str


class AliasesPage(Page):
    """The names a member goes by, besides the reference their id was made of; by kind and value."""

    member_id: str
    aliases: list[KnownAlias]


class AliasPlace(RowPlace, tag="aliases"):
    """Where an alias stands in the list."""

    kind: Text
    value: Text


class ConsentFields(_Sent):
    """What a member said to one question."""

    kind: str = Field(examples=["email.marketing"])
    granted: bool
    text_version: str = Field(description="Which text they saw.", examples=["2026-03"])
    source: str = Field(description="Where it was asked.", examples=["checkout"])
    recorded_at: str | None = Field(
        None,
        description="When they said it, RFC 3339; now without it.",
        examples=["2026-03-29T10:00:00+02:00"],
    )


class RecordedConsent(BaseModel):
    """What a member agreed to or took back."""

    kind: str
    granted: bool
    text_version: str
    source: str
    recorded_at: datetime


class SaidConsents(BaseModel):
    """What was recorded, and what holds now; silence is no."""

    member_id: str
    current: dict[str, bool] = Field(description="The latest word on each kind.")
    recorded: RecordedConsent


class ConsentsPage(Page):
    """What a member ever agreed to or took back, in the order in which we learned of it; silence is no."""

    member_id: str
    current: dict[str, bool] = Field(description="The latest word on each kind.")
    history: list[RecordedConsent]


class ConsentPlace(RowPlace, tag="consents"):
    """How many consents stand before."""

    number: Number


@router.put("/{member}/profile", responses=problems(409), response_model=StoredProfile)
def put_member_profile(
    caller: MayWriteMembers, member: Member, profile: ProfileFields, idempotency_key: IdempotencyKey = None
) -> Response:
    """Keep a member's personal data, in place of what was there."""

    def act(conn: Connection) -> StoredProfile:
        member_id = find_member(conn, caller.brand, member)
        sent = Profile(**profile.model_dump())
        kept = save_profile(conn, caller.brand, member_id, sent, updated_at=caller.house.now())
        return _stored(show_id("mem", member_id), kept)

    return change(caller, act, idempotency_key)


@router.get("/{member}/profile", responses=problems())
def get_member_profile(caller: MayReadMembers, member: Member) -> StoredProfile:
    """Read a member's personal data; all of it is null when we have none."""

    def act(conn: Connection) -> StoredProfile:
        member_id = find_member(conn, caller.brand, member)
        return _stored(show_id("mem", member_id), read_profile(conn, caller.brand, member_id))

    return caller.read(act)


class ErasedMember(BaseModel):
    """A person who was erased: what is left is an id with books."""

    member_id: str
    removed: dict[str, int] = Field(
        description="How many there were: aliases, profiles, consents, notes (events with words of theirs), "
        "rejects, answers (kept for an Idempotency-Key), receipts (what receivers of webhooks said).",
        examples=[{"profiles": 1, "aliases": 2}],
    )


Because = Annotated[
    Literal["asked", "retention", "authority"],
    Query(description="They asked, it was kept long enough, or an authority said so."),
]


@router.delete("/{member}", responses=problems(404, 409), response_model=ErasedMember)
def erase_member_for_ever(
    caller: MayWriteMembers,
    member: Member,
    reason: Because = "asked",
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Erase a person for ever; entries, balances and proofs stay under the member's id.

    Name them by the reference that their events come under. Later events under it are refused with
    `member_erased`, but for returns of their orders.
    """

    def act(conn: Connection) -> ErasedMember:
        erased = erase_member(
            conn,
            caller.brand,
            caller.timeline(conn),
            member,
            at=caller.now,
            reason=reason,
            actor=caller.key.name,
        )
        return ErasedMember(member_id=show_id("mem", erased.member_id), removed=erased.removed)

    return change(caller, act, idempotency_key)


@router.put("/{member}/aliases", responses=problems(409), response_model=ClaimedAlias)
def put_member_alias(
    caller: MayWriteMembers, member: Member, alias: AliasFields, idempotency_key: IdempotencyKey = None
) -> Response:
    """Give a member one more name; events under an alias of kind `reference` then belong to them."""

    def act(conn: Connection) -> ClaimedAlias:
        member_id = find_member(conn, caller.brand, member)
        sent, now = Alias(alias.kind, alias.value), caller.house.now()
        claimed = claim_alias(conn, caller.brand, member_id, sent, claimed_at=now)
        return ClaimedAlias(member_id=show_id("mem", member_id), kind=claimed.kind, value=claimed.value)

    return change(caller, act, idempotency_key)


@router.get("/{member}/aliases", responses=problems())
def list_member_aliases(
    caller: MayReadMembers, member: Member, cursor: Cursor = None, limit: Limit = 100
) -> AliasesPage:
    """List the names a member goes by."""
    after = read_cursor(cursor, AliasPlace)

    def act(conn: Connection) -> AliasesPage:
        member_id = find_member(conn, caller.brand, member)
        places = [AliasPlace(one.kind, one.value) for one in read_aliases(conn, caller.brand, member_id)]
        behind = [one for one in places if after is None or (one.kind, one.value) > (after.kind, after.value)]
        page, last = cut(behind, limit)
        return AliasesPage(
            member_id=show_id("mem", member_id),
            aliases=[KnownAlias(kind=one.kind, value=one.value) for one in page],
            next_cursor=write_cursor(last) if last else None,
            limit=limit,
        )

    return caller.read(act)


@router.post("/{member}/consents", status_code=201, responses=problems(409), response_model=SaidConsents)
def post_member_consent(
    caller: MayWriteMembers, member: Member, consent: ConsentFields, idempotency_key: IdempotencyKey = None
) -> Response:
    """Record what a member agreed to or took back; the very same word twice is recorded once."""
    said = Consent(
        kind=consent.kind,
        granted=consent.granted,
        text_version=consent.text_version,
        source=consent.source,
        recorded_at=_said_at(caller, consent.recorded_at),
    )

    def act(conn: Connection) -> SaidConsents:
        member_id = find_member(conn, caller.brand, member)
        recorded = record_consent(conn, caller.brand, member_id, said)
        return SaidConsents(
            member_id=show_id("mem", member_id),
            current=_current(read_consents(conn, caller.brand, member_id)),
            recorded=RecordedConsent(**asdict(recorded)),
        )

    return change(caller, act, idempotency_key, status=201)


@router.get("/{member}/consents", responses=problems())
def list_member_consents(
    caller: MayReadMembers, member: Member, cursor: Cursor = None, limit: Limit = 100
) -> ConsentsPage:
    """List what a member agreed to and took back."""
    after = read_cursor(cursor, ConsentPlace)
    first = after.number if after else 0

    def act(conn: Connection) -> ConsentsPage:
        member_id = find_member(conn, caller.brand, member)
        consents = read_consents(conn, caller.brand, member_id)
        page, last = cut(consents.history[first : first + limit + 1], limit)
        return ConsentsPage(
            member_id=show_id("mem", member_id),
            current=_current(consents),
            history=[RecordedConsent(**asdict(consent)) for consent in page],
            next_cursor=write_cursor(ConsentPlace(first + limit)) if last else None,
            limit=limit,
        )

    return caller.read(act)


def _said_at(caller: Caller, sent: str | None) -> datetime:
    return parse_time(sent, "recorded_at") if sent is not None else caller.house.now()


def _stored(member_id: str, profile: Profile) -> StoredProfile:
    return StoredProfile(
        member_id=member_id,
        name=profile.name,
        email=profile.email,
        phone=profile.phone,
        data=dict(profile.data),
    )


def _current(consents: Consents) -> dict[str, bool]:
    return {kind: consent.granted for kind, consent in sorted(consents.current.items())}
