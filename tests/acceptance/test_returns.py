"""R1 to R9: a return is the inverse of the decision its purchase is pinned to."""

import pytest

from acceptance.makers import (
    PLAIN,
    balances,
    by_lot,
    cancelled,
    codes,
    late,
    line,
    lots,
    moves,
    order,
    program,
    published,
    reason,
    returned,
    spent,
    story,
    told,
)
from bondfire.ledger import Account, Kind

TIERED = """\
units:
  points: {}
  status: {qualifying: true}
tier_sets:
  flame:
    unit: status
    window: calendar_year
    tiers: {spark: {from: 0}, flame: {from: 500}}
earn:
  base:
    on: order.placed
    award: {points: floor(event.total)}
    multiplier: "member.tiers.flame == 'flame' ? 2 : 1"
  steps: {on: order.placed, award: {status: floor(event.total)}}
"""
"""Whoever has earned 500 this year earns twice the points."""


def test_r1_a_full_return_reverses_exactly_the_lot_of_the_order_in_one_linked_entry() -> None:
    yearly = program(PLAIN.replace("{}", "{expires: {after: 1 year}}"))

    tale = told(
        yearly,
        order("1", "2026-01-10", "70.00"),
        order("2", "2026-02-10", "100.00"),
        returned("ret", "2026-02-20", "100.00", order="2"),
    )

    earned = tale.decisions[1].entries[0]
    (entry,) = tale.last.entries
    assert entry.kind == Kind.CLAW_BACK
    assert by_lot(tale.last) == [(earned.lot, 100)]
    assert (entry.debit, entry.credit) == (Account.ACTIVE, Account.CLAWED_BACK)
    assert entry.reverses == earned.number
    assert lots(tale) == [(70, "2027-01-10 12:00:00+01:00")]
    assert balances(tale) == {"issued": 170, "active": 70, "clawed_back": 100}


def test_r1_a_cancellation_reverses_what_the_order_earned() -> None:
    tale = story(program(), [order("1", "2026-01-10", "100.00"), cancelled("can", "2026-01-11", "1")])

    assert balances(tale) == {"issued": 100, "clawed_back": 100}


def test_r2_the_same_return_delivered_again_changes_nothing() -> None:
    placed = order("1", "2026-01-10", "100.00")
    back = returned("ret-77", "2026-01-12 10:00", "30.00", order="1")
    respelled = {**dict(reversed(back.items())), "occurred_at": "2026-01-12T09:00:00Z", "total": "30"}

    once = story(program(), [placed, back])
    thrice = story(program(), [placed, back, respelled, back])

    assert thrice.digest == once.digest
    assert balances(thrice) == {"issued": 100, "active": 70, "clawed_back": 30}
    assert (thrice.events, thrice.duplicates, thrice.refused) == (2, 2, [])


def test_r3_three_partial_returns_reverse_exactly_what_was_earned() -> None:
    tale = told(
        program(),
        order("1", "2026-01-10", "100.00"),
        returned("a", "2026-01-11", "33.33", order="1"),
        returned("b", "2026-01-12", "33.33", order="1"),
        returned("c", "2026-01-13", "33.34", order="1"),
    )

    taken = [decision.entries[0].amount for decision in tale.decisions[1:]]
    assert taken == [33, 33, 34]
    assert balances(tale) == {"issued": 100, "clawed_back": 100}


def test_r3_three_returned_lines_reverse_exactly_what_was_earned() -> None:
    goods = [line("A", "3.33"), line("B", "3.33"), line("C", "3.34")]
    tale = told(
        program(),
        order("1", "2026-01-10", "10.00", lines=goods),
        *(returned(f"ret-{i}", "2026-01-11", order="1", lines=[back]) for i, back in enumerate(goods)),
    )

    assert [decision.entries[0].amount for decision in tale.decisions[1:]] == [3, 3, 4]
    assert balances(tale) == {"issued": 10, "clawed_back": 10}


