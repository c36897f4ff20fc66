"""U1 to U6: rounding, discounts, points paid, multipliers and caps."""

from decimal import Decimal

import pytest

from acceptance.makers import (
    PLAIN,
    Raw,
    balances,
    codes,
    joined,
    late,
    line,
    order,
    program,
    reason,
    returned,
    story,
    told,
)
from bondfire.programs import Program


def rule(text: str) -> Program:
    """A programme with points and status and one rule `base` on orders."""
    return program(
        "units: {points: {}, status: {qualifying: true}}\nearn:\n  base: {on: order.placed, " + text + "}\n"
    )


def capped(cap: str, more: str = "") -> Program:
    return rule(f"award: {{points: floor(event.total)}}, cap: {cap}{more}")


THREE = [line("A", "1.90"), line("B", "1.90"), line("C", "1.90")]


def test_u1_rounding_once_per_order_gives_each_line_its_share_by_the_largest_remainder() -> None:
    tale = told(rule("award: {points: line.amount}"), order("1", "2026-01-10", "5.70", lines=THREE))

    assert reason(tale.last, "awarded").lines == [2, 2, 1]
    assert balances(tale) == {"issued": 5, "active": 5}


def test_u1_rounding_per_line_rounds_each_line() -> None:
    per_line = rule("award: {points: line.amount}, round: {per: line}")
    tale = told(per_line, order("1", "2026-01-10", "5.70", lines=THREE))

    assert reason(tale.last, "awarded").lines == [1, 1, 1]
    assert balances(tale) == {"issued": 3, "active": 3}


@pytest.mark.parametrize(
    ("to", "amounts", "total", "lines"),
    [
        ("down", ("0.90", "2.10"), "3.00", [0, 2]),
        ("half_up", ("0.50", "2.49"), "2.99", [1, 2]),
        ("up", ("0.10", "2.01"), "2.11", [1, 3]),
    ],
)
def test_u1_the_lines_of_an_explanation_are_what_each_line_was_rounded_to(
    to: str, amounts: tuple[str, str], total: str, lines: list[int]
) -> None:
    goods = [line("A", amounts[0]), line("B", amounts[1])]
    tale = told(
        rule(f"award: {{points: line.amount}}, round: {{per: line, to: {to}}}"),
        order("1", "2026-01-10", total, lines=goods),
        returned("ret", "2026-01-11", order="1", lines=goods[:1]),
    )

    assert reason(tale.decisions[0], "awarded").lines == lines
    assert sum(entry.amount for entry in tale.last.entries) == lines[0]


@pytest.mark.parametrize(("to", "points"), [("down", 2), ("half_even", 2), ("half_up", 3), ("up", 3)])
def test_u1_half_a_point_is_rounded_as_the_rule_says(to: str, points: int) -> None:
    tale = told(
        rule(f"award: {{points: event.total}}, round: {{to: {to}}}"), order("1", "2026-01-10", "2.50")
    )

    assert balances(tale) == {"issued": points, "active": points}


def test_u1_the_lines_add_up_to_the_total_after_a_cap_cut_it() -> None:
    tale = told(
        rule("award: {points: line.amount}, cap: {points: 4, per: day}"),
        order("1", "2026-01-10", "5.70", lines=THREE),
    )

    assert reason(tale.last, "awarded").lines == [2, 1, 1]
    assert reason(tale.last, "awarded").clipped == 1


def test_u2_earning_is_on_the_amount_after_discount() -> None:
    tale = told(program(), order("1", "2026-01-10", "80.00", discount="20.00"))

    assert balances(tale) == {"issued": 80, "active": 80}


def test_u2_a_discount_on_other_products_does_not_reduce_the_award() -> None:
    shoes = rule("lines: '\"shoes\" in line.categories', award: {points: line.amount}")
    goods = [line("S", "100.00", "shoes"), line("T", "50.00", "shirts"), line("OFF", "-20.00", "shirts")]
    tale = told(shoes, order("1", "2026-01-10", "130.00", lines=goods))

    assert balances(tale) == {"issued": 100, "active": 100}
    assert reason(tale.last, "awarded").lines == [100, 0, 0]


def test_u2_a_discount_of_100_percent_earns_nothing() -> None:
    tale = told(program(), order("1", "2026-01-10", "0.00", lines=[line("A", "0.00")]))

    assert (tale.last.outcome, tale.last.entries) == ("accepted", [])
    assert codes(tale.last) == ["nothing_earned"]


