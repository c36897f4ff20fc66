"""No request body is read beyond its limit, whatever its headers promise and however it is packed."""

import zlib
from collections.abc import Mapping
from typing import Final

from bondfire.api.asgi import Application, Message, Receive, Scope, Send, header_of
from bondfire.api.problems import TooLarge, problem_response
from bondfire.api.visits import visit_of
from bondfire.errors import BadInput, BondfireError

MOST_BYTES: Final = 1_000_000
ROOMY: Final[Mapping[str, int]] = {
    "/v1/events/batch": 10_000_000,
    "/v1/cloudevents": 10_000_000,
    "/v1/webhooks/": 5_000_000,
}
"""Beginnings of paths that take more than others."""

_MOST_MEMBERS: Final = 100
"""A gzip file may be several in a row; nobody needs many, and each costs memory to begin."""

_GZIP: Final = 31


class UnknownCoding(BondfireError):
    """The body is packed in a way that is not understood."""

    status = 415
    code = "unsupported_encoding"


class LimitBody:
    """ASGI middleware: reads the whole body up to the limit of its path, unpacked, then hands it on.

    Reading ahead keeps a slow sender from holding a database connection.
    """

    def __init__(
        self, app: Application, most_bytes: int = MOST_BYTES, roomy: Mapping[str, int] = ROOMY
    ) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.roomy = roomy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413, 415 or 422 to what cannot be read, and pass on the rest as a plain body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most_bytes = self._most_bytes(scope["path"])
        try:
            body = await read_body(scope, receive, most_bytes)
        except BondfireError as refusal:
            await problem_response(refusal)(scope, receive, send)
            return
        if body is not None:
            visit_of(scope).body = body
            await self.app(_plain(scope, len(body)), _handing_on(body, receive), send)

    def _most_bytes(self, path: str) -> int:
        roomy = (most for start, most in self.roomy.items() if path.startswith(start))
        return next(roomy, self.most_bytes)


async def read_body(scope: Scope, receive: Receive, most_bytes: int) -> bytes | None:
    """The body of a request without its content coding; None when the sender has gone.

    Raises:
        TooLarge: packed or unpacked it is larger than the limit; no more than that is ever held.
        UnknownCoding: neither plain nor gzip.
        BadInput: it is not gzip, although it says so.
    """
    unpack = _unpacker(scope, most_bytes)
    promised = header_of(scope, b"content-length") or b"0"
    if promised.isdigit() and int(promised[:20]) > most_bytes:
        raise _too_large(most_bytes)
    came, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        came += len(chunk)
        if came > most_bytes:
            raise _too_large(most_bytes)
        unpack.feed(chunk)
        more = message.get("more_body", False)
    return unpack.end()


def _unpacker(scope: Scope, most_bytes: int) -> "_Plain":
    codings = [value for name, value in scope["headers"] if name == b"content-encoding"]
    coding = b",".join(codings).strip().lower()
    if coding in {b"", b"identity"}:
        return _Plain(most_bytes)
    if coding in {b"gzip", b"x-gzip"}:
        return _Gzip(most_bytes)
    raise UnknownCoding(
        f"Content-Encoding is {coding.decode('latin-1')[:40]!r}; only gzip is understood.",
        next_step="Send the body plain, or with Content-Encoding: gzip.",
    )


class _Plain:
    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._body = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take what has come."""
        self._body += chunk

    def end(self) -> bytes:
        """The whole body."""
        return bytes(self._body)


class _Gzip(_Plain):
    """Unpacks what comes, never more of it than one byte beyond the limit."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(most_bytes)
        self._member = zlib.decompressobj(_GZIP)
        self._members = 1
        self._begun = False

    def feed(self, chunk: bytes) -> None:
        """Unpack what has come."""
        while chunk:
            if self._member.eof:
                self._next_member()
            self._begun = True
            try:
                self._body += self._member.decompress(chunk, self._most_bytes + 1 - len(self._body))
            except zlib.error as reason:
                raise _not_gzip(f"it is damaged ({reason})") from None
            if len(self._body) > self._most_bytes:
                raise _too_large(self._most_bytes)
            chunk = self._member.unused_data

    def end(self) -> bytes:
        """The whole body, unpacked."""
        if self._begun and not self._member.eof:
            raise _not_gzip("it ends too early")
        return bytes(self._body)

    def _next_member(self) -> None:
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise _not_gzip(f"it is more than {_MOST_MEMBERS} files in a row")
        self._member = zlib.decompressobj(_GZIP)


def _not_gzip(reason: str) -> BadInput:
    return BadInput(
        f"The body says Content-Encoding: gzip, but {reason}.",
        next_step="Pack it again, or send it plain without Content-Encoding.",
        code="bad_gzip",
    )


def _too_large(most_bytes: int) -> TooLarge:
    return TooLarge(
        f"The body has more than {most_bytes:,} bytes, which is all that is read here.",
        next_step="Send less at once.",
    )


def _plain(scope: Scope, length: int) -> Scope:
    """The scope of a request whose body is plain now; the very same when it always was."""
    if header_of(scope, b"content-encoding") is None:
        return scope
    kept = [field for field in scope["headers"] if field[0] not in {b"content-encoding", b"content-length"}]
    inner = {**scope, "headers": [*kept, (b"content-length", b"%d" % length)]}
    visit_of(scope).scope = inner
    return inner


def _handing_on(body: bytes, receive: Receive) -> Receive:
    handed = False

    async def hand_on() -> Message:
        nonlocal handed
        if handed:
            return await receive()
        handed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return hand_on
