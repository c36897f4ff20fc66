"""Velocity limits: what is earned beyond them is held, not lost, until a person has decided."""

from decimal import Decimal
from typing import Any

import pytest

from acceptance.makers import (
    PLAIN,
    adjusted,
    balances,
    codes,
    held,
    lots,
    moment,
    order,
    parsed,
    program,
    reason,
    returned,
    spent,
    told,
)
from bondfire.engine import MemberState, advance, next_due_at
from bondfire.events import own_event
from bondfire.programs import Program, ProgramError, timeline_of

LIMITED = PLAIN.replace("points: {}", "points: {pending: 7 days, expires: {after: 1 month}}")
REVIEW = LIMITED + "review: {awards: {points: 100, per: day}}\n"


def decided(rules: Program, state: MemberState, what: str, at: str) -> Any:
    """A person decides about the first lot."""
    raw = {"id": f"{what}-{at}", "type": f"award.{what}", "member": "mem", "lot": 1}
    raw |= {"occurred_at": moment(at).isoformat(), "reason": "looked into it", "actor": "ada"}
    return advance(timeline_of(rules), state, own_event(raw, recorded_at=moment(at)))


def test_what_is_earned_beyond_a_limit_is_held_and_shown_as_pending() -> None:
    tale = told(program(REVIEW), order("1", "2026-03-01", "100"), order("2", "2026-03-01", "1"))

    why = reason(tale.last, "award_held")
    assert why.amount == 1
    assert (why.lot, why.rule, why.note) == (2, "base", "more than 100 points per day")
    assert balances(tale.until("2026-03-20")) == {"issued": 101, "active": 100, "pending": 1}


def test_another_day_has_a_limit_of_its_own() -> None:
    tale = told(program(REVIEW), order("1", "2026-03-01", "100"), order("2", "2026-03-02", "100"))

    assert "award_held" not in codes(tale.last)
    assert balances(tale.until("2026-03-12")) == {"issued": 200, "active": 200}


@pytest.mark.parametrize(
    ("limit", "second", "is_held"),
    [
        ("{points: 100, per: hour}", "2026-03-01 12:59", True),
        ("{points: 100, per: hour}", "2026-03-01 13:00", False),
        ("{points: 100, per: rolling_24h}", "2026-03-02 11:59", True),
        ("{points: 100, per: rolling_24h}", "2026-03-02 12:00", False),
        ("{points: 100, per: day, rule: base}", "2026-03-01 23:59", True),
        ("[{points: 500, per: day}, {points: 100, per: month}]", "2026-03-31 12:00", True),
    ],
)
def test_windows_and_rules(limit: str, second: str, is_held: bool) -> None:  # noqa: FBT001
    rules = program(f"{LIMITED}review: {{awards: {limit}}}\n")
    tale = told(rules, order("1", "2026-03-01", "100"), order("2", second, "10"))

    assert ("award_held" in codes(tale.last)) is is_held


def test_a_released_award_is_spendable_and_ends_as_if_it_had_become_available_then() -> None:
    rules = program(REVIEW)
    tale = told(rules, order("1", "2026-03-01", "150"))

    decision = decided(rules, tale.state, "released", "2026-03-20")

    assert (decision.outcome, [entry.kind for entry in decision.entries]) == ("accepted", ["release"])
    assert reason(decision, "award_released").note == "looked into it (ada)"
    assert balances(tale) == {"issued": 150, "active": 150}
    assert lots(tale) == [(150, "2026-04-20 12:00:00+02:00")]


def test_an_award_released_before_its_wait_is_over_waits_on() -> None:
    rules = program(REVIEW)
    tale = told(rules, order("1", "2026-03-01", "150"))

    decision = decided(rules, tale.state, "released", "2026-03-02")

    assert decision.entries == []
    assert balances(tale)["pending"] == 150
    assert next_due_at(tale.state) == moment("2026-03-08 12:00")
    assert balances(tale.until("2026-03-08")) == {"issued": 150, "active": 150}


def test_an_award_taken_back_is_gone_once_and_its_return_takes_nothing_more() -> None:
    rules = program(REVIEW)
    tale = told(rules, order("1", "2026-03-01", "150"))

    first = decided(rules, tale.state, "taken_back", "2026-03-02")
    second = decided(rules, tale.state, "released", "2026-03-03")
    back = told(rules, order("1", "2026-03-01", "150"))
    decided(rules, back.state, "taken_back", "2026-03-02")
    for raw in (order("2", "2026-03-03", "50"), returned("r", "2026-03-04", order="1")):
        advance(back.timeline, back.state, parsed(raw))

    assert (first.outcome, second.outcome, second.code) == ("accepted", "refused", "nothing_to_decide")
    assert balances(tale) == {"issued": 150, "clawed_back": 150}
    assert balances(back) == {"issued": 200, "pending": 50, "clawed_back": 150}


def test_a_return_takes_a_held_award_and_there_is_nothing_to_decide_any_more() -> None:
    rules = program(REVIEW)
    tale = told(rules, order("1", "2026-03-01", "150"), returned("r", "2026-03-02", order="1"))

    assert "award_gone" in codes(tale.last)
    assert balances(tale) == {"issued": 150, "clawed_back": 150}
    assert decided(rules, tale.state, "released", "2026-03-03").code == "nothing_to_decide"


def test_one_redemption_too_many_is_refused_and_takes_nothing() -> None:
    rules = program(PLAIN + "review: {redemptions: {most: 2, per: day}}\n")
    tale = told(
        rules,
        order("1", "2026-03-01", "100"),
        spent("a", "2026-03-02", "1"),
        spent("big", "2026-03-02", "1000"),
        held("h", "2026-03-02", "1", until="2026-03-09"),
        spent("b", "2026-03-02", "1"),
        spent("c", "2026-03-03", "1"),
    )

    assert [one.code for one in tale.decisions] == ["", "", "not_enough", "", "too_many_redemptions", ""]
    assert balances(tale) == {"issued": 100, "active": 97, "held": 1, "spent": 2}


def test_one_correction_too_many_needs_a_second_person() -> None:
    rules = program(PLAIN + "review: {adjustments: {most: 1, per: day}}\n")
    tale = told(
        rules,
        order("1", "2026-03-01", "100"),
        adjusted("a", "2026-03-02", "5"),
        adjusted("b", "2026-03-02", "5"),
        adjusted("c", "2026-03-02", "5", approver="bea"),
        adjusted("d", "2026-03-03", "-5"),
    )

    assert [one.code for one in tale.decisions] == ["", "", "needs_approval", "", ""]
    assert balances(tale)["issued"] == Decimal(110)


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ("{awards: {status: 5, per: day}}", "not_held"),
        ("{awards: {pints: 5, per: day}}", "unknown_unit"),
        ("{awards: {points: 5, per: day, rule: bass}}", "unknown_rule"),
        ("{awards: {per: day}}", "missing_key"),
        ("{awards: {points: 5, per: lifetime}}", "bad_value"),
        ("{redemptions: {most: 0, per: day}}", "bad_value"),
        ("{redemptions: {per: day}}", "missing_key"),
    ],
)
def test_limits_that_mean_nothing_are_refused(section: str, code: str) -> None:
    text = PLAIN.replace("points: {}", "points: {}\n  status: {qualifying: true}")

    with pytest.raises(ProgramError) as refusal:
        program(f"{text}review: {section}\n")

    assert [one.code for one in refusal.value.problems] == [code]
