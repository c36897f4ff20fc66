"""An expression that cannot work is refused when it is compiled: the place, the reason, the nearest name."""

import pytest

from bondfire.rules import BOOL, DECIMAL, DYN, INT, STRING, Environment, list_of, record
from rules.made import SHOP, refusal_of, rule


@pytest.mark.parametrize(
    ("source", "code", "column", "suggestion"),
    [
        ("event.totl > 1", "unknown_field", 7, "Did you mean `total`?"),
        ("1 < evnt.total", "unknown_name", 5, "Did you mean `event`?"),
        ("event.lines.exists(l, l.skuu == 'A')", "unknown_field", 25, "Did you mean `sku`?"),
        ("flor(event.total)", "unknown_function", 1, "Did you mean `floor`?"),
        ("event.coupon.startWith('A')", "unknown_function", 14, "Did you mean `startsWith`?"),
        ("event.total >= 'a'", "type", 13, ""),
        ("event.total && true", "type", 7, ""),
        ("event.quantity + 1.5", "type", 16, ""),
        ("1 == 1.0", "type", 3, ""),
        ("event.quantity.x", "type", 16, ""),
        ("event.total = 1", "syntax", 13, "Write == to compare."),
        ("event.total >", "syntax", 14, ""),
        ("'abc", "syntax", 1, ""),
        ("event.lines.exists(l.sku, true)", "syntax", 22, ""),
        ("event.total # 1", "syntax", 13, ""),
        ("'a\\q'", "syntax", 3, ""),
        ("9223372036854775808", "syntax", 1, ""),
        ("1e39223372036854775808 > 1.0", "syntax", 1, ""),
        ("1e999 > 1.0", "syntax", 1, ""),
        ("has(event)", "syntax", 1, ""),
        ("event.coupon.matches(event.coupon)", "invalid_pattern", 28, ""),
        ("event.coupon.matches('(a+)+')", "invalid_pattern", 22, ""),
        ("event.coupon.matches('(ab|a)*')", "invalid_pattern", 22, ""),
        ("event.coupon.matches('a(?=b)')", "invalid_pattern", 22, ""),
        ("event.coupon.matches('a(')", "invalid_pattern", 22, ""),
    ],
)
def test_a_mistake_is_refused_with_its_place(source: str, code: str, column: int, suggestion: str) -> None:
    refusal = refusal_of(source)

    assert (refusal.code, refusal.line, refusal.column) == (code, 1, column)
    assert suggestion in refusal.next_step


def test_a_mistake_on_a_later_line_has_that_line() -> None:
    refusal = refusal_of("event.total > 1 &&\n  // a comment\n  event.totl > 1")

    assert (refusal.line, refusal.column) == (3, 9)


def test_a_value_of_another_type_than_expected_is_refused() -> None:
    assert "bool" in refusal_of("event.total", BOOL).message
    assert "string" in refusal_of("event.coupon", DECIMAL).message


@pytest.mark.parametrize("macro", ["all", "exists", "filter", "map"])
def test_eighteen_macros_inside_each_other_are_refused(macro: str) -> None:
    opening = "".join(f"[1,2,3].{macro}(v{i}," for i in range(18))
    inside = "v0 == v17" if macro != "filter" else "true"
    closing = ")" * 18 if macro != "filter" else ")" + " != [])" * 17

    refusal = refusal_of(opening + inside + closing)

    assert refusal.code == "too_costly"


def test_eighteen_macros_over_two_elements_are_refused_though_they_take_282_characters() -> None:
    source = "".join(f"[1,2].all(v{i}, " for i in range(18)) + "true" + ")" * 18

    assert len(source) == 282
    assert refusal_of(source).code == "too_costly"


@pytest.mark.parametrize(
    "source",
    [
        "event.lines.all(a, event.lines.all(b, event.lines.all(c, a.sku == b.sku)))",
        "[1,2]" + ".map(x, [x, x]).map(y, [y, y, y, y])" * 12,
        "[0,1,2,3].map(a, [0,1,2,3].map(b, event.lines.map(c, event.lines.map(d, 1)))) == []",
        "event.lines.map(l, event.coupon + event.coupon).map(t, event.lines.map(u, t + t)) == []",
        "event.coupon.matches('.*.*.*a')",
        "event.lines.map(l, l.sku.replace('', event.coupon)) == []",
        "event.lines.map(l, event.lines.map(m, m.sku).join(event.coupon)).join() == ''",
    ],
)
def test_what_could_run_for_ages_is_refused(source: str) -> None:
    assert refusal_of(source).code == "too_costly"


def test_texts_that_double_in_nested_macros_are_refused() -> None:
    doubled = "'" + "a" * 100 + "'"
    for level in range(20):
        doubled = f"[{doubled}].map(s{level}, s{level} + s{level})[0]"

    assert refusal_of(f"size({doubled}) > 0").code == "too_costly"


def test_a_declared_size_makes_nested_macros_cheap_enough() -> None:
    few = record("event", {"lines": list_of(record("line", {"sku": STRING}), most=20)})
    source = "event.lines.all(a, event.lines.all(b, event.lines.all(c, a.sku == b.sku)))"

    assert rule(source, BOOL, Environment({"event": few})).cost < 1_000_000
    assert refusal_of(source, BOOL, Environment({"event": few}, most_cost=1000)).code == "too_costly"


def test_cost_counts_what_a_list_can_hold() -> None:
    assert rule("event.quantity + 1 > 2").cost < 10
    assert 1000 < rule("event.lines.exists(l, l.quantity > 1)").cost < 10_000


def test_a_long_source_and_a_deep_one_are_refused() -> None:
    assert refusal_of("1 + " * 1000 + "1").code == "too_long"
    assert refusal_of("(" * 51 + "1" + ")" * 51).code == "too_deep"
    assert refusal_of("1" + " + 1" * 300).code == "too_deep"
    assert refusal_of("-" * 300 + "event.quantity").code == "too_deep"
    assert rule("true" + " && true" * 400, BOOL).evaluate({}) is True


def test_a_value_that_is_only_known_at_run_time_is_checked_there() -> None:
    environment = Environment({"x": DYN})

    assert rule("x + 1", INT, environment).evaluate({"x": 2}) == 3
    assert rule("x", BOOL, environment).evaluate({"x": True}) is True
    assert rule("x == 1", BOOL, environment).evaluate({"x": True}) is False
    assert SHOP.variables.keys() == {"event", "member"}
