"""A visit: what is known of one request from its first byte to its last."""

import re
from dataclasses import dataclass
from random import Random
from time import perf_counter
from typing import Final

from bondfire.access import Allowance, Key
from bondfire.api.asgi import Scope, header_of
from bondfire.programs import Brand

_VISIT: Final = "bondfire.visit"
_chance: Final = Random()  # noqa: S311 - names requests, guards nothing; the system's would wait for its turn
_SANE_ID: Final = re.compile(rb"[A-Za-z0-9_-]{8,64}")
"""No @ and no dot: an e-mail address must not get into the log as an id."""

_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


@dataclass(slots=True)
class Visit:
    """What is known of a request so far. The framework's routes fill it, and so does a raw ASGI route.

    Attributes:
        method: one of those there are, or `other`: anybody can make one up.
        scope: as the routes see it; they leave their route there.
        route: the template of the path, where a raw route says it itself.
        body: read to its end, without content coding.
        key, brand: who was let in.
        allowance: what the rate limits leave them.
        status: of the answer; 0 while there is none. code: of the problem that it is.
    """

    request_id: str
    method: str
    scope: Scope
    began: float
    route: str = ""
    body: bytes = b""
    key: Key | None = None
    brand: Brand | None = None
    allowance: Allowance | None = None
    status: int = 0
    code: str = ""

    @property
    def template(self) -> str:
        """The template of the route, such as `/v1/members/{member}`; never the path, which names members."""
        return self.route or getattr(self.scope.get("route"), "path_format", "") or "none"


def begin_visit(scope: Scope) -> Visit:
    """The visit of a request that has just come; its id is the sender's if that is a sane one."""
    sent = header_of(scope, b"x-request-id") or b""
    request_id = sent.decode() if _SANE_ID.fullmatch(sent) else f"req_{_chance.getrandbits(96):024x}"
    method = scope["method"] if scope["method"] in _METHODS else "other"
    visit = scope[_VISIT] = Visit(request_id, method, scope, perf_counter())
    return visit


def visit_of(scope: Scope) -> Visit:
    """The visit that a request belongs to."""
    visit = scope[_VISIT]
    assert isinstance(visit, Visit)  # noqa: S101 - begin_visit put it there
    return visit
