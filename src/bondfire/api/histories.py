"""What happened to a member: every entry with its reason, and every event with its outcome."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bondfire.api.answers import Outcome
from bondfire.api.guard import MayReadMembers
from bondfire.api.languages import AskedLanguage
from bondfire.api.names import Account, Member, about_member, account_of
from bondfire.api.pages import Cursor, Limit, Number, Page, RowPlace, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.api.shapes import Entry, Reason, TierChange, entry_of, reason_of, tier_change_of
from bondfire.db import Connection
from bondfire.journal import EntryPlace, MemberEvent, events_page, explain_member, read_standings
from bondfire.journal import ExplainedEntry as EngineEntry
from bondfire.programs import Timeline

router = APIRouter(prefix="/v1/members", tags=["members"])


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


class EntriesPage(Page):
    """A page of entries, the newest first."""

    entries: list[ExplainedEntry]


class ListedEntry(RowPlace, tag="entries"):
    """Where an entry stands among those of its member."""

    seq: Number
    number: Number


class DecidedEvent(BaseModel):
    """What a member did, and what was decided, in short; `/v1/events/{event}` tells all of it."""

    event: str = Field(examples=["ord-1001"])
    source: str = Field(examples=["shop"])
    type: str = Field(examples=["order.placed"])
    occurred_at: datetime
    recorded_at: datetime
    outcome: Outcome
    version: int = Field(description="The programme version that decided.")
    entries: int = Field(description="How many were posted.")
    tier_changes: list[TierChange]
    reasons: list[str] = Field(description="The codes of the reasons, each once.", examples=[["awarded"]])
    code: str | None = Field(description="Of a refusal.", examples=["not_enough"])


class EventsPage(Page):
    """A page of events, the newest first."""

    events: list[DecidedEvent]


class ListedEvent(RowPlace, tag="events"):
    """The number of the journal's row that the event is."""

    seq: Number


@router.get("/{member}/entries", responses=problems(404))
def list_member_entries(
    caller: MayReadMembers,
    member: Member,
    *,
    language: AskedLanguage,
    account: Account = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> EntriesPage:
    """List a member's entries with the reason of each in the language asked for, the newest first."""
    sent = read_cursor(cursor, ListedEntry)
    after = EntryPlace(sent.seq, sent.number) if sent else None

    def look(conn: Connection, timeline: Timeline, member_id: UUID) -> list[EngineEntry]:
        asked = account_of(conn, caller, member_id, account)
        page = explain_member(
            conn,
            caller.brand,
            timeline,
            asked,
            after=after,
            limit=limit + 1,
            newest_first=True,
            language=language,
        )
        if not page:
            read_standings(conn, caller.brand, timeline, member_id, now=caller.now)
        return page

    page, last = cut(about_member(caller, member, look), limit)
    return EntriesPage(
        entries=[_explained(one) for one in page],
        next_cursor=write_cursor(ListedEntry(*last.view.place)) if last else None,
        limit=limit,
    )


@router.get("/{member}/events", responses=problems(404))
def list_member_events(
    caller: MayReadMembers,
    member: Member,
    *,
    account: Account = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> EventsPage:
    """List what a member did, with the outcome of each and its decision in short, the newest first."""
    sent = read_cursor(cursor, ListedEvent)
    before = sent.seq if sent else None

    def look(conn: Connection, timeline: Timeline, member_id: UUID) -> list[MemberEvent]:
        asked = account_of(conn, caller, member_id, account)
        page = events_page(conn, caller.brand, timeline, asked, before=before, limit=limit + 1)
        if not page:
            read_standings(conn, caller.brand, timeline, member_id, now=caller.now)
        return page

    page, last = cut(about_member(caller, member, look), limit)
    return EventsPage(
        events=[_decided(one) for one in page],
        next_cursor=write_cursor(ListedEvent(last.seq)) if last else None,
        limit=limit,
    )


def _explained(told: EngineEntry) -> ExplainedEntry:
    view = told.view
    return ExplainedEntry(
        **entry_of(view.entry),
        source=view.source,
        type=view.type,
        reason=Reason(**reason_of(view.reason)) if view.reason else None,
        sentence=told.sentence,
    )


def _decided(one: MemberEvent) -> DecidedEvent:
    decision = one.decision
    return DecidedEvent(
        event=one.event,
        source=one.source,
        type=one.type,
        occurred_at=one.occurred_at,
        recorded_at=one.recorded_at,
        outcome=decision.outcome,
        version=decision.version,
        entries=len(decision.entries),
        tier_changes=[TierChange(**tier_change_of(change)) for change in decision.tier_changes],
        reasons=one.reasons,
        code=decision.code or None,
    )
