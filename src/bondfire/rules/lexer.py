"""Cuts an expression into tokens with their offsets."""

import re
from dataclasses import dataclass
from typing import Final

from bondfire.rules.errors import Fault

RESERVED: Final = frozenset(
    {
        *("as", "break", "const", "continue", "else", "for", "function", "if", "import", "let"),
        *("loop", "package", "namespace", "return", "var", "void", "while"),
    }
)
_TOKEN: Final = re.compile(
    r"""(?P<space>[ \t\r\n\f]+|//[^\n]*)
    |(?P<text>(?:[rR][bB]?|[bB][rR]?)?(?:'{3}|"{3}|'|"))
    |(?P<float>(?:[0-9]+\.[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)
    |(?P<int>0x[0-9a-fA-F]+[uU]?|[0-9]+[uU]?)
    |(?P<name>[_a-zA-Z][_a-zA-Z0-9]*)
    |(?P<quoted>`[a-zA-Z0-9_.\-/ ]+`)
    |(?P<mark>&&|\|\||[<>=!]=|[-+*/%!<>?:.,()\[\]{}=&|])""",
    re.VERBOSE,
)
_ESCAPES: Final = dict(zip("abfnrtv\\?\"'`", "\a\b\f\n\r\t\v\\?\"'`", strict=True))
_CODES: Final = re.compile(r"[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the source; kind is float, int, name, quoted, mark, string, bytes or end."""

    kind: str
    text: str
    offset: int
    value: object = None


def tokens_of(source: str) -> list[Token]:
    """All tokens, closed by one of kind `end`.

    Raises:
        Fault: a character or an escape that CEL does not have, or an unclosed string.
    """
    found: list[Token] = []
    offset = 0
    while offset < len(source):
        match = _TOKEN.match(source, offset)
        if match is None:
            raise Fault(f"Unexpected character {source[offset]!r}.", offset, code="syntax")
        kind, end = str(match.lastgroup), match.end()
        if kind == "text":
            token, end = _string(source, offset, match[0])
            found.append(token)
        elif kind != "space":
            found.append(Token(kind, match[0], offset))
        offset = end
    return [*found, Token("end", "", len(source))]


def _string(source: str, offset: int, opening: str) -> tuple[Token, int]:
    """A string or bytes literal and where it ends."""
    prefix = opening.rstrip("'\"").lower()
    quote = opening[len(prefix) :]
    begin = offset + len(opening)
    end = _closing(source, begin, quote, raw="r" in prefix)
    body = source[begin:end]
    is_bytes = "b" in prefix
    pieces = [body] if "r" in prefix else _unescaped(body, begin, is_bytes=is_bytes)
    if is_bytes:
        value: object = b"".join(p if isinstance(p, bytes) else p.encode() for p in pieces)
    else:
        value = "".join(str(piece) for piece in pieces)
    stop = end + len(quote)
    return Token("bytes" if is_bytes else "string", source[offset:stop], offset, value), stop


def _closing(source: str, begin: int, quote: str, *, raw: bool) -> int:
    """Offset of the closing quote."""
    here = begin
    while here < len(source):
        if source.startswith(quote, here):
            return here
        if len(quote) == 1 and source[here] in "\r\n":
            break
        here += 2 if source[here] == "\\" and not raw else 1
    raise Fault("This string is not closed.", begin - len(quote), code="syntax")


def _unescaped(body: str, begin: int, *, is_bytes: bool) -> list[str | bytes]:
    """The parts of a string between and after its escapes."""
    parts: list[str | bytes] = []
    here = 0
    while here < len(body):
        slash = body.find("\\", here)
        if slash < 0:
            slash = len(body)
        parts.append(body[here:slash])
        if slash == len(body):
            break
        part, here = _escape(body, slash + 1, begin, is_bytes=is_bytes)
        parts.append(part)
    return parts


def _escape(body: str, here: int, begin: int, *, is_bytes: bool) -> tuple[str | bytes, int]:
    letter = body[here : here + 1]
    if letter in _ESCAPES:
        return _ESCAPES[letter], here + 1
    match = _CODES.match(body, here)
    if not match or (is_bytes and letter in "uU"):
        raise Fault(f"Unknown escape \\{letter}.", begin + here - 1, code="syntax")
    number = int(match[4], 8) if match[4] else int(match[1] or match[2] or match[3], 16)
    if is_bytes:
        return bytes([number]), match.end()
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:
        raise Fault(f"{number:#x} is not a character.", begin + here - 1, code="syntax")
    return chr(number), match.end()
