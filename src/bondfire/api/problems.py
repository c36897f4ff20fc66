"""Every refusal as a problem of RFC 9457: one place for ours, the framework's and the unexpected."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from bondfire.access import RateLimited
from bondfire.api.asgi import Receive, Scope, Send
from bondfire.api.visits import visit_of
from bondfire.errors import BadInput, BondfireError, NotFound
from bondfire.idempotency import KeyInUse

MEDIA_TYPE: Final = "application/problem+json"

_EXAMPLE: Final[dict[str, Any]] = {
    "type": "urn:bondfire:problem:unknown_type",
    "title": "Unknown type",
    "status": 422,
    "detail": "type is 'order.plced', which is not in the catalogue.",
    "code": "unknown_type",
    "next_step": 'Did you mean "order.placed"?',
    "errors": [{"field": "type", "code": "unknown_type", "message": "type is 'order.plced', ..."}],
}


class Problem(BaseModel):
    """What went wrong, for programs (`code`) and for people (`detail`, `next_step`); RFC 9457."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    type: str = Field(description="A URN made of the code.")
    title: str = Field(description="The code in words.")
    status: int = Field(description="The HTTP status, again.")
    detail: str = Field(description="One sentence for people.")
    code: str = Field(description="A stable word for programs; never changes once published.")
    next_step: str = Field(description="What to do about it.")
    errors: list[dict[str, Any]] = Field(description="The single mistakes, where there can be several.")


class UnknownRoute(NotFound):
    """There is nothing at this address."""

    code = "unknown_route"


class MethodNotAllowed(BondfireError):
    """The address is there, but not for this method."""

    status = 405
    code = "method_not_allowed"


class TooLarge(BondfireError):
    """More was sent than is read at once."""

    status = 413
    code = "too_large"


class WrongFields(BadInput):
    """Parameters or fields of a body that cannot be."""

    code = "bad_request"

    def __init__(
        self, message: str, *, next_step: str, code: str, mistakes: Sequence[Mapping[str, object]]
    ) -> None:
        super().__init__(message, next_step=next_step, code=code)
        self._mistakes = mistakes

    def details(self) -> Sequence[Mapping[str, object]]:
        """Each field that is wrong."""
        return self._mistakes


_SAYS: Final[dict[int, str]] = {
    400: "Nothing of it could be read; or something could not be taken, and there was no room to keep it.",
    401: "No API key was sent, or it is not known, was revoked or has expired.",
    403: "The key lacks the scope this needs.",
    404: "Nothing has that name.",
    409: "It contradicts what is already there, or the same request is still being worked on.",
    413: "More was sent than is read at once.",
    414: "The address is longer than 8,000 bytes.",
    415: "The body is packed by something else than gzip.",
    422: "What was sent cannot be understood; `errors` names the fields.",
    429: "More came than this key or its brand may send; `Retry-After` says when to come again.",
    503: "The database does not answer or is not ready.",
    507: "Something could not be taken, and there was no room to keep it; send it again later.",
}
EVERYWHERE: Final = (414, 415, 422)
"""What may be wrong with any request."""


