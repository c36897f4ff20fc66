"""R10 to R18: clawback beyond the balance, restored points, what never earned, returns without an order."""

from decimal import Decimal

import pytest

from acceptance.makers import (
    PLAIN,
    Raw,
    Told,
    balances,
    codes,
    joined,
    late,
    line,
    lots,
    order,
    program,
    reason,
    restored,
    returned,
    spent,
    story,
    told,
)
from bondfire.programs import Program

MONTHLY = PLAIN.replace("{}", "{expires: {after: 1 month}}")


def clawing(policy: str, pending: str = "") -> Program:
    units = f"{{pending: {pending}}}" if pending else "{}"
    return program(PLAIN.replace("{}", units) + f"returns: {{clawback: {policy}}}\n")


def spent_then_returned() -> list[Raw]:
    """100 earned, 80 spent, everything returned: 80 are missing."""
    return [
        order("1", "2026-01-10", "100.00"),
        spent("s", "2026-01-11", "80"),
        returned("ret", "2026-01-12", "100.00", order="1"),
    ]


def test_r10_allow_negative_makes_a_debt_that_the_next_earning_pays_first() -> None:
    tale = told(clawing("allow_negative"), *spent_then_returned())
    assert balances(tale) == {"issued": 100, "spent": 80, "clawed_back": 100, "debt": 80}
    assert reason(tale.last, "owed").amount == 80

    tale = told(
        clawing("allow_negative"),
        *spent_then_returned(),
        order("2", "2026-01-13", "50.00"),
        order("3", "2026-01-14", "50.00"),
    )

    assert balances(tale) == {"issued": 200, "spent": 80, "clawed_back": 100, "active": 20}
    assert [e.kind for e in tale.decisions[3].entries] == ["earn", "pay_debt"]
    assert [amount for amount, _ in lots(tale)] == [20]


def test_r10_what_expired_is_neither_taken_again_nor_owed() -> None:
    tale = told(
        program(MONTHLY),
        order("1", "2026-01-10", "100.00"),
        spent("s", "2026-01-20", "40"),
        returned("a", "2026-02-20", "50.00", order="1"),
        returned("b", "2026-02-21", "50.00", order="1"),
    )

    # 60 of the 100 expired: the first return finds 50 of them, the second the other 10.
    assert reason(tale.decisions[2], "lapsed").amount == 50
    assert (reason(tale.last, "lapsed").amount, reason(tale.last, "owed").amount) == (
        Decimal(10),
        Decimal(40),
    )
    assert balances(tale) == {"issued": 100, "spent": 40, "expired": 60, "clawed_back": 40, "debt": 40}


def test_r10_a_debt_is_paid_when_pending_points_are_released() -> None:
    tale = told(
        clawing("allow_negative", pending="14 days"),
        order("1", "2026-01-10", "100.00"),
        spent("s", "2026-01-24", "80"),
        returned("ret", "2026-01-25", "100.00", order="1"),
        order("2", "2026-02-01", "100.00"),
    )
    assert balances(tale) == {"issued": 200, "spent": 80, "clawed_back": 100, "debt": 80, "pending": 100}

    tale.until("2026-02-15 12:00")

    assert balances(tale) == {"issued": 200, "spent": 80, "clawed_back": 100, "active": 20}


def test_r10_clamp_writes_off_what_is_missing_as_a_visible_loss() -> None:
    tale = told(clawing("clamp"), *spent_then_returned(), order("2", "2026-01-13", "50.00"))

    assert reason(tale.decisions[2], "written_off").amount == 80
    assert balances(tale) == {"issued": 150, "spent": 80, "clawed_back": 20, "written_off": 80, "active": 50}


def test_r10_the_loss_is_in_the_totals_of_the_programme() -> None:
    simulated = story(clawing("clamp"), spent_then_returned()).as_dict()

    assert simulated["program"] == {
        "points": {"issued": "100", "spent": "80", "expired": "0", "clawed_back": "20", "written_off": "80"}
    }


