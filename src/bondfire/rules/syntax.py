"""The syntax tree: five kinds of node, immutable, each with the offset where it begins."""

from collections.abc import Iterator
from dataclasses import dataclass

from bondfire.rules.types import DYN, Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A constant; `text` is how a number was written, so that it can be read exactly as a decimal."""

    offset: int
    value: object
    text: str = ""
    type: Type = DYN


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A variable: of the environment, or of a macro when `local`; `.name` begins at the root."""

    offset: int
    name: str
    local: bool = False
    root: bool = False
    type: Type = DYN


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """`operand.field`, or `has(operand.field)` when `test`."""

    offset: int
    operand: "Node"
    field: str
    test: bool = False
    quoted: bool = False
    type: Type = DYN


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A function, method or operator (`_+_`, `_&&_`, `_?_:_`, `_[_]`, `@in`).

    A method has its receiver as first argument. `overload` is the number of the one overload that
    the checker found, or -1 when it is chosen at run time.
    """

    offset: int
    function: str
    arguments: tuple["Node", ...]
    method: bool = False
    overload: int = -1
    type: Type = DYN


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLiteral:
    """`[a, b]`."""

    offset: int
    elements: tuple["Node", ...]
    type: Type = DYN


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLiteral:
    """`{k: v}`."""

    offset: int
    entries: tuple[tuple["Node", "Node"], ...]
    type: Type = DYN


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """`target.kind(variables, condition?, result?)`.

    Kinds: all, exists, exists_one (condition), filter (condition), map (result, maybe condition),
    map_of (a map with the same keys). Two variables are key and value, or index and element.
    """

    offset: int
    kind: str
    target: "Node"
    variables: tuple[str, ...]
    condition: "Node | None" = None
    result: "Node | None" = None
    type: Type = DYN


Node = Literal | Name | Select | Call | ListLiteral | MapLiteral | Macro


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below."""
    match node:
        case Select():
            yield node.operand
        case Call():
            yield from node.arguments
        case ListLiteral():
            yield from node.elements
        case MapLiteral():
            for key, value in node.entries:
                yield key
                yield value
        case Macro():
            yield from (child for child in (node.target, node.condition, node.result) if child)


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(children(here))


def height(node: Node) -> int:
    """How many nodes the longest way down passes; without recursion, for it guards recursion."""
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [child for here in level for child in children(here)]
    return deepest
