"""The worst case of an expression, known before it ever runs: macros multiply, texts count."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bondfire.rules.bounds import Bounds, bounds_of
from bondfire.rules.environment import Environment
from bondfire.rules.errors import EvaluationError, Fault
from bondfire.rules.patterns import compiled
from bondfire.rules.syntax import Call, ListLiteral, Literal, Macro, MapLiteral, Name, Node, Select, walk
from bondfire.rules.types import Type, element_of, value_of

CHARACTERS_A_UNIT: Final = 500
"""Comparing or searching so many characters takes about as long as one operation."""
MADE_A_UNIT: Final = 5
"""So many characters may be made by one operation: it bounds the memory, too."""
STEPS_A_UNIT: Final = 20
"""So many steps of a pattern take about as long as one operation."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a value can be: elements or characters, and how large one element can be."""

    count: int = 1
    item: "Size | None" = None

    @property
    def weight(self) -> int:
        """Units it takes to look at all of it."""
        if self.item is None:
            return 1 + self.count // CHARACTERS_A_UNIT
        return 1 + self.count * self.item.weight


ONE: Final = Size()
_CHEAP: Final = frozenset({"size", "_&&_", "_||_", "!_"})
_SHORTER: Final = frozenset({"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "startsWith", "endsWith"})
"""What stops at the end of the shorter one."""
Scope = Mapping[str, Size]


def cost_of(tree: Node, environment: Environment) -> int:
    """Worst-case units of one operation, to compute the value and to look at all of it.

    Raises:
        Fault: more than the environment allows.
    """
    cost, size = _Costs(environment).of(tree, {})
    cost += size.weight
    if cost > environment.most_cost:
        shown = str(cost) if cost < 10**15 else f"more than 10^{len(str(cost)) - 1}"
        raise Fault(
            f"The expression can cost {shown} operations; at most {environment.most_cost} are allowed.",
            tree.offset,
            code="too_costly",
            next_step="Use fewer macros inside macros, or declare how many elements a list can have.",
        )
    return cost


def refuse_what_cannot_work(tree: Node) -> None:
    """Refuses a division by a constant zero.

    Raises:
        Fault: division_by_zero.
    """
    for node in walk(tree):
        if isinstance(node, Call) and node.function in ("_/_", "_%_"):
            divisor = node.arguments[1]
            if divisor.type.kind != "double" and _is_zero(bounds_of(divisor)):
                raise Fault("This divides by zero.", divisor.offset, code="division_by_zero")


def _is_zero(bounds: Bounds) -> bool:
    return all(end is not None and end == 0 for end in bounds)


def _power(base: int, exponent: int) -> int:
    return base**exponent if exponent < 40 else base**40


def _text(sizes: list[Size]) -> Size:
    return Size(sizes[0].count)


def _parts(sizes: list[Size]) -> Size:
    return Size(sizes[0].count + 1, Size(sizes[0].count))


def _replaced(sizes: list[Size]) -> Size:
    """Replacing nothing puts the new text before each character and at the end."""
    return Size(sizes[0].count + (sizes[0].count + 1) * sizes[2].count)


def _together(sizes: list[Size]) -> Size:
    item = sizes[0].item or ONE
    return Size(sizes[0].count * (item.count + sum(size.count for size in sizes[1:])))


_MAKES_TEXT: Final[dict[str, Callable[[list[Size]], Size]]] = {
    **dict.fromkeys(("charAt", "lowerAscii", "reverse", "substring", "trim", "upperAscii"), _text),
    "join": _together,
    "replace": _replaced,
    "split": _parts,
}


class _Costs:
    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def of_type(self, kind: Type, depth: int = 0) -> Size:
        """The declared worst case of a type."""
        if kind.kind in ("string", "bytes"):
            return Size(kind.most or self.environment.characters)
        if kind.kind in ("list", "map", "dyn") and depth < 3:
            most = len(kind.fields) if kind.fields else kind.most or self.environment.elements
            item = ONE if kind.kind == "dyn" or kind.fields else self.of_type(value_of(kind), depth + 1)
            return Size(most, item)
        return ONE

    def of(self, node: Node, scope: Scope) -> tuple[int, Size]:
        """Units to compute the node, and how large its value can be."""
        match node:
            case Literal():
                return 1, Size(len(node.value)) if isinstance(node.value, str | bytes) else ONE
            case Name():
                return 1, scope[node.name] if node.local and node.name in scope else self.of_type(node.type)
            case Select():
                cost, size = self.of(node.operand, scope)
                inner = size.item or ONE
                return cost + 1, self.of_type(node.type) if node.type.kind != "dyn" else inner
            case Call():
                return self._call(node, scope)
            case ListLiteral():
                return self._literal(node.elements, scope)
            case MapLiteral():
                return self._literal([part for entry in node.entries for part in entry], scope)
            case Macro():
                return self._macro(node, scope)

    def _literal(self, nodes: "list[Node] | tuple[Node, ...]", scope: Scope) -> tuple[int, Size]:
        parts = [self.of(node, scope) for node in nodes]
        item = max((size for _, size in parts), key=lambda size: size.weight, default=ONE)
        return 1 + sum(cost for cost, _ in parts), Size(len(parts), item)

    def _call(self, node: Call, scope: Scope) -> tuple[int, Size]:
        parts = [self.of(argument, scope) for argument in node.arguments]
        sizes = [size for _, size in parts]
        own, size = self._own(node, sizes)
        return own + sum(cost for cost, _ in parts), size

    def _own(self, node: Call, sizes: list[Size]) -> tuple[int, Size]:
        """What the function itself costs, and the size of its result."""
        if node.function == "_+_" and node.type.kind in ("string", "bytes", "list", "dyn"):
            together = Size(sizes[0].count + sizes[1].count, _larger(sizes[0].item, sizes[1].item))
            return 1 + together.count // (MADE_A_UNIT if together.item is None else 1), together
        if node.function == "matches":
            return self._pattern(node, sizes[0]), ONE
        if node.function == "_?_:_":
            return 1, max(sizes[1:], key=lambda size: size.weight)
        if node.function == "_[_]":
            return 1, sizes[0].item or ONE
        if node.function in ("string", "bytes", "dyn", "timestamp", "duration", "min", "max"):
            made = Size(max(30, sizes[0].count), sizes[0].item)
            return _weight(sizes) + made.count // MADE_A_UNIT, made
        if node.function in _MAKES_TEXT:
            made = _MAKES_TEXT[node.function](sizes)
            return 1 + sum(size.count for size in [*sizes, made]) // MADE_A_UNIT, made
        own = _weight(sizes)
        if node.function in _SHORTER:
            own = min(size.weight for size in sizes)
        elif node.function == "@in":
            own = 1 + sizes[1].count * min(sizes[0].weight, (sizes[1].item or ONE).weight)
        elif node.function in _CHEAP:
            own = 1
        return own, ONE if node.type.kind != "dyn" else _larger_of(sizes)

    def _pattern(self, node: Call, text: Size) -> int:
        pattern = node.arguments[-1]
        if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
            raise Fault(
                "A pattern must be a literal, so that its cost is known.",
                pattern.offset,
                code="invalid_pattern",
            )
        try:
            _, unbounded, factor = compiled(pattern.value)
        except EvaluationError as error:
            raise Fault(error.message, pattern.offset, code=error.code) from None
        return 1 + factor * _power(text.count + 1, unbounded + 1) // STEPS_A_UNIT

    def _macro(self, node: Macro, scope: Scope) -> tuple[int, Size]:
        cost, target = self.of(node.target, scope)
        element = target.item or ONE
        if node.target.type.kind == "map":
            element = _larger(element, self.of_type(element_of(node.target.type))) or ONE
        inner = {**scope, **dict.fromkeys(node.variables, element)}
        condition = self.of(node.condition, inner)[0] if node.condition else 0
        each, made = self.of(node.result, inner) if node.result else (0, element)
        total = cost + 1 + target.count * (1 + condition + each)
        return total, ONE if node.kind in ("all", "exists", "exists_one") else Size(target.count, made)


def _larger(left: Size | None, right: Size | None) -> Size | None:
    if left is None or right is None:
        return left or right
    return max(left, right, key=lambda size: size.weight)


def _larger_of(sizes: list[Size]) -> Size:
    return max(sizes, key=lambda size: size.weight, default=ONE)


def _weight(sizes: list[Size]) -> int:
    return sum(size.weight for size in sizes) or 1