def test_r10_pending_only_reverses_only_what_is_still_pending() -> None:
    tale = told(
        clawing("pending_only", pending="14 days"),
        order("1", "2026-01-10", "100.00"),
        order("2", "2026-01-20", "40.00"),
        returned("a", "2026-01-24 12:00", "100.00", order="1"),
        returned("b", "2026-01-24 12:00", "30.00", order="2"),
    )

    assert reason(tale.decisions[2], "forgone").amount == 100
    assert balances(tale) == {"issued": 140, "active": 100, "pending": 10, "clawed_back": 30}


@pytest.mark.parametrize("policy", ["allow_negative", "clamp", "pending_only"])
def test_r10_status_is_taken_back_in_full_whatever_the_policy_for_points(policy: str) -> None:
    rules = program(
        "units: {points: {}, status: {qualifying: true}}\n"
        "earn: {base: {on: order.placed, award: {points: 10, status: floor(event.total)}}}\n"
        f"returns: {{clawback: {policy}}}\n"
    )
    tale = told(rules, order("1", "2026-01-10", "100.00"), returned("ret", "2026-01-11", "60.00", order="1"))

    assert balances(tale, "status") == {"issued": 100, "active": 40, "clawed_back": 60}


def test_r11_spent_points_go_back_to_their_lots_with_their_expiry() -> None:
    tale = told(
        program(MONTHLY),
        order("1", "2026-01-10", "60.00"),
        order("2", "2026-01-20", "60.00"),
        spent("s", "2026-01-25", "80", order="1044"),
        restored("r", "2026-01-26", "80", order="1044"),
    )

    assert lots(tale) == [(60, "2026-02-10 12:00:00+01:00"), (60, "2026-02-20 12:00:00+01:00")]
    assert balances(tale) == {"issued": 120, "active": 120}


def test_r11_what_expired_meanwhile_lives_for_the_days_of_grace_and_then_expires() -> None:
    tale = told(
        program(MONTHLY),
        order("1", "2026-02-20", "100.00"),
        spent("s", "2026-03-10", "60", order="1044"),
        restored("r", "2026-03-26 10:00", "60", order="1044"),
    )
    assert lots(tale) == [(60, "2026-04-09 10:00:00+02:00")]
    assert balances(tale) == {"issued": 100, "active": 60, "expired": 40}

    tale.until("2026-04-09 09:59:59")
    assert balances(tale) == {"issued": 100, "active": 60, "expired": 40}

    tale.until("2026-04-09 10:00")
    assert balances(tale) == {"issued": 100, "expired": 100}


@pytest.mark.parametrize(("at", "left"), [("11:59:59", "2026-03-20 12:00"), ("12:00:00", "2026-04-03 12:00")])
def test_r11_a_lot_that_ends_exactly_now_has_expired_and_gets_the_days_of_grace(at: str, left: str) -> None:
    tale = told(
        program(MONTHLY),
        order("1", "2026-02-20 12:00", "100.00"),
        spent("s", "2026-03-10", "100"),
        restored("r", f"2026-03-20 {at}", "100"),
    )

    assert lots(tale)[0][1].startswith(left)


def test_r12_a_redemption_rolled_back_twice_is_rolled_back_once() -> None:
    tale = told(
        program(),
        order("1", "2026-01-10", "100.00"),
        spent("s", "2026-01-11", "60"),
        restored("a", "2026-01-12", "60", spend="s"),
        restored("b", "2026-01-13", "60", spend="s"),
    )

    assert (tale.last.outcome, tale.last.code, tale.last.entries) == ("refused", "nothing_to_restore", [])
    assert balances(tale) == {"issued": 100, "active": 100}


def test_r12_two_systems_may_use_the_same_id_for_a_spending() -> None:
    tale = told(
        program(),
        order("1", "2026-01-10", "100.00"),
        spent("s", "2026-01-11", "60") | {"source": "till"},
        spent("s", "2026-01-12", "30") | {"source": "app"},
        restored("r", "2026-01-13", "60", spend="s") | {"source": "till"},
    )

    assert [one.left for one in tale.state.redemptions.values()] == [0, 30]
    assert balances(tale) == {"issued": 100, "active": 70, "spent": 30}


