"""Challenges, streaks, badges, and what is removed (C1, C3 to C5, R15)."""

from decimal import Decimal
from typing import Any

import pytest

from acceptance.makers import (
    MEMBER,
    PLAIN,
    Number,
    Raw,
    Told,
    balances,
    cancelled,
    codes,
    happened,
    joined,
    late,
    line,
    local,
    order,
    parsed,
    program,
    reason,
    returned,
    story,
    told,
)
from bondfire.engine import next_due_at, prospects
from bondfire.ledger import Kind
from bondfire.programs import RULE_PREFIX

WORLDS = (
    PLAIN
    + """\
challenges:
  three_worlds:
    {on: order.placed, count_distinct: event.categories, target: 3, within: 30 days, award: {points: 200}, badge: explorer}
"""  # noqa: E501 - as in the design
)


def streak(*more: str, unit: str = "day", target: int = 3) -> str:
    goal = f"on: order.placed, streak: {unit}, target: {target}, award: {{points: 50}}, badge: faithful"
    return PLAIN + f"challenges: {{daily: {{{', '.join([goal, *more])}}}}}\n"


def challenge(goal: str) -> str:
    return PLAIN + f"challenges: {{goal: {{{goal}}}}}\n"


def reached(of: Told, name: str = "") -> tuple[Number, int]:
    """How much of the target counts, and how often it was done."""
    found = prospects(of.timeline.newest.program, of.state, now=of.state.now)
    one = found[name] if name else next(iter(found.values()))
    return one.reached, one.times


def given(of: Told) -> Number:
    """What challenges have given, less what was taken back."""
    entries = [entry for entry in of.entries if entry.rule.startswith(RULE_PREFIX)]
    signs = {Kind.EARN: 1, Kind.CLAW_BACK: -1}
    return sum((entry.amount * signs.get(entry.kind, 0) for entry in entries), Decimal(0))


# C1


def test_c1_a_minute_before_and_after_midnight_are_two_days() -> None:
    rules = program(streak(target=2))

    two_days = told(rules, order("1", "2026-05-04 23:59", "10"), order("2", "2026-05-05 00:01", "10"))
    one_day = told(rules, order("1", "2026-05-04 00:01", "10"), order("2", "2026-05-04 23:59", "10"))

    assert (reached(two_days), given(two_days)) == ((2, 1), 50)
    assert (reached(one_day), given(one_day)) == ((1, 0), 0)


@pytest.mark.parametrize(
    "days",
    [
        ("2026-03-28 23:59", "2026-03-29 00:01", "2026-03-30 00:01"),
        ("2026-03-28 00:01", "2026-03-29 03:00", "2026-03-30 23:59"),
        ("2026-10-24 23:59", "2026-10-25 02:30", "2026-10-26 00:01"),
        ("2026-10-24 00:01", "2026-10-25 23:59", "2026-10-26 23:59"),
    ],
    ids=["spring, just", "spring, far", "autumn, just", "autumn, far"],
)
def test_c1_days_of_23_and_25_hours_are_days(days: tuple[str, ...]) -> None:
    run = told(program(streak()), *(order(str(i), at, "10") for i, at in enumerate(days)))

    assert (reached(run), given(run)) == ((3, 1), 50)


def test_c1_a_missed_day_breaks_a_streak_at_its_end() -> None:
    run = told(program(streak()), order("1", "2026-03-28", "10"), order("2", "2026-03-29", "10"))

    assert local(next_due_at(run.state)) == "2026-03-31 00:00:00+02:00"
    assert reached(run.until("2026-03-30 23:59:59")) == (2, 0)
    assert reached(run.until("2026-03-31 00:00")) == (0, 0)
    assert next_due_at(run.state) is None


def test_c1_a_joker_freezes_one_day() -> None:
    rules = program(streak("jokers: 1"))
    days = [order("1", "2026-03-28", "10"), order("2", "2026-03-30", "10")]

    kept = told(rules, *days, order("3", "2026-03-31", "10"))
    broken = told(rules, *days, order("3", "2026-04-01", "10"), order("4", "2026-04-02", "10"))

    assert (reached(kept), given(kept)) == ((3, 1), 50)
    assert codes(kept.decisions[1]) == ["awarded", "joker_used", "counted"]
    assert (reached(broken), given(broken)) == ((2, 0), 0)
    assert "streak_broken" in codes(broken.decisions[2])


def test_c1_weeks_begin_on_the_day_that_is_given() -> None:
    sundays = [order("1", "2026-03-28 23:59", "10"), order("2", "2026-03-29 00:01", "10")]

    assert reached(told(program(streak(unit="week", target=2)), *sundays)) == (1, 0)
    assert reached(told(program(streak("week_starts: sunday", unit="week", target=2)), *sundays)) == (2, 1)


