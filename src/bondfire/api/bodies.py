"""Request bodies: those that we read ourselves, and the strict reading of JSON for those that we do not."""

import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Annotated, Any, Final, NoReturn

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute

from bondfire.api.visits import visit_of
from bondfire.errors import BadInput

DEEPEST: Final = 32
"""Brackets within brackets; an event has three, a profile what its brand likes."""

_NO_BRACKET: Final = bytes(code for code in range(256) if code not in b'"[]{}')
_OPENING: Final = frozenset(b"[{")


async def _raw_body(request: Request) -> bytes:
    return visit_of(request.scope).body


RawBody = Annotated[bytes, Depends(_raw_body)]
"""The body as it came, unpacked; `LimitBody` has read it, so this waits for nothing."""


def takes(description: str, contents: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """How the OpenAPI document describes a raw body: its media types, each with schema and examples."""
    return {"requestBody": {"description": description, "required": True, "content": dict(contents)}}


def is_too_deep(body: bytes) -> bool:
    """Whether JSON is nested beyond all use; asked before a parser follows it down.

    Most bodies have so few brackets that counting them is enough.
    """
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    bare = body.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _NO_BRACKET)
    depth = 0
    for bracket in b"".join(bare.split(b'"')[::2]):  # every second part stands outside of a text
        depth += 1 if bracket in _OPENING else -1
        if depth > DEEPEST:
            return True
    return False


class StrictJsonRoute(APIRoute):
    """A route of the framework that reads JSON strictly: UTF-8, no key twice, no NaN, not too deep."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler, given a request that reads its body so."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly


class _StrictRequest(Request):
    async def json(self) -> Any:
        body = await self.body()
        if is_too_deep(body):
            raise BadInput(
                f"The JSON is nested deeper than {DEEPEST} levels.",
                next_step="Send it flatter.",
                code="too_deep",
            )
        try:
            text = body.decode()
        except UnicodeDecodeError as reason:
            raise _bad_json(f"byte {reason.start + 1} is not UTF-8") from None
        try:
            return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
        except json.JSONDecodeError:
            raise  # the framework says where
        except ValueError:
            raise _bad_json("a number in it has too many digits") from None


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise BadInput(
                f"{name[:80]!r} is there twice.", next_step="Send each field once.", code="duplicate_key"
            )
        found[name] = value
    return found


def _no_number(word: str) -> NoReturn:
    raise _bad_json(f"{word} is no number of JSON")


def _bad_json(reason: str) -> BadInput:
    return BadInput(f"The body is not JSON: {reason}.", next_step="Send JSON in UTF-8.", code="bad_json")