def test_r13_buying_a_gift_card_earns_nothing_and_paying_with_one_earns_like_money() -> None:
    bonus = PLAIN + "  thanks: {on: order.placed, award: {points: 50}}\n"
    card = line("CARD", "40.00", kind="gift_card")
    tale = told(
        program(bonus),
        order("1", "2026-01-10", "40.00", lines=[card]),
        order("2", "2026-01-11", "30.00", lines=[line("MUG", "30.00")]),
        order("3", "2026-01-12", "45.00", lines=[line("MUG", "5.00"), card]),
    )

    assert [decision.entries == [] for decision in tale.decisions] == [True, False, False]
    assert balances(tale) == {"issued": 135, "active": 135}


EXTRAS = [
    line("SHOE", "60.00"),
    line("SOCK", "40.00"),
    line("POST", "4.90", kind="shipping"),
    line("BOTTLE", "0.25", kind="deposit"),
    line("VAT", "19.00", kind="tax"),
]


def test_r14_shipping_deposit_and_tax_neither_earn_nor_are_clawed_back() -> None:
    tale = told(
        program(),
        order("1", "2026-01-10", "124.15", lines=EXTRAS),
        returned("a", "2026-01-11", order="1", lines=EXTRAS[2:]),
        returned("b", "2026-01-12", order="1", lines=EXTRAS[1:2]),
    )

    assert tale.decisions[1].outcome == "accepted"
    assert tale.decisions[1].entries == []
    assert [entry.amount for entry in tale.last.entries] == [40]
    assert balances(tale) == {"issued": 100, "active": 60, "clawed_back": 40}


def test_r14_which_kinds_are_left_out_is_the_programmes_choice() -> None:
    tale = told(
        program(PLAIN + "earning: {exclude: [tax]}\n"),
        order("1", "2026-01-10", "124.15", lines=EXTRAS),
        returned("a", "2026-01-11", order="1", lines=EXTRAS[2:3]),
    )

    # 105 over 60.00, 40.00, 4.90 and 0.25 is 59.91, 39.94, 4.89 and 0.25: the largest remainders go up.
    assert balances(tale) == {"issued": 105, "active": 100, "clawed_back": 5}


def test_r15_a_return_gives_back_what_the_purchase_used_of_its_cap() -> None:
    capped = program(PLAIN.replace("total)}}", "total)}, cap: {points: 100, per: day}}"))
    tale = story(
        capped,
        [
            order("1", "2026-01-10 10:00", "150.00"),
            returned("ret", "2026-01-10 11:00", "150.00", order="1"),
            order("2", "2026-01-10 12:00", "80.00"),
        ],
    )

    assert balances(tale) == {"issued": 180, "clawed_back": 100, "active": 80}


def test_r15_a_partial_return_gives_back_its_part_of_the_cap() -> None:
    capped = program(PLAIN.replace("total)}}", "total)}, cap: {points: 100, per: day}}"))
    tale = story(
        capped,
        [
            order("1", "2026-01-10 10:00", "100.00"),
            returned("ret", "2026-01-10 11:00", "40.00", order="1"),
            order("2", "2026-01-10 12:00", "80.00"),
        ],
    )

    assert balances(tale) == {"issued": 140, "clawed_back": 40, "active": 100}


@pytest.mark.parametrize(("part", "left"), [("100.00", 0), ("40.00", 60)])
def test_r16_a_return_before_its_purchase_is_parked_and_settled_when_the_purchase_comes(
    part: str, left: int
) -> None:
    tale = told(
        program(),
        returned("ret", "2026-01-09", part, order="1"),
        order("2", "2026-01-09", "5.00"),
        order("1", "2026-01-10", "100.00"),
    )

    assert [decision.outcome for decision in tale.decisions] == ["parked", "accepted", "accepted"]
    assert "settled" in codes(tale.last)
    assert sum(amount for amount, _ in lots(tale)) == left + 5
    assert balances(tale)["clawed_back"] == 100 - left
    assert tale.state.parked == {}


def test_r16_a_parked_return_larger_than_its_purchase_is_not_lost() -> None:
    tale = told(
        program(), returned("ret", "2026-01-09", "120.00", order="1"), order("1", "2026-01-10", "100.00")
    )

    assert balances(tale) == {"issued": 100, "active": 100}
    assert "return ret" in reason(tale.last, "return_too_large").note


