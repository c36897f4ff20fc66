"""Each mistake of acceptance case U9 is refused with file, line, column and what to do."""

import pytest

from bondfire.programs import ProgramError, check_program, load_program
from programs.documents import DOCUMENT, only_problem, problems_of, rule
from programs.mistakes import MISTAKES, Mistake, added_rule


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
