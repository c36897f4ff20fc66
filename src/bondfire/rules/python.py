"""Compiles a checked tree to one Python function: the fast path, which may raise but never lies.

It is right whenever it returns; whatever it raises, the interpreter says what CEL says. So it may
read `d["x"]` and let a KeyError fly, but it may not take null for false, or True for 1.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import Any, Final

from bondfire.rules import comparisons, dispatch
from bondfire.rules.errors import EvaluationError
from bondfire.rules.numbers import CONTEXT, as_int, divided, remainder
from bondfire.rules.python_source import Function, Module, indented
from bondfire.rules.syntax import Node

Evaluate = Callable[[Mapping[str, object]], object]

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
    "as_int": as_int,
    "divided": divided,
    "remainder": remainder,
    "add": CONTEXT.add,
    "subtract": CONTEXT.subtract,
    "multiply": CONTEXT.multiply,
    "divide": CONTEXT.divide,
    "modulo": CONTEXT.remainder,
    "ROUND_FLOOR": ROUND_FLOOR,
    "ROUND_CEILING": ROUND_CEILING,
}


def compile_python(node: Node, slow: Evaluate) -> Evaluate:
    """The function of the tree; when its fast path raises anything, `slow` is asked instead."""
    module = Module([node])
    function = Function(module)
    body = function.body(node)
    lines = [
        "def evaluate(variables):",
        "    try:",
        *indented(function.reads() + body, 2),
        "    except Exception:",
        "        return slow(variables)",
    ]
    evaluate: Evaluate = _executed(module, lines, "evaluate", {"slow": slow})
    return evaluate


def compile_conditions(
    rows: Sequence[tuple[tuple[Node, Evaluate] | None, Sequence[Node]]],
) -> Callable[[Mapping[str, object]], list[tuple[Any, ...]]]:
    """See `bondfire.rules.fuse`; each condition comes with the function that evaluates it alone."""
    trees = [tree for when, amounts in rows for tree in ([when[0]] if when else []) + list(amounts)]
    module = Module(trees)
    function = Function(module)
    lines: list[str] = []
    for place, (when, amounts) in enumerate(rows):
        if when:
            lines += [
                "try:",
                f"    holds = {function.verdict(when[0])}",
                "except Exception:",
                f"    holds = verdict({module.constant(when[1])}, variables, {place}, found)",
            ]
        values = "".join(f" {function.source(amount)}," for amount in amounts)
        lines += [
            "if holds:" if when else "if True:",
            "    try:",
            f"        found.append(({place},{values}))",
            "    except Exception:",
            f"        found.append(({place},))",
        ]
    lines = ["found = []", *function.reads(), *lines, "return found"]
    which: Callable[[Mapping[str, object]], list[tuple[Any, ...]]] = _executed(
        module, ["def which(variables):", *indented(lines)], "which", {"verdict": _verdict}
    )
    return which


def _executed(module: Module, lines: Sequence[str], name: str, known: Mapping[str, object]) -> Any:
    """The function that the lines define, with what the module holds and what it is given in reach."""
    namespace = {**_HELPERS, **module.constants, **known}
    source = "\n".join([*module.functions, *lines])
    exec(compile(source, "<rule>", "exec"), namespace)  # noqa: S102 - our own generated source
    return namespace[name]


def _verdict(
    alone: Evaluate, variables: Mapping[str, object], place: int, found: list[tuple[Any, ...]]
) -> bool:
    """What a condition says for which the fast path has no answer."""
    try:
        return alone(variables) is True
    except EvaluationError:
        found.append((~place,))
        return False