def test_u2_a_free_gift_or_a_negative_line_never_earns_negatively() -> None:
    per_line = rule("award: {points: line.amount - 1.00}")
    goods = [line("A", "10.00"), line("GIFT", "0.00"), line("OFF", "-3.00")]
    tale = told(per_line, order("1", "2026-01-10", "7.00", lines=goods))

    assert reason(tale.last, "awarded").lines == [9, 0, 0]


@pytest.mark.parametrize(("switch", "points"), [("after", 60), ("before", 100)])
def test_u3_earning_before_or_after_the_points_paid_is_a_switch(switch: str, points: int) -> None:
    rules = program(PLAIN + f"earning: {{paid_with_points: {switch}}}\n")
    tale = told(rules, order("1", "2026-01-10", "100.00", paid_with_points="40.00"))

    assert balances(tale) == {"issued": points, "active": points}


def test_u3_without_the_switch_what_is_paid_with_points_earns_nothing() -> None:
    tale = told(program(), order("1", "2026-01-10", "100.00", paid_with_points="40.00"))

    assert balances(tale) == {"issued": 60, "active": 60}


def test_u4_a_multiplier_is_applied_and_then_the_cap() -> None:
    tale = told(capped("{points: 150, per: day}", ", multiplier: 2"), order("1", "2026-01-10", "100.00"))

    assert balances(tale) == {"issued": 150, "active": 150}
    given = reason(tale.last, "awarded")
    assert given.amount == 150
    assert (given.base, given.multiplier, given.clipped) == (Decimal(100), Decimal(2), Decimal(50))


def test_u4_a_cap_on_the_base_limits_what_the_multiplier_is_applied_to() -> None:
    rules = capped("{points: 150, per: day, counts: base}", ", multiplier: 2")
    tale = told(
        rules,
        order("1", "2026-01-10 10:00", "100.00"),
        order("2", "2026-01-10 11:00", "100.00"),
        order("3", "2026-01-10 12:00", "100.00"),
    )

    assert [sum(e.amount for e in decision.entries) for decision in tale.decisions] == [200, 100, 0]


def earned(rules: Program, *times: str) -> list[int]:
    """What orders of 10.00 at these times earn, one after the other."""
    tale = told(rules, *(order(str(number), at, "10.00") for number, at in enumerate(times)))
    return [sum(int(entry.amount) for entry in decision.entries) for decision in tale.decisions]


@pytest.mark.parametrize(
    ("last_of_one", "first_of_next"),
    [
        ("2026-01-10 23:59:59.999999", "2026-01-11 00:00"),
        ("2026-03-29 23:59:59", "2026-03-30 00:00"),
        ("2026-10-25 23:59:59", "2026-10-26 00:00"),
        ("2028-02-29 23:59:59", "2028-03-01 00:00"),
    ],
)
def test_u5_a_day_is_the_calendar_day_of_the_programme(last_of_one: str, first_of_next: str) -> None:
    first_of_one = f"{last_of_one[:10]} 00:00"

    assert earned(capped("{points: 15, per: day}"), first_of_one, last_of_one, first_of_next) == [10, 5, 10]


@pytest.mark.parametrize(
    ("starts", "last_of_one", "first_of_next"),
    [
        ("", "2026-03-29 23:59:59", "2026-03-30 00:00"),
        (", week_starts: monday", "2026-03-29 23:59:59", "2026-03-30 00:00"),
        (", week_starts: sunday", "2026-03-28 23:59:59", "2026-03-29 00:00"),
        (", week_starts: saturday", "2026-03-27 23:59:59", "2026-03-28 00:00"),
    ],
)
def test_u5_a_week_begins_on_the_day_given(starts: str, last_of_one: str, first_of_next: str) -> None:
    rules = capped(f"{{points: 15, per: week{starts}}}")

    assert earned(rules, "2026-03-26", last_of_one, first_of_next) == [10, 5, 10]


def test_u5_rolling_24_hours_are_hours_and_not_a_day() -> None:
    rules = capped("{points: 15, per: rolling_24h}")

    assert earned(rules, "2026-01-10 18:00", "2026-01-11 17:59:59", "2026-01-11 18:00") == [10, 5, 10]
    assert earned(rules, "2026-03-28 18:00", "2026-03-29 18:00", "2026-03-29 19:00") == [10, 5, 10]
    assert earned(rules, "2026-10-24 18:00", "2026-10-25 16:59:59", "2026-10-25 17:00") == [10, 5, 10]