def test_r3_the_last_return_takes_the_rounding_rest_of_a_unit_with_decimals() -> None:
    cents = program(PLAIN.replace("{}", "{decimals: 2}").replace("floor(event.total)", "event.total * 0.07"))
    tale = told(
        cents,
        order("1", "2026-01-10", "1.00"),
        *(
            returned(f"ret-{part}", "2026-01-11", part, order="1")
            for part in ("0.33", "0.34", "0.32", "0.01")
        ),
    )

    taken = [sum(entry.amount for entry in decision.entries) for decision in tale.decisions[1:]]
    assert [str(amount) for amount in taken] == ["0.02", "0.02", "0.02", "0.01"]
    assert balances(tale)["clawed_back"] == balances(tale)["issued"]


def test_r3_lines_that_name_no_article_come_back_by_their_value() -> None:
    goods = [line("A", "60.00"), line("B", "40.00")]
    tale = told(
        program(),
        order("1", "2026-01-10", "100.00", lines=goods),
        returned("a", "2026-01-11", order="1", lines=[{"amount": "10.00"}, {"amount": "15.00"}]),
        returned("b", "2026-01-12", order="1", lines=[{"amount": "75.00"}]),
    )

    assert [sum(e.amount for e in decision.entries) for decision in tale.decisions] == [100, 25, 75]


def test_r4_a_return_of_more_than_the_order_is_refused_with_the_reason() -> None:
    tale = told(
        program(), order("1", "2026-01-10", "100.00"), returned("ret", "2026-01-11", "100.01", order="1")
    )

    assert (tale.last.outcome, tale.last.code, tale.last.entries) == ("refused", "return_too_large", [])
    assert "100.01" in tale.last.message
    assert "100 is left" in tale.last.message
    assert balances(tale) == {"issued": 100, "active": 100}


def test_r4_a_return_of_more_than_is_left_is_refused_and_the_rest_can_still_come_back() -> None:
    tale = told(
        program(),
        order("1", "2026-01-10", "100.00"),
        returned("a", "2026-01-11", "60.00", order="1"),
        returned("b", "2026-01-12", "60.00", order="1"),
        returned("c", "2026-01-13", "40.00", order="1"),
    )

    assert [decision.outcome for decision in tale.decisions] == [
        "accepted",
        "accepted",
        "refused",
        "accepted",
    ]
    assert tale.decisions[2].entries == []
    assert balances(tale) == {"issued": 100, "clawed_back": 100}


def test_r4_an_article_the_order_does_not_hold_is_refused() -> None:
    goods = [line("A", "60.00"), line("B", "40.00")]
    tale = told(
        program(),
        order("1", "2026-01-10", "100.00", lines=goods),
        returned("ret", "2026-01-11", order="1", lines=[line("A", "10.00"), line("C", "10.00")]),
    )

    assert (tale.last.outcome, tale.last.code, tale.last.entries) == ("refused", "return_too_large", [])
    assert balances(tale) == {"issued": 100, "active": 100}


def test_r5_a_return_after_the_rate_changed_takes_back_what_was_given() -> None:
    twice = PLAIN.replace("floor(event.total)", "floor(event.total) * 2")
    tale = told(
        published(("", PLAIN), ("2026-02-01", twice)),
        order("1", "2026-01-10", "100.00"),
        order("2", "2026-02-10", "100.00"),
        returned("ret", "2026-02-11", "50.00", order="1"),
    )

    (entry,) = tale.last.entries
    assert entry.amount == 50
    assert (entry.version, tale.last.version) == (1, 2)
    assert balances(tale) == {"issued": 300, "active": 250, "clawed_back": 50}


def test_r6_a_return_after_the_rule_was_deleted_takes_back_what_it_gave() -> None:
    other = (
        PLAIN.replace("base", "other")
        .replace("order.placed", "app.installed")
        .replace("floor(event.total)}", "5}, cap: {points: 5, per: lifetime}")
    )
    tale = told(
        published(("", PLAIN), ("2026-02-01", other)),
        order("1", "2026-01-10", "100.00"),
        order("2", "2026-02-10", "100.00"),
        returned("ret", "2026-02-11", "100.00", order="1"),
    )

    (entry,) = tale.last.entries
    assert entry.amount == 100
    assert (entry.rule, entry.version) == ("base", 1)
    assert balances(tale) == {"issued": 100, "clawed_back": 100}


