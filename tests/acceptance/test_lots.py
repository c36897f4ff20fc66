"""L1 to L12: which lot pays, when lots wait and end, and what is shown of them."""

from decimal import Decimal

import pytest

from acceptance.makers import (
    HEAD,
    MEMBER,
    PLAIN,
    adjusted,
    balances,
    by_lot,
    codes,
    local,
    lots,
    order,
    program,
    published,
    reason,
    restored,
    spent,
    story,
    told,
)
from bondfire.engine import explained
from bondfire.ledger import LotPart
from bondfire.programs import Program, ProgramError, load_program

MONTHLY = PLAIN.replace("{}", "{expires: {after: 1 month}}")
WAITING = PLAIN.replace("{}", "{pending: 14 days, expires: {after: 1 month}}")


def expiring(after: str, end: str = "") -> Program:
    rounded = f", round: {end}" if end else ""
    return program(PLAIN.replace("{}", f"{{expires: {{after: {after}{rounded}}}}}"))


def test_l1_spending_takes_what_expires_first_and_what_never_expires_last() -> None:
    tale = told(
        published(
            ("", PLAIN),
            ("2026-02-01", MONTHLY),
            ("2026-02-10", PLAIN.replace("{}", "{expires: {after: 10 days}}")),
        ),
        order("1", "2026-01-10", "50.00"),
        order("2", "2026-02-05", "50.00"),
        order("3", "2026-02-11", "50.00"),
        spent("s", "2026-02-12", "120"),
    )

    assert by_lot(tale.last) == [(3, 50), (2, 50), (1, 20)]
    assert lots(tale) == [(30, "never")]


def test_l1_of_two_that_expire_together_the_older_pays_then_the_lower_number() -> None:
    both = PLAIN.replace("{}", "{expires: {after: 1 month, round: end_of_month}}")
    both += "  bonus: {on: order.placed, award: {points: 5}}\n"
    tale = told(
        program(both),
        order("late", "2026-01-20", "10.00"),
        order("early", "2026-01-05", "10.00"),
        spent("s", "2026-01-21", "26"),
    )

    # Lots 1 and 2 are of 20 January, 3 and 4 of 5 January; all end with February.
    assert by_lot(tale.last) == [(3, 10), (4, 5), (1, 10), (2, 1)]


def test_l2_spending_across_lots_keeps_which_lot_paid_what() -> None:
    tale = told(
        program(MONTHLY),
        order("1", "2026-01-10", "30.00"),
        order("2", "2026-01-11", "50.00"),
        spent("s", "2026-01-12", "45", order="1044"),
    )

    (paid,) = tale.state.redemptions.values()
    assert by_lot(tale.last) == [(1, 30), (2, 15)]
    assert paid.parts == [LotPart(1, Decimal(30)), LotPart(2, Decimal(15))]
    assert [(r.code, r.lot) for r in explained(tale.last)] == [("spent", 1), ("spent", 2)]
    assert (paid.event, paid.order) == ("s", "1044")


def test_l2_a_partial_give_back_undoes_what_was_taken_last() -> None:
    tale = told(
        program(MONTHLY),
        order("1", "2026-01-10", "30.00"),
        order("2", "2026-01-11", "50.00"),
        spent("s", "2026-01-12", "45"),
        restored("a", "2026-01-13", "20", spend="s"),
        restored("b", "2026-01-13", "5", spend="s"),
    )

    assert by_lot(tale.decisions[3]) == [(2, 15), (1, 5)]
    assert by_lot(tale.last) == [(1, 5)]
    assert balances(tale) == {"issued": 80, "active": 60, "spent": 20}


def test_l3_a_partly_spent_lot_expires_only_in_its_rest() -> None:
    tale = told(program(MONTHLY), order("1", "2026-01-10", "100.00"), spent("s", "2026-01-20", "60"))

    tale.until("2026-02-10 12:00")

    assert balances(tale) == {"issued": 100, "spent": 60, "expired": 40}
    assert lots(tale) == []


