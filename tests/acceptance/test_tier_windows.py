"""T5: when a tier is judged, how far a member falls, and when they rise."""

from decimal import Decimal

import pytest

from acceptance.makers import Raw, Told, local, moment, moves, order, program, returned, told
from bondfire.engine import outlook
from bondfire.programs import Program

CLUB = """\
units: {status: {qualifying: true}}
tier_sets:
  flame:
    unit: status
    window: @
    tiers: {spark: {from: 0}, flame: {from: 500}, fire: {from: 2000}}
earn:
  base: {on: order.placed, award: {status: floor(event.total)}}
"""


def club(window: str) -> Program:
    """The club with this window, and whatever else stands behind it."""
    return program(CLUB.replace("@", window.replace("; ", "\n    ")))


def tier(tale: Told) -> str | None:
    return tale.state.standings["flame"].tier


def walk(rules: Program, events: list[Raw], *days: str) -> list[tuple[str, str | None]]:
    """The tier on each of these days."""
    tale = told(rules, *events)
    return [(day, tier(tale.until(day))) for day in days]


def falls(rules: Program, *events: Raw, until: str) -> list[tuple[str, str | None]]:
    """When the tier changed, and to what."""
    tale = told(rules, *events).until(until)
    return [(local(at), name) for at, name in tale.state.standings["flame"].history[1:]]


def test_t5_a_tier_year_begins_when_the_tier_is_reached_and_is_judged_on_its_anniversary() -> None:
    events = [order("1", "2026-02-01", "400.00"), order("2", "2026-05-20 18:00", "100.00")]

    assert walk(club("tier_year"), events, "2027-05-19 23:59:59", "2027-05-20 00:00") == [
        ("2027-05-19 23:59:59", "flame"),
        ("2027-05-20 00:00", "spark"),
    ]


def test_t5_what_counts_in_the_tier_year_keeps_the_tier_for_another() -> None:
    events = [order("1", "2026-05-20 18:00", "500.00"), order("2", "2027-05-19 23:59:59.999999", "500.00")]

    assert falls(club("tier_year"), *events, until="2029-01-01")[1:] == [
        ("2028-05-20 00:00:00+02:00", "spark")
    ]


def test_t5_the_day_of_the_anniversary_belongs_to_the_next_tier_year() -> None:
    events = [order("1", "2026-05-20 18:00", "500.00"), order("2", "2027-05-20 00:00", "500.00")]

    assert falls(club("tier_year"), *events, until="2027-06-01")[1:] == [
        ("2027-05-20 00:00:00+02:00", "spark"),
        ("2027-05-20 00:00:00+02:00", "flame"),
    ]


def test_t5_a_rise_begins_a_tier_year_of_its_own() -> None:
    events = [
        order("1", "2026-02-01", "500.00"),
        order("2", "2026-08-01", "1500.00"),
        order("3", "2027-02-01", "500.00"),
    ]

    assert falls(club("tier_year"), *events, until="2028-12-31") == [
        ("2026-02-01 12:00:00+01:00", "flame"),
        ("2026-08-01 12:00:00+02:00", "fire"),
        ("2027-08-01 00:00:00+02:00", "flame"),
        ("2028-08-01 00:00:00+02:00", "spark"),
    ]


@pytest.mark.parametrize("window", ["membership_year", "tier_year"])
def test_t5_anniversaries_of_29_february_fall_on_28_february(window: str) -> None:
    first = falls(club(window), order("1", "2024-02-29", "500.00"), until="2030-01-01")
    kept = [
        order("1", "2024-02-29", "500.00"),
        *(order(f"{y}", f"{y}-02-27", "500.00") for y in (2025, 2026, 2027)),
    ]
    later = falls(club(window), *kept, until="2030-01-01")

    held = {"membership_year": ["2026-02-28", "2028-02-29"], "tier_year": ["2025-02-28", "2028-02-29"]}[
        window
    ]
    assert [first[-1], later[-1]] == [(f"{day} 00:00:00+01:00", "spark") for day in held]


@pytest.mark.parametrize(
    ("length", "bought", "falls_on"),
    [
        ("12 months", "2026-03-15 23:59:59", "2027-03-15 00:00:00+01:00"),
        ("30 days", "2026-03-01", "2026-03-31 00:00:00+02:00"),
        ("1 month", "2026-01-31", "2026-02-28 00:00:00+01:00"),
        ("12 months", "2024-02-29", "2025-02-28 00:00:00+01:00"),
    ],
)
def test_t5_what_counted_on_a_day_leaves_a_rolling_window_when_its_last_day_is_over(
    length: str, bought: str, falls_on: str
) -> None:
    changes = falls(club(f"rolling; length: {length}"), order("1", bought, "500.00"), until="2028-01-01")

    assert changes[1:] == [(falls_on, "spark")]


def test_t5_a_rolling_window_falls_with_the_day_that_is_missing() -> None:
    events = [
        order("1", "2026-01-10", "100.00"),
        order("2", "2026-03-10", "300.00"),
        order("3", "2026-04-10", "200.00"),
    ]

    assert falls(club("rolling"), *events, until="2028-01-01") == [
        ("2026-04-10 12:00:00+02:00", "flame"),
        ("2027-03-10 00:00:00+01:00", "spark"),
    ]
    kept = [*events, order("4", "2027-03-09 23:59:59", "300.00")]
    assert falls(club("rolling"), *kept, until="2028-01-01")[1:] == [("2027-04-10 00:00:00+02:00", "spark")]


