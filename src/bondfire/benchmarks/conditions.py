"""Conditions of rules: ours compiled, the same by hand in Python, and the packages of others."""

from collections.abc import Callable, Mapping
from importlib import import_module
from statistics import geometric_mean
from timeit import Timer
from typing import Any, Final

from bondfire.rules import BOOL, DOUBLE, INT, STRING, Environment, Type, compile_expression, list_of

TYPICAL: Final = "amount >= 10.0 && 'shoes' in categories && tier == 'gold'"
CONDITIONS: Final = (
    TYPICAL,
    "amount >= 10.0",
    "amount > 50.0 || visits >= 3",
    "tier == 'gold'",
    "tier in ['silver', 'gold']",
    "'shoes' in categories",
    "'toys' in categories || 'books' in categories",
    "size(categories) >= 2",
    "visits + 1 >= 5",
    "visits % 5 == 0",
    "amount * 2.0 >= 100.0",
    "!first && visits > 3",
    "channel == 'app' && amount >= 20.0",
    "channel.startsWith('ap')",
    "email.endsWith('.example')",
    "tier == 'gold' ? amount >= 10.0 : amount >= 20.0",
    "categories.exists(c, c.startsWith('sh'))",
    "categories.all(c, size(c) > 3)",
    "total >= 10 && tier in ['velvet', 'lantern'] && visits > 3",
    "amount >= 10.0 && amount < 1000.0 && channel != 'partner' && !first && tier != 'none'",
)
_TYPES: Final[dict[str, Type]] = {
    "amount": DOUBLE,
    "total": INT,
    "visits": INT,
    "tier": STRING,
    "channel": STRING,
    "email": STRING,
    "first": BOOL,
    "categories": list_of(STRING),
}
_VALUES: Final[dict[str, Any]] = {
    "amount": 119.8,
    "total": 119,
    "visits": 7,
    "tier": "gold",
    "channel": "app",
    "email": "c-17@shop.example",
    "first": False,
    "categories": ["books", "shoes"],
}
_LOOPS: Final = 10_000
_REPEATS: Final = 5


Measured = tuple[Callable[[Any], object], Any]
"""A function, and the values in the form that it takes."""


def vs_handwritten() -> float:
    """How many times as long the typical condition takes compiled as written in Python."""

    def by_hand(row: Mapping[str, Any]) -> bool:
        return bool(row["amount"] >= 10.0 and "shoes" in row["categories"] and row["tier"] == "gold")

    return _seconds(_ours()[0]) / _seconds((by_hand, _VALUES))


def vs_packages() -> float | None:
    """How many times faster than the fastest package for CEL we are, on the geometric mean of the conditions.

    None when no other is installed. Each of theirs gets its values in its own form beforehand.
    """
    ours = list(map(_seconds, _ours()))
    others = [
        list(map(_seconds, them)) for them in (_common_expression_language(), _cel_expr_python()) if them
    ]
    if not others:
        return None
    return min(
        geometric_mean(theirs / mine for theirs, mine in zip(times, ours, strict=True)) for times in others
    )


def _ours() -> list[Measured]:
    environment = Environment(_TYPES)
    return [(compile_expression(condition, environment).evaluate, _VALUES) for condition in CONDITIONS]


def _common_expression_language() -> list[Measured]:
    try:
        cel = import_module("cel")
    except ImportError:
        return []
    context = cel.Context(variables=_VALUES)
    return [(cel.compile(condition).execute, context) for condition in CONDITIONS]


def _cel_expr_python() -> list[Measured]:
    try:
        cel = import_module("cel_expr_python.cel")
    except ImportError:
        return []
    kinds = {DOUBLE: cel.Type.DOUBLE, INT: cel.Type.INT, STRING: cel.Type.STRING, BOOL: cel.Type.BOOL}
    names = {name: kinds.get(kind, cel.Type.List(cel.Type.STRING)) for name, kind in _TYPES.items()}
    environment = cel.NewEnv(variables=names)
    activation = environment.Activation(_VALUES)
    return [(environment.compile(condition).eval, activation) for condition in CONDITIONS]


def _seconds(measured: Measured) -> float:
    act, values = measured
    timer = Timer("act(values)", globals={"act": act, "values": values})
    return min(timer.repeat(_REPEATS, _LOOPS)) / _LOOPS
