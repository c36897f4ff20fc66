"""Cuts a JSON body into its parts, each with the bytes that were sent, so that a bad one spoils no other.

More lenient inside of the parts than `read_json`, which judges each of them afterwards: half a surrogate
pair or a doubled key in one call must not cost the ninety-nine others of its batch.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Final, NoReturn

from bondfire.errors import BadInput

_BLANKS: Final = re.compile(r"[ \t\n\r]*")


class BadParts(BadInput):
    """A body that cannot be cut."""

    code = "bad_json"


def fields_in(body: bytes) -> dict[str, bytes]:
    """The fields of a JSON object, each value as it was sent.

    Raises:
        BadParts: it is none, or has a field twice.
    """
    fields: dict[str, bytes] = {}
    for name, value in _parts(body, "{}", _field):
        if name in fields:
            raise BadParts(
                f"The body has {name[:40]!r} twice.", next_step="Send each field once.", code="duplicate_key"
            )
        fields[name] = value
    return fields


def items_in(body: bytes) -> list[bytes]:
    """The items of a JSON array, each as it was sent.

    Raises:
        BadParts: it is none.
    """
    return [value for _, value in _parts(body, "[]", _item)]


def _parts(
    body: bytes, brackets: str, read: Callable[[str, int], tuple[str, int]]
) -> Iterator[tuple[str, bytes]]:
    text = body.decode("utf-8", "surrogateescape")
    try:
        at = _expect(text, 0, brackets[0])
        more = not text.startswith(brackets[1], at)
        while more:
            name, start = read(text, at)
            _, end = _scan(text, start)
            yield name, text[start:end].encode("utf-8", "surrogateescape")
            at = _after_blanks(text, end)
            more = text.startswith(",", at)
            at = _after_blanks(text, at + 1) if more else at
        at = _expect(text, at, brackets[1])
        if at != len(text):
            raise ValueError(f"something follows it at character {at}")
    except (ValueError, RecursionError) as reason:
        kind = "object" if brackets == "{}" else "array"
        raise BadParts(
            f"The body is not a JSON {kind}: {str(reason)[:200]}.", next_step=f"Send a JSON {kind} in UTF-8."
        ) from None


def _field(text: str, at: int) -> tuple[str, int]:
    name, end = _scan(text, at)
    if not isinstance(name, str) or not text.startswith('"', at):
        raise ValueError(f"no name of a field at character {at}")
    return name, _expect(text, end, ":")


def _item(_text: str, at: int) -> tuple[str, int]:
    return "", at


def _expect(text: str, at: int, sign: str) -> int:
    """Where the next thing begins after a sign that must be here."""
    at = _after_blanks(text, at)
    if not text.startswith(sign, at):
        raise ValueError(f"no {sign!r} at character {at}")
    return _after_blanks(text, at + 1)


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_scan: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_no_number).raw_decode
