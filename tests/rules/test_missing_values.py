"""Missing, null and zero are three things, and errors are absorbed only where CEL says so (U10)."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest

from bondfire.rules import BOOL, Environment, Uint
from bondfire.rules.functions import OVERLOADS, Overload
from bondfire.rules.values import EPOCH, TypeValue
from rules.made import disagreements, error_of, purchase, rule, value_of


def test_missing_null_and_zero_are_three_things() -> None:
    missing, null, zero = purchase(), purchase(discount=None), purchase(discount=Decimal(0))

    assert [value_of("has(event.discount)", data) for data in (missing, null, zero)] == [False, True, True]
    assert error_of("event.discount == null", missing).code == "no_such_field"
    assert [value_of("event.discount == null", data) for data in (null, zero)] == [True, False]
    assert [value_of("event.discount == 0", data) for data in (null, zero)] == [False, True]
    assert error_of("event.discount < 1", null).code == "null_value"
    assert value_of("event.discount < 1", zero) is True


def test_a_missing_field_is_named_with_its_path_and_place() -> None:
    error = error_of("event.total > 1.00 &&\n  event.discount > 5")

    assert (error.code, error.path, error.line, error.column) == ("no_such_field", "event.discount", 2, 9)


def test_a_missing_condition_is_not_false_for_the_caller_to_guess() -> None:
    assert error_of("event.express", expects=BOOL).code == "no_such_field"
    assert error_of("!event.express", purchase(express=None)).code == "null_value"
    assert error_of("event.express && true", purchase(express=None)).code == "null_value"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("event.discount > 1 || event.total > 1", True),
        ("event.total > 1 || event.discount > 1", True),
        ("event.discount > 1 && event.total < 1", False),
        ("event.quantity / (event.quantity - 3) > 1 || true", True),
        ("!(event.express && false)", True),
        ("event.lines.exists(l, l.quantity / (l.quantity - 1) == 2)", True),
        ("event.lines.all(l, l.quantity / (l.quantity - 1) > 2)", False),
        ("event.total < 1 ? event.discount > 1 : true", True),
    ],
)
def test_errors_are_absorbed_when_the_other_side_decides(source: str, value: object) -> None:
    assert value_of(source) is value


@pytest.mark.parametrize(
    "source",
    [
        "event.discount > 1 || event.total < 1",
        "event.discount > 1 && event.total > 1",
        "event.discount > 1 ? true : true",
        "event.lines.exists_one(l, l.quantity / (l.quantity - 1) == 2)",
        "event.lines.filter(l, l.quantity / (l.quantity - 1) == 2) == []",
    ],
)
def test_errors_stay_when_nothing_else_decides(source: str) -> None:
    assert error_of(source).code in {"no_such_field", "divide_by_zero"}


def test_the_values_of_an_explanation_leave_out_what_is_missing() -> None:
    expression = rule("event.discount > 1 && member.tiers.flame == 'fire' && event.coupon == null")

    assert expression.values(purchase(coupon=None)) == {"member.tiers.flame": "fire", "event.coupon": None}


SAMPLES = {
    "int": 3,
    "uint": Uint(3),
    "double": 0.0,
    "decimal": Decimal(0),
    "string": "1",
    "bool": False,
    "bytes": b"",
    "timestamp": EPOCH,
    "duration": timedelta(0),
    "list": [],
    "map": {},
    "dyn": 1,
    "type": TypeValue("int"),
}
CALLS = [
    (name, row)
    for name, rows in OVERLOADS.items()
    for row in rows
    if name != "matches" and all(kind.kind != "dyn" for kind in row.arguments)
]


def written(name: str, row: Overload) -> str:
    """A call of the overload with the variables a, b, c, d as its arguments."""
    first, *others = list("abcd")[: len(row.arguments)]
    if name.startswith("_"):
        return f"{first} {name.strip('_')} {others[0]}"
    if name == "-_":
        return f"-{first}"
    return f"{first}.{name}({', '.join(others)})" if row.method else f"{name}({', '.join([first, *others])})"


@pytest.mark.parametrize("samples", [SAMPLES, {**SAMPLES, "int": 0, "string": ""}])
@pytest.mark.parametrize(("name", "row"), CALLS)
def test_no_function_takes_null_for_a_value(name: str, row: Overload, samples: Mapping[str, object]) -> None:
    types = dict(zip("abcd", row.arguments, strict=False))
    usual = {variable: samples[kind.kind] for variable, kind in types.items()}
    nulls = [{**usual, **dict.fromkeys(chosen)} for chosen in (*types, tuple(types))]
    environment = Environment(types, specification=True, most_cost=10**9)

    assert disagreements(rule(written(name, row), environment=environment), [usual, *nulls]) == []
