"""Each mistake of acceptance case U9 is refused with file, line, column and what to do."""

from typing import NamedTuple

import pytest

from bondfire.programs import ProgramError, check_program, load_program
from programs.documents import DOCUMENT, EARN, HEAD, TIERS, UNITS, only_problem, problems_of, rule


class Mistake(NamedTuple):
    document: str
    code: str
    place: tuple[int, int]
    says: str


def added_rule(*lines: str) -> str:
    """The document with a second rule; its first line is line 18."""
    return DOCUMENT + "  second:\n" + "".join(f"    {line}\n" for line in lines)


MISTAKES = {
    "division by zero": Mistake(rule("when: event.total / 0 > 1"), "division_by_zero", (17, 25), "zero"),
    "modulo by zero": Mistake(rule('multiplier: "10 % 0"'), "division_by_zero", (17, 23), "zero"),
    "ends before it starts": Mistake(
        rule("starts: 2026-12-24", "ends: 2026-12-01"), "ends_before_start", (18, 11), "before it starts"
    ),
    "ends in the minute it starts": Mistake(
        rule("starts: 2026-12-24T10:00", "ends: 2026-12-24T10:00"), "ends_before_start", (18, 11), "before"
    ),
    "negative multiplier": Mistake(rule("multiplier: -0.5"), "negative_multiplier", (17, 17), "-0.5"),
    "negative multiplier in a branch": Mistake(
        rule('multiplier: "event.total > 5 ? event.total : -1"'), "negative_multiplier", (17, 17), "-1"
    ),
    "negative award": Mistake(
        added_rule("on: order.placed", "award: {points: -5}"), "negative_award", (19, 21), "-5"
    ),
    "negative award in a branch": Mistake(
        added_rule("on: order.placed", "award: {points: 'event.total > 5 ? event.total : -5'}"),
        "negative_award",
        (19, 21),
        "-5",
    ),
    "unknown field": Mistake(rule("when: event.totl > 5"), "unknown_field", (17, 17), "`total`"),
    "unknown field of a line": Mistake(
        rule("when: event.lines.exists(l, l.categorys == [])"), "unknown_field", (17, 35), "`categories`"
    ),
    "unknown tier set": Mistake(rule("when: member.tiers.flam == 'x'"), "unknown_field", (17, 24), "`flame`"),
    "unknown attribute": Mistake(
        rule("when: member.attributes.age > 3"), "unknown_field", (17, 29), "member"
    ),
    "type error": Mistake(rule("when: event.total > 'a'"), "type", (17, 23), "(decimal, string)"),
    "a condition that is none": Mistake(rule("when: event.total"), "type", (17, 17), "bool"),
    "double in an amount": Mistake(
        added_rule("on: order.placed", "award: {points: double(event.total)}"), "type", (19, 21), "exact"
    ),
    "a syntax error": Mistake(rule("when: event.total >"), "syntax", (17, 24), "value"),
    "too costly": Mistake(
        rule("when: event.lines.all(a, event.lines.all(b, event.lines.all(c, a.sku == c.sku)))"),
        "too_costly",
        (17, 23),
        "macros",
    ),
    "unbounded cost": Mistake(
        added_rule("on: page.viewed", "award: {points: 5}"),
        "unbounded_cost",
        (17, 3),
        "{points: 100, per: day}",
    ),
    "a cap per event bounds nothing": Mistake(
        added_rule("on: page.viewed", "award: {points: 5}", "cap: {points: 5, per: event}"),
        "unbounded_cost",
        (17, 3),
        "cap over time",
    ),
    "tier nobody awards": Mistake(
        HEAD + UNITS + TIERS + EARN.replace(", status: floor(event.total)", ""),
        "unreachable_tier",
        (12, 31),
        "no rule awards 'status'",
    ),
    "tier above its yearly cap": Mistake(
        rule("cap: {status: 7, per: month}").replace("from: 100", "from: 85"),
        "unreachable_tier",
        (12, 31),
        "at most 84",
    ),
    "two tiers at one threshold": Mistake(
        DOCUMENT.replace("from: 100", "from: 0.0"), "unreachable_tier", (12, 44), "its own threshold"
    ),
    "expires before it is available": Mistake(
        DOCUMENT.replace("after: 24 months, round: end_of_month", "after: 14 days, from: earned"),
        "expires_before_available",
        (6, 21),
        "from: available",
    ),
    "expires at once": Mistake(
        DOCUMENT.replace("after: 24 months, round: end_of_month", "after: 0 days"),
        "expires_at_once",
        (6, 21),
        "moment it begins",
    ),
    "unknown unit in an award": Mistake(
        added_rule("on: order.placed", "award: {pionts: 5}"), "unknown_unit", (19, 13), "'points'"
    ),
    "unknown unit of a tier set": Mistake(
        DOCUMENT.replace("unit: status", "unit: statsu"), "unknown_unit", (10, 11), "'status'"
    ),
    "unknown unit in a cap": Mistake(rule("cap: {ponts: 5, per: day}"), "unknown_unit", (17, 11), "'points'"),
    "cap on what is not awarded": Mistake(
        added_rule("on: order.placed", "award: {points: 5}", "cap: {status: 5, per: day}"),
        "cap_without_award",
        (20, 11),
        "awards",
    ),
    "unknown event type": Mistake(
        added_rule("on: order.place", "award: {points: 5}"), "unknown_event_type", (18, 9), "'order.placed'"
    ),
    "earning on a return": Mistake(
        added_rule("on: order.returned", "award: {points: 5}"), "cannot_earn", (18, 9), "undoes"
    ),
    "unknown time zone": Mistake(
        DOCUMENT.replace("Europe/Berlin", "Europe/Berlni"), "unknown_time_zone", (3, 11), "'Europe/Berlin'"
    ),
    "a time zone of the machine": Mistake(
        DOCUMENT.replace("Europe/Berlin", "localtime"), "unknown_time_zone", (3, 11), "Check"
    ),
    "unknown currency": Mistake(
        DOCUMENT.replace("currency: EUR", "currency: EURO"), "unknown_currency", (4, 11), "'EUR'"
    ),
    "decimals outside 0 to 6": Mistake(
        DOCUMENT.replace("{qualifying: true}", "{decimals: 7}"), "bad_value", (7, 22), "0 to 6"
    ),
    "an amount finer than its unit": Mistake(
        rule("cap: {points: 2.5, per: day}"), "bad_value", (17, 19), "0 decimals"
    ),
    "lines chosen for nothing": Mistake(
        rule("lines: line.amount > 5"), "lines_unused", (17, 12), "line.amount"
    ),
    "lines rounded for nothing": Mistake(
        rule("round: {to: up, per: line}"), "lines_unused", (17, 26), "per: order"
    ),
    "a line where there are none": Mistake(
        added_rule("on: member.joined", "award: {points: line.amount}"), "unknown_name", (19, 21), "line"
    ),
    "a first day of no week": Mistake(
        rule("cap: {points: 5, per: day, week_starts: sunday}"), "bad_value", (17, 45), "per week"
    ),
    "an unknown key": Mistake(rule("stackabel: true"), "unknown_key", (17, 5), "'stackable'"),
    "a missing key": Mistake(added_rule("on: order.placed"), "missing_key", (17, 3), "'award'"),
    "a key without a value": Mistake(rule("when:"), "wrong_shape", (17, 10), "is empty"),
    "a YAML 1.1 word for true": Mistake(rule("stackable: yes"), "bad_value", (17, 16), "true or false"),
    "a date that does not exist": Mistake(rule("starts: 2026-02-30"), "bad_value", (17, 13), "not exist"),
    "a schedule with an offset": Mistake(
        rule("starts: 2026-02-03T10:00Z"), "bad_value", (17, 13), "time zone of the programme"
    ),
    "a time of more than a hundred years": Mistake(
        DOCUMENT + "books: {close_after: 101 years}\n", "bad_value", (17, 22), "100 years"
    ),
    "a unit with a reserved name": Mistake(
        DOCUMENT.replace("status: {qualifying", "per: {qualifying"), "bad_name", (7, 3), "reserved"
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_refused_with_its_place(mistake: Mistake) -> None:
    problem = next(p for p in problems_of(mistake.document) if p.code == mistake.code)
    assert (problem.line, problem.column) == mistake.place
    assert mistake.says in f"{problem.message} {problem.next_step}"
    assert str(problem).startswith(f"program.yaml:{problem.line}:{problem.column}: ")


def test_the_document_without_mistakes_is_accepted() -> None:
    report = check_program(DOCUMENT)
    assert (report.problems, report.warnings, report.notes) == ((), (), ())


def test_all_mistakes_are_said_at_once_in_the_order_of_the_document() -> None:
    wrong = rule("when: event.totl > 5", "multiplier: -1", "cap: {points: 5, per: dya}", "ends: soon")
    wrong = wrong.replace("Europe/Berlin", "Mars/Base").replace("from: 100", "from: 100, perk: x")
    codes = [problem.code for problem in problems_of(wrong)]
    assert codes == [
        "unknown_time_zone",
        "unknown_key",
        "unknown_field",
        "negative_multiplier",
        "bad_value",
        "bad_value",
    ]


def test_a_mistake_in_a_unit_does_not_make_its_name_unknown() -> None:
    problem = only_problem(DOCUMENT.replace("pending: 14 days", "pending: soon"))
    assert problem.where == "units.points.pending"


def test_a_mistake_in_an_award_does_not_make_its_tiers_unreachable() -> None:
    problem = only_problem(DOCUMENT.replace("status: floor(event.total)", "status: floor(event.totl)"))
    assert problem.code == "unknown_field"


def test_a_refused_document_gives_its_problems_and_nothing_else() -> None:
    with pytest.raises(ProgramError) as refused:
        load_program(rule("multiplier: -1", "priority: high"), name="spring.yaml")
    assert [problem.code for problem in refused.value.problems] == ["negative_multiplier", "bad_value"]
    assert refused.value.message.startswith("spring.yaml:17:17: ")
    assert refused.value.message.endswith("(1 more problem)")


def test_effort_without_a_cap_is_only_doubted() -> None:
    report = check_program(added_rule("on: review.submitted", "award: {points: 5}"))
    assert report.program
    assert [(warning.code, warning.line) for warning in report.warnings] == [("uncapped_effort", 17)]


def test_a_multiplier_that_may_be_negative_is_doubted_until_it_is_bounded() -> None:
    assert [w.code for w in check_program(rule("multiplier: event.total - 10")).warnings] == [
        "unproven_multiplier"
    ]
    assert check_program(rule("multiplier: max(0, event.total - 10)")).warnings == ()


@pytest.mark.parametrize(
    "condition",
    [
        "member.tiers.flame == 'fier'",
        "member.tiers.flame in ['spark', 'fier']",
        "'fier' != member.tiers.flame",
    ],
)
def test_a_comparison_with_an_unknown_tier_is_doubted(condition: str) -> None:
    report = check_program(rule("when: >-", f"  {condition}"))
    (warning,) = report.warnings
    assert (warning.code, warning.next_step) == ("unknown_tier", "Did you mean 'fire'?")
    assert (warning.line, warning.column) == (18, condition.index("'fier'") + 7)


def test_a_lifetime_tier_above_the_sum_of_lifetime_caps_is_unreachable() -> None:
    document = rule("cap: {status: 60, per: lifetime}").replace("calendar_year", "lifetime")
    document += (
        "  more:\n    on: order.placed\n    award: {status: 1}\n    cap: {status: 39, per: lifetime}\n"
    )
    assert "at most 99" in only_problem(document).message
    assert problems_of(document.replace("39", "40")) == ()


def test_a_cap_of_base_points_counts_with_its_multiplier() -> None:
    document = rule("multiplier: 2", "cap: {status: 49, per: lifetime, counts: base}")
    document = document.replace("calendar_year", "lifetime")
    assert "at most 98" in only_problem(document).message
    assert problems_of(document.replace("multiplier: 2", "multiplier: 2.1")) == ()
