"""T1 to T5, T8, T9: how a member rises, stays, falls, and what comes next."""

from decimal import Decimal

import pytest

from acceptance.makers import (
    Raw,
    Told,
    adjusted,
    balances,
    local,
    moment,
    moves,
    order,
    program,
    reason,
    returned,
    spent,
    told,
)
from bondfire.engine import outlook

CLUB = """\
units:
  points: {}
  status: {qualifying: true}
tier_sets:
  flame:
    unit: status
    window: calendar_year
    grace: 60 days
    tiers:
      spark: {from: 0}
      flame: {from: 500, benefits: [early_access]}
      fire: {from: 2000, benefits: [early_access, vip_events]}
earn:
  base: {on: order.placed, award: {points: floor(event.total), status: floor(event.total)}}
"""


def club(*events: Raw) -> Told:
    return told(program(CLUB), *events)


def tier(tale: Told, name: str = "flame") -> str | None:
    return tale.state.standings[name].tier


def test_t1_spending_points_never_lowers_a_tier() -> None:
    by_points = CLUB.replace("unit: status", "unit: points")
    tale = told(program(by_points), order("1", "2026-01-10", "600.00"), spent("s", "2026-01-11", "600"))

    assert balances(tale)["spent"] == 600
    assert (tier(tale), tale.last.tier_changes) == ("flame", [])
    assert tier(tale.until("2027-12-31")) == "flame"


def test_t1_a_status_unit_cannot_be_spent() -> None:
    tale = club(order("1", "2026-01-10", "600.00"), spent("s", "2026-01-11", "600", unit="status"))

    assert (tale.last.outcome, tale.last.entries) == ("refused", [])
    assert balances(tale, "status") == {"issued": 600, "active": 600}


@pytest.mark.parametrize("switch", ["after", "before"])
def test_t2_what_is_paid_with_points_does_not_count_as_spend(switch: str) -> None:
    rules = program(CLUB + f"earning: {{paid_with_points: {switch}}}\n")
    tale = told(rules, order("1", "2026-01-10", "600.00", paid_with_points="101.00"))

    assert balances(tale, "status") == {"issued": 499, "active": 499}
    assert tier(tale) == "spark"


@pytest.mark.parametrize(
    ("total", "reached"),
    [("499.99", "spark"), ("500.00", "flame"), ("1999.00", "flame"), ("2000.00", "fire")],
)
def test_t3_exactly_at_the_threshold_is_in_and_one_unit_less_is_out(total: str, reached: str) -> None:
    assert tier(club(order("1", "2026-01-10", total))) == reached


def test_t3_the_smallest_unit_decides() -> None:
    cents = CLUB.replace("status: {qualifying: true}", "status: {qualifying: true, decimals: 2}").replace(
        "status: floor(event.total)", "status: event.total"
    )
    almost = told(program(cents), order("1", "2026-01-10", "499.99"))

    assert tier(almost) == "spark"
    assert (
        tier(told(program(cents), order("1", "2026-01-10", "499.99"), order("2", "2026-01-10", "0.01")))
        == "flame"
    )


def test_t3_a_return_of_the_last_unit_is_out_again() -> None:
    tale = club(order("1", "2026-01-10", "500.00"), returned("ret", "2026-01-11", "1.00", order="1"))

    assert tier(tale) == "spark"


def test_t4_one_event_may_jump_two_tiers_in_one_upgrade_with_the_benefits_of_each_tier_passed() -> None:
    tale = club(order("1", "2026-01-10", "2500.00"))

    (change,) = tale.last.tier_changes
    assert (change.before, change.after, change.why) == ("spark", "fire", "earned")
    assert change.benefits == ("early_access", "vip_events")


def test_t4_step_by_step_the_same_benefits_come_one_after_the_other() -> None:
    tale = club(order("1", "2026-01-10", "600.00"), order("2", "2026-01-11", "1400.00"))

    changes = [change for decision in tale.decisions for change in decision.tier_changes]
    assert moves(changes) == [("spark", "flame"), ("flame", "fire")]
    assert [change.benefits for change in changes] == [("early_access",), ("early_access", "vip_events")]


def test_t5_a_tier_holds_through_the_next_year_and_falls_after_its_grace_to_the_earned_one() -> None:
    tale = club(order("1", "2026-12-31 23:59:59", "2000.00"), order("2", "2027-06-01", "500.00"))

    assert tier(tale.until("2027-12-31 23:59:59")) == "fire"
    assert tier(tale.until("2028-02-29 23:59:59")) == "fire"
    assert tier(tale.until("2028-03-01 00:00:00")) == "flame"
    assert tier(tale.until("2029-03-01 23:59:59")) == "flame"
    assert tier(tale.until("2029-03-02 00:00:00")) == "spark"


def test_t5_credits_of_the_last_moment_count_before_the_period_closes() -> None:
    in_time = club(order("1", "2026-05-01", "500.00"), order("2", "2027-12-31 23:59:59.999999", "500.00"))
    too_late = club(order("1", "2026-05-01", "500.00"), order("2", "2028-03-01 00:00", "500.00"))

    assert tier(in_time.until("2028-12-31")) == "flame"
    assert moves(too_late.last.tier_changes) == [("flame", "spark"), ("spark", "flame")]