def test_c1_a_day_that_is_told_late_heals_the_streak() -> None:
    missing = late(order("2", "2026-03-29", "10"), "2026-04-02")
    run = told(program(streak()), order("1", "2026-03-28", "10"), order("3", "2026-03-30", "10"), missing)

    assert given(run) == 50


# C3


def three_worlds() -> list[Raw]:
    return [
        order("1", "2026-03-01", "10", lines=[line("a", "10", "shoes")]),
        order("2", "2026-03-02", "10", lines=[line("b", "10", "hats")]),
        order("3", "2026-03-03", "30", lines=[line("c", "20", "bags"), line("d", "10", "hats")]),
    ]


def test_c3_what_a_return_brings_back_to_two_loses_its_points_and_keeps_its_badge() -> None:
    run = told(
        program(WORLDS), *three_worlds(), returned("r", "2026-03-09", order="3", lines=[line("c", "20")])
    )

    assert run.decisions[2].entries[-1].amount == 200
    assert (reached(run), given(run)) == ((2, 0), 0)
    assert local(run.state.badges["explorer"]) == "2026-03-03 12:00:00+01:00"
    assert reason(run.last, "badge_kept").note == "explorer"
    assert balances(run) == {"issued": 250, "active": 30, "clawed_back": 220}
    reversal = run.last.entries[-1]
    assert (reversal.rule, reversal.reverses) == (
        "challenge/three_worlds",
        run.decisions[2].entries[-1].number,
    )


def test_c3_a_return_of_what_others_bring_as_well_takes_nothing_back() -> None:
    run = told(
        program(WORLDS), *three_worlds(), returned("r", "2026-03-09", order="3", lines=[line("d", "10")])
    )

    assert (reached(run), given(run)) == ((3, 1), 200)


def test_c3_the_third_world_found_again_gives_the_points_again_and_no_second_badge() -> None:
    again = order("4", "2026-03-10", "10", lines=[line("e", "10", "bags")])
    run = told(program(WORLDS), *three_worlds(), cancelled("x", "2026-03-09", "3"), again)

    assert (reached(run), given(run)) == ((3, 1), 200)
    assert local(run.state.badges["explorer"]) == "2026-03-03 12:00:00+01:00"
    assert "badge_earned" not in codes(run.last)


def test_c3_a_world_more_takes_the_place_of_the_one_that_goes_back() -> None:
    fourth = order("4", "2026-03-08", "10", lines=[line("e", "10", "coats")])
    run = told(program(WORLDS), *three_worlds(), fourth, cancelled("x", "2026-03-09", "3"))

    assert (reached(run), given(run)) == ((3, 1), 200)


def test_c3_worlds_further_apart_than_the_time_allows_are_not_three() -> None:
    later = order("3", "2026-03-31 13:00", "10", lines=[line("c", "10", "bags")])
    run = told(program(WORLDS), *three_worlds()[:2], later)

    assert (reached(run), given(run)) == ((2, 0), 0)


# C4

REVIEWS = """\
units: {points: {pending: 14 days}}
earn:
  review: {on: review.submitted, award: {points: 20}, cap: {points: 20, per: month}}
challenges:
  critic: {on: review.submitted, target: 2, award: {points: 100}, badge: critic}
"""


def review(number: int, at: str) -> Raw:
    return happened("review.submitted", f"rv-{number}", at, rating=5)


def removal(event: str, at: str, review: str, **fields: object) -> Raw:
    return happened("review.removed", event, at, review=review, **fields)


def test_c4_a_removed_review_takes_back_its_points_months_later() -> None:
    run = told(program(REVIEWS), review(1, "2026-03-01"), removal("x", "2026-11-01", "rv-1"))

    assert balances(run) == {"issued": 20, "clawed_back": 20}
    assert (run.last.entries[-1].reverses, run.last.entries[-1].rule) == (1, "review")
    assert codes(run.last) == ["released", "removed", "taken_back", "progress_taken_back"]


def test_c4_and_its_place_in_a_challenge_and_in_a_cap() -> None:
    run = told(
        program(REVIEWS),
        review(1, "2026-03-01"),
        review(2, "2026-04-02"),
        removal("x", "2026-11-01", "rv-2"),
        review(3, "2026-04-03"),
    )

    assert [entry.amount for entry in run.decisions[3].entries if entry.kind == "earn"] == [20, 100]
    assert (reached(run), given(run)) == ((2, 1), 100)


def test_c4_removed_twice_it_is_removed_once() -> None:
    rules = program(REVIEWS)
    once = told(rules, review(1, "2026-03-01"), review(2, "2026-03-02"), removal("x", "2026-03-03", "rv-1"))
    twice = told(
        rules,
        review(1, "2026-03-01"),
        review(2, "2026-03-02"),
        removal("x", "2026-03-03", "rv-1"),
        removal("y", "2026-03-03", "rv-1"),
    )

    assert codes(twice.last) == ["removed_before"]
    assert twice.last.entries == []
    assert balances(twice) == balances(once)


