"""The tree of expected refusals: what went wrong, how to answer it, and what to do next.

    BondfireError            400  error
    ├── BadInput             422  what was sent cannot be understood
    ├── NotFound             404  nothing has that name
    ├── Conflict             409  it contradicts what is already there
    ├── NotAllowed           403  the key or the person may not
    ├── NotAuthenticated     401  nobody said who they are
    └── NotReady             503  the house cannot work like this (database, settings, schema)

Each folder derives its own errors from these; one handler in the API renders them as
problem+json (RFC 9457) and one in the command line as text or JSON.
"""

from collections.abc import Mapping, Sequence

__all__ = [
    "BadInput",
    "BondfireError",
    "Conflict",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "NotReady",
]


class BondfireError(Exception):
    """An expected refusal.

    Attributes:
        status: HTTP status that fits it.
        code: stable word for programs; never changes once published.
        message: one sentence for people, naming the file, line or field.
        next_step: one sentence that says what to do about it.
    """

    status = 400
    code = "error"

    def __init__(self, message: str, *, next_step: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        if code:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()

    def as_dict(self) -> dict[str, str]:
        """The refusal for JSON output: code, message, next_step."""
        return {"code": self.code, "message": self.message, "next_step": self.next_step}

    def details(self) -> Sequence[Mapping[str, object]]:
        """The single mistakes, each at least with code and message, where there can be several."""
        return ()

    def as_problem(self) -> dict[str, object]:
        """The refusal as a problem of RFC 9457, as the API and the command line answer it."""
        return {
            "type": f"urn:bondfire:problem:{self.code}",
            "title": self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": self.message,
            "code": self.code,
            "next_step": self.next_step,
            "errors": [dict(detail) for detail in self.details()],
        }


class BadInput(BondfireError):
    """What was sent cannot be understood."""

    status = 422
    code = "bad_input"


class NotFound(BondfireError):
    """Nothing has that name."""

    status = 404
    code = "not_found"


class Conflict(BondfireError):
    """It contradicts what is already there."""

    status = 409
    code = "conflict"


class NotAllowed(BondfireError):
    """The key or the person may not do this."""

    status = 403
    code = "not_allowed"


class NotAuthenticated(BondfireError):
    """Nobody said who they are."""

    status = 401
    code = "not_authenticated"


class NotReady(BondfireError):
    """The house cannot work like this: database, settings or schema."""

    status = 503
    code = "not_ready"
