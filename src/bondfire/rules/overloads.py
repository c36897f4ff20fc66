"""Chooses the overload of a call and so its type; the operators with rules of their own are here too."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from bondfire.kit import nearest
from bondfire.rules.errors import Fault
from bondfire.rules.functions import OVERLOADS, Overload
from bondfire.rules.syntax import Call, Node
from bondfire.rules.types import (
    BOOL,
    DYN,
    NUMBERS,
    STRING,
    Type,
    assignable,
    element_of,
    joined,
    list_of,
    value_of,
)

_OWN_RULES: Final = frozenset({"min", "max", "has"})
_SPOKEN: Final = {"_?_:_": "? :", "@in": "in", "_[_]": "[ ]", "!_": "!", "-_": "-"}


def needs_decimals(function: str, arguments: Sequence[Node]) -> bool:
    """Whether literals among the arguments take the exact type of the others."""
    operator = function[0] in "_@" and function != "_[_]"
    return (
        operator
        or function in _OWN_RULES
        or (function in OVERLOADS and len(arguments) > 1 and function != "round")
    )


def call_type(node: Call) -> Call:
    """The call with its type and, when only one can be meant, its overload.

    Raises:
        Fault: no such function, or not for these types.
    """
    own = _RULES.get(node.function)
    if own:
        return replace(node, type=own(node))
    rows = OVERLOADS.get(node.function, ())
    styled = [i for i, row in enumerate(rows) if (row.method if node.method else row.function)]
    if not styled:
        raise _unknown(node)
    kinds = [argument.type for argument in node.arguments]
    fitting = [i for i in styled if _takes(rows[i], kinds)]
    if not fitting:
        raise _no_overload(node, kinds)
    return _chosen(node, rows, fitting, kinds)


def _chosen(node: Call, rows: Sequence[Overload], fitting: list[int], kinds: list[Type]) -> Call:
    sure = len(fitting) == 1 and all(map(_certain, kinds, rows[fitting[0]].arguments))
    results = {rows[i].result for i in fitting}
    result = results.pop() if len(results) == 1 else DYN
    if node.function == "_+_" and result.kind == "list":
        result = list_of(joined(element_of(kinds[0]), element_of(kinds[1]))) if _both_lists(kinds) else result
    return replace(node, type=result, overload=fitting[0] if sure else -1)


def _both_lists(kinds: list[Type]) -> bool:
    return kinds[0].kind == kinds[1].kind == "list"


def _takes(row: Overload, kinds: list[Type]) -> bool:
    return len(kinds) == len(row.arguments) and all(map(assignable, kinds, row.arguments))


def _certain(actual: Type, wanted: Type) -> bool:
    """Whether the value is known before run time to be of the wanted type."""
    if wanted.kind == "dyn":
        return True
    return actual.kind == wanted.kind and all(map(_certain, actual.parameters, wanted.parameters))


def spoken(function: str) -> str:
    """An operator as people write it."""
    return _SPOKEN.get(function, function.strip("_@"))


def _unknown(node: Call) -> Fault:
    names = {name for name, rows in OVERLOADS.items() if name[0].isalpha()} | _OWN_RULES
    close = nearest(node.function, names)
    return Fault(
        f"There is no {'method' if node.method else 'function'} {node.function}.",
        node.offset,
        code="unknown_function",
        next_step=f"Did you mean `{close}`?" if close else "",
    )


def _no_overload(node: Call, kinds: Sequence[Type]) -> Fault:
    names = {kind.kind for kind in kinds}
    if {"decimal", "double"} <= names:
        return Fault(
            f"{spoken(node.function)} mixes an exact decimal with a double.",
            node.offset,
            next_step="Amounts are exact: make the other side a literal, an int or a decimal too.",
        )
    shown = ", ".join(map(str, kinds))
    return Fault(f"{spoken(node.function)} does not take ({shown}).", node.offset)


def _bool(node: Call) -> Type:  # noqa: ARG001 - the operands were checked before
    return BOOL


def _ternary(node: Call) -> Type:
    _, yes, no = (argument.type for argument in node.arguments)
    if {yes.kind, no.kind} == {"decimal", "double"}:
        raise _no_overload(node, [yes, no])
    return joined(yes, no)


def _equality(node: Call) -> Type:
    left, right = (argument.type for argument in node.arguments)
    if not _equatable(left, right):
        raise _no_overload(node, [left, right])
    return BOOL


def _equatable(left: Type, right: Type) -> bool:
    if "null" in (left.kind, right.kind) or {left.kind, right.kind} in (
        {"int", "decimal"},
        {"uint", "decimal"},
    ):
        return True
    if left.kind == right.kind and not (left.name or right.name):
        return all(map(_equatable, left.parameters, right.parameters))
    return assignable(left, right)


def _in(node: Call) -> Type:
    value, collection = (argument.type for argument in node.arguments)
    if collection.kind not in ("list", "map", "dyn"):
        raise _no_overload(node, [value, collection])
    element = DYN if collection.kind == "dyn" else element_of(collection)
    both_numbers = {value.kind, element.kind} <= NUMBERS and collection.kind == "map"
    if not (_equatable(value, element) or both_numbers):
        raise _no_overload(node, [value, collection])
    return BOOL


def _index(node: Call) -> Type:
    collection, key = (argument.type for argument in node.arguments)
    if collection.name and collection.kind == "map":
        return _record_index(node, collection, key)
    wanted = {"list": Type("int"), "map": element_of(collection)}.get(collection.kind, DYN)
    numeric = {key.kind, wanted.kind} <= NUMBERS and collection.kind == "map"
    if collection.kind not in ("list", "map", "dyn") or not (assignable(key, wanted) or numeric):
        raise _no_overload(node, [collection, key])
    return value_of(collection)


def _record_index(node: Call, collection: Type, key: Type) -> Type:
    if not assignable(key, STRING):
        raise _no_overload(node, [collection, key])
    return DYN


def _extreme(node: Call) -> Type:
    kinds = [argument.type for argument in node.arguments]
    if len(kinds) == 1 and kinds[0].kind in ("list", "dyn"):
        kinds = [DYN if kinds[0].kind == "dyn" else element_of(kinds[0])]
    if not kinds or node.method or any(kind.kind not in NUMBERS | {"dyn"} for kind in kinds):
        raise _no_overload(node, kinds)
    result = kinds[0]
    for kind in kinds[1:]:
        if {result.kind, kind.kind} == {"decimal", "double"}:
            raise _no_overload(node, kinds)
        result = joined(result, kind)
    return result


_RULES: Final[dict[str, Callable[[Call], Type]]] = {
    "_&&_": _bool,
    "_||_": _bool,
    "!_": _bool,
    "@bool": _bool,
    "_?_:_": _ternary,
    "_==_": _equality,
    "_!=_": _equality,
    "@in": _in,
    "_[_]": _index,
    "min": _extreme,
    "max": _extreme,
}
