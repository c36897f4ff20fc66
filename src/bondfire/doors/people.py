"""Whom a parcel is about, as far as it says so: by these names it can be found and erased."""

import json
from collections.abc import Iterator
from typing import Final

from bondfire.doors.declared import folded
from bondfire.doors.fields import first_text, text
from bondfire.doors.model import Parcel

ANONYMOUS: Final = "anonymous:"
"""Before an anonymous id: such references are a name space of their own, so tying one to a member can never
take the name of another customer."""

_NAMING: Final = frozenset(
    {"userid", "previousid", "member", "subject", "customer", "customerid", "clientreferenceid"}
)
_REACHING: Final = frozenset({"email", "contactemail", "receiptemail", "phone"})
_WHOLE: Final = ("customer",)
_MOST: Final = 50
_LONGEST: Final = 200


def people_in(parcel: Parcel) -> tuple[str, ...]:
    """References, e-mail addresses and telephone numbers in a parcel, at most 50."""
    prefix = parcel.frame.get("prefix", "")
    found: dict[str, None] = {}
    for name in (*_framed(parcel), *_named(_lenient(parcel.raw), prefix), *_root(parcel, prefix)):
        if 0 < len(name) <= _LONGEST and name.isprintable() and len(found) < _MOST:
            found[name] = None
    return tuple(found)


def _lenient(raw: bytes) -> object:
    """JSON as far as it can be read at all; numbers stay texts."""
    try:
        return json.loads(raw, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None


def _framed(parcel: Parcel) -> list[str]:
    return [parcel.frame[name] for name in ("subject", "member") if name in parcel.frame]


def _root(parcel: Parcel, prefix: str) -> list[str]:
    """The shop's own number of the customer, where the whole parcel is one."""
    value = _lenient(parcel.raw)
    if isinstance(value, dict) and parcel.topic.startswith(_WHOLE):
        return [prefix + text(value.get("id"))]
    return []


def _named(value: object, prefix: str) -> Iterator[str]:
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, list):
            waiting += here
        elif isinstance(here, dict):
            for key, inner in here.items():
                yield from _meant(folded(key), inner, prefix)
                waiting.append(inner)


def _meant(key: str, value: object, prefix: str) -> Iterator[str]:
    if key == "anonymousid" and text(value):
        yield ANONYMOUS + text(value)
    elif key == "previousid" and text(value):
        yield from (text(value), ANONYMOUS + text(value))
    elif key in _NAMING:
        number = first_text(value, value.get("id") if isinstance(value, dict) else None)
        yield from {number, prefix + number} if number else ()
    elif key in _REACHING:
        yield from {text(value), text(value).lower()}
