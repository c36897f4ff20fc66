"""U8 to U10, U12, U16: order of rules, what cannot be published, what is missing, versions, schedules."""

import itertools

import pytest

from acceptance.makers import (
    HEAD,
    PLAIN,
    balances,
    codes,
    happened,
    joined,
    line,
    local,
    order,
    program,
    published,
    reason,
    spent,
    story,
    told,
)
from bondfire.engine import explained
from bondfire.programs import Program, ProgramError, check_program, load_program

UNITS = "units: {points: {}}\n"


def rules(*texts: str) -> Program:
    """A programme of these rules, each written `name: {...}` and all on orders."""
    lines = [text.replace("{", "{on: order.placed, ", 1) for text in texts]
    return program(UNITS + "earn:\n" + "".join(f"  {one}\n" for one in lines))


def given_by(made: Program, total: str = "100.00") -> dict[str, int]:
    tale = told(made, order("1", "2026-01-10", total))
    return {r.rule: int(r.amount or 0) for r in explained(tale.last) if r.code == "awarded"}


def test_u8_stackable_rules_add_up() -> None:
    made = rules("a: {award: {points: 1}}", "b: {award: {points: 2}}")

    assert given_by(made) == {"a": 1, "b": 2}


def test_u8_of_an_exclusive_group_only_the_first_that_applies_gives() -> None:
    made = rules(
        "a: {award: {points: 1}, group: welcome, priority: 1}",
        "b: {award: {points: 2}, group: welcome, priority: 5, when: event.total > 500.00}",
        "c: {award: {points: 4}, group: welcome, priority: 2}",
        "d: {award: {points: 8}}",
    )

    assert given_by(made) == {"c": 4, "d": 8}
    assert given_by(made, "501.00") == {"b": 2, "d": 8}


def test_u8_a_rule_that_gives_nothing_does_not_take_its_group() -> None:
    made = rules(
        "a: {award: {points: floor(event.total / 1000)}, group: g, priority: 1}",
        "b: {award: {points: 2}, group: g}",
    )

    assert given_by(made) == {"b": 2}


def test_u8_what_does_not_stack_gives_alone_or_not_at_all() -> None:
    alone = rules("a: {award: {points: 1}, stackable: false, priority: 1}", "b: {award: {points: 2}}")
    after = rules("a: {award: {points: 1}, stackable: false}", "b: {award: {points: 2}, priority: 1}")

    assert given_by(alone) == {"a": 1}
    assert given_by(after) == {"b": 2}


def test_u8_ties_of_priority_fall_by_id() -> None:
    made = rules("b: {award: {points: 2}, group: g}", "a: {award: {points: 1}, group: g}")

    assert given_by(made) == {"a": 1}


def test_u8_the_result_does_not_depend_on_the_order_in_which_rules_are_written() -> None:
    texts = [
        "a: {award: {points: 1}, group: g}",
        "b: {award: {points: 2}, group: g}",
        "c: {award: {points: 4}, priority: 3, cap: {points: 6, per: day}}",
        "d: {award: {points: 8}, stackable: false, priority: -1}",
    ]
    events = [
        order(str(n), "2026-01-10", "10.00", lines=[line("A", "4.00"), line("B", "6.00")]) for n in (1, 2)
    ]

    digests = {story(rules(*written), events).digest for written in itertools.permutations(texts)}

    assert len(digests) == 1


BAD = {
    "earn: {a: {on: order.placed, award: {points: event.total / @0}}}": "divi",
    "earn: {a: {on: order.placed, award: {points: 1}, starts: 2026-02-01, ends: @2026-01-01}}": "ends before",
    "earn: {a: {on: order.placed, award: {points: 1}, multiplier: @-2}}": "never negative",
    "earn: {a: {on: order.placed, award: {points: event.@totl}}}": "total",
    "earn: {a: {on: order.placed, when: event.@total, award: {points: 1}}}": "bool",
    "earn: {a: {on: order.placed, award: {@pionts: 1}}}": "points",
    "earn: {a: {on: @order.place, award: {points: 1}}}": "order.placed",
    "earn: {@a: {on: page.viewed, award: {points: 1}}}": "without a cap",
    "tier_sets: {t: {unit: points, window: lifetime, tiers: {@x: {from: 1}}}}": "nobody can reach",
}
"""Mistakes, each with @ before the place where it is, and what the message must speak of."""


@pytest.mark.parametrize("marked", BAD)
def test_u9_a_mistake_is_refused_at_publishing_with_file_line_and_column(marked: str) -> None:
    with pytest.raises(ProgramError) as refusal:
        load_program(HEAD + UNITS + marked.replace("@", "") + "\n", name="club.yaml")

    (problem,) = refusal.value.problems
    assert str(problem).startswith(f"club.yaml:6:{marked.index('@') + 1}: ")
    assert BAD[marked] in f"{problem.message} {problem.next_step}"


def test_u9_all_mistakes_are_said_at_once() -> None:
    report = check_program(HEAD + UNITS + "earn: {a: {on: x.y, awrd: {points: 1}}, b: {on: order.placed}}\n")

    assert report.program is None
    assert len(report.problems) >= 3


