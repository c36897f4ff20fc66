"""Events: what customers did goes in, what follows comes out with every reason."""

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from bondfire.api.answers import (
    Answer,
    BatchAnswer,
    EventAnswer,
    ToldEvent,
    answer_of,
    batch_of,
    forecast_of,
    refusal_of,
    told_event,
)
from bondfire.api.asgi import header_of
from bondfire.api.batches import read_row, split_rows
from bondfire.api.changes import JSON, UnusedIdempotencyKey
from bondfire.api.examples import MANY_EVENTS, ONE_EVENT
from bondfire.api.express import Lane
from bondfire.api.guard import MayReadEvents, MayWriteEvents
from bondfire.api.house import Caller
from bondfire.api.languages import AskedLanguage
from bondfire.api.names import EventId
from bondfire.api.problems import MEDIA_TYPE, problem_response, problems
from bondfire.api.shapes import wallet_of
from bondfire.api.teller import Told
from bondfire.db import Connection
from bondfire.errors import BondfireError
from bondfire.journal import Result, explain_event
from bondfire.journal import dry_run as try_event
from bondfire.ledger import Wallet as Balances
from bondfire.members import find_member
from bondfire.programs import Timeline

router = APIRouter(prefix="/v1/events", tags=["events"])


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


write_json: Final = msgspec.json.Encoder().encode


@router.post("", responses={**problems(413), **_REFUSED}, openapi_extra=ONE_EVENT, response_model=EventAnswer)
async def post_event(
    caller: MayWriteEvents,
    dry_run: DryRun = False,  # noqa: FBT002 - a query parameter
    _key: UnusedIdempotencyKey = None,
) -> Response:
    """Send one event and read the decision: outcome, entries, tier changes, reasons, wallets after it.

    Accepted, parked, unmatched and repeated events answer 200. What the programme refuses answers 409, or
    404 when the member or the unit is not known, as a problem with the decision in it.
    """
    if dry_run:
        return await run_in_threadpool(caller.read, partial(_try_out, caller=caller))
    return await take_event(caller)


async def take_event(caller: Caller) -> Response:
    """Take the event in the body, and answer what follows."""
    decided = await caller.house.teller.decide(
        caller.brand, [caller.visit.body], recorded_at=caller.recorded_at, with_wallets=True
    )
    (told,) = decided.rows
    caller.count(Counter([_counted(told)]))
    if told.error is not None:
        raise told.error
    result = told.result
    assert result is not None  # noqa: S101 - either an error or a result
    answer = None
    if result.decision is not None:
        answer = answer_of(result, result.decision, _wallets(decided.timeline, result))
    return _response(answer, refusal_of(result))


def _try_out(conn: Connection, caller: Caller) -> Response:
    timeline = caller.timeline(conn)
    catalogue = timeline.newest.program.catalogue
    event = read_row(caller.visit.body, catalogue, recorded_at=caller.recorded_at)
    decision = try_event(conn, caller.brand, timeline, event)
    member_id = find_member(conn, caller.brand, event.member)
    return _response(forecast_of(event, member_id, decision), refusal_of(decision))


def _response(answer: Answer | None, refusal: BondfireError | None) -> Response:
    """The decision, or the refusal that it is; a conflict has no decision."""
    if refusal is not None:
        return problem_response(refusal, {"decision": answer})
    return Response(write_json(answer), media_type=JSON)


def _wallets(timeline: Timeline, result: Result) -> dict[str, dict[str, str]] | None:
    """Every unit of the programme, also those that the member never had."""
    if result.wallets is None:
        return None
    units = sorted(timeline.newest.program.units.keys() | result.wallets.keys())
    return {unit: wallet_of(result.wallets.get(unit, Balances())) for unit in units}


@router.post("/batch", responses=problems(404, 413), openapi_extra=MANY_EVENTS, response_model=BatchAnswer)
async def post_events(caller: MayWriteEvents, _key: UnusedIdempotencyKey = None) -> Response:
    """Send up to 10,000 events; each row stands or falls alone, and sending it all again changes nothing."""
    return await take_events(caller)


async def take_events(caller: Caller) -> Response:
    """Take the events in the body, and answer what became of each; it works in a thread."""
    return await run_in_threadpool(_take_events, caller)


def _take_events(caller: Caller) -> Response:
    visit = caller.visit
    media_type = (header_of(visit.scope, b"content-type") or JSON.encode()).decode("latin-1")
    rows = split_rows(visit.body, media_type)
    caller.take_rows(len(rows))
    told = caller.house.teller.decide_all(caller.brand, rows, recorded_at=caller.recorded_at)
    caller.count(Counter(map(_counted, told)))
    return Response(write_json(batch_of(told)), media_type=JSON)


def _counted(told: Told) -> tuple[str, str]:
    """Type and outcome, for the metrics; only the catalogue's types are ever told."""
    if told.event is None or told.result is None:
        return "unknown", "malformed"
    return told.event.type, told.result.outcome


LANES: Final[Mapping[str, Lane]] = {
    router.prefix: ("events:write", take_event),
    f"{router.prefix}/batch": ("events:write", take_events),
}


@router.get("/{event}", responses=problems(404))
def get_event(
    caller: MayReadEvents,
    event: EventId,
    member: Annotated[str, Query(description="Whose it is: a reference or an id.", examples=["c-17"])],
    source: Annotated[str, Query(description="Who sent it.", examples=["shop"])] = "api",
    *,
    language: AskedLanguage,
) -> ToldEvent:
    """Read what was decided about an event, and why, in plain words of the language asked for."""

    def act(conn: Connection) -> ToldEvent:
        timeline, member_id = caller.timeline(conn), find_member(conn, caller.brand, member)
        told = explain_event(
            conn,
            caller.brand,
            timeline,
            member_id=member_id,
            source=source,
            event_id=event,
            language=language,
        )
        return told_event(member, told)

    return caller.read(act)
