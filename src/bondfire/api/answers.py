"""The shapes of what is answered to events, and how a result of the engine becomes one."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from bondfire.api.problems import Problem
from bondfire.api.shapes import Entry, Reason, TierChange, Wallet, entry_of, reason_of, tier_change_of
from bondfire.api.teller import Told
from bondfire.engine import Decision, explained
from bondfire.errors import BondfireError, Conflict, NotFound
from bondfire.events import Event, EventError
from bondfire.journal import Explanation, Result
from bondfire.kit import show_id

Outcome = Literal["accepted", "parked", "unmatched", "refused"]

_NO_WORDS: Final[dict[str, str | None]] = {"code": None, "message": None, "next_step": None}
_NOT_KNOWN: Final = ("unknown_member", "unknown_unit")


class EventAnswer(BaseModel):
    """What followed from an event. The same event again gets the same answer, as a duplicate."""

    event: str = Field(examples=["ord-1001"])
    source: str = Field(examples=["shop"])
    member: str = Field(description="The reference as sent.", examples=["c-17"])
    member_id: str = Field(examples=["mem_7f4k2v6q3znh5x2c4y6a7b3d2e"])
    outcome: Outcome = Field(
        description="parked: a return that waits for its purchase; unmatched: one for a person to look at."
    )
    duplicate: bool = Field(description="It came before; this is the first answer.")
    dry_run: bool = Field(description="Nothing was written.")
    version: int = Field(description="The programme version that decided.")
    entries: list[Entry]
    tier_changes: list[TierChange]
    reasons: list[Reason]
    wallets: dict[str, Wallet] | None = Field(
        description="By unit, after it; null in a dry run, for an old event, and for who is no member."
    )


class ToldEvent(EventAnswer):
    """An event that was decided before, with its reasons in plain words."""

    type: str = Field(examples=["order.placed"])
    occurred_at: datetime
    recorded_at: datetime
    sentences: list[str] = Field(description="Why, in plain words.")


class RefusedEvent(Problem):
    """The event was understood, and the programme says no; the decision is kept."""

    decision: EventAnswer | None = Field(
        None,
        description="Null for a conflict, for then the first event stands, and where nothing is decided.",
    )


class RowAnswer(BaseModel):
    """What became of one row of a batch."""

    index: int = Field(description="Its place in the batch, from 0.")
    event: str | None
    outcome: Literal["accepted", "parked", "unmatched", "refused", "duplicate", "conflict", "malformed"]
    status: int = Field(description="The HTTP status it would have had alone.")
    entries: int = Field(description="How many entries were posted.")
    code: str | None = None
    message: str | None = None
    next_step: str | None = None


class BatchAnswer(BaseModel):
    """What became of a batch: a bad row does not stop the good ones."""

    outcomes: dict[str, int] = Field(description="How many rows of each outcome.", examples=[{"accepted": 2}])
    results: list[RowAnswer]


Answer = dict[str, Any]
"""The fields of `EventAnswer`; a model would check again, for each event, what we made."""


def answer_of(result: Result, decision: Decision, wallets: dict[str, dict[str, str]] | None) -> Answer:
    """A decision for whoever sent the event."""
    return {
        "event": result.event,
        "source": result.source,
        "member": result.member,
        "member_id": show_id("mem", result.member_id),
        "duplicate": result.outcome == "duplicate",
        "dry_run": False,
        "wallets": wallets,
        **_decided(decision),
    }


def forecast_of(event: Event, member_id: UUID, decision: Decision) -> Answer:
    """What would follow from an event that was not written."""
    return {
        "event": event.id,
        "source": event.source,
        "member": event.member,
        "member_id": show_id("mem", member_id),
        "duplicate": False,
        "dry_run": True,
        "wallets": None,
        **_decided(decision),
    }


def told_event(member: str, told: Explanation) -> ToldEvent:
    """What the journal says of an event."""
    return ToldEvent(
        event=told.event,
        source=told.source,
        member=member,
        member_id=show_id("mem", told.member_id),
        duplicate=False,
        dry_run=False,
        wallets=None,
        type=told.type,
        occurred_at=told.occurred_at,
        recorded_at=told.recorded_at,
        sentences=told.sentences,
        **_decided(told.decision),
    )


def _decided(decision: Decision) -> Answer:
    return {
        "outcome": decision.outcome,
        "version": decision.version,
        "entries": [entry_of(entry) for entry in decision.entries],
        "tier_changes": [tier_change_of(change) for change in decision.tier_changes],
        "reasons": [reason_of(reason) for reason in explained(decision)],
    }


def refusal_of(said: Result | Decision) -> BondfireError | None:
    """The refusal or conflict that an answer is; None for an event that was taken."""
    if not said.code:
        return None
    kind = NotFound if said.code in _NOT_KNOWN else Conflict
    return kind(said.message, next_step=said.next_step, code=said.code)


def batch_of(told: Sequence[Told]) -> dict[str, Any]:
    """The fields of `BatchAnswer`: all rows, in their order, and how many of each outcome."""
    rows = [_row(index, one) for index, one in enumerate(told)]
    return {"outcomes": dict(sorted(Counter(row["outcome"] for row in rows).items())), "results": rows}


def _row(index: int, told: Told) -> dict[str, Any]:
    """The fields of `RowAnswer`."""
    result = told.result
    if result is None:
        status = told.error.status if told.error else EventError.status
        row = {"index": index, "event": None, "outcome": "malformed", "status": status, "entries": 0}
        return row | _words(told.error)
    refusal = refusal_of(result)
    return {
        "index": index,
        "event": result.event,
        "outcome": result.outcome,
        "status": refusal.status if refusal else 200,
        "entries": len(result.decision.entries) if result.decision else 0,
        **_words(refusal),
    }


def _words(error: BondfireError | None) -> dict[str, str | None]:
    if error is None:
        return _NO_WORDS
    said = error.as_dict()
    return {name: said[name] for name in _NO_WORDS}