@pytest.mark.parametrize(("at", "outcome"), [("11:59:59.999999", "accepted"), ("12:00:00", "refused")])
def test_l4_a_lot_whose_expiry_is_exactly_now_is_expired(at: str, outcome: str) -> None:
    tale = told(
        program(MONTHLY), order("1", "2026-01-10 12:00", "100.00"), spent("s", f"2026-02-10 {at}", "100")
    )

    assert tale.last.outcome == outcome
    assert balances(tale) == {"issued": 100, "spent" if outcome == "accepted" else "expired": 100}


def test_l5_the_expiry_run_twice_or_in_two_halves_gives_the_same_ledger() -> None:
    events = [order(str(day), f"2026-01-{day:02}", f"{day}.00") for day in range(1, 29)]
    once = told(program(WAITING), *events).until("2026-06-01")
    twice = told(program(WAITING), *events).until("2026-06-01").until("2026-06-01")
    halves = told(program(WAITING), *events)
    for day in range(1, 29):
        halves.until(f"2026-02-{day:02} 06:00").until(f"2026-02-{day:02} 12:00")

    halves.until("2026-06-01")

    assert once.state.ledger == twice.state.ledger
    assert halves.state.ledger.chain == once.state.ledger.chain
    assert balances(halves) == balances(once) == {"issued": 406, "expired": 406}


def test_l7_a_pending_lot_is_shown_apart_and_cannot_be_spent() -> None:
    tale = told(program(WAITING), order("1", "2026-01-10", "100.00"), spent("s", "2026-01-24 11:59:59", "1"))

    assert (tale.last.outcome, tale.last.code, tale.last.entries) == ("refused", "not_enough", [])
    assert balances(tale) == {"issued": 100, "pending": 100}


def test_l7_a_lot_becomes_available_at_its_very_instant_and_its_validity_starts_then() -> None:
    tale = told(
        program(WAITING), order("1", "2026-03-20 12:00", "100.00"), spent("s", "2026-04-03 12:00", "1")
    )

    assert tale.last.outcome == "accepted"
    assert lots(tale) == [(99, "2026-05-03 12:00:00+02:00")]
    assert local(tale.state.ledger.lots[1].available_at) == "2026-04-03 12:00:00+02:00"


def test_l7_pending_and_active_are_apart_in_the_result_of_a_simulation() -> None:
    run = story(program(WAITING), [order("1", "2026-01-01", "10.00"), order("2", "2026-01-20", "20.00")])

    wallet = run.as_dict()["members"][MEMBER]["wallets"]["points"]  # type: ignore[index]
    assert (wallet["active"], wallet["pending"]) == ("10", "20")
    assert wallet["lots"] == [
        {"amount": "10", "available_at": "2026-01-15T11:00:00Z", "expires_at": "2026-02-15T11:00:00Z"},
        {"amount": "20", "available_at": "2026-02-03T11:00:00Z", "expires_at": "2026-03-03T11:00:00Z"},
    ]


@pytest.mark.parametrize("life", ["10 days", "14 days", "2 weeks"])
def test_l8_what_expires_before_it_becomes_available_is_refused_at_publishing(life: str) -> None:
    text = HEAD + PLAIN.replace("{}", f"{{pending: 14 days, expires: {{after: {life}, from: earned}}}}")

    with pytest.raises(ProgramError) as refusal:
        load_program(text, name="club.yaml")

    (problem,) = refusal.value.problems
    assert problem.code == "expires_before_available"
    assert str(problem).startswith("club.yaml:6:")


def test_l8_what_lives_longer_than_it_waits_is_accepted_and_counted_from_earning() -> None:
    late_start = PLAIN.replace("{}", "{pending: 14 days, expires: {after: 15 days, from: earned}}")
    tale = told(program(late_start), order("1", "2026-01-10", "100.00")).until("2026-01-24 12:00")

    assert lots(tale) == [(100, "2026-01-25 12:00:00+01:00")]