def test_r6_a_return_after_the_rule_ended_takes_back_what_it_gave() -> None:
    january = program(PLAIN.replace("{on:", "{ends: 2026-01-31, on:"))
    tale = story(
        january,
        [
            order("1", "2026-01-31 23:59:59", "100.00"),
            order("2", "2026-02-01 00:00", "50.00"),
            returned("ret", "2026-02-02", "100.00", order="1"),
        ],
    )

    assert balances(tale) == {"issued": 100, "clawed_back": 100}


def test_r7_a_return_after_the_member_rose_uses_the_factor_of_the_tier_at_the_order() -> None:
    tale = told(
        program(TIERED),
        order("1", "2026-01-10", "100.00"),
        order("2", "2026-01-11", "450.00"),
        order("3", "2026-01-12", "60.00"),
        returned("a", "2026-01-13", "100.00", order="1"),
        returned("b", "2026-01-14", "60.00", order="3"),
    )

    def taken(number: int) -> list[int]:
        return [int(e.amount) for e in tale.decisions[number].entries if e.unit == "points"]

    assert moves(tale.decisions[1].tier_changes) == [("spark", "flame")]
    assert (taken(3), taken(4)) == ([100], [120])
    assert balances(tale) == {"issued": 670, "active": 450, "clawed_back": 220}


@pytest.mark.parametrize(("at", "points"), [("11:59:59.999999", 10), ("12:00:00", 20)])
def test_r7_a_late_order_uses_the_factor_of_the_tier_at_its_very_instant(at: str, points: int) -> None:
    tale = told(
        program(TIERED),
        order("1", "2026-01-10 12:00", "500.00"),
        late(order("2", f"2026-01-10 {at}", "10.00"), arrives="2026-01-10 13:00"),
        returned("ret", "2026-01-11", "10.00", order="2"),
    )

    assert [int(e.amount) for e in tale.decisions[1].entries if e.unit == "points"] == [points]
    assert balances(tale) == {"issued": 500 + points, "active": 500, "clawed_back": points}


def test_r8_a_returned_purchase_that_caused_the_upgrade_takes_the_tier_but_not_the_bonus_between() -> None:
    tale = told(
        program(TIERED),
        order("1", "2026-01-10", "600.00"),
        order("2", "2026-02-10", "100.00"),
        returned("ret", "2026-03-10", "600.00", order="1"),
    )

    assert moves(tale.last.tier_changes) == [("flame", "spark")]
    assert balances(tale) == {"issued": 800, "active": 200, "clawed_back": 600}
    assert reason(tale.last, "tier_taken_back").values == {
        "tier_set": "flame",
        "before": "flame",
        "after": "spark",
    }


def test_r8_after_the_return_window_the_tier_stays_until_its_window_closes() -> None:
    tale = told(
        program(TIERED),
        order("1", "2026-01-10 12:00", "600.00"),
        returned("ret", "2026-04-20 12:00", "600.00", order="1"),
    )

    assert tale.last.tier_changes == []
    assert tale.state.standings["flame"].tier == "flame"
    assert tale.until("2027-01-01 00:00").state.standings["flame"].tier == "spark"


def test_r9_a_partial_return_takes_its_own_lot_first_then_the_earliest_expiry_then_a_debt() -> None:
    yearly = program(TIERED.replace("points: {}", "points: {expires: {after: 1 year}}"))
    tale = told(
        yearly,
        order("1", "2026-01-10", "600.00"),
        spent("s", "2026-01-20", "400"),
        order("2", "2026-02-10", "25.00"),
        order("3", "2026-03-10", "50.00"),
        returned("a", "2026-03-20", "300.00", order="1"),
        returned("b", "2026-03-21", "200.00", order="1"),
    )

    first, second, third = (tale.decisions[i].entries[0].lot for i in (0, 2, 3))
    of_points = {entry.lot for entry in tale.entries if entry.unit == "points"}
    assert [part for part in by_lot(tale.decisions[4]) if part[0] in of_points] == [
        (first, 200),
        (second, 50),
        (third, 50),
    ]
    assert balances(tale) == {"issued": 750, "spent": 400, "clawed_back": 500, "debt": 150}
    assert {"taken_from_others", "owed"} <= set(codes(tale.last))
