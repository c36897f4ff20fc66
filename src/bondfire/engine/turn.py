"""One turn: the programme, the member and the pen that a decision is made with."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bondfire.engine.model import Decision, MemberState, Outcome, Reason, TierChange
from bondfire.events import Event
from bondfire.kit import end_of
from bondfire.ledger import Book, Cause
from bondfire.programs import Program, Timeline, Version

_LESS_THAN_A_DAY: Final = timedelta(hours=20)
"""A month that stays open for a day or more cannot have closed within this, whatever the clocks did."""


class Turn:
    """What is at hand while one event is decided.

    Attributes:
        now: how far the member's time has come with this event.
        effective_at: when the event happened; rules, windows and expiry count from here (L16).
        version: the programme version valid then.
    """

    def __init__(
        self, timeline: Timeline, state: MemberState, *, now: datetime, effective_at: datetime
    ) -> None:
        self.timeline = timeline
        self.state = state
        self.now = now
        self.effective_at = effective_at
        self.version: Version = timeline.at(effective_at)
        self.book = Book(state.ledger)
        self.reasons: list[Reason] = []
        self.tier_changes: list[TierChange] = []

    @property
    def program(self) -> Program:
        """The programme as it was when the event happened."""
        return self.version.program

    def cause(self, event: str, *, rule: str = "", version: int | None = None, reverses: int = 0) -> Cause:
        """Why something is posted now for what happened at `effective_at`."""
        return Cause(
            event=event,
            version=self.version.number if version is None else version,
            effective_at=self.effective_at,
            posted_at=self._posted_at(),
            rule=rule,
            reverses=reverses,
        )

    def _posted_at(self) -> datetime:
        """In the books when it happened, unless that month is closed: then now (L16)."""
        zone, close_after = self.program.zone, self.program.books.close_after
        lateness = self.now - self.effective_at
        if not lateness or (any(close_after) and lateness < _LESS_THAN_A_DAY):
            return self.effective_at
        month_ends_at = end_of("month", self.effective_at, zone)
        open_until = close_after.after(month_ends_at, zone)
        return self.effective_at if self.now < open_until else self.now

    def because(self, code: str, **details: object) -> None:
        """Add a reason to the explanation."""
        self.reasons.append(Reason(code, **details))  # type: ignore[arg-type]  # checked by msgspec's tests

    def move_tier(self, change: TierChange) -> None:
        """Write a tier change into the member's chain and the decision."""
        self.tier_changes.append(change)
        self.book.seal(
            f"{change.tier_set}|{change.before}|{change.after}|{change.at.isoformat()}|{change.why}"
        )

    def decided(self, outcome: Outcome = "accepted") -> Decision:
        """The decision as it stands."""
        return Decision(outcome, self.version.number, self.book.entries, self.tier_changes, self.reasons)


def event_money(event: Event, name: str) -> Decimal | None:
    """An amount of an event, or None when it was not sent."""
    amount = event.body.get(name)
    return amount if isinstance(amount, Decimal) else None


def event_text(event: Event, name: str) -> str:
    """A text of an event, or "" when it was not sent."""
    text = event.body.get(name)
    return text if isinstance(text, str) else ""
