"""U11: orders in another currency, and what comes back of them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.makers import (
    balances,
    cancelled,
    codes,
    joined,
    line,
    order,
    parsed,
    program,
    published,
    reason,
    returned,
    spent,
    story,
    told,
)
from bondfire.engine import converted

RATES = """\
exchange: {USD: {2026-01-01: "0.92", 2026-02-01: "0.93"}, JPY: {2026-01-01: "0.0061"}}
units: {points: {}, status: {qualifying: true}}
tier_sets:
  flame: {unit: status, window: calendar_year, tiers: {spark: {from: 0}, flame: {from: 90}}}
  money: {by: spend, window: calendar_year, tiers: {low: {from: 0}, high: {from: 90}}}
earn:
  base:
    on: order.placed
    award: {points: floor(event.total), status: floor(event.total)}
    cap: {points: 1000, per: day}
  shoes: {on: order.placed, lines: '"shoes" in line.categories', award: {points: line.amount}}
"""
EUROS = program(RATES)


def test_u11_an_order_in_another_currency_counts_at_the_rate_of_its_day() -> None:
    tale = told(EUROS, order("1", "2026-01-31", "100.00", currency="USD"))

    assert balances(tale)["active"] == 92
    said = reason(tale.last, "exchanged")
    assert (said.order, said.note) == ("1", "1 USD is 0.92 EUR since 2026-01-01")
    assert said.amount == 92
    assert tale.state.standings["flame"].tier == "flame"
    assert tale.state.standings["money"].tier == "high"


def test_u11_the_day_is_the_programmes_and_a_rate_holds_from_its_first_instant() -> None:
    tale = told(
        EUROS,
        order("1", "2026-01-31 23:59:59", "100.00", currency="USD"),
        order("2", "2026-02-01 00:00:00", "100.00", currency="USD"),
    )

    assert [decision.entries[0].amount for decision in tale.decisions] == [92, 93]


def test_u11_a_return_counts_at_the_rate_of_its_order_whatever_the_table_says_by_then() -> None:
    later = RATES.replace("0.93", "0.50").replace("0.92", "0.40")
    versions = published(("", RATES), ("2026-02-10", later))
    tale = told(
        versions,
        order("1", "2026-01-20", "100.00", currency="USD"),
        returned("r1", "2026-02-15", "50.00", order="1", currency="USD"),
        returned("r2", "2026-02-20", "50.00", order="1"),
    )

    assert [sum(e.amount for e in one.entries if e.unit == "points") for one in tale.decisions] == [
        92,
        46,
        46,
    ]
    assert balances(tale)["clawed_back"] == 92
    assert tale.state.standings["money"].tier == "low"


def test_u11_lines_add_up_to_the_total_to_the_coin_and_a_line_that_comes_back_takes_its_share() -> None:
    goods = [line("A", "1.07", "shoes"), line("B", "1.08", "shoes"), line("C", "-0.05"), line("D", "7.90")]
    tale = told(
        EUROS,
        order("1", "2026-01-20", "10.00", currency="USD", lines=goods),
        returned("r1", "2026-01-21", order="1", currency="USD", lines=[line("D", "7.90")]),
        cancelled("c1", "2026-01-22", "1"),
    )

    assert reason(tale.decisions[0], "exchanged").amount == Decimal("9.2")
    assert balances(tale)["issued"] == balances(tale)["clawed_back"] == 10
    assert "active" not in balances(tale)


LINES = st.lists(st.integers(-5_000, 50_000), min_size=1, max_size=12).filter(lambda cents: sum(cents) >= 0)


@given(LINES, st.sampled_from(["USD", "JPY"]))
def test_u11_converted_lines_add_up_to_the_converted_total_and_are_off_by_less_than_a_coin(
    amounts: list[int], currency: str
) -> None:
    scale = 2 if currency == "USD" else 0
    money = [Decimal(one).scaleb(-scale) for one in amounts]
    sent = order(
        "1", "2026-01-20", str(sum(money)), currency=currency, lines=[line("A", str(one)) for one in money]
    )
    event, rate = parsed(sent), Decimal("0.92" if currency == "USD" else "0.0061")

    body = converted(EUROS, event)

    parts = [one["amount"] for one in body["lines"]]
    assert sum(parts) == body["total"]
    assert abs(body["total"] - sum(money) * rate) <= Decimal("0.005")
    assert all(abs(part - one * rate) < Decimal("0.01") for part, one in zip(parts, money, strict=True))


@pytest.mark.parametrize(
    ("currency", "at", "code", "next_step"),
    [
        ("USD", "2025-12-31 12:00", "no_exchange_rate", "Publish a version whose exchange has one for USD"),
        ("GBP", "2026-01-20", "wrong_currency", "Send its value in EUR."),
    ],
)
def test_u11_without_a_rate_the_order_is_refused_and_nothing_moves(
    currency: str, at: str, code: str, next_step: str
) -> None:
    tale = told(EUROS, order("1", at, "100.00", currency=currency))

    assert (tale.last.outcome, tale.last.code, tale.last.entries) == ("refused", code, [])
    assert tale.last.next_step.startswith(next_step)
    assert balances(tale) == {}


def test_u11_a_return_in_another_currency_than_its_order_is_refused_also_one_that_waited() -> None:
    tale = told(
        EUROS,
        order("1", "2026-01-20", "100.00", currency="USD"),
        returned("r1", "2026-01-21", "50.00", order="1", currency="EUR"),
        returned("r2", "2026-01-21", "50.00", order="2", currency="EUR"),
        order("2", "2026-01-20", "100.00", currency="USD"),
    )

    assert tale.decisions[1].code == "wrong_currency"
    assert "wrong_currency" in codes(tale.last)
    assert balances(tale)["active"] == 184


def test_u11_a_return_that_names_no_order_is_matched_in_its_own_currency() -> None:
    tale = told(
        EUROS,
        order("1", "2026-01-20", "100.00", currency="USD"),
        order("2", "2026-01-21", "100.00"),
        returned("r1", "2026-01-22", "100.00", currency="USD"),
    )

    assert reason(tale.last, "matched").order == "1"
    assert balances(tale)["clawed_back"] == 92


def test_u11_points_paid_on_a_foreign_order_are_left_out_in_the_programmes_money() -> None:
    tale = told(
        EUROS,
        order("0", "2026-01-01", "50.00"),
        order("1", "2026-01-20", "100.00", currency="USD", paid_with_points="50.00"),
        spent("s1", "2026-01-20", "46", order="1"),
        cancelled("c1", "2026-01-21", "1"),
    )

    assert [e.amount for e in tale.decisions[1].entries if e.unit == "points"] == [46]
    assert balances(tale)["active"] == 50


def test_u11_nothing_changes_for_a_programme_without_rates() -> None:
    plain = RATES[RATES.index("units") :]
    events = [
        joined("2026-01-01"),
        order("1", "2026-01-20", "100.00"),
        returned("r1", "2026-01-21", "50.00", order="1", currency="USD"),
    ]

    with_rates, without = story(EUROS, events[:2]), story(program(plain), events[:2])
    assert with_rates.digest == without.digest
    assert story(program(plain), events).refused == []
