"""Finds the place in a document of a character of a YAML scalar, through quotes, escapes and folding."""

import re
from typing import Final

_ESCAPE: Final = re.compile(r"\\(x..|u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|U.{8}|\r?\n[ \t]*|.)", re.DOTALL)


def align(text: str, raw: str, style: str, offset: int) -> tuple[int, int]:
    """Where character `offset` of the value `text` stands in what it was read from.

    Folding and indentation only change white space, so the other characters come in the same order in
    both; they are matched one by one.

    Args:
        text: the value.
        raw: the characters of the document from its first quote, letter or block sign to its end.
        style: plain "", quoted ' or ", block | or >.
        offset: a position in `text`, from 0; beyond its end means the end.

    Returns:
        Lines below the start of `raw`, and the column from 0 in that line.
    """
    at = raw.find("\n") + 1 if style in ("|", ">") else len(style)
    for index, letter in enumerate(text):
        at = _skip(raw, at, style, blanks=not letter.isspace())
        if index >= offset:
            break
        at += _width(raw, at, style, blank=letter.isspace())
    at = min(at, len(raw))
    return raw.count("\n", 0, at), at - (raw.rfind("\n", 0, at) + 1)


def _skip(raw: str, at: int, style: str, *, blanks: bool) -> int:
    """Pass over escaped line breaks, and over line breaks and indentation, of which the value holds less."""
    while at < len(raw):
        continued = _ESCAPE.match(raw, at) if style == '"' else None
        if continued and continued[1].startswith(("\n", "\r")):
            at = continued.end()
        elif blanks and raw[at].isspace():
            at += 1
        else:
            return at
    return at


def _width(raw: str, at: int, style: str, *, blank: bool) -> int:
    """How many characters of the document make this one of the value."""
    escape = _ESCAPE.match(raw, at) if style == '"' else None
    if escape:
        return len(escape[0])
    if blank:
        return int(raw[at : at + 1].isspace())
    return 2 if style == "'" and raw.startswith("''", at) else 1
