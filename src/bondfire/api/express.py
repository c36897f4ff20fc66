"""The express lane: requests that come by the thousand go to their function without the framework."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from bondfire.access import Scope as Permission
from bondfire.access import require
from bondfire.api.asgi import Application, Receive, Scope, Send, header_of
from bondfire.api.guard import let_in
from bondfire.api.house import Caller, House
from bondfire.api.problems import problem_response
from bondfire.api.visits import visit_of
from bondfire.errors import BondfireError

Lane = tuple[Permission, Callable[[Caller], Awaitable[Response]]]
"""What a key must be good for, and what is done; the body is in the caller's visit."""


class Express:
    """ASGI middleware: a POST to one of these paths, without parameters, takes its lane.

    The framework costs as much as a decision. It keeps the same routes, for the OpenAPI document and for
    requests with parameters, and ends in the same functions.
    """

    def __init__(self, app: Application, house: House, lanes: Mapping[str, Lane]) -> None:
        self.app = app
        self.house = house
        self.lanes = lanes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what has a lane, and pass on the rest."""
        lane = self.lanes.get(scope.get("path", "")) if scope["type"] == "http" else None
        if lane is None or scope["method"] != "POST" or scope["query_string"]:
            await self.app(scope, receive, send)
            return
        answer = await self._answer(scope, *lane)
        await answer(scope, receive, send)

    async def _answer(
        self, scope: Scope, permission: Permission, act: Callable[[Caller], Awaitable[Response]]
    ) -> Response:
        visit = visit_of(scope)
        visit.route = scope["path"]
        kind, _, token = (header_of(scope, b"authorization") or b"").decode("latin-1").partition(" ")
        try:
            caller = await let_in(self.house, visit, token.strip() if kind.lower() == "bearer" else "")
            require(caller.key, permission)
            return await act(caller)
        except BondfireError as refusal:
            return problem_response(refusal)