def test_c4_a_review_that_comes_after_its_removal_earns_nothing() -> None:
    run = told(program(REVIEWS), removal("x", "2026-03-02", "rv-1"), review(1, "2026-03-01"))

    assert [codes(decision) for decision in run.decisions] == [["unknown_removed"], ["removed_before"]]
    assert (balances(run), run.state.challenges) == ({}, {})


def test_c4_what_another_system_sent_is_named_with_its_source() -> None:
    sent = {**review(1, "2026-03-01"), "source": "reviews"}
    rules = program(REVIEWS)

    assert codes(told(rules, sent, removal("x", "2026-03-02", "rv-1")).last) == ["unknown_removed"]
    named = told(rules, sent, removal("x", "2026-03-02", "rv-1", sent_by="reviews"))
    assert balances(named) == {"issued": 20, "clawed_back": 20}


def test_c4_a_removed_post_too() -> None:
    posts = """\
        units: {points: {}}
        earn: {post: {on: post.published, award: {points: 5}, cap: {points: 9, per: day}}}
        """
    run = told(
        program(posts),
        happened("post.published", "p-1", "2026-03-01"),
        happened("post.removed", "x", "2026-09-01", post="p-1"),
    )

    assert balances(run) == {"issued": 5, "clawed_back": 5}


# C5

LADDER = """\
on: order.placed, target: 5, award: {points: 50}, badge: five,
steps: [{at: 2, award: {points: 2}}, {at: 3, badge: three}]"""


def test_c5_each_step_is_given_once_on_the_way_and_at_the_target() -> None:
    run = told(program(challenge(LADDER)), *(order(str(n), f"2026-03-0{n}", "1") for n in range(1, 8)))

    assert [[e.amount for e in one.entries if e.rule == "challenge/goal"] for one in run.decisions] == [
        *([], [2], [], [], [50], [], [])
    ]
    assert set(run.state.badges) == {"three", "five"}


def test_c5_what_arrives_twice_counts_once() -> None:
    orders = [order(str(n), f"2026-03-0{n}", "1") for n in range(1, 6)]
    rules = program(challenge(LADDER))

    twice = story(rules, [one for one in orders for _ in range(2)])

    assert twice.digest == story(rules, orders).digest
    assert balances(twice)["issued"] == 57


def test_c5_what_can_be_done_again_is_given_again_up_to_its_limit() -> None:
    rules = program(challenge("on: order.placed, target: 2, repeat: 2, award: {points: 10}, badge: pair"))
    run = told(rules, *(order(str(n), f"2026-03-0{n}", "1") for n in range(1, 8)))

    assert (reached(run), given(run)) == ((2, 2), 20)
    assert sum("badge_earned" in codes(one) for one in run.decisions) == 1


# R15


def test_r15_a_return_takes_back_the_streak_day() -> None:
    days = [order(str(n), f"2026-03-0{n}", "10") for n in (1, 2, 3)]
    run = told(program(streak()), *days, cancelled("x", "2026-03-03 18:00", "2"))

    assert (reached(run), given(run)) == ((1, 0), 0)
    assert "faithful" in run.state.badges


def test_r15_a_day_with_another_order_stays() -> None:
    days = [order(str(n), f"2026-03-0{n}", "10") for n in (1, 2, 3)]
    second = order("4", "2026-03-02 18:00", "10")
    run = told(program(streak()), *days, second, cancelled("x", "2026-03-03 18:00", "2"))

    assert (reached(run), given(run)) == ((3, 1), 50)


def test_r15_a_part_that_comes_back_takes_its_part_of_a_sum() -> None:
    rules = program(challenge("on: order.placed, sum: event.total, target: 100, award: {points: 10}"))
    run = told(rules, order("1", "2026-03-01", "120"), returned("r", "2026-03-02", "50", order="1"))

    assert (reached(run), given(run)) == ((70, 0), 0)
    rest = returned("r2", "2026-03-03", "70", order="1")
    gone = told(rules, order("1", "2026-03-01", "120"), returned("r", "2026-03-02", "50", order="1"), rest)
    assert gone.state.challenges == {}


def test_r15_what_is_left_of_an_order_counts_only_if_it_still_fits() -> None:
    rules = program(challenge("on: order.placed, when: event.total >= 50, target: 2, award: {points: 10}"))
    orders = [order("1", "2026-03-01", "60"), order("2", "2026-03-02", "60")]

    still = told(rules, *orders, returned("r", "2026-03-03", "10", order="2"))
    no_more = told(rules, *orders, returned("r", "2026-03-03", "20", order="2"))

    assert (reached(still), given(still)) == ((2, 1), 10)
    assert (reached(no_more), given(no_more)) == ((1, 0), 0)


