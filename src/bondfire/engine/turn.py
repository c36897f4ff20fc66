"""One turn: the programme, the member and the pen that a decision is made with."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from bondfire.engine.model import Decision, MemberState, Outcome, Reason
from bondfire.engine.past import BudgetKey, Counted
from bondfire.engine.tiers import TierChange
from bondfire.events import Event
from bondfire.kit import Day, day_of, end_of
from bondfire.ledger import Book, Cause
from bondfire.programs import Program, Timeline, Version

_LESS_THAN_A_DAY: Final = timedelta(hours=20)
"""A month that stays open for a day or more cannot have closed within this, whatever the clocks did."""


class Turn(msgspec.Struct, gc=False):
    """What is at hand while one event is decided (see `begin`).

    Attributes:
        now: how far the member's time has come with this event.
        effective_at: when the event happened; rules, windows and expiry count from here (L16). `day` is the
            local day of it.
        posted_at: when what follows from it counts in the books.
        version, program: the programme as it was when the event happened.
        told, tier_changes, member, used, counted, budgets_seen, budgets_used: see `Decision`.
        scored: what counts for leaderboards, by name and the first instant of the period.
        budgets: by key, how much was used before of the budgets that may pay; what is not named is unused.
    """

    timeline: Timeline
    state: MemberState
    now: datetime
    effective_at: datetime
    version: Version
    program: Program
    day: Day
    posted_at: datetime
    book: Book
    told: list[Reason] = []
    tier_changes: list[TierChange] = []
    member: dict[str, Any] = {}
    used: dict[int, Decimal] = {}
    counted: Counted = {}
    budgets: Mapping[str, Decimal] = {}
    budgets_seen: dict[str, Decimal] = {}
    budgets_used: dict[BudgetKey, Decimal] = {}
    scored: dict[tuple[str, datetime], Decimal] = {}

    def cause(self, event: str, *, rule: str = "", version: int | None = None, reverses: int = 0) -> Cause:
        """Why something is posted now for what happened at `effective_at`."""
        number = self.version.number if version is None else version
        return Cause(event, number, self.effective_at, self.posted_at, rule, reverses)

    def because(self, code: str, **details: object) -> None:
        """Add a reason to the explanation."""
        self.told.append(Reason(code, **details))  # type: ignore[arg-type]  # checked by msgspec's tests

    def move_tier(self, change: TierChange) -> None:
        """Write a tier change into the member's chain and the decision."""
        self.tier_changes.append(change)
        self.book.note(change)

    def decided(self, outcome: Outcome, event: Event | None) -> Decision:
        """The decision as it stands."""
        return Decision(
            outcome,
            self.version,
            self.book.entries,
            self.tier_changes,
            self.told,
            self.member,
            event,
            self.used,
            counted=self.counted,
            budgets_seen=self.budgets_seen,
            budgets_used=self.budgets_used,
        )


def begin(timeline: Timeline, state: MemberState, *, now: datetime, effective_at: datetime) -> Turn:
    """The turn about something that happened to a member, whose time comes up to `now` with it."""
    version = timeline.at(effective_at)
    program = version.program
    day = day_of(effective_at, program.zone)
    posted_at = effective_at if now == effective_at else _posted_at(program, effective_at, now)
    return Turn(timeline, state, now, effective_at, version, program, day, posted_at, Book(state.ledger))


def _posted_at(program: Program, effective_at: datetime, now: datetime) -> datetime:
    """In the books when it happened, unless that month is closed: then now (L16)."""
    close_after = program.books.close_after
    if any(close_after) and now - effective_at < _LESS_THAN_A_DAY:
        return effective_at
    month_ends_at = end_of("month", effective_at, program.zone)
    return effective_at if now < close_after.after(month_ends_at, program.zone) else now


def event_money(event: Event, name: str) -> Decimal | None:
    """An amount of an event, or None when it was not sent."""
    amount = event.body.get(name)
    return amount if isinstance(amount, Decimal) else None


def decided_by(event: Event) -> str:
    """Why a person decided so, and who it was."""
    return f"{event_text(event, 'reason')} ({event_text(event, 'actor')})"


def event_text(event: Event, name: str) -> str:
    """A text of an event, or "" when it was not sent."""
    text = event.body.get(name)
    return text if isinstance(text, str) else ""