@pytest.mark.parametrize(
    ("earned", "after", "rounded", "ends"),
    [
        ("2026-01-31 12:00", "1 month", "", "2026-02-28 12:00:00+01:00"),
        ("2028-01-31 12:00", "1 month", "", "2028-02-29 12:00:00+01:00"),
        ("2028-02-29 12:00", "12 months", "", "2029-02-28 12:00:00+01:00"),
        ("2028-02-29 12:00", "4 years", "", "2032-02-29 12:00:00+01:00"),
        ("2026-01-15 12:00", "1 month", "end_of_month", "2026-03-01 00:00:00+01:00"),
        ("2026-01-31 23:59", "1 month", "end_of_month", "2026-03-01 00:00:00+01:00"),
        ("2026-01-01 00:00", "2 months", "end_of_month", "2026-04-01 00:00:00+02:00"),
        ("2026-05-31 12:00", "1 month", "end_of_half_year", "2026-07-01 00:00:00+02:00"),
        ("2026-06-01 12:00", "1 month", "end_of_half_year", "2027-01-01 00:00:00+01:00"),
        ("2026-05-31 12:00", "1 month", "end_of_year", "2027-01-01 00:00:00+01:00"),
        ("2026-12-31 23:59:59", "0 days", "end_of_year", "2027-01-01 00:00:00+01:00"),
    ],
)
def test_l9_months_end_where_the_calendar_says(earned: str, after: str, rounded: str, ends: str) -> None:
    tale = told(expiring(after, rounded), order("1", earned, "10.00"))

    assert lots(tale) == [(10, ends)]


def test_l9_a_membership_of_29_february_has_its_anniversary_on_28_february() -> None:
    yearly = program(PLAIN.replace("total)}}", "total)}, cap: {points: 100, per: membership_year}}"))
    tale = told(
        yearly,
        order("1", "2028-02-29 12:00", "100.00"),
        order("2", "2029-02-27 23:59:59", "100.00"),
        order("3", "2029-02-28 00:00:00", "100.00"),
    )

    assert [codes(decision) for decision in tale.decisions] == [["awarded"], ["cap_reached"], ["awarded"]]


@pytest.mark.parametrize(
    ("earned", "last", "ends"),
    [
        ("2026-03-29 00:00", "2026-03-29 23:59:59", "2026-03-30 00:00:00+02:00"),
        ("2026-03-29 23:59", "2026-03-29 23:59:59", "2026-03-30 00:00:00+02:00"),
        ("2026-10-25 00:00", "2026-10-25 23:59:59", "2026-10-26 00:00:00+01:00"),
        ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-26 00:00:00+01:00"),
    ],
)
def test_l10_the_end_of_the_day_is_the_calendar_day_also_of_23_and_25_hours(
    earned: str, last: str, ends: str
) -> None:
    today = expiring("0 days", "end_of_day")
    tale = told(today, order("1", earned, "10.00"), spent("a", last, "4"))
    assert lots(tale) == [(6, ends)]

    late = told(today, order("1", earned, "10.00"), spent("b", ends, "4"))
    assert balances(late) == {"issued": 10, "expired": 10}


def test_l12_all_coming_expiries_are_shown_by_date() -> None:
    tale = story(
        program(MONTHLY),
        [
            order("2", "2026-01-20", "20.00"),
            order("1", "2026-01-10", "10.00"),
            order("3", "2026-01-31", "30.00"),
            adjusted("gift", "2026-01-31", "5"),
        ],
    )

    assert lots(tale) == [
        (10, "2026-02-10 12:00:00+01:00"),
        (20, "2026-02-20 12:00:00+01:00"),
        (30, "2026-02-28 12:00:00+01:00"),
        (5, "2026-02-28 12:00:00+01:00"),
    ]


def test_l12_a_lot_given_for_goodwill_says_why_and_who() -> None:
    tale = told(program(), order("1", "2026-01-10", "10.00"), adjusted("gift", "2026-01-31", "-3"))

    why = reason(tale.last, "adjusted")
    assert (why.note, why.values) == ("goodwill", {"actor": "ada"})
    assert balances(tale) == {"issued": 10, "active": 7, "clawed_back": 3}
