"""Money and points are exact: decimals, and literals next to them; doubles are refused."""

from decimal import Decimal, getcontext, localcontext

import pytest

from bondfire.rules import BOOL, DECIMAL, DOUBLE, INT
from rules.made import error_of, purchase, refusal_of, rule, value_of


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("event.total * 0.1", "11.980"),
        ("0.1 + 0.2", "0.3"),
        ("floor(event.total)", "119"),
        ("floor(-event.total)", "-120"),
        ("ceil(event.total * 1.5)", "180"),
        ("round(0.5)", "1"),
        ("round(-2.5)", "-3"),
        ("round(event.total, 1)", "119.8"),
        ("abs(-1.25)", "1.25"),
        ("event.quantity * 0.5", "1.5"),
        ("event.total * (event.total > 100 ? 2 : 1.5)", "239.60"),
        ("event.quantity > 1 ? event.quantity : 1.5", "3"),
        ("[event.quantity, event.total][0] / 2", "1.5"),
        ("min(event.total, 50)", "50"),
        ("max(event.quantity, event.total, 7.5)", "119.80"),
        ("max([event.total, 200.05])", "200.05"),
        ('event.lines.filter(l, "shoes" in l.categories).map(l, l.amount).sum()', "99.80"),
        ("event.lines.map(l, l.quantity * 0.1).sum()", "0.3"),
        ("event.lines.map(l, l.quantity).sum()", "3"),
        ("event.lines.filter(l, l.amount > 1000).map(l, l.amount).sum()", "0"),
        ("event.total % 50", "19.80"),
        ("decimal('12.34') - decimal(2)", "10.34"),
        ("member.wallets['points'] / 8", "5"),
        ("7", "7"),
        ("1 / 3.0", "0.33333333333333333333333333333333333333333333333333"),
    ],
)
def test_an_amount_is_exact(source: str, value: str) -> None:
    amount = value_of(source, expects=DECIMAL)

    assert isinstance(amount, Decimal)
    assert amount == Decimal(value)


def test_a_comparison_with_a_literal_is_exact() -> None:
    assert value_of("event.total == 119.8", expects=BOOL) is True
    assert value_of("event.total in [1.5, 119.80]", expects=BOOL) is True
    assert value_of("event.total >= 119.80000000000000000001", expects=BOOL) is False
    assert value_of("100 < event.total && event.quantity < event.total") is True


def test_without_a_decimal_near_it_a_literal_is_a_double() -> None:
    assert value_of("0.1 + 0.2", expects=DOUBLE) == 0.1 + 0.2
    assert value_of("7 / 2", expects=INT) == 3


@pytest.mark.parametrize(
    "source", ["event.ratio", "event.ratio * 2.0", "double(event.total)", "event.express ? 1.5 : event.ratio"]
)
def test_a_double_is_refused_where_an_amount_is_wanted(source: str) -> None:
    assert refusal_of(source, DECIMAL).code == "type"


def test_a_double_next_to_a_decimal_is_a_type_error_that_says_why() -> None:
    refusal = refusal_of("event.total * event.ratio")

    assert (refusal.code, refusal.line, refusal.column) == ("type", 1, 13)
    assert "mixes an exact decimal with a double" in refusal.message


def test_an_amount_beyond_ten_to_the_thirty_is_an_error() -> None:
    large = purchase(total=Decimal(10) ** 15)

    assert value_of("event.total * 0.1 * event.total", large) == Decimal(10) ** 29
    assert error_of("event.total * event.total", large).code == "overflow"
    assert error_of("decimal('1000000000000000000000000000000')", large).code == "overflow"
    assert refusal_of("event.total < 1e30").code == "overflow"


def test_arithmetic_does_not_depend_on_the_context_of_the_thread() -> None:
    expression = rule("event.total * 1.000000000001 / 3", DECIMAL)
    before = expression.evaluate(purchase())

    with localcontext() as context:
        context.prec = 3
        assert expression.evaluate(purchase()) == before
        assert expression.exactly(purchase()) == before
    assert getcontext().prec > 3


def test_division_by_zero_is_an_error_and_by_a_constant_zero_a_refusal() -> None:
    assert error_of("event.total / (event.quantity - 3)").code == "divide_by_zero"
    assert error_of("event.total % (event.quantity - 3)").code == "divide_by_zero"
    assert error_of("1 / (event.quantity - 3)").code == "divide_by_zero"
    for source in (
        "event.total / 0",
        "event.total / 0.00",
        "event.quantity % (3 - 3)",
        "1 / -0",
        "1.5 > 1.0 / 0",
    ):
        assert refusal_of(source).code in {"division_by_zero", "type"}
    assert refusal_of("event.total / (2 - 2.0)", DECIMAL).code == "division_by_zero"


def test_integers_are_64_bits_and_divide_towards_zero() -> None:
    assert value_of("-7 / 2") == -3
    assert value_of("-7 % 2") == -1
    assert error_of("9223372036854775807 + event.quantity").code == "overflow"
    assert error_of("[9223372036854775807, event.quantity].sum()").code == "overflow"
