"""No request body is read beyond the limit, whatever its headers promise."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from zlib import decompressobj, error

from bondfire.api.problems import TooLarge, problem_response
from bondfire.errors import BadInput

MOST_BYTES: Final = 10_000_000
_GZIP: Final = 31
"""zlib's word for a gzip stream with the largest window."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class LimitBody:
    """ASGI middleware: reads the whole body up to the limit, then hands it on in one piece.

    Reading ahead keeps a slow sender from holding a database connection.
    """

    def __init__(self, app: Application, most_bytes: int = MOST_BYTES) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 to what is too large, and pass on the rest."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = bytearray()
        more = _promised(scope) <= self.most_bytes
        fits = more
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            fits = len(body) <= self.most_bytes
            more = fits and message.get("more_body", False)
        if fits:
            await self.app(scope, _handing_on(bytes(body), receive), send)
        else:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = TooLarge(
            f"The body has more than {self.most_bytes:,} bytes.", next_step="Send fewer events at once."
        )
        await problem_response(error)(scope, receive, send)


def _promised(scope: Scope) -> int:
    header = dict(scope["headers"]).get(b"content-length", b"0")
    return int(header) if header.isdigit() else 0


def _handing_on(body: bytes, receive: Receive) -> Receive:
    handed = False

    async def hand_on() -> Message:
        nonlocal handed
        if handed:
            return await receive()
        handed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return hand_on


def inflated(body: bytes, encoding: str, *, most_bytes: int) -> bytes:
    """A body without its Content-Encoding; no more of it is ever inflated than may be taken.

    Args:
        body: as it came.
        encoding: gzip, or nothing.
        most_bytes: how many it may have then.

    Raises:
        BadInput: another encoding, or no gzip.
        TooLarge: it would become larger.
    """
    if encoding.strip().lower() in {"", "identity"}:
        return body
    if encoding.strip().lower() not in {"gzip", "x-gzip"}:
        raise BadInput(
            f"The body is encoded as {encoding[:40]!r}.",
            next_step="Send gzip, or nothing.",
            code="bad_encoding",
        )
    inflater = decompressobj(wbits=_GZIP)
    try:
        whole = inflater.decompress(body, most_bytes + 1)
    except error as reason:
        raise _bad_gzip(f"is not gzip: {reason}") from None
    if len(whole) > most_bytes:
        raise TooLarge(
            f"The body has more than {most_bytes:,} bytes when inflated.", next_step="Send less at once."
        )
    if not inflater.eof or inflater.unused_data:
        raise _bad_gzip("is not one whole gzip stream")
    return whole


def _bad_gzip(what: str) -> BadInput:
    return BadInput(f"The body {what}.", next_step="Send one gzip stream, whole.", code="bad_gzip")