def test_u5_no_24_hours_hold_more_than_a_rolling_cap_when_events_come_late() -> None:
    tale = told(
        capped("{points: 15, per: rolling_24h}"),
        order("1", "2026-01-11 12:00", "10.00"),
        late(order("2", "2026-01-11 11:00", "10.00"), arrives="2026-01-11 12:01"),
        late(order("3", "2026-01-10 12:00", "10.00"), arrives="2026-01-11 12:02"),
        late(order("4", "2026-01-10 11:59", "10.00"), arrives="2026-01-11 12:03"),
    )

    # 12:00 on the 10th is 24 hours before the first order: together with the second they are 15 already.
    assert [sum(e.amount for e in decision.entries) for decision in tale.decisions] == [10, 5, 10, 0]


def test_u5_what_is_exactly_24_hours_apart_is_not_in_the_same_24_hours() -> None:
    tale = told(
        capped("{points: 15, per: rolling_24h}"),
        order("1", "2026-01-10 12:00", "10.00"),
        order("2", "2026-01-11 12:00", "5.00"),
        late(order("3", "2026-01-11 06:00", "10.00"), arrives="2026-01-11 12:01"),
    )

    # With the first order 15 are full after 5; with the second 10 would be left.
    assert [sum(e.amount for e in decision.entries) for decision in tale.decisions] == [10, 5, 5]


def test_u5_a_month_is_the_calendar_month_of_the_programme() -> None:
    rules = capped("{points: 15, per: month}")

    assert earned(rules, "2026-03-01 00:00", "2026-03-31 23:59:59", "2026-04-01 00:00") == [10, 5, 10]


def test_u5_a_membership_year_begins_on_the_day_of_joining() -> None:
    rules = capped("{points: 15, per: membership_year}")
    times = ("2026-05-20 18:00", "2027-05-19 23:59:59", "2027-05-20 00:00")
    tale = told(
        rules, joined("2026-05-20 15:00"), *(order(str(i), at, "10.00") for i, at in enumerate(times))
    )

    assert [sum(e.amount for e in decision.entries) for decision in tale.decisions[1:]] == [10, 5, 10]


def test_u5_a_lifetime_never_begins_again() -> None:
    rules = capped("{points: 15, per: lifetime}")

    assert earned(rules, "2026-01-10", "2036-01-10", "2066-01-10") == [10, 5, 0]


def test_u5_a_cap_per_event_limits_each_event() -> None:
    assert earned(capped("{points: 7, per: event}"), "2026-01-10", "2026-01-10 13:00") == [7, 7]


def test_u5_of_several_caps_the_tightest_counts() -> None:
    rules = capped("[{points: 8, per: event}, {points: 20, per: day}, {points: 25, per: week}]")

    assert earned(
        rules, "2026-01-05", "2026-01-05 13:00", "2026-01-05 14:00", "2026-01-06", "2026-01-12"
    ) == [8, 8, 4, 5, 8]


def test_u5_two_caps_over_the_same_window_count_an_award_once() -> None:
    rules = capped("[{points: 20, per: day}, {points: 15, per: day}]")

    assert earned(rules, "2026-01-05", "2026-01-05 13:00", "2026-01-05 14:00") == [10, 5, 0]


def eighty_when_50_are_left(over: str) -> tuple[Program, list[Raw]]:
    return capped(f"{{points: 100, per: day{over}}}"), [
        order("1", "2026-01-10 10:00", "50.00"),
        order("2", "2026-01-10 11:00", "80.00"),
        order("3", "2026-01-10 12:00", "50.00"),
    ]


@pytest.mark.parametrize("over", ["", ", over: clip"])
def test_u6_an_award_that_does_not_fit_is_clipped_and_the_explanation_says_so(over: str) -> None:
    rules, events = eighty_when_50_are_left(over)
    tale = told(rules, *events)

    assert [sum(e.amount for e in decision.entries) for decision in tale.decisions] == [50, 50, 0]
    given = reason(tale.decisions[1], "awarded")
    assert (given.base, given.amount, given.clipped) == (Decimal(80), Decimal(50), Decimal(30))
    assert reason(tale.decisions[2], "cap_reached").clipped == 50


def test_u6_or_gives_nothing_and_uses_nothing_of_the_cap() -> None:
    rules, events = eighty_when_50_are_left(", over: nothing")
    tale = told(rules, *events)

    assert [sum(e.amount for e in decision.entries) for decision in tale.decisions] == [50, 0, 50]
    assert reason(tale.decisions[1], "cap_reached").clipped == 80


def test_u6_the_clip_is_in_the_totals() -> None:
    run = story(*eighty_when_50_are_left(""))

    assert balances(run) == {"issued": 100, "active": 100}
