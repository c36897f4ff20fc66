"""Events: what customers did goes in, what follows comes out with every reason."""

from collections import Counter
from functools import partial
from typing import Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from bondfire.api.answers import (
    BatchAnswer,
    EventAnswer,
    ToldEvent,
    answer_of,
    batch_of,
    forecast_of,
    malformed_row,
    refusal_of,
    row_of,
    told_event,
)
from bondfire.api.batches import Row, read_row, read_rows
from bondfire.api.bodies import RawBody
from bondfire.api.changes import UnusedIdempotencyKey
from bondfire.api.examples import MANY_EVENTS, ONE_EVENT
from bondfire.api.guard import MayReadEvents, MayWriteEvents
from bondfire.api.house import Caller
from bondfire.api.names import EventId
from bondfire.api.problems import MEDIA_TYPE, problem_response, problems
from bondfire.api.shapes import Wallet, wallet_of
from bondfire.db import Connection
from bondfire.errors import BondfireError
from bondfire.events import EventError
from bondfire.journal import Result, explain_event, process_events
from bondfire.journal import dry_run as try_event
from bondfire.ledger import Wallet as Balances
from bondfire.members import find_member
from bondfire.programs import Timeline

router = APIRouter(prefix="/v1/events", tags=["events"])


class Said(NamedTuple):
    """What is said to an event: the decision, and the refusal that it is; a conflict has no decision."""

    type: str
    outcome: str
    answer: EventAnswer | None
    refusal: BondfireError | None


_AT_ONCE: Final = 1_000
"""Events in one transaction."""

_SCHEMA: Final = {"schema": {"$ref": "#/components/schemas/RefusedEvent"}}
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "Refused: the member or the unit is not known.", "content": {MEDIA_TYPE: _SCHEMA}},
    409: {
        "description": "Refused by the programme, with the decision; or a conflict: the same identity came "
        "before with another body, and the first stands.",
        "content": {MEDIA_TYPE: _SCHEMA},
    },
}
DryRun = Annotated[bool, Query(description="Say what would follow and write nothing.")]


@router.post("", responses={**problems(413), **_REFUSED}, openapi_extra=ONE_EVENT, response_model=EventAnswer)
def post_event(
    caller: MayWriteEvents,
    body: RawBody,
    dry_run: DryRun = False,  # noqa: FBT002 - a query parameter
    _key: UnusedIdempotencyKey = None,
) -> EventAnswer | JSONResponse:
    """Send one event and read the decision: outcome, entries, tier changes, reasons, wallets after it.

    Accepted, parked, unmatched and repeated events answer 200. What the programme refuses answers 409, or
    404 when the member or the unit is not known, as a problem with the decision in it.
    """
    said = caller.read(lambda conn: _try_out(conn, caller, body)) if dry_run else _counted(caller, body)
    if said.refusal is not None:
        decision = said.answer.model_dump(mode="json") if said.answer else None
        return problem_response(said.refusal, {"decision": decision})
    assert said.answer is not None  # noqa: S101 - either a refusal or a decision, or both
    return said.answer


def _counted(caller: Caller, body: bytes) -> Said:
    try:
        said = caller.transact(lambda conn: _take(conn, caller, body))
    except EventError:
        caller.count({("unknown", "malformed"): 1})
        raise
    caller.count({(said.type, said.outcome): 1})
    return said


@router.post("/batch", responses=problems(404, 413), openapi_extra=MANY_EVENTS)
def post_events(
    caller: MayWriteEvents, body: RawBody, request: Request, _key: UnusedIdempotencyKey = None
) -> BatchAnswer:
    """Send up to 10,000 events; each row stands or falls alone, and sending it all again changes nothing."""
    timeline = caller.read(caller.timeline)
    media_type = request.headers.get("content-type", "application/json")
    rows = read_rows(body, media_type, timeline.newest.program.catalogue, recorded_at=caller.recorded_at)
    caller.take_rows(len(rows))
    answers = [malformed_row(row.place, row.error) for row in rows if row.error is not None]
    caller.count({("unknown", "malformed"): len(answers)})
    good = [row for row in rows if row.event is not None]
    for first in range(0, len(good), _AT_ONCE):
        chunk = good[first : first + _AT_ONCE]
        results = caller.transact(partial(_take_rows, caller=caller, rows=chunk))
        caller.count(Counter((row.type, one.outcome) for row, one in zip(chunk, results, strict=True)))
        answers += [row_of(row.place, result) for row, result in zip(chunk, results, strict=True)]
    return batch_of(answers)


@router.get("/{event}", responses=problems(404))
def get_event(
    caller: MayReadEvents,
    event: EventId,
    member: Annotated[str, Query(description="Whose it is: a reference or an id.", examples=["c-17"])],
    source: Annotated[str, Query(description="Who sent it.", examples=["shop"])] = "api",
) -> ToldEvent:
    """Read what was decided about an event, and why, in plain words."""

    def act(conn: Connection) -> ToldEvent:
        timeline, member_id = caller.timeline(conn), find_member(conn, caller.brand, member)
        told = explain_event(conn, caller.brand, timeline, member_id=member_id, source=source, event_id=event)
        return told_event(member, told)

    return caller.read(act)


def _take_rows(conn: Connection, caller: Caller, rows: list[Row]) -> list[Result]:
    events = [row.event for row in rows if row.event is not None]
    results = process_events(conn, caller.brand, caller.timeline(conn), events)
    caller.move_clock(conn, events)
    return results


def _take(conn: Connection, caller: Caller, body: bytes) -> Said:
    timeline = caller.timeline(conn)
    event = read_row(body, timeline.newest.program.catalogue, recorded_at=caller.recorded_at)
    (result,) = process_events(conn, caller.brand, timeline, [event], with_wallets=True)
    caller.move_clock(conn, [event])
    answer = None
    if result.decision is not None:
        answer = answer_of(result, result.decision, _wallets(timeline, result))
    return Said(event.type, result.outcome, answer, refusal_of(result))


def _try_out(conn: Connection, caller: Caller, body: bytes) -> Said:
    timeline = caller.timeline(conn)
    event = read_row(body, timeline.newest.program.catalogue, recorded_at=caller.recorded_at)
    decision = try_event(conn, caller.brand, timeline, event)
    member_id = find_member(conn, caller.brand, event.member)
    return Said(event.type, decision.outcome, forecast_of(event, member_id, decision), refusal_of(decision))


def _wallets(timeline: Timeline, result: Result) -> dict[str, Wallet] | None:
    """Every unit of the programme, also those that the member never had."""
    if result.wallets is None:
        return None
    units = sorted(timeline.newest.program.units.keys() | result.wallets.keys())
    return {unit: wallet_of(result.wallets.get(unit, Balances())) for unit in units}
