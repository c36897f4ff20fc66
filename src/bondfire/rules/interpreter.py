"""The exact interpreter: the meaning of every expression, and the slow path of the compiled one."""

from collections.abc import Callable, Iterable, Mapping

from bondfire.rules import comparisons
from bondfire.rules.dispatch import call, call_row
from bondfire.rules.errors import EvaluationError
from bondfire.rules.functions import OVERLOADS
from bondfire.rules.syntax import Call, ListLiteral, Literal, Macro, MapLiteral, Name, Node, Select

Scope = Mapping[str, object]


def interpret(node: Node, variables: Scope) -> object:
    """The value of the tree.

    Raises:
        EvaluationError: CEL's error, with the offset where it arose.
    """
    return _Interpreter(variables).value(node, {})


def path_of(node: Node) -> str:
    """`event.total` for a selection from a variable; nothing for anything else."""
    match node:
        case Name(local=False):
            return node.name
        case Select():
            before = path_of(node.operand)
            return f"{before}.{node.field}" if before else ""
    return ""


class _Interpreter:
    def __init__(self, variables: Scope) -> None:
        self.variables = variables

    def value(self, node: Node, scope: Scope) -> object:
        """The value of a node; `scope` has the macro variables around it."""
        try:
            return self._value(node, scope)
        except EvaluationError as error:
            if error.offset < 0:
                error.offset = node.offset
                error.path = error.path or path_of(node)
            raise
        except (ArithmeticError, RecursionError) as reason:
            raise EvaluationError(f"{type(reason).__name__}: {reason}", code="range") from None
        except (TypeError, ValueError, AttributeError) as reason:
            raise EvaluationError(f"A value is not as declared: {reason}", code="invalid_value") from None

    def _value(self, node: Node, scope: Scope) -> object:
        match node:
            case Literal():
                return node.value
            case Name():
                return self._name(node, scope)
            case Select():
                read = comparisons.has_field if node.test else comparisons.select
                return read(self.value(node.operand, scope), node.field)
            case Call():
                return self._call(node, scope)
            case ListLiteral():
                return [self.value(element, scope) for element in node.elements]
            case MapLiteral():
                return comparisons.map_from(
                    [(self.value(k, scope), self.value(v, scope)) for k, v in node.entries]
                )
            case Macro():
                return self._macro(node, scope)

    def _name(self, node: Name, scope: Scope) -> object:
        known = scope if node.local else self.variables
        if node.name not in known:
            raise EvaluationError(f"There is no variable {node.name}.", code="no_such_variable")
        return known[node.name]

    def _call(self, node: Call, scope: Scope) -> object:
        if node.function in ("_&&_", "_||_"):
            verdicts = (self._verdict(argument, scope) for argument in node.arguments)
            return _decide(verdicts, decisive=node.function == "_||_")
        if node.function == "_?_:_":
            condition, yes, no = node.arguments
            return self.value(yes if self._truth(condition, scope) else no, scope)
        values = [self.value(argument, scope) for argument in node.arguments]
        if node.overload >= 0:
            return call_row(node.function, OVERLOADS[node.function][node.overload], values)
        return call(node.function, *values, method=node.method)

    def _truth(self, node: Node, scope: Scope) -> bool:
        return comparisons.as_bool(self.value(node, scope))

    def _verdict(self, node: Node, scope: Scope) -> Callable[[], bool]:
        return lambda: self._truth(node, scope)

    def _macro(self, node: Macro, scope: Scope) -> object:
        target = self.value(node.target, scope)
        items: Iterable[tuple[object, ...]]
        if len(node.variables) == 2:
            items = comparisons.pairs(target)
        else:
            items = ((element,) for element in comparisons.elements(target))
        scopes = ({**scope, **dict(zip(node.variables, item, strict=True))} for item in items)
        return self._folded(node, scopes)

    def _folded(self, node: Macro, scopes: Iterable[Scope]) -> object:
        condition, first = node.condition, node.variables[0]
        if condition and node.kind in ("all", "exists"):
            verdicts = (self._verdict(condition, scope) for scope in scopes)
            return _decide(verdicts, decisive=node.kind == "exists")
        kept = (scope for scope in scopes if condition is None or self._truth(condition, scope))
        if node.kind == "exists_one":
            return sum(1 for _ in kept) == 1
        if node.kind == "filter" or node.result is None:
            return [scope[first] for scope in kept]
        if node.kind == "map":
            return [self.value(node.result, scope) for scope in kept]
        return {scope[first]: self.value(node.result, scope) for scope in kept}


def _decide(verdicts: Iterable[Callable[[], bool]], *, decisive: bool) -> bool:
    """CEL's logic: one decisive value decides, whatever errors the others have."""
    failure: EvaluationError | None = None
    for verdict in verdicts:
        try:
            if verdict() is decisive:
                return decisive
        except EvaluationError as error:
            failure = failure or error
    if failure:
        raise failure
    return not decisive