def test_t5_a_rolling_window_gives_the_days_of_grace_and_what_is_earned_in_them_counts() -> None:
    rules = club("rolling; grace: 10 days")
    first = order("1", "2026-01-10", "500.00")

    assert falls(rules, first, until="2028-01-01")[1:] == [("2027-01-20 00:00:00+01:00", "spark")]
    saved = falls(rules, first, order("2", "2027-01-19 23:59", "500.00"), until="2029-01-01")
    assert saved[1:] == [("2028-01-29 00:00:00+01:00", "spark")]


@pytest.mark.parametrize(
    ("window", "steps"),
    [
        ("calendar_year", ["2028-01-01", "2029-01-01"]),
        ("membership_year", ["2028-02-01", "2029-02-01"]),
        ("tier_year", ["2027-02-01", "2028-02-01"]),
        ("rolling", ["2027-02-01", "2028-02-01"]),
    ],
)
def test_t5_a_fall_is_one_step_or_down_to_the_earned_tier(window: str, steps: list[str]) -> None:
    bought = order("1", "2026-02-01", "2000.00")

    at_once = falls(club(window), bought, until="2031-01-01")
    stepwise = falls(club(f"{window}; fall: one_step"), bought, until="2031-01-01")

    assert at_once[1:] == [(f"{steps[0]} 00:00:00+01:00", "spark")]
    first, second = steps
    assert stepwise[1:] == [(f"{first} 00:00:00+01:00", "flame"), (f"{second} 00:00:00+01:00", "spark")]


def test_t5_one_step_stops_at_the_tier_that_was_earned() -> None:
    events = [order("1", "2026-02-01", "2000.00"), order("2", "2027-06-01", "500.00")]

    assert falls(club("calendar_year; fall: one_step"), *events, until="2028-12-31")[1:] == [
        ("2028-01-01 00:00:00+01:00", "flame")
    ]


@pytest.mark.parametrize(
    ("window", "rises_on"),
    [
        ("calendar_year", "2027-01-01 00:00:00+01:00"),
        ("membership_year", "2027-02-01 00:00:00+01:00"),
        ("tier_year", "2027-02-01 00:00:00+01:00"),
    ],
)
def test_t5_an_upgrade_may_wait_for_the_end_of_the_period(window: str, rises_on: str) -> None:
    rules = club(f"{window}; upgrade: period_end")
    events = [order("1", "2026-02-01", "100.00"), order("2", "2026-03-01", "2400.00")]
    tale = told(rules, *events)

    view = outlook(rules, tale.state, "flame", now=moment("2026-06-01"))

    assert (tier(tale), view.missing, local(view.projected_at)) == ("spark", Decimal(0), rises_on)
    assert falls(rules, *events, until="2027-12-31") == [(rises_on, "fire")]


def test_t5_at_a_periods_end_the_last_moment_counts_also_when_it_is_told_later() -> None:
    rules = club("calendar_year; upgrade: period_end")
    last = order("1", "2026-12-31 23:59:59.999999", "500.00")

    assert falls(rules, last, until="2027-01-01 00:00") == [("2027-01-01 00:00:00+01:00", "flame")]
    late = {**last, "recorded_at": "2027-01-02 10:00"}
    joined = order("0", "2026-06-01", "1.00")
    assert falls(rules, joined, late, until="2027-02-01") == [("2027-01-02 10:00:00+01:00", "flame")]


def test_t5_a_tier_of_a_periods_end_holds_through_the_next_and_the_running_one_saves_it() -> None:
    rules = club("calendar_year; upgrade: period_end; grace: 60 days")
    first = order("1", "2026-05-01", "500.00")

    assert falls(rules, first, until="2030-01-01")[1:] == [("2028-03-01 00:00:00+01:00", "spark")]
    saved = falls(rules, first, order("2", "2028-02-01", "2000.00"), until="2029-06-01")
    assert saved[1:] == [("2029-01-01 00:00:00+01:00", "fire")]


@pytest.mark.parametrize("window", ["calendar_year", "membership_year", "tier_year", "rolling"])
@pytest.mark.parametrize("more", ["", "; grace: 30 days", "; fall: one_step"])
def test_r8_a_returned_purchase_leaves_the_tier_as_if_it_had_not_been(window: str, more: str) -> None:
    """Whatever the window: what the purchase alone had earned is gone at once, what others earned stays."""
    rules = club(window + more)
    others = [order("1", "2026-02-01", "600.00"), order("2", "2026-03-01", "700.00")]
    bought, back = order("3", "2026-03-02", "900.00"), returned("r", "2026-03-20", "900.00", order="3")

    with_it = told(rules, *others, bought, back)
    without = told(rules, *others)

    assert moves(with_it.last.tier_changes) == [("fire", "flame")]
    for day in ("2026-04-01", "2027-02-10", "2027-04-01", "2028-03-15", "2029-05-01"):
        assert tier(with_it.until(day)) == tier(without.until(day)), day


def test_t5_the_clock_gives_what_events_give() -> None:
    """However late time is let pass, everything takes place at its own moment."""
    rules = club("rolling; grace: 10 days; fall: one_step")
    events = [order(f"{n}", f"2026-0{n}-10", "700.00") for n in range(1, 7)]
    punctual = told(rules, *events)
    for month in range(1, 25):
        punctual.until(f"{2027 + month // 13}-{(month - 1) % 12 + 1:02}-28")

    late = told(rules, *events).until("2028-12-31")
    assert late.state.ledger.chain == punctual.until("2028-12-31").state.ledger.chain
    assert len(late.state.standings["flame"].history) > 3
