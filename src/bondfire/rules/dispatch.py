"""Calls by the kinds of the values: what the interpreter and undecided compiled calls go through."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, DecimalException
from typing import Final

from bondfire.rules import comparisons
from bondfire.rules.comparisons import no_overload
from bondfire.rules.errors import EvaluationError
from bondfire.rules.functions import OVERLOADS, Overload
from bondfire.rules.numbers import decimal_error, to_decimal
from bondfire.rules.overloads import spoken
from bondfire.rules.types import Type
from bondfire.rules.values import kind_of


def fits(value: object, wanted: Type) -> bool:
    """Whether the value is of the type; an int may stand for a decimal."""
    kind = kind_of(value)
    if wanted.kind == "dyn":
        return True
    if kind != wanted.kind:
        return kind == "int" and wanted.kind == "decimal"
    if isinstance(value, Sequence) and kind == "list" and wanted.parameters[0].kind != "dyn":
        return all(fits(element, wanted.parameters[0]) for element in value)
    return True


def call(name: str, *values: object, method: bool = False) -> object:
    """The function or operator applied to the values, by their kinds.

    Raises:
        EvaluationError: there is none for these values, or it has no result.
    """
    own = EXACT.get(name)
    if own and not method:
        return own(*values)
    for row in OVERLOADS.get(name, ()):
        if (row.method if method else row.function) and _accepts(row, values):
            return run(row, values)
    if name not in OVERLOADS:
        raise EvaluationError(f"There is no function {name}.", code="no_such_overload")
    raise no_overload(spoken(name), *values)


def call_method(name: str, *values: object) -> object:
    """The same for `a.f(b)`."""
    return call(name, *values, method=True)


def _accepts(row: Overload, values: Sequence[object]) -> bool:
    return len(values) == len(row.arguments) and all(map(fits, values, row.arguments))


def call_row(name: str, row: Overload, values: Sequence[object]) -> object:
    """The overload that the checker chose; values that are null or not as declared are refused."""
    if not _accepts(row, values):
        raise no_overload(spoken(name), *values)
    return run(row, values)


def run(row: Overload, values: Sequence[object]) -> object:
    """The overload's function, with errors of the decimal module as CEL's."""
    try:
        return row.run(*values)
    except DecimalException as reason:
        raise decimal_error(reason) from None


def smallest(*values: object) -> object:
    """`min`."""
    return _extreme("min", comparisons.less, values)


def largest(*values: object) -> object:
    """`max`."""
    return _extreme("max", comparisons.greater, values)


def _extreme(name: str, better: Callable[[object, object], bool], values: Iterable[object]) -> object:
    found = list(values)
    if len(found) == 1 and isinstance(found[0], Sequence) and kind_of(found[0]) == "list":
        found = list(found[0])
    if not found:
        raise EvaluationError(f"{name} of an empty list.", code="empty")
    best = found[0]
    for value in found:
        if better(value, best):
            best = value
    exact = any(isinstance(value, Decimal) for value in found)
    return to_decimal(best) if exact and isinstance(best, int) else best


def negation(value: object) -> bool:
    """`!`."""
    return not comparisons.as_bool(value)


EXACT: Final[Mapping[str, Callable[..., object]]] = {
    "_==_": comparisons.equal,
    "_!=_": comparisons.unequal,
    "_<_": comparisons.less,
    "_<=_": comparisons.less_or_equal,
    "_>_": comparisons.greater,
    "_>=_": comparisons.greater_or_equal,
    "@in": comparisons.contained,
    "@bool": comparisons.as_bool,
    "_[_]": comparisons.item,
    "!_": negation,
    "min": smallest,
    "max": largest,
}
"""Operators whose one function takes values of every kind."""
