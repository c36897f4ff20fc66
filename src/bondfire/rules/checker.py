"""Gives each node its type, reads literals next to decimals exactly, and refuses what cannot work."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from bondfire.kit import nearest
from bondfire.rules.environment import Environment
from bondfire.rules.errors import Fault
from bondfire.rules.numbers import LIMIT
from bondfire.rules.overloads import call_type, needs_decimals
from bondfire.rules.syntax import Call, ListLiteral, Literal, Macro, MapLiteral, Name, Node, Select
from bondfire.rules.types import (
    BOOL,
    DECIMAL,
    DYN,
    INT,
    Type,
    assignable,
    element_of,
    joined,
    list_of,
    map_of,
    value_of,
)
from bondfire.rules.values import kind_of

_ARITHMETIC: Final = frozenset({"_+_", "_-_", "_*_", "_/_", "_%_", "-_", "min", "max"})
_FIRST_ONLY: Final = frozenset({"floor", "ceil", "round", "abs", "sum"})
_LOGIC: Final = frozenset({"_&&_", "_||_", "!_"})


def check(node: Node, environment: Environment, expects: Type | None = None) -> Node:
    """The typed tree.

    Raises:
        Fault: an unknown name, field or function, or a type error.
    """
    exact = expects is not None and expects.kind == "decimal"
    checked = Checker(environment).check(node, {}, exact=exact)
    return checked if expects is None else _as_expected(checked, expects)


def _as_expected(node: Node, expects: Type) -> Node:
    if expects.kind == "decimal":
        return _as_amount(node)
    if not assignable(node.type, expects):
        raise Fault(f"This must be {_article(expects)}, but it is {_article(node.type)}.", node.offset)
    if expects.kind == "bool" and node.type.kind == "dyn":
        return Call(offset=node.offset, function="@bool", arguments=(node,), type=BOOL)
    return node


def _as_amount(node: Node) -> Node:
    node = adopt(node)
    kind = node.type.kind
    if kind == "decimal":
        return node
    if kind == "double":
        raise Fault(
            "Amounts are exact: doubles are refused here.",
            node.offset,
            next_step="Use a decimal field, an int, or decimal('1.25').",
        )
    if kind not in ("int", "dyn"):
        raise Fault(f"This must be a number, but it is {_article(node.type)}.", node.offset)
    return _converted(node)


def _converted(node: Node) -> Node:
    """`decimal(node)`."""
    return call_type(Call(offset=node.offset, function="decimal", arguments=(node,)))


def _article(kind: Type) -> str:
    return f"{'an' if str(kind)[0] in 'aeio' else 'a'} {kind}"


def adopt(node: Node) -> Node:
    """The node with its numeric literals read as exact decimals, as far as it consists of literals."""
    match node:
        case Literal(value=int() | float(), text=text) if text and text[-1] not in "uU":
            return replace(node, value=_exact(node), type=DECIMAL)
        case ListLiteral():
            return _list(replace(node, elements=tuple(map(adopt, node.elements))))
        case Call(function="_?_:_", arguments=(condition, yes, no)):
            yes, no = _promoted([adopt(yes), adopt(no)])
            return replace(node, arguments=(condition, yes, no), type=joined(yes.type, no.type))
        case Call(function="-_", arguments=(Literal() as inner,)):
            return call_type(replace(node, arguments=(adopt(inner),)))
    return node


def _exact(node: Literal) -> Decimal:
    value = node.value if isinstance(node.value, int) else node.text
    exact = Decimal(str(value)) if isinstance(value, int) else Decimal(value)
    if not -LIMIT < exact < LIMIT:
        raise Fault("This number is beyond 10^30.", node.offset, code="overflow")
    return exact


def _list(node: ListLiteral) -> ListLiteral:
    """The list with the type that its elements join to."""
    node = replace(node, elements=tuple(_promoted(list(node.elements))))
    kind = node.elements[0].type if node.elements else DYN
    for element in node.elements[1:]:
        kind = joined(kind, element.type)
    return replace(node, type=list_of(kind))


Scope = Mapping[str, Type]


class Checker:
    """Walks the tree; `scope` has the types of the macro variables around a node."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def check(self, node: Node, scope: Scope, *, exact: bool = False) -> Node:
        """The typed node; `exact` says that an exact amount is wanted, so doubles are read as decimals."""
        match node:
            case Literal():
                typed = replace(node, type=Type(kind_of(node.value)))
                return adopt(typed) if exact and isinstance(node.value, float) else typed
            case Name():
                return self._name(node, scope)
            case Select():
                return self._select(node, scope)
            case Call():
                return self._call(node, scope, exact=exact)
            case ListLiteral():
                elements = [self.check(e, scope, exact=exact) for e in node.elements]
                return _list(replace(node, elements=_harmonised(elements)))
            case MapLiteral():
                return self._map(node, scope)
            case Macro():
                return self._macro(node, scope, exact=exact)

    def _name(self, node: Name, scope: Scope) -> Node:
        known = scope if node.local else self.environment.variables
        if node.name in known:
            return replace(node, type=known[node.name])
        names = [*scope, *self.environment.variables]
        raise Fault(
            f"There is no variable {node.name}.",
            node.offset,
            code="unknown_name",
            next_step=_suggestion(node.name, names),
        )

    def _select(self, node: Select, scope: Scope) -> Node:
        operand = self.check(node.operand, scope)
        kind = operand.type
        if kind.kind not in ("map", "dyn"):
            raise Fault(f"{_article(kind).capitalize()} has no fields.", node.offset)
        found = self._field(node, kind) if kind.name else value_of(kind)
        return replace(node, operand=operand, type=BOOL if node.test else found)

    def _field(self, node: Select, kind: Type) -> Type:
        found = kind.field(node.field)
        if found is None:
            names = [name for name, _ in kind.fields]
            raise Fault(
                f"{kind.name} has no field {node.field}.",
                node.offset,
                code="unknown_field",
                next_step=_suggestion(node.field, names),
            )
        return found

    def _call(self, node: Call, scope: Scope, *, exact: bool) -> Node:
        wanted = [
            (exact and (node.function in _ARITHMETIC or (node.function in _FIRST_ONLY and index == 0)))
            or (exact and node.function == "_?_:_" and index > 0)
            for index in range(len(node.arguments))
        ]
        pairs = zip(node.arguments, wanted, strict=True)
        arguments = [self.check(argument, scope, exact=want) for argument, want in pairs]
        if node.function in _LOGIC or node.function == "_?_:_":
            for argument in arguments[: 1 if node.function == "_?_:_" else None]:
                _must_be_bool(argument)
        if needs_decimals(node.function, arguments):
            first = 1 if node.function == "_?_:_" else 0
            arguments = [*arguments[:first], *_harmonised(arguments[first:])]
        if node.function == "_?_:_":
            arguments[1:] = _promoted(arguments[1:])
        return call_type(replace(node, arguments=tuple(arguments)))

    def _map(self, node: MapLiteral, scope: Scope) -> Node:
        keys = [self.check(key, scope) for key, _ in node.entries]
        values = _harmonised([self.check(value, scope) for _, value in node.entries])
        kinds = [_join_all([n.type for n in nodes]) for nodes in (keys, values)]
        entries = tuple(zip(keys, values, strict=True))
        return replace(node, entries=entries, type=map_of(kinds[0], kinds[1]))

    def _macro(self, node: Macro, scope: Scope, *, exact: bool) -> Node:
        target = self.check(node.target, scope)
        if target.type.kind not in ("list", "map", "dyn"):
            raise Fault(f"A macro goes over a list or a map, not {_article(target.type)}.", node.offset)
        inner = {**scope, **dict(zip(node.variables, _variables(node, target.type), strict=True))}
        condition = node.condition and self.check(node.condition, inner)
        if condition:
            _must_be_bool(condition)
        result = node.result and self.check(node.result, inner, exact=exact)
        kind = _macro_type(node, target.type, result)
        return replace(node, target=target, condition=condition, result=result, type=kind)


