"""What is wrong with coupons and rates is said when a document is checked, each at its place."""

import pytest

from bondfire.programs import check_program

HEAD = """\
program: p
brand: b
timezone: Europe/Berlin
currency: EUR
units: {points: {}}
"""


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("coupons: {a: {discount: {}}}", "bad_value", "coupons.a.discount"),
        ("coupons: {a: {discount: {amount: 5, percent: 5}}}", "bad_value", "coupons.a.discount"),
        ("coupons: {a: {discount: {percent: 101}}}", "bad_value", "coupons.a.discount.percent"),
        ("coupons: {a: {discount: {amount: 5.001}}}", "bad_value", "coupons.a.discount.amount"),
        ("coupons: {a: {discount: {free_item: {}}}}", "bad_value", "coupons.a.discount.free_item"),
        ("coupons: {a: {discount: {cheapest_free: {of: 2, free: 2}}}}", "bad_value", "cheapest_free.free"),
        ("coupons: {a: {discount: {amount: 5}, when: event.totl > 5}}", "unknown_field", "coupons.a.when"),
        (
            "coupons: {a: {discount: {amount: 5, lines: line.amount}}}",
            "type",
            "coupons.a.discount.lines",
        ),
        (
            "coupons: {a: {discount: {amount: 5}, issue: {on: order.plced}}}",
            "unknown_event_type",
            "coupons.a.issue.on",
        ),
        (
            "coupons: {a: {discount: {amount: 5}, issue: {on: order.returned}}}",
            "cannot_earn",
            "coupons.a.issue.on",
        ),
        (
            "coupons: {a: {discount: {amount: 5}, issue: {on: page.viewed, repeat: true}}}",
            "unbounded_cost",
            "coupons.a.issue.repeat",
        ),
        (
            "coupons: {a: {discount: {amount: 5}, starts: 2026-02-01, ends: 2026-01-01}}",
            "ends_before_start",
            "coupons.a.ends",
        ),
        ('exchange: {USX: {2026-01-01: "0.9"}}', "unknown_currency", "exchange.USX"),
        ('exchange: {EUR: {2026-01-01: "1"}}', "bad_value", "exchange.EUR"),
        ('exchange: {USD: {2026-02-30: "0.9"}}', "bad_value", "exchange.USD.2026-02-30"),
        ('exchange: {USD: {2026-01-01: "0"}}', "bad_value", "exchange.USD.2026-01-01"),
        ("exchange: {USD: {}}", "wrong_shape", "exchange.USD"),
    ],
)
def test_a_mistake_in_coupons_or_rates_is_told_with_its_place(text: str, code: str, where: str) -> None:
    report = check_program(HEAD + text)

    (problem,) = report.problems
    assert problem.code == code
    assert problem.where.endswith(where)
    assert (problem.line, report.program) == (6, None)
