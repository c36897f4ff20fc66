"""JSON text to plain values: numbers exact, no key twice, nothing lenient."""

import json
from decimal import Decimal
from typing import Final

import msgspec

from bondfire.events.errors import EventError

_decode: Final = msgspec.json.Decoder(float_hook=Decimal).decode
_encode: Final = msgspec.json.Encoder().encode


def read_json(text: str | bytes) -> object:
    """Decode JSON with exact numbers (`119.80` is a Decimal, never a binary float).

    Raises:
        EventError: not JSON (`bad_json`), or an object that has a key twice (`duplicate_key`).
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        value = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, ArithmeticError) as reason:
        detail = str(reason).removeprefix("JSON is malformed: ")[:200] or type(reason).__name__
        raise EventError(
            f"is not JSON: {detail}.", code="bad_json", next_step="Send one JSON object in UTF-8."
        ) from None
    if not _kept_all_keys(data, value):
        _refuse_duplicates(data)
    return value


def _kept_all_keys(data: bytes, value: object) -> bool:
    """Whether no key was there twice, told without a second parse.

    The decoder keeps one of a doubled key. A text has one colon a key and those inside of its strings;
    so a text without escaped characters that has as many colons as its value written again lost none.
    """
    return data.count(b":") == _encode(value).count(b":") and not (b"\\" in data and b"\\u" in data)


def _refuse_duplicates(data: bytes) -> None:
    def unique(pairs: list[tuple[str, object]]) -> None:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise EventError(
                    "is there twice.", code="duplicate_key", field=key[:80], next_step="Send each field once."
                )
            seen.add(key)

    json.loads(data, object_pairs_hook=unique, parse_int=str, parse_float=str)
