"""Python source of a checked tree: an expression for each node, and a function for each macro.

It holds no text of the author but through `repr`: variables become `g0`, those of macros `l0`, constants
`c0`, values on the way `t0`. A macro is a loop in a function of its own: that is faster than a generator
or a list made for it, and a name given inside an expression needs a function around it.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from bondfire.rules.functions import OVERLOADS
from bondfire.rules.interpreter import path_of
from bondfire.rules.python_calls import is_divisibility, plain, written_out
from bondfire.rules.syntax import (
    Call,
    ListLiteral,
    Literal,
    Macro,
    MapLiteral,
    Name,
    Node,
    Select,
    children,
    walk,
)
from bondfire.rules.types import Type, element_of, is_dynamic

_COMPARED: Final = frozenset({"_&&_", "_||_", "!_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"})
_SURE: Final = _COMPARED | {"@bool", "@in"}
_LOOPS: Final = {
    "all": ("", "return False", "return True"),
    "exists": ("", "return True", "return False"),
    "exists_one": ("found = 0", "found += 1", "return found == 1"),
    "filter": ("found = []", "found.append({0})", "return found"),
    "map": ("found = []", "found.append({1})", "return found"),
    "map_of": ("found = {{}}", "found[{0}] = {1}", "return found"),
}
"""What a macro does before its loop, for each element that its condition lets pass, and after it."""


class Module:
    """What the functions made of some trees share.

    Attributes:
        constants: values that have no literal, and their names.
        functions: the lines of the functions for macros.
        often: the variables to read beforehand, for they are read more than once, or in a loop.
    """

    def __init__(self, trees: Iterable[Node]) -> None:
        self.constants: dict[str, object] = {}
        self.functions: list[str] = []
        reads = Counter(name for tree in trees for name in _reads(tree))
        self.often = frozenset(name for name, times in reads.items() if times > 1)
        self._numbers = itertools.count()

    def fresh(self, letter: str = "t") -> str:
        """A name that nothing else has."""
        return f"{letter}{next(self._numbers)}"

    def constant(self, value: object) -> str:
        """A name for a value that has no literal in Python."""
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name


def _reads(node: Node, times: int = 1) -> Iterator[str]:
    """The variable of each read; those in the loop of a macro are there twice."""
    if isinstance(node, Name) and not node.local:
        yield from itertools.repeat(node.name, times)
    for child in children(node):
        looped = isinstance(node, Macro) and child is not node.target
        yield from _reads(child, 2 if looped else times)


class Function:
    """The source of one function; `names` are the macro variables around it, which it is given."""

    def __init__(self, module: Module, names: Mapping[str, str] | None = None) -> None:
        self.module = module
        self.names = dict(names or {})
        self.globals: dict[str, str] = {}

    def reads(self) -> list[str]:
        """The lines that read beforehand what is read often."""
        return [f"{short} = variables[{name!r}]" for name, short in self.globals.items()]

    def body(self, node: Node) -> list[str]:
        """The lines that return the value of the node."""
        if isinstance(node, Macro):
            return self._loop(node, self._iterated(node))
        return [f"return {self.verdict(node) if _is_compared(node) else self.source(node)}"]

    def verdict(self, node: Node) -> str:
        """The truth of a condition as a value; CPython 3.11 compares faster to jump than to have a bool."""
        return f"True if {self.truth(node)} else False"

    def truth(self, node: Node) -> str:
        """Source that is True or False, or raises."""
        if node.type.kind != "bool":
            return f"as_bool({self.source(node)})"
        if isinstance(node, Call) and node.function == "_?_:_":
            condition, yes, no = map(self.truth, node.arguments)
            return f"({yes} if {condition} else {no})"
        text = self.source(node)
        certain = (
            (isinstance(node, Call) and (node.function in _SURE or node.overload >= 0))
            or (isinstance(node, Macro | Literal))
            or (isinstance(node, Select) and node.test)
        )
        if certain:
            return text
        return f"({text} is True or B[{text}])" if path_of(node) else f"B[{text}]"

    def source(self, node: Node) -> str:
        """An expression for the node's value."""
        match node:
            case Literal():
                return self._literal(node.value)
            case Name():
                return self._name(node)
            case Select():
                return self._select(node)
            case Call():
                return self._call(node)
            case ListLiteral():
                return f"[{', '.join(map(self.source, node.elements))}]"
            case MapLiteral():
                entries = (f"({self.source(k)}, {self.source(v)})" for k, v in node.entries)
                return f"map_from([{', '.join(entries)}])"
            case Macro():
                return self._macro(node)

    def _literal(self, value: object) -> str:
        if type(value) in (bool, int, str, bytes, type(None)):
            text = repr(value)
            return f"({text})" if text.startswith("-") else text
        if isinstance(value, float) and math.isfinite(value) and math.copysign(1, value) > 0:
            return repr(value)
        return self.module.constant(value)

    def _name(self, node: Name) -> str:
        if node.local:
            return self.names[node.name]
        if node.name not in self.module.often:
            return f"variables[{node.name!r}]"
        return self.globals.setdefault(node.name, f"g{len(self.globals)}")

    def _select(self, node: Select) -> str:
        operand = self.source(node.operand)
        if node.operand.type.kind == "dyn":
            return f"{'has_field' if node.test else 'select'}({operand}, {node.field!r})"
        return f"({node.field!r} in {operand})" if node.test else f"{operand}[{node.field!r}]"

    def _call(self, node: Call) -> str:
        special = self._special(node)
        if special:
            return special
        arguments = list(map(self.source, node.arguments))
        if node.overload < 0:
            caller = "call_method" if node.method else "call"
            return f"{caller}({', '.join([repr(node.function), *arguments])})"
        written = written_out(node, arguments, self.module.fresh)
        if written:
            return written
        row = OVERLOADS[node.function][node.overload]
        if row.template:
            return row.template.format(*arguments)
        return f"{self.module.constant(row.run)}({', '.join(arguments)})"

    def _special(self, node: Call) -> str:
        match node.function:
            case "_&&_" | "_||_":
                word = " and " if node.function == "_&&_" else " or "
                return f"({word.join(map(self.truth, node.arguments))})"
            case "!_":
                return self._negation(node.arguments[0])
            case "@bool":
                return f"as_bool({self.source(node.arguments[0])})"
            case "_?_:_":
                condition, yes, no = node.arguments
                return f"({self.source(yes)} if {self.truth(condition)} else {self.source(no)})"
            case "_==_" | "_!=_":
                return self._equality(node)
            case "@in":
                return self._in(node)
            case "_[_]":
                return self._item(node)
            case "min" | "max":
                name = "smallest" if node.function == "min" else "largest"
                return f"{name}({', '.join(map(self.source, node.arguments))})"
        return ""

    def _negation(self, node: Node) -> str:
        if node.type.kind == "bool" and path_of(node) and not (isinstance(node, Select) and node.test):
            text = self.source(node)
            return f"({text} is False or not B[{text}])"
        return f"(not {self.truth(node)})"

    def _equality(self, node: Call) -> str:
        left, right = node.arguments
        same = node.function == "_==_"
        if is_divisibility(node):
            text = " % ".join(map(self.source, left.arguments if isinstance(left, Call) else ()))
            return f"({text} {'==' if same else '!='} 0)"
        texts = self.source(left), self.source(right)
        if right.type.kind == "null" and left.type.kind != "null":
            return f"({texts[0]} {'is' if same else 'is not'} None)"
        if plain(left.type) and plain(right.type) and "null" not in (left.type.kind, right.type.kind):
            return f"({texts[0]} {'==' if same else '!='} {texts[1]})"
        return f"{'' if same else '(not '}equal({texts[0]}, {texts[1]}){'' if same else ')'}"

    def _in(self, node: Call) -> str:
        value, collection = node.arguments
        element = element_of(collection.type)
        text = self.source(value)
        if not (plain(value.type) and element.kind == value.type.kind and element.kind != "double"):
            return f"contained({text}, {self.source(collection)})"
        if isinstance(collection, ListLiteral) and all(
            isinstance(member, Literal) and isinstance(member.value, str) for member in collection.elements
        ):
            return f"({text} in {{{', '.join(map(self.source, collection.elements))}}})"
        return f"({text} in {self.source(collection)})"

    def _item(self, node: Call) -> str:
        collection, key = node.arguments
        texts = self.source(collection), self.source(key)
        if collection.type.kind == "map" and key.type.kind == "string":
            return f"{texts[0]}[{texts[1]}]"
        return f"item({texts[0]}, {texts[1]})"

    def _macro(self, node: Macro) -> str:
        """A call of a function made for the macro."""
        used = {name.name for part in _looped(node) for name in walk(part) if isinstance(name, Name)}
        given = {name: short for name, short in self.names.items() if name in used - set(node.variables)}
        inner = Function(self.module, given)
        lines = inner._loop(node, "target")
        name = self.module.fresh("m")
        parameters = ", ".join(["variables", *given.values()])
        self.module.functions += [f"def {name}(target, {parameters}):", *indented(inner.reads() + lines)]
        return f"{name}({self._iterated(node)}, {parameters})"

    def _loop(self, node: Macro, target: str) -> list[str]:
        """The lines that return the value of the macro over the target."""
        outer = dict(self.names)
        names = [self.module.fresh("l") for _ in node.variables]
        self.names |= dict(zip(node.variables, names, strict=True))
        condition = self.truth(node.condition) if node.condition else ""
        result = self.source(node.result) if node.result else names[0]
        self.names = outer
        before, each, after = (line.format(names[0], result) for line in _LOOPS[node.kind])
        passed = f"not {condition}" if node.kind == "all" else condition
        steps = [f"if {passed}:", *indented([each])] if condition else [each]
        loop = [f"for {', '.join(names)} in {target}:", *indented(steps), after]
        return [before, *loop] if before else loop

    def _iterated(self, node: Macro) -> str:
        target = self.source(node.target)
        if len(node.variables) == 2:
            return f"pairs({target})"
        return f"elements({target})" if is_dynamic(Type(node.target.type.kind)) else target


def _is_compared(node: Node) -> bool:
    return (
        isinstance(node, Call)
        and node.type.kind == "bool"
        and (node.function in _COMPARED or node.function == "_?_:_")
    )


def _looped(node: Macro) -> list[Node]:
    """The parts of a macro that are evaluated for each element."""
    return [part for part in (node.condition, node.result) if part]


def indented(lines: Sequence[str], by: int = 1) -> list[str]:
    """The lines further to the right."""
    return [f"{'    ' * by}{line}" for line in lines]