# the other kinds


def test_a_sequence_is_one_after_the_other_within_its_time() -> None:
    actions = "{on: app.installed}, {on: order.placed, when: event.total > 5}"
    rules = program(challenge(f"sequence: [{actions}], within: 7 days, badge: app"))
    installed = happened("app.installed", "i", "2026-03-01", platform="ios")

    assert reached(told(rules, installed, order("1", "2026-03-08 11:59", "10"))) == (2, 1)
    assert reached(told(rules, installed, order("1", "2026-03-08", "10"))) == (0, 0)
    assert reached(told(rules, order("1", "2026-02-28", "10"), installed)) == (1, 0)
    assert reached(told(rules, installed, order("1", "2026-03-02", "1"))) == (1, 0)


def test_a_set_is_collected_whole() -> None:
    rules = program(challenge("on: order.placed, count_distinct: event.categories, of: [a, b], badge: both"))

    run = told(rules, order("1", "2026-03-01", "1", categories=["a", "x"]))
    assert reached(run) == (1, 0)
    run = told(rules, order("1", "2026-03-01", "1", categories=["a", "b"]))
    assert (reached(run), list(run.state.badges)) == ((2, 1), ["both"])


def test_who_has_to_join_counts_from_then_on() -> None:
    rules = program(challenge("on: order.placed, target: 2, opt_in: true, badge: pair"))
    join = happened("challenge.joined", "j", "2026-03-02", challenge="goal")
    orders = [order("1", "2026-03-01", "1"), join, order("2", "2026-03-03", "1")]

    assert reached(told(rules, *orders)) == (1, 0)
    assert reached(told(rules, *orders, order("3", "2026-03-04", "1"))) == (2, 1)
    wrong = told(rules, joined("2026-03-01"), {**join, "challenge": "gaol"})
    assert (wrong.last.code, wrong.last.next_step) == ("unknown_challenge", "Did you mean 'goal'?")


def test_only_members_the_condition_names_take_part_and_only_while_it_runs() -> None:
    goal = (
        "on: order.placed, target: 1, when: event.total > 5, starts: 2026-03-02, ends: 2026-03-02, badge: day"
    )
    rules = program(challenge(goal))

    run = told(rules, *(order(str(n), f"2026-03-0{n}", "9") for n in (1, 3)), order("4", "2026-03-02", "1"))
    assert run.state.badges == {}
    assert codes(run.decisions[0]) == ["awarded", "not_running"]
    assert codes(run.last) == ["awarded", "not_counted"]
    assert list(told(rules, order("2", "2026-03-02 23:59", "9")).state.badges) == ["day"]


def test_a_reward_is_an_award_like_any_other() -> None:
    rules = program(
        """\
        units: {points: {pending: 14 days, expires: {after: 1 year}}, status: {qualifying: true}}
        tier_sets: {club: {unit: status, window: lifetime, tiers: {low: {from: 0}, high: {from: 100}}}}
        challenges: {two: {on: order.placed, target: 2, award: {points: 10, status: 100}}}
        """
    )
    run = told(rules, order("1", "2026-03-01", "1"), order("2", "2026-03-02", "1"))

    assert run.state.standings["club"].tier == "high"
    lot = run.state.ledger.open_lots("points")[0]
    assert (local(lot.available_at), lot.rule) == ("2026-03-16 12:00:00+01:00", "challenge/two")
    back = told(
        rules, order("1", "2026-03-01", "1"), order("2", "2026-03-02", "1"), cancelled("x", "2026-03-03", "1")
    )
    assert back.state.standings["club"].tier == "low"


def test_a_simulation_shows_progress_and_badges_of_programmes_that_have_challenges() -> None:
    members: Any = story(program(WORLDS), three_worlds()).as_dict()["members"]
    without: Any = story(program(PLAIN), three_worlds()).as_dict()["members"]
    shown, plain = members[MEMBER], without[MEMBER]

    assert shown["challenges"] == {"three_worlds": {"progress": "3", "target": "3", "times": 1}}
    assert shown["badges"] == {"explorer": "2026-03-03T11:00:00Z"}
    assert set(plain) == {"wallets", "tiers"}


def test_an_event_that_cannot_count_is_passed_over() -> None:
    rules = program(challenge("on: order.placed, when: event.store == 's1', target: 1, badge: local"))

    run = told(rules, order("1", "2026-03-01", "9"))
    assert balances(run) == {"issued": 9, "active": 9}
    assert "condition_failed" in codes(run.last)
    assert parsed(order("1", "2026-03-01", "9")).body.get("store") is None
