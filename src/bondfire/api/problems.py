"""Every refusal as a problem of RFC 9457: one place for ours, the framework's and the unexpected."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from bondfire.errors import BadInput, BondfireError, NotFound

MEDIA_TYPE: Final = "application/problem+json"
_log = logging.getLogger("bondfire.api")

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
    401: "No API key was sent, or it is not known, or it was revoked.",
    403: "The key lacks the scope this needs.",
    404: "Nothing has that name.",
    409: "It contradicts what is already there.",
    413: "More was sent than is read at once.",
    422: "What was sent cannot be understood; `errors` names the fields.",
    507: "Something could not be taken, and there was no room to keep it; send it again later.",
    503: "The database does not answer or is not ready.",
}


def problem(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Refusals as the OpenAPI document describes them."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": _SAYS[status], "content": {MEDIA_TYPE: schema}} for status in sorted(statuses)
    }


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a guarded route: these, and those that every guarded route has."""
    return problem(*{*statuses, 401, 403, 422, 503})


def problem_response(error: BondfireError, extra: Mapping[str, object] | None = None) -> JSONResponse:
    """A refusal as the answer to a request.

    Args:
        error: what is refused.
        extra: further members of the problem, such as the decision of an event.
    """
    headers = {401: {"WWW-Authenticate": 'Bearer realm="bondfire"'}, 503: {"Retry-After": "1"}}
    content = {**error.as_problem(), **(extra or {})}
    return JSONResponse(content, error.status, headers.get(error.status), media_type=MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Turn everything that is raised into a problem."""
    app.add_exception_handler(BondfireError, _ours)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(Exception, _unexpected)


def _ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BondfireError)  # noqa: S101 - registered for it
    return problem_response(error)


def _of_framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    path = request.url.path
    refusal: BondfireError
    if error.status_code == MethodNotAllowed.status:
        refusal = MethodNotAllowed(
            f"{path} is there, but not for {request.method}.", next_step="See /docs for what it takes."
        )
    elif error.status_code == NotFound.status:
        refusal = UnknownRoute(f"There is nothing at {path}.", next_step="See /docs.")
    else:
        refusal = BondfireError(str(error.detail), next_step="See /docs.")
        refusal.status = error.status_code
    return problem_response(refusal)


def _of_validation(_request: Request, error: Exception) -> JSONResponse:
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


def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    _log.error("unexpected error", exc_info=error)
    broken = BondfireError(
        "Something went wrong here that should not have; nothing was stored.",
        next_step="Send it again; if it comes back, report it with the time.",
        code="internal",
    )
    broken.status = 500
    return problem_response(broken)
