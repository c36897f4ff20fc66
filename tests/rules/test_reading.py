"""What an expression says about itself: paths, variables, type and bounds."""

from decimal import Decimal

import pytest

from bondfire.rules import BOOL, DECIMAL, INT, list_of
from rules.made import purchase, rule, value_of


def test_paths_are_the_longest_selections_from_variables() -> None:
    expression = rule(
        "event.lines.exists(l, l.amount > 1.0) && member.tiers.flame == 'fire' && has(event.coupon)"
    )

    assert expression.paths == {"event.lines", "member.tiers.flame", "event.coupon"}
    assert expression.variables == {"event", "member"}
    assert expression.type == BOOL


def test_values_are_read_along_the_paths() -> None:
    expression = rule("event.total * event.quantity > member.wallets['points']")

    assert expression.values(purchase()) == {
        "event.total": Decimal("119.80"),
        "event.quantity": 3,
        "member.wallets": {"points": Decimal(40)},
    }


@pytest.mark.parametrize(
    ("source", "low", "high"),
    [
        ("2 * 3 - 10", "-4", "-4"),
        ("event.total > 5 ? 2 : -1.5", "-1.5", "2"),
        ("event.total", None, None),
        ("max(event.total, 0)", "0", None),
        ("min(max(event.total, 1), 10) * 3", "3", "30"),
        ("abs(event.total) + 1", "1", None),
        ("event.lines.size() * 2", "0", None),
        ("-1 * event.lines.size()", None, None),
        ("floor(2.7) + ceil(-0.5)", "2", "2"),
        ("6 / 4", "1", "1.5"),
        ("-event.total", None, None),
    ],
)
def test_bounds_are_what_the_expression_alone_tells(source: str, low: str | None, high: str | None) -> None:
    expression = rule(source, DECIMAL)

    assert expression.bounds == (low and Decimal(low), high and Decimal(high))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("event.occurred_at.getDayOfWeek()", 0),
        ("event.occurred_at.getHours('Europe/Berlin')", 1),
        ("event.occurred_at + duration('1s') > timestamp('2026-03-29T01:00:00Z')", False),
        ("string(event.occurred_at - timestamp('2026-03-29T00:00:00Z'))", "3599s"),
        ("event.categories.exists(c, c.startsWith('sh'))", True),
        ("size(event.categories) + event.lines.size()", 4),
        ("event.lines.map(l, l.quantity > 1, l.sku)", ["B2"]),
        ("event.categories[0] + event.lines[1].sku", "shoesB2"),
        ("member.tiers.flame in ['flame', 'fire']", True),
        ("'points' in member.wallets && !('gold' in member.wallets)", True),
        ("'abcde'.matches('^b') || 'abc\\n'.matches('c$')", False),
        ("'B2-77'.matches('^[A-Z][0-9]-[0-9]{2}$')", True),
        ("{'a': 1}['a'] == 1 && type(event.total) == type(decimal('1'))", True),
        ("event.lines.exists(l, ['A1', 'B2'].exists(m, l.sku != m))", True),
        ("r'a\\n' + \"'\" + '''x'y'''", "a\\n'x'y"),
    ],
)
def test_the_common_functions_work(source: str, value: object) -> None:
    assert value_of(source) == value


def test_types_are_inferred() -> None:
    assert rule("event.lines.map(l, l.quantity)").type == list_of(INT)
    assert rule("[1, event.total]").type == list_of(DECIMAL)
    assert rule("event.quantity + event.total").type == DECIMAL
