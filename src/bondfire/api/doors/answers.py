"""What is answered to a delivery: one row a parcel, with what became of its events."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

from pydantic import BaseModel, Field

from bondfire.deliveries import Taken
from bondfire.journal import Result
from bondfire.kit import show_id

EventOutcome = Literal["accepted", "parked", "unmatched", "refused", "duplicate"]
Outcome = Literal["accepted", "parked", "unmatched", "refused", "duplicate", "nothing", "rejected", "lost"]

_WEIGHTIEST: Final[tuple[EventOutcome, ...]] = ("refused", "unmatched", "parked", "accepted", "duplicate")


class DeliveredEvent(BaseModel):
    """What became of one event."""

    event: str = Field(description="Its id.", examples=["order-450789469"])
    source: str = Field(examples=["shop-de"])
    outcome: EventOutcome
    code: str | None = Field(None, description="Why the programme refused it.")
    message: str | None = None


class DeliveredRow(BaseModel):
    """What became of one thing that was delivered."""

    index: int = Field(description="Its place in what was sent, from 0.")
    outcome: Outcome = Field(
        description="nothing: understood, and nothing follows; rejected: kept among the rejects; lost: it "
        "could not be taken, and there was no room to keep it."
    )
    events: list[DeliveredEvent]
    reject: str | None = Field(None, description="Its id among the rejects.", examples=["rej_7f4k2v6q3z"])
    code: str | None = None
    message: str | None = None
    next_step: str | None = None
    note: str | None = None


class DeliveryAnswer(BaseModel):
    """What became of a delivery, of which everything was taken or kept."""

    success: Literal[True] = True
    outcomes: dict[str, int] = Field(description="How many rows of each outcome.", examples=[{"accepted": 2}])
    results: list[DeliveredRow]


def answer_of(taken: Sequence[Taken]) -> DeliveryAnswer:
    """The answer to a delivery."""
    rows = [row_of(index, one) for index, one in enumerate(taken)]
    outcomes = Counter(row.outcome for row in rows)
    return DeliveryAnswer(outcomes=dict(sorted(outcomes.items())), results=rows)


def row_of(index: int, taken: Taken) -> DeliveredRow:
    """What became of one parcel."""
    problem = taken.problem
    said = {} if problem is None else {**problem.as_dict()}
    return DeliveredRow(
        index=index,
        outcome=_outcome(taken),
        events=[_event(result) for result in taken.results],
        reject=show_id("rej", taken.reject_id) if taken.reject_id else None,
        code=said.get("code"),
        message=said.get("message"),
        next_step=said.get("next_step"),
        note=taken.reading.note or None,
    )


def _outcome(taken: Taken) -> Outcome:
    if taken.is_lost:
        return "lost"
    if taken.problem is not None:
        return "rejected"
    outcomes = {_event_outcome(result) for result in taken.results}
    found = next((outcome for outcome in _WEIGHTIEST if outcome in outcomes), None)
    return found or ("accepted" if taken.amended else "nothing")


def _event(result: Result) -> DeliveredEvent:
    refused = result.outcome == "refused"
    return DeliveredEvent(
        event=result.event,
        source=result.source,
        outcome=_event_outcome(result),
        code=result.code if refused else None,
        message=result.message if refused else None,
    )


def _event_outcome(result: Result) -> EventOutcome:
    """A conflict that is no problem differs in a time that we had guessed: it is the same again."""
    return "duplicate" if result.outcome == "conflict" else result.outcome