def test_r17_a_return_for_an_order_from_before_the_member_joined_does_nothing() -> None:
    by_joining = program(PLAIN + "enrolment: on_join\n")
    tale = told(
        by_joining,
        order("1", "2026-01-10", "100.00"),
        joined("2026-02-01"),
        late(order("2", "2026-01-20", "50.00"), arrives="2026-02-02"),
        returned("a", "2026-02-03", "100.00", order="1"),
        returned("b", "2026-02-03", "50.00", order="2"),
    )

    assert [decision.outcome for decision in tale.decisions] == [
        "refused",
        "accepted",
        "accepted",
        "parked",
        "accepted",
    ]
    assert tale.entries == []
    assert balances(tale) == {}


def matched(*events: Raw) -> Told:
    return told(program(), *events)


def test_r18_a_return_without_an_order_takes_the_latest_purchase_of_the_article() -> None:
    tale = matched(
        order("1", "2026-01-10", "50.00", lines=[line("A", "50.00")]),
        order("2", "2026-02-10", "70.00", lines=[line("A", "50.00"), line("B", "20.00")]),
        order("3", "2026-02-20", "50.00", lines=[line("C", "50.00")]),
        returned("a", "2026-03-01", lines=[line("A", "50.00")]),
        returned("b", "2026-03-02", lines=[line("A", "30.00")]),
    )

    assert [reason(tale.decisions[i], "matched").order for i in (3, 4)] == ["2", "1"]
    assert [amount for amount, _ in lots(tale)] == [20, 20, 50]


def test_r18_more_than_the_latest_purchase_goes_on_to_the_one_before() -> None:
    tale = matched(
        order("1", "2026-01-10", "50.00", lines=[line("A", "50.00")]),
        order("2", "2026-02-10", "50.00", lines=[line("A", "50.00")]),
        returned("a", "2026-03-01", lines=[line("A", "70.00")]),
    )

    assert tale.last.outcome == "accepted"
    assert [amount for amount, _ in lots(tale)] == [30]


def test_r18_without_articles_the_latest_purchase_of_the_same_value_is_taken() -> None:
    tale = matched(
        order("1", "2026-01-10", "30.00"),
        order("2", "2026-01-20", "30.00"),
        order("3", "2026-01-30", "50.00"),
        returned("a", "2026-03-01", "30.00"),
    )

    assert reason(tale.last, "matched").order == "2"
    assert [amount for amount, _ in lots(tale)] == [30, 50]


def test_r18_lines_without_an_article_are_matched_by_value_only() -> None:
    tale = matched(
        order("1", "2026-01-10", "30.00"),
        order("2", "2026-01-20", "100.00"),
        returned("a", "2026-03-01", lines=[{"amount": "30.00"}]),
        returned("b", "2026-03-02", lines=[{"amount": "55.00"}]),
    )

    assert [decision.outcome for decision in tale.decisions[2:]] == ["accepted", "unmatched"]
    assert [amount for amount, _ in lots(tale)] == [100]


def test_r18_what_cannot_be_matched_is_listed_for_a_person_and_changes_nothing() -> None:
    tale = matched(
        order("1", "2026-01-10", "50.00", lines=[line("A", "50.00")]),
        returned("a", "2026-03-01", lines=[line("X", "10.00")]),
        returned("b", "2026-03-02", "49.00"),
    )

    assert [decision.outcome for decision in tale.decisions[1:]] == ["unmatched", "unmatched"]
    assert [reason(decision, "unmatched").amount for decision in tale.decisions[1:]] == [10, 49]
    assert balances(tale) == {"issued": 50, "active": 50}


@pytest.mark.parametrize(("at", "outcome"), [("11:59:59", "accepted"), ("12:00:00", "unmatched")])
def test_r18_only_purchases_inside_the_return_window_are_matched(at: str, outcome: str) -> None:
    tale = matched(order("1", "2026-01-10 12:00", "50.00"), returned("a", f"2026-04-20 {at}", "50.00"))

    assert tale.last.outcome == outcome
    assert (tale.last.entries == []) == (outcome == "unmatched")