def test_u9_at_run_time_a_rule_that_fails_is_skipped_with_its_reason_and_the_others_go_on() -> None:
    made = rules(
        "a: {award: {points: 100 / (event.total - 100.00)}, priority: 1}",
        "b: {when: 1.00 / (event.total - 100.00) > 0.00, award: {points: 1}, priority: 1}",
        "c: {award: {points: floor(event.total)}}",
        "d: {award: {points: 3}, multiplier: event.total - 101.00}",
    )
    tale = told(made, order("1", "2026-01-10", "100.00"))

    by_rule = {r.rule: r for r in explained(tale.last)}
    assert {name: r.code for name, r in by_rule.items()} == {
        "a": "award_failed",
        "b": "condition_failed",
        "c": "awarded",
        "d": "award_failed",
    }
    assert all(by_rule[name].note for name in "abd")
    assert balances(tale) == {"issued": 100, "active": 100}


ATTRIBUTES = """\
units: {points: {}}
member: {attributes: {children: integer}}
earn:
  zero: {on: order.placed, when: member.attributes.children == 0, award: {points: 1}}
  none: {on: order.placed, when: member.attributes.children == null, award: {points: 10}}
  lacks: {on: order.placed, when: "!has(member.attributes.children)", award: {points: 100}}
  some: {on: order.placed, when: member.attributes.children > 0, award: {points: 1000}}
"""


@pytest.mark.parametrize(
    ("attributes", "points"),
    [({}, 100), ({"children": None}, 10), ({"children": 0}, 1), ({"children": 2}, 1000)],
)
def test_u10_missing_null_and_zero_are_three_things(attributes: dict[str, object], points: int) -> None:
    tale = told(program(ATTRIBUTES), joined("2026-01-01", **attributes), order("1", "2026-01-10", "1.00"))

    assert balances(tale) == {"issued": points, "active": points}


def test_u10_a_missing_attribute_makes_a_condition_false_with_a_reason() -> None:
    tale = told(program(ATTRIBUTES), order("1", "2026-01-10", "1.00"))

    failed = {r.rule: r.note for r in explained(tale.last) if r.code == "condition_failed"}
    assert {"zero", "none", "some"} == set(failed)
    assert all("children" in note for note in failed.values())


def test_u10_an_empty_wallet_is_zero_and_not_missing() -> None:
    thrifty = program(
        "units: {points: {}, stars: {}}\nearn:\n"
        "  first: {on: order.placed, when: member.wallets.stars == 0, award: {points: 1}}\n"
    )
    unseen = told(thrifty, order("1", "2026-01-10", "1.00"))
    looked_at = told(thrifty, order("0", "2026-01-09", "1.00"), spent("s", "2026-01-09", "9", unit="stars"))

    assert codes(unseen.last) == ["awarded"]
    assert looked_at.last.code == "not_enough"
    assert balances(looked_at) == {"issued": 1, "active": 1}


def test_u12_every_award_stores_the_programme_version_that_made_it() -> None:
    tale = told(
        published(("", PLAIN), ("2026-02-01 00:00", PLAIN), ("2026-03-01 00:00", PLAIN)),
        order("1", "2026-01-31 23:59:59", "1.00"),
        order("2", "2026-02-01 00:00:00", "1.00"),
        order("3", "2026-03-10", "1.00"),
    )

    assert [decision.entries[0].version for decision in tale.decisions] == [1, 2, 3]
    assert [decision.version for decision in tale.decisions] == [1, 2, 3]
    assert {decision.entries[0].rule for decision in tale.decisions} == {"base"}


def scheduled(schedule: str) -> Program:
    return program(PLAIN.replace("{on:", f"{{{schedule}, on:"))


@pytest.mark.parametrize(
    ("schedule", "before", "first"),
    [
        ("starts: 2026-03-29T02:30", "2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00"),
        ("starts: 2026-03-29", "2026-03-28 23:59:59", "2026-03-29 00:00"),
        ("starts: 2026-12-01", "2026-11-30 23:59:59", "2026-12-01 00:00"),
        ("starts: 2026-10-25T02:30", "2026-10-25T02:29:59+02:00", "2026-10-25T02:30:00+02:00"),
    ],
)
def test_u16_a_campaign_starts_in_the_programmes_time_also_when_that_does_not_exist(
    schedule: str, before: str, first: str
) -> None:
    tale = told(scheduled(schedule), order("1", before, "1.00"), order("2", first, "1.00"))

    assert [codes(decision) for decision in tale.decisions] == [["not_running"], ["awarded"]]


@pytest.mark.parametrize(
    ("schedule", "last", "after"),
    [
        ("ends: 2026-12-24", "2026-12-24 23:59:59", "2026-12-25 00:00"),
        ("ends: 2026-12-24T18:00", "2026-12-24 17:59:59", "2026-12-24 18:00"),
        ("ends: 2026-03-29T02:30", "2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00"),
        ("ends: 2026-10-25", "2026-10-25 23:59:59", "2026-10-26 00:00"),
    ],
)
def test_u16_a_campaign_ends_in_the_programmes_time(schedule: str, last: str, after: str) -> None:
    tale = told(scheduled(schedule), order("1", last, "1.00"), order("2", after, "1.00"))

    assert [codes(decision) for decision in tale.decisions] == [["awarded"], ["not_running"]]
    assert local(tale.entries[0].effective_at)


def test_events_of_other_types_earn_by_their_rules() -> None:
    reviews = program(
        UNITS + "earn: {review: {on: review.submitted, when: event.rating >= 4, award: {points: 20}, "
        "cap: {points: 40, per: month}}}\n"
    )
    tale = told(
        reviews,
        *(happened("review.submitted", f"rev-{n}", f"2026-01-1{n}", rating=5) for n in range(3)),
        happened("review.submitted", "bad", "2026-02-01", rating=3),
    )

    assert balances(tale) == {"issued": 40, "active": 40}
    assert reason(tale.last, "condition_false").values == {"event.rating": "3"}
