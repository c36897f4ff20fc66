"""Missing, null and zero are three things, and errors are absorbed only where CEL says so (U10)."""

from decimal import Decimal

import pytest

from bondfire.rules import BOOL
from rules.made import error_of, purchase, rule, value_of


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