def test_t5_what_is_earned_in_the_days_of_grace_keeps_the_tier() -> None:
    tale = club(order("1", "2026-05-01", "500.00"), order("2", "2028-02-20", "500.00"))

    assert tale.last.tier_changes == []
    assert tier(tale.until("2028-12-31")) == "flame"


def test_t5_a_window_may_be_the_year_of_membership() -> None:
    by_member = program(CLUB.replace("calendar_year", "membership_year").replace("    grace: 60 days\n", ""))
    tale = told(by_member, order("1", "2026-05-20 18:00", "500.00"))

    assert tier(tale.until("2028-05-19 23:59:59")) == "flame"
    assert tier(tale.until("2028-05-20 00:00:00")) == "spark"


TWO = """\
units: {miles: {qualifying: true}, status: {qualifying: true}}
tier_sets:
  flight: {unit: miles, window: lifetime, tiers: {blue: {from: 0}, silver: {from: 100}}}
  shop: {unit: status, window: calendar_year, tiers: {guest: {from: 0}, friend: {from: 100}}}
earn:
  buy: {on: order.placed, award: {status: floor(event.total)}}
  fly: {on: order.placed, when: "'flight' in event.categories", award: {miles: floor(event.total)}}
"""


def test_t8_two_tier_sets_are_independent() -> None:
    tale = told(
        program(TWO),
        order("1", "2026-01-10", "100.00"),
        order("2", "2026-02-10", "150.00", categories=["flight"]),
    )
    assert [[(c.tier_set, c.after) for c in decision.tier_changes] for decision in tale.decisions] == [
        [("shop", "friend")],
        [("flight", "silver")],
    ]

    tale.until("2028-01-01 00:00")

    assert (tier(tale, "flight"), tier(tale, "shop")) == ("silver", "guest")


def test_t8_a_return_moves_only_the_set_it_counted_for() -> None:
    tale = told(
        program(TWO),
        order("1", "2026-01-10", "150.00", categories=["flight"]),
        order("2", "2026-01-11", "100.00"),
        returned("ret", "2026-01-12", "150.00", order="1"),
    )

    assert (tier(tale, "flight"), tier(tale, "shop")) == ("blue", "friend")


def test_t9_the_next_tier_what_is_missing_and_the_projected_day_are_shown() -> None:
    tale = club(order("1", "2026-01-01 12:00", "100.00"))

    view = outlook(program(CLUB), tale.state, "flame", now=moment("2026-01-11 12:00"))

    # 100 in 10 days: the missing 400 take 40 more.
    assert (view.tier, view.next_tier) == ("spark", "flame")
    assert (view.credits, view.missing) == (Decimal(100), Decimal(400))
    assert local(view.projected_at) == "2026-02-20 12:00:00+01:00"
    assert local(view.closes_at) == "2027-01-01 00:00:00+01:00"


def test_t9_no_day_is_projected_beyond_the_window_or_without_a_pace() -> None:
    slow = club(order("1", "2026-01-01 12:00", "1.00"))
    view = outlook(program(CLUB), slow.state, "flame", now=moment("2026-06-01 12:00"))

    assert view.missing == 499
    assert view.projected_at is None


def test_t9_at_the_top_nothing_is_missing() -> None:
    top = club(order("1", "2026-01-01 12:00", "2000.00"))
    view = outlook(program(CLUB), top.state, "flame", now=moment("2026-06-01 12:00"))

    assert (view.tier, view.next_tier, view.missing, view.projected_at) == ("fire", None, None, None)
    assert local(view.since) == "2026-01-01 12:00:00+01:00"


def test_t9_a_coming_fall_is_shown_with_its_day() -> None:
    tale = club(order("1", "2026-05-01", "500.00")).until("2028-01-01 00:00")

    view = outlook(program(CLUB), tale.state, "flame", now=moment("2028-01-15 12:00"))

    assert (view.tier, view.next_tier, view.missing) == ("flame", "fire", Decimal(2000))
    assert local(view.falls_at) == "2028-03-01 00:00:00+01:00"


def test_the_explanation_of_an_upgrade_names_both_tiers() -> None:
    tale = club(order("1", "2026-01-10", "2500.00"))

    assert reason(tale.last, "upgraded").values == {"tier_set": "flame", "before": "spark", "after": "fire"}


def test_a_correction_of_status_moves_the_tier_with_it() -> None:
    up = adjusted("up", "2026-01-11", "10", unit="status")
    down = adjusted("down", "2026-01-12", "-10", unit="status")
    tale = club(order("1", "2026-01-10", "490.00"), up, down)

    assert moves(tale.decisions[1].tier_changes) == [("spark", "flame")]
    assert moves(tale.last.tier_changes) == [("flame", "spark")]
    assert balances(tale, "status") == {"issued": 500, "active": 490, "clawed_back": 10}
