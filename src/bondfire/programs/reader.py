"""Reads YAML (and so JSON) into plain nodes that know their line and column; numbers stay text, so exact.

Built on the parser's events, not on its constructor: nothing is ever executed, floats are never made,
`on:` and `no` stay words (YAML 1.2), and a document that is too large, too deep or unrolls its aliases
without end is refused while it is read.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

import yaml

from bondfire.kit import format_amount
from bondfire.programs.alignment import align

MAX_BYTES: Final = 1_000_000
MAX_NODES: Final = 20_000
"""Nodes of a document with its aliases unrolled; a real programme has a few hundred."""
MAX_DEPTH: Final = 24
_TAGS: Final = frozenset(
    {None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
)
_INTEGER: Final = re.compile(r"-?[0-9]{1,40}", re.ASCII)
_DECIMAL: Final = re.compile(r"-?[0-9]{1,40}\.[0-9]{1,40}", re.ASCII)
_WORDS: Final = {"": "null", "~": "null", "null": "null", "true": "flag", "false": "flag"}

_NEXT_STEPS: Final = {
    "not_yaml": "Check the indentation, quotes and brackets here; quote text that holds ': ' or ' #'.",
    "duplicate_key": "Keep one of the two.",
    "bad_key": "Name it with small letters, digits and _.",
    "bad_tag": "Write plain values; a document never holds code.",
    "bad_alias": "Write the value out.",
    "two_documents": "Put it into a file of its own.",
    "empty": "Begin with an example programme: its first key is program.",
    "not_utf8": "Save the file as UTF-8.",
    "too_large": "A programme has a few hundred values; split what is generated.",
    "too_deep": "A programme nests six levels.",
}

Kind = Literal["text", "integer", "decimal", "flag", "null"]


class UnreadableDocument(Exception):
    """The text is not one YAML document; says where it stops being one."""

    def __init__(self, line: int, column: int, code: str, message: str) -> None:
        super().__init__(message)
        self.line, self.column, self.code, self.message = line, column, code, message
        self.next_step = _NEXT_STEPS.get(code, "")


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value with its place.

    Attributes:
        text: the value as text; numbers are not converted.
        kind: what YAML 1.2 takes it for.
        line, column: where it starts, from 1.
        raw: the characters of the document it was read from, with quotes and indentation.
        style: how it was written: plain "", quoted ' or ", block | or >.
    """

    text: str
    kind: Kind
    line: int
    column: int
    raw: str = ""
    style: str = ""

    def place_of(self, line: int, column: int) -> tuple[int, int]:
        """Line and column in the document of a line and column (from 1) inside the text of the value."""
        offset = sum(len(row) + 1 for row in self.text.split("\n")[: line - 1]) + column - 1
        rows, columns = align(self.text, self.raw, self.style, offset)
        return self.line + rows, columns + (self.column if rows == 0 else 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A list with its place."""

    items: tuple["Node", ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping with its place: key text to (key, value), in the order written."""

    entries: dict[str, tuple[Scalar, "Node"]]
    line: int
    column: int


Node = Scalar | Row | Table


def read_document(text: str | bytes) -> Node:
    """Read one document.

    Raises:
        UnreadableDocument: not UTF-8, not YAML, a key given twice, an unknown tag, or beyond the limits.
    """
    decoded = _decode(text)
    reader = _Reader(decoded)
    try:
        return reader.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        reason = f"{error.context or ''} {error.problem or ''}".strip()
        raise UnreadableDocument(line, column, "not_yaml", f"This is not YAML: {reason}.") from None
    except yaml.reader.ReaderError as error:
        line = decoded.count("\n", 0, error.position) + 1
        column = error.position - decoded.rfind("\n", 0, error.position)
        raise UnreadableDocument(line, column, "not_yaml", "This character may not stand in YAML.") from None


def as_plain(node: Node) -> Any:
    """The node as JSON would hold it: numbers as exact `Decimal` or int."""
    if isinstance(node, Table):
        return {key: as_plain(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, Row):
        return [as_plain(item) for item in node.items]
    if node.kind == "integer":
        return int(node.text)
    if node.kind == "decimal":
        return Decimal(node.text)
    return {"null": None, "flag": node.text == "true", "text": node.text}[node.kind]


def canonical_text(node: Node) -> str:
    """The same text for any two documents that say the same: keys sorted, comments and layout gone."""
    return json.dumps(
        as_plain(node), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=format_amount
    )


def _decode(text: str | bytes) -> str:
    if len(text) > MAX_BYTES:
        raise UnreadableDocument(1, 1, "too_large", f"The document has more than {MAX_BYTES:,} bytes.")
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1  # type: ignore[arg-type]  # str has no such error
        raise UnreadableDocument(line, 1, "not_utf8", "The document is not written in UTF-8.") from None
    return decoded.replace("\t", " ") if "\t" in decoded and _is_json(decoded) else decoded


def _is_json(text: str) -> bool:
    """YAML forbids tabs as indentation, JSON allows them."""
    try:
        return text.lstrip().startswith("{") and isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.events: Iterator[Any] = yaml.parse(text, Loader=yaml.SafeLoader)
        self.anchors: dict[str, Node] = {}
        self.sizes: dict[str, int] = {}
        self.count = 0

    def document(self) -> Node:
        next(self.events)
        opening = next(self.events)
        if isinstance(opening, yaml.StreamEndEvent):
            raise UnreadableDocument(1, 1, "empty", "The document is empty.")
        node = self.node(next(self.events), 0)
        next(self.events)
        following = next(self.events)
        if not isinstance(following, yaml.StreamEndEvent):
            self.refuse(
                following, "two_documents", "A second document starts here; a file holds one programme."
            )
        return node

    def node(self, event: Any, depth: int) -> Node:
        self.count += 1
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        if self.count > MAX_NODES:
            self.refuse(event, "too_large", f"The document has more than {MAX_NODES:,} values.")
        if depth > MAX_DEPTH:
            self.refuse(event, "too_deep", f"The document nests more than {MAX_DEPTH} levels.")
        if event.tag not in _TAGS:
            self.refuse(event, "bad_tag", f"The tag {event.tag!r} is not allowed.")
        before = self.count
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = self.scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self.row(event, depth)
        else:
            node = self.table(event, depth)
        if event.anchor:
            self.anchors[event.anchor] = node
            self.sizes[event.anchor] = self.count - before + 1
        return node

    def alias(self, event: Any) -> Node:
        if event.anchor not in self.anchors:
            self.refuse(event, "bad_alias", f"*{event.anchor} stands before the end of &{event.anchor}.")
        self.count += self.sizes[event.anchor]
        if self.count > MAX_NODES:
            self.refuse(event, "too_large", f"Its aliases unroll to more than {MAX_NODES:,} values.")
        return self.anchors[event.anchor]

    def scalar(self, event: Any) -> Scalar:
        style = event.style or ""
        text = _join_surrogates(event.value)
        kind = _kind_of(text) if not style and event.tag is None else "text"
        mark = event.start_mark
        raw = self.text[mark.index : event.end_mark.index]
        return Scalar(text, kind, mark.line + 1, mark.column + 1, raw, style)

    def row(self, opening: Any, depth: int) -> Row:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
        return Row(tuple(items), opening.start_mark.line + 1, opening.start_mark.column + 1)

    def table(self, opening: Any, depth: int) -> Table:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            if not isinstance(key, Scalar):
                self.refuse(event, "bad_key", "A key is one word, not a list or a mapping.")
            elif key.text in entries:
                first = entries[key.text][0].line
                self.refuse(event, "duplicate_key", f"{key.text!r} is given twice, first in line {first}.")
            else:
                entries[key.text] = (key, self.node(next(self.events), depth + 1))
        return Table(entries, opening.start_mark.line + 1, opening.start_mark.column + 1)

    def refuse(self, event: Any, code: str, message: str) -> None:
        mark = event.start_mark
        raise UnreadableDocument(mark.line + 1, mark.column + 1, code, message)


def _kind_of(text: str) -> Kind:
    """Only plain numbers are numbers: an exponent could name one of a billion digits."""
    if text in _WORDS:
        return "null" if _WORDS[text] == "null" else "flag"
    if _INTEGER.fullmatch(text):
        return "integer"
    return "decimal" if _DECIMAL.fullmatch(text) else "text"


def _join_surrogates(text: str) -> str:
    """JSON writes characters beyond the first plane as two escapes; half of a pair becomes U+FFFD."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
