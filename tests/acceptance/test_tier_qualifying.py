"""T2, T3, T9 and R8 for tiers by spend, visits and values: what counts, what comes back, what is foreseen."""

from decimal import Decimal

import pytest

from acceptance.makers import (
    Number,
    Raw,
    Told,
    codes,
    happened,
    joined,
    late,
    line,
    local,
    moment,
    moves,
    order,
    program,
    published,
    reason,
    returned,
    told,
)
from bondfire.engine import explained, outlook
from bondfire.journal.phrases import About, words_of
from bondfire.programs import Program

SPEND = "by: spend"
VISITS = "by: visits"
VALUE = "by: value\n    on: order.placed\n    value: event.total * 2"


def ladder(by: str, top: str = "500", window: str = "calendar_year", more: str = "") -> Program:
    """One tier set, and nothing that is earned."""
    return program(
        f"""\
units: {{points: {{}}}}
tier_sets:
  club:
    {by}
    window: {window}
    tiers: {{low: {{from: 0}}, high: {{from: {top}}}}}
"""
        + more
    )


def tier(tale: Told) -> str | None:
    return tale.state.standings["club"].tier


def count_of(tale: Told) -> Number:
    return sum(tale.state.standings["club"].credits.values(), Decimal(0))


@pytest.mark.parametrize(("total", "reached"), [("499.99", "low"), ("500.00", "high")])
def test_t3_spend_is_the_money_of_orders_to_the_cent(total: str, reached: str) -> None:
    assert tier(told(ladder(SPEND), order("1", "2026-01-10", total))) == reached


@pytest.mark.parametrize("switch", ["after", "before"])
def test_t2_what_is_paid_with_points_is_no_spend(switch: str) -> None:
    rules = ladder(SPEND, more=f"earning: {{paid_with_points: {switch}}}\n")
    tale = told(rules, order("1", "2026-01-10", "600.00", paid_with_points="100.01"))

    assert (count_of(tale), tier(tale)) == (Decimal("499.99"), "low")


def test_r14_lines_that_do_not_earn_are_no_spend() -> None:
    lines = [
        line("A", "450.00"),
        line("POST", "60.00", kind="shipping"),
        line("CARD", "40.00", kind="gift_card"),
    ]
    tale = told(ladder(SPEND), order("1", "2026-01-10", "550.00", lines=lines))

    assert count_of(tale) == 450
    tale = told(
        ladder(SPEND),
        order("1", "2026-01-10", "550.00", lines=lines),
        returned("r", "2026-01-11", "", order="1", lines=[line("POST", "60.00", kind="shipping")]),
    )
    assert count_of(tale) == 450


def test_r8_a_return_takes_spend_back_line_by_line_and_the_tier_with_it() -> None:
    bought = order(
        "1",
        "2026-01-10",
        "600.00",
        lines=[line("A", "200.00"), line("B", "400.00")],
        paid_with_points="60.00",
    )
    part = returned("r1", "2026-01-11", "", order="1", lines=[line("A", "100.00")])
    rest = [
        returned("r2", "2026-01-12", "", order="1", lines=[line("A", "100.00")]),
        returned("r3", "2026-01-13", "", order="1", lines=[line("B", "400.00")]),
    ]
    tale = told(ladder(SPEND), bought, part)

    # 600.00 less 60.00 with points is 540.00; of A's share of 180.00 the half comes back.
    assert (count_of(tale), tier(tale), moves(tale.last.tier_changes)) == (450, "low", [("high", "low")])
    assert reason(tale.last, "tier_count_taken_back").amount == 90
    assert count_of(told(ladder(SPEND), bought, part, *rest)) == 0


def test_r8_a_late_return_takes_spend_back_and_the_tier_when_it_is_judged() -> None:
    rules = ladder(SPEND, more="returns: {window: 14 days}\n")
    tale = told(rules, order("1", "2026-01-10", "500.00"), returned("r", "2026-02-10", "1.00", order="1"))

    assert (count_of(tale), tier(tale)) == (499, "high")
    assert tier(tale.until("2027-01-01")) == "low"


def test_r8_a_cancelled_or_parked_return_takes_back_what_counted() -> None:
    early = returned("r", "2026-01-09", "500.00", order="1")
    tale = told(ladder(SPEND), early, order("1", "2026-01-10", "500.00"))

    assert (count_of(tale), tier(tale), codes(tale.last)) == (
        0,
        "low",
        ["upgraded", "tier_count_taken_back", "tier_taken_back", "settled", "tier_counted"],
    )


def test_r17_an_order_from_before_the_member_joined_counts_nothing_and_gives_nothing_back() -> None:
    before = late(order("1", "2026-01-01", "400.00"), "2026-01-12")
    tale = told(
        ladder(SPEND),
        joined("2026-01-10"),
        before,
        order("2", "2026-01-13", "450.00"),
        returned("r", "2026-01-14", "400.00", order="1"),
    )

    assert count_of(tale) == 450


def test_visits_are_days_with_an_order_in_the_programmes_time_zone() -> None:
    events = [
        order("1", "2026-01-10 23:59", "1.00"),
        order("2", "2026-01-11 00:00", "1.00"),
        order("3", "2026-01-11 23:59", "900.00"),
    ]
    assert [tier(told(ladder(VISITS, "2"), *events[:number])) for number in (1, 2, 3)] == [
        "low",
        "high",
        "high",
    ]
    assert count_of(told(ladder(VISITS, "2"), *events)) == 2