def problem(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of an open route: these, and what may be wrong with any request."""
    return _described({*statuses, *EVERYWHERE})


def _described(statuses: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": _SAYS[status], "content": {MEDIA_TYPE: schema}} for status in sorted(statuses)
    }


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a guarded route: these, and those that every guarded route has."""
    return problem(*statuses, 401, 403, 413, 429, 503)


class ProblemResponse(JSONResponse):
    """A problem on its way out; the visit learns its code."""

    media_type = MEDIA_TYPE
    code = ""

    def render(self, content: object) -> bytes:
        """The problem as JSON, times and all."""
        return msgspec.json.encode(content)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        visit_of(scope).code = self.code
        await super().__call__(scope, receive, send)


def problem_response(error: BondfireError, extra: Mapping[str, object] | None = None) -> ProblemResponse:
    """A refusal as the answer to a request.

    Args:
        error: what is refused.
        extra: further members of the problem, such as the decision of an event.
    """
    answer = ProblemResponse({**error.as_problem(), **(extra or {})}, error.status, _headers_of(error))
    answer.code = error.code
    return answer


def _headers_of(error: BondfireError) -> dict[str, str]:
    if isinstance(error, RateLimited):
        return {"Retry-After": str(error.wait_seconds)}
    if isinstance(error, KeyInUse):
        return {"Retry-After": "1"}
    return _HEADERS.get(error.status, {})


_HEADERS: Final[Mapping[int, dict[str, str]]] = {
    401: {"WWW-Authenticate": 'Bearer realm="bondfire"'},
    415: {"Accept-Encoding": "gzip"},
    503: {"Retry-After": "1"},
}


def internal_problem() -> ProblemResponse:
    """The answer to a request that broke something here; what, is in the log under the id of the request."""
    broken = BondfireError(
        "Something went wrong here that should not have; nothing was stored.",
        next_step="Send it again; if it comes back, report it with the X-Request-Id of this answer.",
        code="internal",
    )
    broken.status = 500
    return problem_response(broken)


def add_handlers(app: FastAPI) -> None:
    """Turn everything that is refused into a problem."""
    app.add_exception_handler(BondfireError, _ours)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(RequestValidationError, _of_validation)


def _ours(_request: Request, error: Exception) -> Response:
    assert isinstance(error, BondfireError)  # noqa: S101 - registered for it
    return problem_response(error)


def _of_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    if isinstance(error.__cause__, BondfireError):  # of our own reader of bodies
        return problem_response(error.__cause__)
    if error.status_code == MethodNotAllowed.status:
        return _wrong_method(request)
    if error.status_code == NotFound.status:
        return problem_response(_unknown_route(request))
    refusal = BondfireError(str(error.detail), next_step="See /docs.")
    refusal.status = error.status_code
    return problem_response(refusal)


def _wrong_method(request: Request) -> Response:
    """Which methods an address takes: as the answer to OPTIONS, or beside the refusal of another one."""
    allowed = {"Allow": ", ".join(sorted(_methods_of(request)))}
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=allowed)
    refusal = MethodNotAllowed(
        f"This address is there, but not for {request.method[:20]}.",
        next_step=f"It takes {allowed['Allow']}.",
    )
    answer = problem_response(refusal)
    answer.headers.update(allowed)
    return answer


def _methods_of(request: Request) -> set[str]:
    """The methods of all routes of this address, with those that we answer ourselves."""
    path = request.scope["path"]
    methods: set[str] = {"OPTIONS"}
    for route in iter_route_contexts(request.app.routes):
        if route.methods and route.path_regex.fullmatch(path):
            methods |= route.methods
    return methods | ({"HEAD"} if "GET" in methods else set())


def _unknown_route(request: Request) -> UnknownRoute:
    path = request.scope["path"]
    bare = path.rstrip("/")
    next_step = f"Without the slash at the end: {bare[:200]}" if bare != path and bare else "See /docs."
    return UnknownRoute(f"There is nothing at {path[:200]}.", next_step=next_step)


def _of_validation(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    mistakes = [_mistake(found) for found in error.errors()]
    refusal = WrongFields(
        f"{mistakes[0]['field']}: {mistakes[0]['message']}",
        next_step="Correct the fields named in errors; /docs shows what is expected.",
        code="bad_json" if mistakes[0]["code"] == "json_invalid" else "bad_request",
        mistakes=mistakes,
    )
    return problem_response(refusal)


def _mistake(found: Mapping[str, Any]) -> dict[str, object]:
    place, *path = found["loc"]
    if found["type"] == "json_invalid":
        reason = found.get("ctx", {}).get("error", found["msg"])
        at = path[0] if path else 0
        return {"field": "body", "code": "json_invalid", "message": f"not JSON at character {at}: {reason}."}
    field = ".".join(str(step) for step in path) or str(place)
    return {"field": field, "code": found["type"], "message": f"{found['msg']}."}
