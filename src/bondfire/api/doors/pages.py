"""Lets web pages of any origin call Segment's routes, and no others."""

from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_FOR_PAGES: Final = ("/v1/projects/",)


class OpenToPages:
    """ASGI middleware: CORS for the calls of Segment's clients in browsers.

    A page's key says who calls, no cookie does, so every origin may.
    """

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        self.app = app
        self.paths = paths
        self.open = CORSMiddleware(
            app, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["*"], max_age=86_400
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer preflights and add the headers where pages may call; leave the rest alone."""
        path = scope.get("path", "")
        is_open = path in self.paths or path.startswith(_FOR_PAGES)
        await (self.open if is_open else self.app)(scope, receive, send)