def test_r8_a_visit_goes_when_nothing_is_left_of_the_last_order_of_its_day() -> None:
    events: list[Raw] = [
        order("1", "2026-01-10", "10.00"),
        order("2", "2026-01-11 09:00", "10.00"),
        order("3", "2026-01-11 18:00", "10.00"),
        returned("r2", "2026-01-12", "10.00", order="2"),
        returned("r3", "2026-01-13", "9.99", order="3"),
        returned("r4", "2026-01-14", "0.01", order="3"),
        order("4", "2026-01-11 20:00", "5.00"),
    ]
    rules = ladder(VISITS, "2")

    assert [tier(told(rules, *events[:number])) for number in range(3, 8)] == [
        "high",
        "high",
        "high",
        "low",
        "high",
    ]


def test_visits_may_be_days_with_another_event() -> None:
    more = "events: {store.entered: {cost: effort}}\n"
    rules = ladder("by: visits\n    on: store.entered", "2", more=more)
    tale = told(
        rules,
        order("1", "2026-01-09", "900.00"),
        happened("store.entered", "a", "2026-01-10"),
        happened("store.entered", "b", "2026-01-10"),
        happened("store.entered", "c", "2026-01-12"),
    )

    assert [moves(decision.tier_changes) for decision in tale.decisions] == [[], [], [], [("low", "high")]]


RUN = "by: value\n    on: run.finished\n    value: 'event.km > 10.0 ? event.km * 2 : event.km'"
RUNS = "events: {run.finished: {cost: effort, fields: {km: {kind: decimal, negative: true}}}}\n"


def test_a_value_of_each_event_counts_exactly_and_never_below_zero() -> None:
    rules = ladder(RUN, "25.5", more=RUNS)

    def runs(*km: str) -> Told:
        return told(
            rules, *(happened("run.finished", f"r{n}", f"2026-01-1{n}", km=one) for n, one in enumerate(km))
        )

    assert (count_of(runs("10.1", "-50", "5.2")), tier(runs("10.1", "-50", "5.2"))) == (
        Decimal("25.4"),
        "low",
    )
    assert tier(runs("10.1", "-50", "5.3")) == "high"


def test_u10_a_value_that_is_missing_counts_nothing_and_says_why() -> None:
    tale = told(ladder(RUN, more=RUNS), happened("run.finished", "r", "2026-01-10"))

    assert (tale.last.outcome, count_of(tale)) == ("accepted", 0)
    assert reason(tale.last, "tier_count_failed").note.startswith("club: ")


def test_r8_a_return_takes_back_its_part_of_a_value() -> None:
    bought = order("1", "2026-01-10", "300.00", lines=[line("A", "100.00"), line("B", "200.00")])
    back = returned("r", "2026-01-11", "", order="1", lines=[line("B", "100.00")])
    tale = told(ladder(VALUE), bought, back)

    assert (count_of(tale), moves(tale.last.tier_changes)) == (400, [("high", "low")])


def test_r6_a_return_takes_back_what_counted_by_the_version_that_decided() -> None:
    text = ladder(VALUE).document.split("currency: EUR\n")[1]
    rules = published(("", text), ("2026-01-15", text.replace("event.total * 2", "event.total * 7")))
    tale = told(rules, order("1", "2026-01-10", "100.00"), returned("r", "2026-01-20", "50.00", order="1"))

    assert count_of(tale) == 100


def test_an_order_says_what_it_counted_and_for_which_tiers() -> None:
    tale = told(
        ladder(SPEND), order("1", "2026-01-10", "119.80"), returned("r", "2026-01-11", "19.80", order="1")
    )

    counted = reason(tale.decisions[0], "tier_counted")
    assert (counted.amount, counted.note, counted.values) == (
        Decimal("119.80"),
        "club",
        {"event.total": "119.8"},
    )
    said = [
        words_of("en").sentence(one, About(None, 1, program().zone))
        for d in tale.decisions
        for one in explained(d)
    ]
    assert said == [
        "It counts 119.8 for the tiers of club: event.total was 119.8.",
        "19.8 count no more for the tiers of club.",
    ]


@pytest.mark.parametrize(
    ("by", "top", "missing"),
    [
        (SPEND, "500", "400"),
        (VALUE, "1000", "800"),
        (VISITS, "5", "4"),
    ],
)
@pytest.mark.parametrize("window", ["calendar_year", "membership_year", "tier_year", "rolling", "lifetime"])
def test_t9_what_is_missing_and_when_it_is_reached_is_shown_for_whatever_counts(
    by: str, top: str, missing: str, window: str
) -> None:
    rules = ladder(by, top, window)
    tale = told(rules, joined("2026-01-01 12:00"), order("1", "2026-01-01 12:00", "100.00"))

    view = outlook(rules, tale.state, "club", now=moment("2026-01-11 12:00"))

    # What took 10 days takes 40 more for four times as much.
    assert (view.next_tier, view.missing) == ("high", Decimal(missing))
    assert local(view.projected_at) == "2026-02-20 12:00:00+01:00"


def test_t9_a_rolling_window_projects_no_day_that_its_length_does_not_reach() -> None:
    rules = ladder(SPEND, "500", "rolling\n    length: 30 days")
    tale = told(rules, order("1", "2026-01-01 12:00", "100.00"))

    assert outlook(rules, tale.state, "club", now=moment("2026-01-11 12:00")).projected_at is None
    full = told(rules, *(order(f"{n}", f"2026-01-{n:02} 12:00", "10.00") for n in range(1, 31)))
    view = outlook(rules, full.state, "club", now=moment("2026-02-20"))
    assert (view.credits, view.missing, view.projected_at) == (Decimal(90), Decimal(410), None)
