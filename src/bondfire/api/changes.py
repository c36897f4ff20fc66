"""Changes: what a request does is done once, and the same request sent again gets the same answer."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Annotated, Final

import msgspec
from fastapi import Header, Response
from pydantic import BaseModel

from bondfire.api.house import Caller
from bondfire.api.problems import MEDIA_TYPE, problem_response
from bondfire.db import Connection, savepoint
from bondfire.errors import BondfireError
from bondfire.idempotency import Answer, Asked, asked_of, claim, keep

JSON: Final = "application/json"

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A string of your own that names this request, such as a UUID. The same request with the "
        "same key gets the first answer again for 24 hours and changes nothing; another request with it is "
        "refused.",
        examples=['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    ),
]
"""`Idempotency-Key` of draft-ietf-httpapi-idempotency-key-header-07."""

UnusedIdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Taken and not needed: an event counts once for ever by its source, id and member.",
    ),
]


class _Coded(msgspec.Struct):
    """What of a problem goes into the log and the metrics."""

    code: str


def change(
    caller: Caller,
    act: Callable[[Connection], BaseModel],
    key: str | None,
    *,
    status: int = 200,
    not_kept: Collection[str] = (),
) -> Response:
    """Do something once, and answer.

    Args:
        caller: who asks.
        act: what is done, in one transaction; it may be run again.
        key: the `Idempotency-Key`, if one was sent. The answer then commits with what was done, a refusal
            too; only what says to come again (409 in progress, 429, 503) is no answer to keep.
        status: of the answer when it is done.
        not_kept: fields such as a secret that only the first answer holds; a repetition has null there.
    """
    if key is None:
        return _response(caller, _answer(caller.transact(act), status))
    asked = asked_of(key, *_request_of(caller))
    once = partial(_once, caller=caller, asked=asked, act=act, status=status, not_kept=not_kept)
    given, is_repeated = caller.transact(once)
    answer = _response(caller, given)
    if is_repeated:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _request_of(caller: Caller) -> tuple[str, bytes, bytes]:
    scope, body = caller.visit.scope, caller.visit.body
    return scope["method"], scope["raw_path"] + b"?" + scope["query_string"], body


def _once(
    conn: Connection,
    *,
    caller: Caller,
    asked: Asked,
    act: Callable[[Connection], BaseModel],
    status: int,
    not_kept: Collection[str],
) -> tuple[Answer, bool]:
    """The answer, and whether it is that of an earlier request."""
    given = claim(conn, caller.brand.id, asked, now=caller.house.now())
    if given is not None:
        return given, True
    try:
        with savepoint(conn):
            done = act(conn)
            answer = _answer(done, status)
            kept = _answer(done.model_copy(update=dict.fromkeys(not_kept)), status)
    except BondfireError as refusal:
        if refusal.status >= 500:
            raise
        said = problem_response(refusal)
        answer = kept = Answer(said.status_code, MEDIA_TYPE, bytes(said.body))
    keep(conn, caller.brand.id, asked, kept)
    return answer, False


def _answer(model: BaseModel, status: int) -> Answer:
    return Answer(status, JSON, model.model_dump_json().encode())


def _response(caller: Caller, answer: Answer) -> Response:
    if answer.media_type == MEDIA_TYPE:
        caller.visit.code = msgspec.json.decode(answer.body, type=_Coded).code
    return Response(answer.body, answer.status, media_type=answer.media_type)
