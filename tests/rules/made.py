"""Makers for tests of rules: an environment of a shop, its data, and short ways to compile."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bondfire.rules import (
    BOOL,
    DECIMAL,
    DOUBLE,
    INT,
    STRING,
    TIMESTAMP,
    Environment,
    EvaluationError,
    Expression,
    ExpressionError,
    Type,
    compile_expression,
    list_of,
    map_of,
    record,
)
from bondfire.rules.values import kind_of

LINE = record(
    "line", {"sku": STRING, "amount": DECIMAL, "quantity": INT, "categories": list_of(STRING)}, ["categories"]
)
EVENT = record(
    "event",
    {
        "total": DECIMAL,
        "discount": DECIMAL,
        "quantity": INT,
        "ratio": DOUBLE,
        "express": BOOL,
        "coupon": STRING,
        "categories": list_of(STRING),
        "lines": list_of(LINE),
        "occurred_at": TIMESTAMP,
    },
    ["discount", "express", "coupon"],
)
MEMBER = record(
    "member",
    {
        "tiers": record("member.tiers", {"flame": STRING}),
        "wallets": map_of(STRING, DECIMAL),
        "visits": INT,
    },
)
SHOP = Environment({"event": EVENT, "member": MEMBER})


def purchase(**changes: Any) -> dict[str, Any]:
    """An order of two lines by a member of tier fire; a change to None is null, to ... is missing."""
    event = {
        "total": Decimal("119.80"),
        "quantity": 3,
        "ratio": 0.5,
        "categories": ["shoes", "sale"],
        "lines": [
            {"sku": "A1", "amount": Decimal("99.80"), "quantity": 1, "categories": ["shoes"]},
            {"sku": "B2", "amount": Decimal("20.00"), "quantity": 2, "categories": ["sale"]},
        ],
        "occurred_at": datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
    } | changes
    present = {name: value for name, value in event.items() if value is not ...}
    member = {"tiers": {"flame": "fire"}, "wallets": {"points": Decimal(40)}, "visits": 7}
    return {"event": present, "member": member}


def rule(source: str, expects: Type | None = None, environment: Environment = SHOP) -> Expression:
    """The compiled expression."""
    return compile_expression(source, environment, expects=expects)


def value_of(source: str, data: Mapping[str, Any] | None = None, expects: Type | None = None) -> object:
    """Its value; the compiled function and the interpreter must agree on it."""
    expression = rule(source, expects)
    variables = purchase() if data is None else data
    value = expression.evaluate(variables)
    assert repr(expression.exactly(variables)) == repr(value)
    return value


def error_of(
    source: str, data: Mapping[str, Any] | None = None, expects: Type | None = None
) -> EvaluationError:
    """The error it ends in."""
    with pytest.raises(EvaluationError) as caught:
        rule(source, expects).evaluate(purchase() if data is None else data)
    return caught.value


def refusal_of(source: str, expects: Type | None = None, environment: Environment = SHOP) -> ExpressionError:
    """The refusal to compile it."""
    with pytest.raises(ExpressionError) as caught:
        rule(source, expects, environment)
    return caught.value


def outcome(
    evaluate: Callable[[Mapping[str, object]], object], row: Mapping[str, object]
) -> tuple[str, object]:
    """Kind and value as written, for NaN equals nothing and -0.0 equals 0.0; or the error and its place."""
    try:
        value = evaluate(row)
    except EvaluationError as error:
        return "error", (error.code, error.line, error.column, error.path)
    return kind_of(value), repr(value)


def disagreements(
    expression: Expression, rows: Iterable[Mapping[str, object]]
) -> list[tuple[Mapping[str, object], object, object]]:
    """The rows for which the compiled function says something else than the interpreter."""
    both = ((row, outcome(expression.evaluate, row), outcome(expression.exactly, row)) for row in rows)
    return [(row, compiled, exact) for row, compiled, exact in both if compiled != exact]
