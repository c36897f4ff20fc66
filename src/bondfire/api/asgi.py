"""The words of ASGI, for what speaks to the server directly."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]


def header_of(scope: Scope, name: bytes) -> bytes | None:
    """The value of a header field, the first if it was sent twice.

    Args:
        scope: of a request.
        name: in small letters.
    """
    return next((value for field, value in scope["headers"] if field == name), None)
