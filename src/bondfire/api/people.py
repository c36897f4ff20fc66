"""What we hold of a person: profile, aliases, consents. Apart from points, so that it can be erased."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from bondfire.api.guard import MayReadMembers, MayWriteMembers
from bondfire.api.house import Caller
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
    record_consent,
    save_profile,
)

router = APIRouter(prefix="/v1/members", tags=["members"])

Member = Annotated[
    str,
    Path(
        description="A reference (`c-17`), another reference that is an alias, or an id (`mem_...`).",
        examples=["c-17"],
    ),
]


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


class Aliases(BaseModel):
    """The names a member goes by, besides the reference their id was made of."""

    member_id: str
    aliases: list[KnownAlias]


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


class MemberConsents(BaseModel):
    """Everything a member ever agreed to or took back; silence is no."""

    member_id: str
    current: dict[str, bool] = Field(description="The latest word on each kind.")
    history: list[RecordedConsent]


@router.put("/{member}/profile", responses=problems(413))
def put_member_profile(caller: MayWriteMembers, member: Member, profile: ProfileFields) -> StoredProfile:
    """Keep a member's personal data, in place of what was there."""

    def act(conn: Connection) -> StoredProfile:
        member_id = find_member(conn, caller.brand, member)
        sent = Profile(**profile.model_dump())
        kept = save_profile(conn, caller.brand, member_id, sent, updated_at=caller.house.now())
        return StoredProfile(
            member_id=show_id("mem", member_id),
            name=kept.name,
            email=kept.email,
            phone=kept.phone,
            data=dict(kept.data),
        )

    return caller.transact(act)


@router.put("/{member}/aliases", responses=problems(409, 413))
def put_member_alias(caller: MayWriteMembers, member: Member, alias: AliasFields) -> Aliases:
    """Give a member one more name; events under an alias of kind `reference` then belong to them."""

    def act(conn: Connection) -> Aliases:
        member_id = find_member(conn, caller.brand, member)
        now = caller.house.now()
        claim_alias(conn, caller.brand, member_id, Alias(alias.kind, alias.value), claimed_at=now)
        known = read_aliases(conn, caller.brand, member_id)
        return Aliases(
            member_id=show_id("mem", member_id),
            aliases=[KnownAlias(kind=each.kind, value=each.value) for each in known],
        )

    return caller.transact(act)


@router.post("/{member}/consents", status_code=201, responses=problems(409, 413))
def post_member_consent(caller: MayWriteMembers, member: Member, consent: ConsentFields) -> MemberConsents:
    """Record what a member agreed to or took back; the very same word twice is recorded once."""
    said = Consent(
        kind=consent.kind,
        granted=consent.granted,
        text_version=consent.text_version,
        source=consent.source,
        recorded_at=_said_at(caller, consent.recorded_at),
    )

    def act(conn: Connection) -> MemberConsents:
        member_id = find_member(conn, caller.brand, member)
        record_consent(conn, caller.brand, member_id, said)
        return _consents(show_id("mem", member_id), read_consents(conn, caller.brand, member_id))

    return caller.transact(act)


@router.get("/{member}/consents", responses=problems())
def get_member_consents(caller: MayReadMembers, member: Member) -> MemberConsents:
    """Read what a member agreed to and took back."""

    def act(conn: Connection) -> MemberConsents:
        member_id = find_member(conn, caller.brand, member)
        return _consents(show_id("mem", member_id), read_consents(conn, caller.brand, member_id))

    return caller.read(act)


def _said_at(caller: Caller, sent: str | None) -> datetime:
    return parse_time(sent, "recorded_at") if sent is not None else caller.house.now()


def _consents(member_id: str, consents: Consents) -> MemberConsents:
    return MemberConsents(
        member_id=member_id,
        current={kind: consent.granted for kind, consent in sorted(consents.current.items())},
        history=[RecordedConsent(**asdict(consent)) for consent in consents.history],
    )
