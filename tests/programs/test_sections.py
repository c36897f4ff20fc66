"""What the sections of a document become: units, tiers, rules, schedules, policies, own event types."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bondfire.kit import Period
from bondfire.programs import (
    Books,
    Cap,
    Earning,
    EarnRule,
    Expiry,
    Returns,
    Reward,
    Unit,
    check_program,
    load_program,
)
from programs.documents import DOCUMENT, HEAD, SKETCH, UNITS, only_problem, program, rule, section


def only_rule(document: str) -> EarnRule:
    (only,) = program(document).rules
    return only


def test_the_sketch_of_the_design_is_a_programme() -> None:
    report = check_program(SKETCH)
    assert (report.problems, report.warnings) == ((), ())
    found = report.program
    assert found
    assert (found.name, found.brand, found.zone.key, found.currency) == (
        "hearth-club",
        "kaminrot",
        "Europe/Berlin",
        "EUR",
    )
    assert found.units == {
        "points": Unit(
            "points",
            pending=Period(days=14),
            expiry=Expiry(Period(months=24), end="month", start="available"),
        ),
        "status": Unit("status", qualifying=True),
    }
    assert [(tier.name, tier.threshold) for tier in found.tier_sets["flame"].tiers] == [
        ("spark", Decimal(0)),
        ("flame", Decimal(500)),
        ("fire", Decimal(2000)),
    ]
    assert found.tier_sets["flame"].grace == Period(days=60)
    assert [each.id for each in found.rules] == ["base", "double_shoes"]
    assert found.rules[0].caps == (Cap("points", Decimal(1000), "day"),)
    assert found.returns == Returns("allow_negative")


def test_rewards_are_read_whole() -> None:
    report = check_program(SKETCH)
    assert report.notes == ()
    assert report.program
    assert report.program.rewards == {
        "coffee": Reward("coffee", price=(("points", Decimal(150)),)),
        "backstage": Reward("backstage", "event", tier_set="flame", tier="fire", stock=40, waiting_list=True),
    }


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("count_distinct: event.categories", "count_distinct: event.categoris", "unknown_field"),
        ("badge: explorer", "bagde: explorer", "unknown_key"),
        ("award: {points: 200}", "award: {pionts: 200}", "unknown_unit"),
        ("award: {points: 200}", "award: {points: 2.5}", "bad_value"),
        ("three_worlds: {on: order.placed", "three_worlds: {on: order.plcaed", "unknown_event_type"),
        ("tier: fire", "tier: frie", "unknown_tier"),
        ("price: {points: 150}", "price: {status: 150}", "not_spendable"),
        ("kind: event", "kind: evnt", "bad_value"),
        ("badge: explorer", "badge: explorer, sum: event.total", "bad_value"),
    ],
)
def test_challenges_and_rewards_are_checked_whole(right: str, wrong: str, code: str) -> None:
    assert only_problem(SKETCH.replace(right, wrong)).code == code


def test_defaults_are_those_of_the_model() -> None:
    found = program()
    assert (found.returns, found.earning, found.books) == (Returns(), Earning(), Books())
    assert found.grace_after_return == Period(days=14)
    assert found.enrolment == "automatic"
    assert found.tier_sets["flame"].grace == Period()


def test_policies_are_read() -> None:
    found = program(
        section(
            "enrolment: on_join\nreturns: {clawback: pending_only, window: 2 weeks}\n"
            "books: {close_after: 5 days}\n"
            "restored: {grace: 1 month}\nearning: {exclude: [tax], paid_with_points: before}\n"
        )
    )
    assert found.enrolment == "on_join"
    assert found.returns == Returns("pending_only", Period(days=14))
    assert found.books == Books(Period(days=5))
    assert found.grace_after_return == Period(months=1)
    assert found.earning == Earning(frozenset({"tax"}), "before")


def test_an_empty_unit_is_a_unit_and_decimals_are_kept() -> None:
    units = (
        "units: {points: {}, stars:, coins: {decimals: 2, expires: {after: 0 days, round: end_of_year}}}\n"
    )
    found = program(HEAD + units)
    assert found.units["points"] == Unit("points")
    assert found.units["stars"] == Unit("stars")
    assert found.units["coins"] == Unit("coins", decimals=2, expiry=Expiry(Period(), end="year"))


@pytest.mark.parametrize(
    ("pending", "after", "accepted"),
    [
        ("14 days", "15 days", True),
        ("14 days", "14 days", False),
        ("1 month", "30 days", False),
        ("31 days", "1 month", False),
        ("28 days", "1 month", False),
        ("27 days", "1 month", True),
        ("1 month", "33 days", True),
        ("1 month", "2 months", True),
        ("12 months", "1 year", False),
    ],
)
def test_points_that_may_end_before_they_begin_are_refused(pending: str, after: str, accepted: bool) -> None:  # noqa: FBT001
    document = (
        HEAD + f"units: {{points: {{pending: {pending}, expires: {{after: {after}, from: earned}}}}}}\n"
    )
    assert (check_program(document).program is not None) == accepted


def test_a_wait_of_no_time_is_no_wait() -> None:
    assert program(DOCUMENT.replace("pending: 14 days", "pending: 0 days")).units["points"].pending is None


def test_tiers_are_ascending_whatever_the_order_written() -> None:
    document = DOCUMENT.replace("{spark: {from: 0}, fire: {from: 100}}", "{z: {from: 90.00}, a: {from: 0}}")
    assert [tier.name for tier in program(document).tier_sets["flame"].tiers] == ["a", "z"]


def test_rules_are_in_order_of_priority_then_name() -> None:
    more = "".join(
        f"  {name}:\n    on: order.placed\n    award: {{points: 1}}\n    priority: {priority}\n"
        for name, priority in (("zebra", 5), ("alpha", 5), ("late", -1))
    )
    assert [each.id for each in program(DOCUMENT + more).rules] == ["alpha", "zebra", "base", "late"]


def test_a_rule_holds_everything_that_was_written() -> None:
    only = only_rule(
        rule(
            "when: event.total > 1.5",
            "lines: \"!('x' in line.categories)\"",
            "multiplier: 1.5",
            "round: {to: half_even, per: line}",
            "group: season",
            "stackable: false",
            "priority: 3",
            "cap:",
            "  - {points: 10, status: 20, per: day, over: nothing}",
            "  - {points: 100, per: week, week_starts: sunday, counts: base}",
        ).replace(
            "{points: floor(event.total), status: floor(event.total)}", "{points: line.amount, status: 1}"
        )
    )
    assert only.caps == (
        Cap("points", Decimal(10), "day", over="nothing"),
        Cap("status", Decimal(20), "day", over="nothing"),
        Cap("points", Decimal(100), "week", counts="base", week_starts=6),
    )
    assert (only.rounding, only.rounded, only.group) == ("half_even", "line", "season")
    assert (only.stackable, only.priority, only.position) == (False, 3, (14, 3))
    assert [(award.unit, award.per_line) for award in only.awards] == [("points", True), ("status", False)]
    assert only.multiplier
    assert only.multiplier.evaluate({}) == Decimal("1.5")


def test_a_number_as_an_award_is_exact() -> None:
    amount = only_rule(DOCUMENT.replace("status: floor(event.total)", "status: 0.1")).awards[1].amount
    value = amount.evaluate({})
    assert value == Decimal("0.1")
    assert isinstance(value, Decimal)


def test_a_date_as_the_end_includes_that_day() -> None:
    only = only_rule(rule("starts: 2026-12-01", "ends: 2026-12-24"))
    assert only.starts_at == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert only.ends_at == datetime(2026, 12, 24, 23, tzinfo=UTC)


def test_one_day_may_be_its_own_start_and_end() -> None:
    only = only_rule(rule("starts: 2026-03-29", "ends: 2026-03-29"))
    assert only.starts_at
    assert only.ends_at
    assert (only.ends_at - only.starts_at).total_seconds() == 23 * 3600


def test_a_local_start_that_does_not_exist_is_the_first_instant_after_the_gap() -> None:
    only = only_rule(rule("starts: 2026-03-29T02:30", "ends: 2026-03-29T04:00"))
    assert only.starts_at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert not only.runs_at(datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC))
    assert only.runs_at(datetime(2026, 3, 29, 1, tzinfo=UTC))


def test_own_event_types_and_attributes_can_be_read_by_rules() -> None:
    document = section(
        "  quiz:\n    on: quiz.finished\n    when: event.score >= 8 && member.attributes.country == 'DE'\n"
        "    award: {points: event.score * 2}\n    cap: {points: 50, per: day}\n"
        "events:\n  quiz.finished:\n    cost: effort\n"
        "    fields: {score: {kind: integer, required: true}, note: string}\n"
        "member: {attributes: {country: string, born: date}}\n"
    )
    found = program(document)
    quiz = found.rules_on["quiz.finished"].rules[0]
    assert quiz.when
    known = {"event": {"score": 8}, "member": {"attributes": {"country": "DE"}}}
    assert quiz.when.evaluate(known) is True
    assert quiz.awards[0].amount.evaluate(known) == Decimal(16)
    assert found.catalogue.types["quiz.finished"].cost == "effort"
    assert "country" in found.catalogue.types["member.updated"].fields["attributes"].fields


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("events: {order.placed: {cost: free}}\n", "bad_event_type"),
        ("events: {quiz: {cost: free}}\n", "bad_name"),
        ("events: {quiz.done: {fields: {id: string}}}\n", "bad_event_type"),
        ("events: {quiz.done: {fields: {level: enum}}}\n", "bad_event_type"),
        ("events: {quiz.done: {fields: {level: strin}}}\n", "bad_value"),
        ("events: {quiz.done: {price: free}}\n", "unknown_key"),
        ("member: {attributes: {level: enum}}\n", "bad_attribute"),
        ("member: {attributes: {in: string}}\n", "bad_name"),
    ],
)
def test_a_wrong_declaration_is_refused(text: str, code: str) -> None:
    problem = only_problem(section(text))
    assert (problem.code, problem.line) == (code, 17)


def test_personal_text_cannot_be_read_by_rules() -> None:
    document = section("  r:\n    on: review.submitted\n    when: event.text != ''\n    award: {points: 1}\n")
    assert only_problem(document).code == "unknown_field"


def test_the_getters_of_time_are_asked_for_a_zone() -> None:
    only = only_rule(rule("when: event.occurred_at.getHours('Europe/Berlin') == 3"))
    assert only.when
    at = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert only.when.evaluate({"event": {"occurred_at": at}}) is True


def test_a_programme_without_rules_is_one() -> None:
    assert load_program(HEAD + UNITS).rules == ()
