"""Functions on texts: those of CEL's `strings` extension that rules and segments ask for."""

import string
from collections.abc import Callable, Sequence
from typing import Final

from bondfire.rules.errors import EvaluationError
from bondfire.rules.types import INT, STRING, Type, list_of

_SPACES: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""Unicode's White_Space; Python's own strip() takes four control characters more."""

_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_UPPER: Final = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def _within(text: str, *places: int) -> None:
    for place in places:
        if not 0 <= place <= len(text):
            raise EvaluationError(f"The text of {len(text)} has no place {place}.", code="range")


def character(text: str, place: int) -> str:
    """The character there; nothing at the very end."""
    _within(text, place)
    return text[place : place + 1]


def first_place(text: str, part: str, start: int = 0) -> int:
    """Where the part first is, from `start` on; -1 if nowhere."""
    _within(text, start)
    return text.find(part, start)


def last_place(text: str, part: str) -> int:
    """Where the part last is; -1 if nowhere."""
    return text.rfind(part)


def last_place_before(text: str, part: str, start: int) -> int:
    """Where the part last is, beginning at `start` or before."""
    _within(text, start)
    return text.rfind(part, 0, start + len(part))


def lower(text: str) -> str:
    """A to Z in small letters."""
    return text.translate(_LOWER)


def upper(text: str) -> str:
    """A to Z in capitals."""
    return text.translate(_UPPER)


def replaced(text: str, old: str, new: str, limit: int = -1) -> str:
    """The text with so many of the old parts replaced; all when the limit is below zero."""
    return text.replace(old, new, max(limit, -1))


def parts(text: str, separator: str, limit: int = -1) -> list[str]:
    """The text cut at the separator, into at most so many parts."""
    length, between = len(text), len(separator)  # null has no length: it is refused before anything else
    if limit == 0:
        return []
    if between:
        return text.split(separator, max(limit - 1, -1))
    if not 0 < limit < length:
        return list(text)
    return [*text[: limit - 1], text[limit - 1 :]]


def stretch(text: str, start: int, end: int) -> str:
    """From `start` up to before `end`."""
    _within(text, start, end)
    if start > end:
        raise EvaluationError(f"There is no text from {start} to {end}.", code="range")
    return text[start:end]


def rest(text: str, start: int) -> str:
    """From `start` to the end."""
    return stretch(text, start, len(text))


def trimmed(text: str) -> str:
    """Without white space around it."""
    return text.strip(_SPACES)


def together(texts: Sequence[str], separator: str = "") -> str:
    """All texts with the separator between them."""
    return separator.join(texts)


def backwards(text: str) -> str:
    """The characters from the last to the first."""
    return text[::-1]


METHODS: Final[tuple[tuple[str, tuple[Type, ...], Type, Callable[..., object]], ...]] = (
    ("charAt", (STRING, INT), STRING, character),
    ("indexOf", (STRING, STRING), INT, first_place),
    ("indexOf", (STRING, STRING, INT), INT, first_place),
    ("join", (list_of(STRING),), STRING, together),
    ("join", (list_of(STRING), STRING), STRING, together),
    ("lastIndexOf", (STRING, STRING), INT, last_place),
    ("lastIndexOf", (STRING, STRING, INT), INT, last_place_before),
    ("lowerAscii", (STRING,), STRING, lower),
    ("replace", (STRING, STRING, STRING), STRING, replaced),
    ("replace", (STRING, STRING, STRING, INT), STRING, replaced),
    ("reverse", (STRING,), STRING, backwards),
    ("split", (STRING, STRING), list_of(STRING), parts),
    ("split", (STRING, STRING, INT), list_of(STRING), parts),
    ("substring", (STRING, INT), STRING, rest),
    ("substring", (STRING, INT, INT), STRING, stretch),
    ("trim", (STRING,), STRING, trimmed),
    ("upperAscii", (STRING,), STRING, upper),
)
"""Name, types of receiver and arguments, type of the result, and the function."""
