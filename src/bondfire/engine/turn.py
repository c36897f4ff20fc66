"""One turn: the programme, the member and the pen that a decision is made with."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from bondfire.engine.model import Decision, MemberState, Outcome, Reason, TierChange
from bondfire.events import Event
from bondfire.kit import Day, day_of, end_of
from bondfire.ledger import Book, Cause
from bondfire.programs import Timeline

_LESS_THAN_A_DAY: Final = timedelta(hours=20)
"""A month that stays open for a day or more cannot have closed within this, whatever the clocks did."""


class Turn:
    """What is at hand while one event is decided.

    Attributes:
        now: how far the member's time has come with this event.
        effective_at: when the event happened; rules, windows and expiry count from here (L16).
        posted_at: when what follows from it counts in the books.
        version, program: the programme as it was when the event happened.
        told, tier_changes, member, used: see `Decision`.
    """

    __slots__ = (
        *("_day", "book", "effective_at", "member", "now", "posted_at", "program", "state"),
        *("tier_changes", "timeline", "told", "used", "version"),
    )

    def __init__(
        self, timeline: Timeline, state: MemberState, *, now: datetime, effective_at: datetime
    ) -> None:
        self.timeline = timeline
        self.state = state
        self.now = now
        self.effective_at = effective_at
        self.version = timeline.at(effective_at)
        self.program = self.version.program
        self.posted_at = effective_at if now == effective_at else self._posted_at()
        self.book = Book(state.ledger)
        self.told: list[Reason] = []
        self.tier_changes: list[TierChange] = []
        self.member: dict[str, Any] = {}
        self.used: dict[int, Decimal] = {}
        self._day: Day | None = None

    def _posted_at(self) -> datetime:
        """In the books when it happened, unless that month is closed: then now (L16)."""
        close_after = self.program.books.close_after
        if any(close_after) and self.now - self.effective_at < _LESS_THAN_A_DAY:
            return self.effective_at
        month_ends_at = end_of("month", self.effective_at, self.program.zone)
        open_until = close_after.after(month_ends_at, self.program.zone)
        return self.effective_at if self.now < open_until else self.now

    def cause(self, event: str, *, rule: str = "", version: int | None = None, reverses: int = 0) -> Cause:
        """Why something is posted now for what happened at `effective_at`."""
        number = self.version.number if version is None else version
        return Cause(event, number, self.effective_at, self.posted_at, rule, reverses)

    def day(self) -> Day:
        """The local day on which the event happened."""
        if self._day is None:
            self._day = day_of(self.effective_at, self.program.zone)
        return self._day

    def because(self, code: str, **details: object) -> None:
        """Add a reason to the explanation."""
        self.told.append(Reason(code, **details))  # type: ignore[arg-type]  # checked by msgspec's tests

    def move_tier(self, change: TierChange) -> None:
        """Write a tier change into the member's chain and the decision."""
        self.tier_changes.append(change)
        self.book.note(
            f"{change.tier_set}|{change.before}|{change.after}|{change.at.isoformat()}|{change.why}"
        )

    def seal(self, text: str) -> None:
        """Close what was written since the last seal."""
        self.book.seal(text)

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
        )


def event_money(event: Event, name: str) -> Decimal | None:
    """An amount of an event, or None when it was not sent."""
    amount = event.body.get(name)
    return amount if isinstance(amount, Decimal) else None


def event_text(event: Event, name: str) -> str:
    """A text of an event, or "" when it was not sent."""
    text = event.body.get(name)
    return text if isinstance(text, str) else ""
