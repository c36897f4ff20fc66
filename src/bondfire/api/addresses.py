"""What an address may be: UTF-8 without NUL, not endless, with slashes in names; and HEAD, a short GET."""

from typing import Final
from urllib.parse import unquote_to_bytes

from bondfire.api.asgi import Application, Message, Receive, Scope, Send
from bondfire.api.problems import problem_response
from bondfire.api.visits import visit_of
from bondfire.errors import BadInput, BondfireError

MOST_BYTES: Final = 8_000
"""RFC 9110, section 4.1, recommends that at least so much be understood."""


_WITH_NAMES: Final = ("/v1/members/", "/v1/events/")
_SLASH_OF_A_NAME: Final = "\0"
"""What no address can hold stands for %2F until the routes have parted the path at its other slashes."""


class TooLongAddress(BondfireError):
    """Path and query are longer than anything we name."""

    status = 414
    code = "too_long_address"


class CheckAddress:
    """ASGI middleware: an address that no route could mean is refused before any route sees it."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what cannot be, hide slashes of names, and let GET answer HEAD without its body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = _refusal(scope)
        if refusal is not None:
            await problem_response(refusal)(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        inner = visit_of(scope).scope = {
            **scope,
            "path": _path_of(scope),
            "method": "GET" if is_head else scope["method"],
        }
        await self.app(inner, receive, _without_body(send) if is_head else send)


def named(part: str) -> str:
    """The name that a part of a path holds."""
    return part.replace(_SLASH_OF_A_NAME, "/")


def _path_of(scope: Scope) -> str:
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path") or b""
    if not path.startswith(_WITH_NAMES) or b"%2f" not in raw.lower():
        return path
    parts = (unquote_to_bytes(part).decode() for part in raw.split(b"/"))
    return "/".join(part.replace("/", _SLASH_OF_A_NAME) for part in parts)


def _refusal(scope: Scope) -> BondfireError | None:
    path, query = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
    if len(path) + len(query) > MOST_BYTES:
        return TooLongAddress(
            f"Path and query have {len(path) + len(query):,} bytes; at most {MOST_BYTES:,} are read.",
            next_step="Send what is long in a body.",
        )
    for name, part in (("path", path), ("query", query)):
        try:
            text = unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            return _bad(f"The {name} is not UTF-8.", "Encode it as UTF-8 before it is percent-encoded.")
        if "\0" in text:
            return _bad(f"The {name} holds a NUL, which nothing is named by.", "Remove %00.")
    return None


def _bad(message: str, next_step: str) -> BadInput:
    return BadInput(message, next_step=next_step, code="bad_address")


def _without_body(send: Send) -> Send:
    async def send_headers(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_headers