def _variables(node: Macro, target: Type) -> tuple[Type, ...]:
    """Types of the macro's variables."""
    element = element_of(target)
    if len(node.variables) == 1:
        return (element,)
    key = INT if target.kind == "list" else DYN if target.kind == "dyn" else element
    return (key, value_of(target))


def _macro_type(node: Macro, target: Type, result: Node | None) -> Type:
    if node.kind == "filter":
        return target if target.kind == "list" else list_of(element_of(target))
    if node.kind == "map":
        return list_of(result.type if result else DYN)
    if node.kind == "map_of":
        return map_of(_variables(node, target)[0], result.type if result else DYN)
    return BOOL


def _must_be_bool(node: Node) -> None:
    if node.type.kind not in ("bool", "dyn"):
        raise Fault(f"A condition is wanted here, but this is {_article(node.type)}.", node.offset)


def _harmonised(nodes: list[Node]) -> tuple[Node, ...]:
    """Literals become decimals when another of the nodes is one."""
    kinds = {node.type.kind for node in nodes} | {
        node.type.parameters[0].kind for node in nodes if node.type.kind == "list"
    }
    return tuple(map(adopt, nodes)) if "decimal" in kinds else tuple(nodes)


def _promoted(nodes: list[Node]) -> list[Node]:
    """Ints become decimals when one of them is the value where a decimal may be, too."""
    if all(node.type.kind != "decimal" for node in nodes):
        return nodes
    return [_converted(node) if node.type.kind == "int" else node for node in nodes]


def _join_all(kinds: list[Type]) -> Type:
    if not kinds:
        return DYN
    result = kinds[0]
    for kind in kinds[1:]:
        result = joined(result, kind)
    return result


def _suggestion(name: str, known: list[str]) -> str:
    close = nearest(name, known)
    return (
        f"Did you mean `{close}`?" if close else f"Known: {', '.join(sorted(known)[:12])}." if known else ""
    )
