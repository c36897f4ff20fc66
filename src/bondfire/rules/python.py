"""Compiles a checked tree to one Python function: the fast path, which may raise but never lies.

The generated source holds no text of the author but through `repr`: names become `g0`, `l0`, `c0`.
It is right whenever it returns; whatever it raises, the interpreter says what CEL says. So it may
read `d["x"]` and let a KeyError fly, but it may not take null for false, or True for 1.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import Any, Final

from bondfire.rules import comparisons, dispatch
from bondfire.rules.errors import EvaluationError
from bondfire.rules.functions import OVERLOADS
from bondfire.rules.numbers import CONTEXT
from bondfire.rules.syntax import Call, ListLiteral, Literal, Macro, MapLiteral, Name, Node, Select
from bondfire.rules.types import SCALARS, Type, element_of, is_dynamic

Function = Callable[[Mapping[str, object]], object]

_HELPERS: Final[dict[str, object]] = {
    "B": {True: True, False: False},
    "as_bool": comparisons.as_bool,
    "call": dispatch.call,
    "call_method": dispatch.call_method,
    "elements": comparisons.elements,
    "equal": comparisons.equal,
    "item": comparisons.item,
    "map_from": comparisons.map_from,
    "pairs": comparisons.pairs,
    "select": comparisons.select,
    "has_field": comparisons.has_field,
    "contained": comparisons.contained,
    "largest": dispatch.largest,
    "smallest": dispatch.smallest,
    "add": CONTEXT.add,
    "subtract": CONTEXT.subtract,
    "multiply": CONTEXT.multiply,
    "divide": CONTEXT.divide,
    "remainder": CONTEXT.remainder,
    "ROUND_FLOOR": ROUND_FLOOR,
    "ROUND_CEILING": ROUND_CEILING,
}
_SURE: Final = frozenset({"_&&_", "_||_", "!_", "@bool", "_==_", "_!=_", "@in", "_<_", "_<=_", "_>_", "_>=_"})


def compile_python(node: Node, slow: Function) -> Function:
    """The function of the tree; when its fast path raises anything, `slow` is asked instead."""
    generator = _Generator()
    body = generator.source(node)
    lines = ["def evaluate(variables):", "    try:"]
    lines += [f"        {short} = variables[{name!r}]" for name, short in generator.globals.items()]
    lines += [f"        return {body}", "    except Exception:", "        return slow(variables)"]
    namespace: dict[str, object] = {**_HELPERS, **generator.constants, "slow": slow}
    exec(compile("\n".join(lines), "<rule>", "exec"), namespace)  # noqa: S102 - our own generated source
    function: Function = namespace["evaluate"]  # type: ignore[assignment]  # exec gives objects
    return function


def compile_conditions(
    rows: Sequence[tuple[tuple[Node, Function] | None, Sequence[Node]]],
) -> Callable[[Mapping[str, object]], list[tuple[Any, ...]]]:
    """See `bondfire.rules.fuse`; each condition comes with the function that evaluates it alone."""
    generator = _Generator()
    lines: list[str] = []
    for place, (when, amounts) in enumerate(rows):
        values = "".join(f" {generator.source(amount)}," for amount in amounts)
        holds = ["True", ""] if when is None else [generator.truth(when[0]), generator.constant(when[1])]
        lines += [
            "    try:",
            f"        holds = {holds[0]}",
            "    except Exception:",
            f"        holds = verdict({holds[1]}, variables, {place}, found)" if when else "        raise",
            "    if holds:",
            "        try:",
            f"            found.append(({place},{values}))",
            "        except Exception:",
            f"            found.append(({place},))",
        ]
    names = (f"    {short} = variables[{name!r}]" for name, short in generator.globals.items())
    source = "\n".join(["def which(variables):", "    found = []", *names, *lines, "    return found"])
    namespace: dict[str, object] = {**_HELPERS, **generator.constants, "verdict": _verdict}
    exec(compile(source, "<rules>", "exec"), namespace)  # noqa: S102 - our own generated source
    which: Callable[[Mapping[str, object]], list[tuple[Any, ...]]] = namespace["which"]  # type: ignore[assignment]  # exec gives objects
    return which


def _verdict(
    alone: Function, variables: Mapping[str, object], place: int, found: list[tuple[Any, ...]]
) -> bool:
    """What a condition says for which the fast path has no answer."""
    try:
        return alone(variables) is True
    except EvaluationError:
        found.append((~place,))
        return False


def _plain(kind: Type) -> bool:
    """Whether Python's own == is CEL's for two values of this type."""
    return kind.kind in SCALARS


class _Generator:
    def __init__(self) -> None:
        self.globals: dict[str, str] = {}
        self.constants: dict[str, object] = {}
        self.locals: dict[str, str] = {}
        self.numbers = itertools.count()

    def constant(self, value: object) -> str:
        """A name for a value that has no literal in Python."""
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def source(self, node: Node) -> str:
        match node:
            case Literal():
                return self._literal(node.value)
            case Name():
                if node.local:
                    return self.locals[node.name]
                return self.globals.setdefault(node.name, f"g{len(self.globals)}")
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
        return self.constant(value)

    def _select(self, node: Select) -> str:
        operand = self.source(node.operand)
        if node.operand.type.kind == "dyn":
            return f"{'has_field' if node.test else 'select'}({operand}, {node.field!r})"
        return f"({node.field!r} in {operand})" if node.test else f"{operand}[{node.field!r}]"

    def truth(self, node: Node) -> str:
        """Source that is True or False, or raises."""
        text = self.source(node)
        if node.type.kind != "bool":
            return f"as_bool({text})"
        certain = (
            (isinstance(node, Call) and node.function in _SURE)
            or (isinstance(node, Call) and node.overload >= 0)
            or (isinstance(node, Macro | Literal))
            or (isinstance(node, Select) and node.test)
        )
        return text if certain else f"B[{text}]"

    def _call(self, node: Call) -> str:
        special = self._special(node)
        if special:
            return special
        arguments = list(map(self.source, node.arguments))
        if node.overload < 0:
            caller = "call_method" if node.method else "call"
            return f"{caller}({', '.join([repr(node.function), *arguments])})"
        row = OVERLOADS[node.function][node.overload]
        if row.template:
            return row.template.format(*arguments)
        return f"{self.constant(row.run)}({', '.join(arguments)})"

    def _special(self, node: Call) -> str:
        match node.function:
            case "_&&_" | "_||_":
                word = " and " if node.function == "_&&_" else " or "
                return f"({word.join(map(self.truth, node.arguments))})"
            case "!_":
                return f"(not {self.truth(node.arguments[0])})"
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
                return f"item({self.source(node.arguments[0])}, {self.source(node.arguments[1])})"
            case "min" | "max":
                name = "smallest" if node.function == "min" else "largest"
                return f"{name}({', '.join(map(self.source, node.arguments))})"
        return ""

    def _equality(self, node: Call) -> str:
        left, right = node.arguments
        same = node.function == "_==_"
        texts = self.source(left), self.source(right)
        if right.type.kind == "null" and left.type.kind != "null":
            return f"({texts[0]} {'is' if same else 'is not'} None)"
        if _plain(left.type) and _plain(right.type) and "null" not in (left.type.kind, right.type.kind):
            return f"({texts[0]} {'==' if same else '!='} {texts[1]})"
        return f"{'' if same else '(not '}equal({texts[0]}, {texts[1]}){'' if same else ')'}"

    def _in(self, node: Call) -> str:
        value, collection = node.arguments
        element = element_of(collection.type)
        text = self.source(value)
        if not (_plain(value.type) and element.kind == value.type.kind and element.kind != "double"):
            return f"contained({text}, {self.source(collection)})"
        if isinstance(collection, ListLiteral) and all(
            isinstance(member, Literal) and isinstance(member.value, str) for member in collection.elements
        ):
            return f"({text} in {{{', '.join(map(self.source, collection.elements))}}})"
        return f"({text} in {self.source(collection)})"

    def _macro(self, node: Macro) -> str:
        target = self._iterated(node)
        outer = dict(self.locals)
        names = [f"l{next(self.numbers)}" for _ in node.variables]
        self.locals |= dict(zip(node.variables, names, strict=True))
        condition = self.truth(node.condition) if node.condition else ""
        result = self.source(node.result) if node.result else names[0]
        self.locals = outer
        over = f"for {', '.join(names)} in {target}"
        only = f" if {condition}" if condition else ""
        return {
            "all": f"(False not in [{condition} {over}])",  # a list is made faster than a generator is asked
            "exists": f"(True in [{condition} {over}])",
            "exists_one": f"(sum(1 {over}{only}) == 1)",
            "filter": f"[{names[0]} {over}{only}]",
            "map": f"[{result} {over}{only}]",
            "map_of": f"{{{names[0]}: {result} {over}{only}}}",
        }[node.kind]

    def _iterated(self, node: Macro) -> str:
        target = self.source(node.target)
        if len(node.variables) == 2:
            return f"pairs({target})"
        return f"elements({target})" if is_dynamic(Type(node.target.type.kind)) else target
