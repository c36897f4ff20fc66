"""T6: when an operator changes thresholds, nobody falls before the day that was announced."""

import pytest

from acceptance.makers import Raw, Told, adjusted, local, order, published, returned, told

CLUB = """\
units: {points: {}, status: {qualifying: true}}
tier_sets:
  flame:
    unit: status
    window: @
    tiers: {spark: {from: 0}, flame: {from: 500}}
earn:
  base: {on: order.placed, award: {status: floor(event.total)}}
"""
CHANGED_ON = "2026-12-01 00:00"


def raised(window: str, announced: str, *events: Raw) -> Told:
    """A member's story when 800 are needed from December 2026 on, and nobody falls before a day."""
    old = CLUB.replace("@", window.replace("; ", "\n    "))
    new = old.replace("500", "800").replace("tiers:", f"no_falls_before: {announced}\n    tiers:")
    return told(published(("", old), (CHANGED_ON, new)), *events)


def falls(tale: Told, until: str) -> list[tuple[str, str | None]]:
    """When the tier changed after it was reached, and to what."""
    return [(local(at), name) for at, name in tale.until(until).state.standings["flame"].history[2:]]


@pytest.mark.parametrize("window", ["calendar_year", "tier_year", "rolling", "calendar_year; grace: 10 days"])
def test_t6_nobody_falls_before_the_announced_day(window: str) -> None:
    events = [
        order("1", "2025-12-02", "600.00"),
        order("2", "2026-11-30", "600.00"),
        order("3", "2026-12-03", "1.00"),
    ]
    tale = raised(window, "2027-05-01", *events)

    assert falls(tale, "2027-04-30 23:59:59") == []
    assert falls(tale, "2027-05-01 00:00") == [("2027-05-01 00:00:00+02:00", "spark")]


def test_t6_whoever_earns_the_new_threshold_before_that_day_keeps_the_tier() -> None:
    events = [
        order("1", "2025-12-02", "600.00"),
        order("2", "2026-11-30", "600.00"),
        order("3", "2027-04-30 23:59", "800.00"),
    ]

    assert falls(raised("calendar_year", "2027-05-01", *events), "2028-12-31") == []


def test_t6_after_that_day_a_tier_falls_when_it_is_judged_and_not_earlier() -> None:
    tale = raised(
        "calendar_year", "2026-12-15", order("1", "2026-02-01", "600.00"), order("2", "2026-12-20", "1.00")
    )

    assert falls(tale, "2026-12-31 23:59:59") == []
    assert falls(tale, "2027-01-01 00:00") == [("2027-01-01 00:00:00+01:00", "spark")]


@pytest.mark.parametrize(
    "event",
    [returned("r", "2026-12-04", "50.00", order="2"), adjusted("a", "2026-12-04", "-50", unit="status")],
    ids=["return", "correction"],
)
def test_t6_what_is_taken_back_meanwhile_lowers_nobody_before_that_day(event: Raw) -> None:
    bought = [order("1", "2026-11-30", "700.00"), order("2", "2026-12-03", "120.00")]
    tale = raised("calendar_year", "2027-05-01", *bought, event)

    assert (tale.last.tier_changes, falls(tale, "2027-04-30 23:59:59")) == ([], [])
    assert falls(tale, "2027-05-01 00:00") == [("2027-05-01 00:00:00+02:00", "spark")]


def test_t6_a_fall_that_was_pending_when_the_day_was_announced_waits_for_it() -> None:
    tale = raised("calendar_year; grace: 11 months", "2027-05-01", order("1", "2024-02-01", "600.00"))

    assert falls(tale, "2027-04-30 23:59:59") == []
    assert falls(tale, "2027-05-01 00:00") == [("2027-05-01 00:00:00+02:00", "spark")]


def test_t6_lower_thresholds_lift_a_member_with_the_next_thing_that_counts() -> None:
    old = CLUB.replace("@", "calendar_year")
    rules = published(("", old), (CHANGED_ON, old.replace("500", "300")))
    tale = told(rules, order("1", "2026-11-01", "400.00"), order("2", "2026-12-02", "1.00"))

    assert [(change.before, change.after) for change in tale.last.tier_changes] == [("spark", "flame")]
