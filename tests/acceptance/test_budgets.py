"""A budget that all members share: clipped or nothing, by window, given back, and told again alike."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest

from acceptance.makers import Raw, balances, order, parsed, program, returned, story, told
from bondfire.events import Event
from bondfire.journal.phrases import About, words_of
from bondfire.kit import format_amount
from bondfire.programs import Program, ProgramError
from bondfire.simulation import Simulation, simulate

UNITS = """\
units:
  points: {value: 0.01, decimals: 1}
  status: {qualifying: true}
"""


def shared(budget: str, of_rule: str = "launch", more: str = "") -> Program:
    """A programme whose only rule is paid out of a budget."""
    return program(
        f"{UNITS}budgets:\n  launch: {budget}\n"
        f"earn:\n  base: {{on: order.placed, award: {{points: event.total, status: event.total}}, "
        f"budget: {of_rule}}}\n{more}"
    )


def plain(amounts: Iterable[Decimal | None]) -> list[str]:
    return [format_amount(amount or Decimal(0)) for amount in amounts]


def of(member: str, raw: Raw, rules: Program) -> Event:
    return parsed({**raw, "member": member, "id": f"{raw['id']}-{member}"}, rules.catalogue)


def active(run: Simulation, member: str) -> Decimal:
    return run.states[member].ledger.wallets["points"].active


def test_u7_what_is_left_of_a_budget_is_clipped_or_nothing_by_the_rules_setting() -> None:
    events = [("a", order("1", "2026-03-02", "80")), ("b", order("2", "2026-03-03", "80"))]
    given = {}
    for setting in ("launch", "{from: launch, over: nothing}"):
        rules = shared("{unit: points, amount: 130}", setting)
        run = simulate(rules, [of(*one, rules) for one in events])
        given[setting] = [balances(run.states[member]) for member in ("a", "b")]
        assert run.states["b"].ledger.wallets["status"].active == 80, "the budget pays points alone"

    assert given["launch"] == [{"issued": 80, "active": 80}, {"issued": 50, "active": 50}]
    assert given["{from: launch, over: nothing}"][1] == {}


def test_u7_the_explanation_says_what_the_budget_left_no_room_for() -> None:
    (reason,) = [
        one
        for one in told(shared("{unit: points, amount: 50}"), order("1", "2026-03-02", "80")).last.told
        if one.code == "budget_reached"
    ]

    assert (reason.rule, reason.note) == ("base", "launch")
    assert plain([reason.amount, reason.clipped]) == ["50", "30"]
    text = words_of("en").sentence(reason, About(None, 1, program().zone))
    assert text == "Rule base gave 50: the budget launch left no room for 30 more."


def test_u7_a_budget_is_filled_again_in_each_window_of_the_calendar_in_t() -> None:
    rules = shared("{unit: points, amount: 100, per: quarter}")
    events = [
        of("a", order("1", "2026-03-31T23:59:59", "90"), rules),
        of("b", order("2", "2026-03-31T23:59:59.5", "90"), rules),
        of("c", order("3", "2026-04-01T00:00:00", "90"), rules),
        of("d", order("4", "2026-03-31T20:00:00", "90"), rules),
    ]

    run = simulate(rules, events)

    assert [active(run, one) for one in "abc"] == [90, 10, 90]
    assert "points" not in run.states["d"].ledger.wallets, "late, and its own quarter is spent"


def test_u7_a_budget_of_money_pays_what_the_points_are_worth() -> None:
    rules = shared("{money: 1.005}")

    run = simulate(rules, [of(member, order("1", "2026-03-02", "75"), rules) for member in "ab"])

    assert plain(active(run, one) for one in "ab") == ["75", "25.5"]


def test_r15_u7_a_return_gives_back_to_the_budget_what_it_takes_back() -> None:
    rules = shared("{unit: points, amount: 100}")
    events = [
        of("a", order("1", "2026-03-02", "80"), rules),
        of("a", returned("back", "2026-03-03", "30", order="1"), rules),
        of("b", order("2", "2026-03-04", "80"), rules),
        of("b", returned("back", "2026-03-05", "80", order="2"), rules),
        of("c", order("3", "2026-03-06", "80"), rules),
    ]

    run = simulate(rules, events)

    assert [active(run, one) for one in "abc"] == [50, 0, 50]
    earned = [run.states[one].ledger.wallets["points"].issued for one in "abc"]
    assert earned == [80, 50, 50], "fifty were left, and after the return fifty again"


def test_u7_two_rules_and_a_challenge_share_one_budget_to_the_last_unit() -> None:
    rules = program(
        f"{UNITS}budgets: {{launch: {{unit: points, amount: 100}}}}\n"
        "earn:\n"
        "  base: {on: order.placed, award: {points: event.total}, budget: launch, priority: 1}\n"
        "  more: {on: order.placed, award: {points: 20}, budget: launch}\n"
        "challenges:\n"
        "  first: {on: order.placed, target: 1, award: {points: 30}, badge: first, budget: launch}\n"
    )

    once = told(rules, order("1", "2026-03-02", "60"))
    assert [entry.rule for entry in once.entries] == ["base", "more", "challenge/first"]
    assert plain(entry.amount for entry in once.entries) == ["60", "20", "20"]
    assert sum(once.last.budgets_used.values()) == 100
    assert once.state.badges.keys() == {"first"}

    back = told(rules, order("1", "2026-03-02", "60"), returned("back", "2026-03-03", "60", order="1"))
    assert sum(back.last.budgets_used.values()) == -100, "the challenge gives its part back too"


def test_u7_a_full_budget_that_is_raised_pays_the_difference() -> None:
    small, large = (shared(f"{{unit: points, amount: {amount}}}") for amount in (50, 70))
    assert replace(small.budgets["launch"], limit=Decimal(70)) == large.budgets["launch"]
    assert small.budgets["launch"].key == large.budgets["launch"].key


def test_a_refused_order_takes_nothing_of_a_budget() -> None:
    rules = shared("{unit: points, amount: 100}")
    again = told(rules, order("1", "2026-03-02", "60"), {**order("1", "2026-03-02", "60"), "id": "other"})
    assert (again.last.code, again.last.budgets_used, again.last.budgets_seen) == ("order_exists", {}, {})


@pytest.mark.parametrize(
    ("budget", "of_rule", "code", "says"),
    [
        ("{unit: points}", "launch", "bad_budget", "either `unit` and `amount`, or `money`"),
        ("{unit: points, amount: 5, money: 5}", "launch", "bad_budget", "either"),
        ("{unit: pionts, amount: 5}", "launch", "unknown_unit", "no unit 'pionts'"),
        ("{unit: points, amount: 5}", "lanch", "unknown_budget", "no budget 'lanch'"),
        ("{unit: points, amount: 0}", "launch", "bad_value", "above 0"),
        ("{unit: points, amount: 0.55}", "launch", "bad_value", "decimals"),
    ],
)
def test_u9_a_budget_that_cannot_be_is_refused(budget: str, of_rule: str, code: str, says: str) -> None:
    with pytest.raises(ProgramError) as refused:
        shared(budget, of_rule)
    problem = next(one for one in refused.value.problems if one.code == code)
    assert says in f"{problem.message} {problem.next_step}"


def test_u9_a_budget_must_pay_something_that_is_awarded() -> None:
    with pytest.raises(ProgramError) as refused:
        program(
            "units: {points: {}, coins: {}}\nbudgets: {launch: {unit: coins, amount: 5}, cash: {money: 5}}\n"
            "earn:\n  a: {on: order.placed, award: {points: 1}, budget: launch}\n"
            "  b: {on: order.placed, award: {points: 1}, budget: cash}\n"
        )
    assert [one.code for one in refused.value.problems] == ["budget_without_award"] * 2


def test_a_budget_that_nobody_can_empty_changes_nothing() -> None:
    plain = program(f"{UNITS}earn:\n  base: {{on: order.placed, award: {{points: event.total}}}}\n")
    rich = program(
        f"{UNITS}budgets: {{launch: {{unit: points, amount: 1000000}}}}\n"
        "earn:\n  base: {on: order.placed, award: {points: event.total}, budget: launch}\n"
    )
    events = [order("1", "2026-03-02", "60"), returned("back", "2026-03-03", "20", order="1")]
    assert story(plain, events).digest == story(rich, events).digest
