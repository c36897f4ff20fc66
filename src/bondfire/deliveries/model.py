"""What becomes of a delivery: parcels with what they say, and what was done with each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bondfire.doors import SHOPS, Parcel, Reading, Terms, read_parcel
from bondfire.errors import BondfireError
from bondfire.events import Catalogue, Event, EventError, parse_live_event
from bondfire.journal import Result
from bondfire.programs import Timeline


class RejectsFull(BondfireError):
    """Something could not be taken, and there is no room to keep it: it is not acknowledged."""

    status = 507
    code = "rejects_full"


@dataclass(frozen=True)
class Taken:
    """What was done with a parcel.

    Attributes:
        results: what became of its events.
        amended: whether the member's personal data or names changed.
        problem: why it was not taken, or not wholly.
        reject_id: under which it is kept; None when it was taken wholly, or nothing of it could be kept.
        is_lost: it was not taken wholly and there was no room to keep it; it must not be acknowledged.
    """

    parcel: Parcel
    reading: Reading
    results: tuple[Result, ...] = ()
    amended: bool = False
    problem: BondfireError | None = None
    reject_id: UUID | None = None
    is_lost: bool = False


@dataclass
class Work:
    """A parcel while it is being taken."""

    parcel: Parcel
    reading: Reading
    events: list[Event] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    amended: bool = False
    problem: BondfireError | None = None
    waits_for: str | None = None

    @property
    def order_placed(self) -> str:
        """The order of a shop that this parcel places; empty for every other parcel."""
        if self.parcel.door not in SHOPS:
            return ""
        placed = (event for event in self.events if event.type == "order.placed")
        return next((str(event.body["order"]) for event in placed), "")

    def read_events(self, member: str, catalogue: Catalogue, *, recorded_at: datetime | None) -> None:
        """Make events of what the parcel says, of all of it or of nothing.

        Args:
            member: whose they are; empty for those that say it themselves.
            catalogue: which types there are.
            recorded_at: the wall clock; None for a brand that lives by its events.
        """
        try:
            self.events = [
                parse_live_event(
                    {**raw, "member": member or raw.get("member")}, catalogue, recorded_at=recorded_at
                )
                for raw in self.reading.events
            ]
        except EventError as problem:
            self.events, self.problem = [], problem


def read_all(parcels: Sequence[Parcel], timeline: Timeline) -> list[Work]:
    """What each parcel says under the programme in force."""
    program = timeline.newest.program
    terms = Terms(catalogue=program.catalogue, currency=program.currency)
    readings = [(parcel, read_parcel(parcel, terms)) for parcel in parcels]
    return [Work(parcel, reading, problem=reading.problem) for parcel, reading in readings]
