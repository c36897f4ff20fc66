"""A compiled expression: what it reads, what it costs, and its value for given variables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from bondfire.rules.bounds import bounds_of, branch_bounds_of
from bondfire.rules.checker import check
from bondfire.rules.cost import cost_of, refuse_what_cannot_work
from bondfire.rules.environment import Environment
from bondfire.rules.errors import EvaluationError, Fault, position_of
from bondfire.rules.interpreter import interpret, path_of
from bondfire.rules.parser import parse
from bondfire.rules.python import compile_conditions, compile_python
from bondfire.rules.resolve import Resolver
from bondfire.rules.syntax import Name, Node, Select, children, walk
from bondfire.rules.types import Type

Bounds = tuple[Decimal | None, Decimal | None]
_MISSING = object()


@dataclass(frozen=True, eq=False)
class Expression:
    """A checked expression, ready to run.

    Attributes:
        source: as written.
        type: of its value.
        cost: worst case, in units of one operation.
        paths: what it reads: the longest selections from variables, such as `event.total`.
        variables: the variables it reads.
        bounds: the least and the largest value it can have, None where that is not known.
        evaluate: the compiled function: variables to value; raises EvaluationError.
        tree: the checked syntax tree.
    """

    source: str
    type: Type
    cost: int
    paths: frozenset[str]
    variables: frozenset[str]
    bounds: Bounds
    tree: Node = field(repr=False)
    evaluate: Callable[[Mapping[str, object]], object] = field(repr=False)

    @property
    def branches(self) -> tuple[Bounds, ...]:
        """The bounds of each outcome of the outermost conditions; those of the whole when there is none."""
        return branch_bounds_of(self.tree)

    def values(self, variables: Mapping[str, object]) -> dict[str, object]:
        """The value of each path it reads, for explanations; missing ones are absent."""
        found: dict[str, object] = {}
        for path, name, steps in self._reads:
            value = variables.get(name, _MISSING)
            for step in steps:
                value = value.get(step, _MISSING) if isinstance(value, dict) else _MISSING
            if value is not _MISSING:
                found[path] = value
        return found

    @cached_property
    def _reads(self) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """Each path with its variable and the steps from there."""
        reads = []
        for path in sorted(self.paths):
            name = max((n for n in self.variables if path == n or path.startswith(f"{n}.")), key=len)
            reads.append((path, name, tuple(path[len(name) + 1 :].split(".")) if path != name else ()))
        return tuple(reads)

    def exactly(self, variables: Mapping[str, object]) -> object:
        """The value by the interpreter; the same as `evaluate`, slower.

        Raises:
            EvaluationError: with line and column.
        """
        return _interpreted(self.tree, self.source)(variables)


Hit = tuple[Any, ...]
"""The place of a condition that holds, and the amounts beside it."""


def fuse(
    rows: Sequence[tuple[Expression | None, Sequence[Expression]]],
) -> Callable[[Mapping[str, object]], list[Hit]]:
    """One function for many conditions over the same variables, each with amounts to ask where it holds.

    It costs a fraction of asking one by one. None always holds. A condition that has no value (something it
    reads is missing, a division by zero) gives ~place alone; where an amount has none, the place comes
    without any: evaluate them to learn why.

    Args:
        rows: conditions in their order, each with its amounts.
    """
    return compile_conditions(
        [
            ((when.tree, when.evaluate) if when else None, [amount.tree for amount in amounts])
            for when, amounts in rows
        ]
    )


def _interpreted(tree: Node, source: str) -> Callable[[Mapping[str, object]], object]:
    def slow(variables: Mapping[str, object]) -> object:
        try:
            return interpret(tree, variables)
        except EvaluationError as error:
            error.line, error.column = position_of(source, max(error.offset, 0))
            raise

    return slow


def compile_expression(
    source: str, environment: Environment, *, expects: Type | None = None, checked: bool = True
) -> Expression:
    """Parse, check and compile.

    Args:
        source: the text of the expression.
        environment: variables and limits.
        expects: type the value must have; DECIMAL turns ints and literals into exact decimals.
        checked: False skips the type check, as CEL's parse-only mode.

    Raises:
        ExpressionError: with code, line and column.
    """
    try:
        tree = Resolver(environment.variables.keys(), environment.container).resolve(parse(source))
        if checked:
            tree = check(tree, environment, expects)
        if not environment.specification:
            refuse_what_cannot_work(tree)
        cost = cost_of(tree, environment)
        evaluate = compile_python(tree, _interpreted(tree, source))
    except Fault as fault:
        raise fault.at(source) from None
    except (RecursionError, MemoryError):
        raise Fault("The expression is nested too deeply.", 0, code="too_deep").at(source) from None
    paths = frozenset(_paths(tree))
    return Expression(
        source=source,
        type=tree.type,
        cost=cost,
        paths=paths,
        variables=frozenset(n.name for n in walk(tree) if isinstance(n, Name) and not n.local),
        bounds=bounds_of(tree),
        tree=tree,
        evaluate=evaluate,
    )


def _paths(node: Node) -> list[str]:
    """The longest selections from variables below a node."""
    path = path_of(node) if isinstance(node, Name | Select) else ""
    if path:
        return [path]
    return [found for child in children(node) for found in _paths(child)]
