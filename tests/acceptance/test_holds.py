"""L6: points are held, then captured or let go; what is held does not expire."""

import pytest

from acceptance.makers import (
    PLAIN,
    Raw,
    balances,
    captured,
    codes,
    held,
    lots,
    order,
    program,
    reason,
    released,
    restored,
    returned,
    spent,
    story,
    told,
)
from bondfire.engine import next_due_at
from bondfire.events import EventError
from bondfire.ledger import Account, Kind

MONTHLY = PLAIN.replace("{}", "{expires: {after: 1 month}}")
EARNED = order("1", "2026-02-20", "100.00")
HELD = held("h", "2026-03-10", "60", until="2026-03-30 12:00", order="7")
"""Of 100 points that end on 20 March at noon, 60 are held beyond that."""


def test_l6_what_is_held_is_set_aside_and_shown_apart() -> None:
    tale = told(program(MONTHLY), EARNED, HELD)

    (entry,) = tale.last.entries
    assert (entry.kind, entry.debit, entry.credit) == (Kind.HOLD, Account.ACTIVE, Account.HELD)
    assert balances(tale) == {"issued": 100, "active": 40, "held": 60}
    assert lots(tale) == [(40, "2026-03-20 12:00:00+01:00")]
    wallets = story(program(MONTHLY), [EARNED, HELD]).as_dict()["members"]["c-17"]["wallets"]  # type: ignore[index]  # the published shape
    assert (wallets["points"]["active"], wallets["points"]["held"]) == ("40", "60")


def test_l6_what_is_held_cannot_be_spent_or_held_again() -> None:
    tale = told(
        program(MONTHLY),
        EARNED,
        HELD,
        spent("s", "2026-03-11", "41"),
        held("h2", "2026-03-11", "41", until="2026-03-12"),
    )

    assert [decision.code for decision in tale.decisions[2:]] == ["not_enough", "not_enough"]
    assert balances(tale) == {"issued": 100, "active": 40, "held": 60}


def test_l6_a_held_part_does_not_expire_and_capture_wins() -> None:
    tale = told(program(MONTHLY), EARNED, HELD, captured("c", "2026-03-25", "h"))

    assert [entry.kind for entry in tale.last.entries] == [Kind.EXPIRE, Kind.CAPTURE]
    assert balances(tale) == {"issued": 100, "spent": 60, "expired": 40}
    assert reason(tale.last, "captured").order == "7"


def test_l6_released_before_its_expiry_it_expires_when_it_would_have() -> None:
    tale = told(program(MONTHLY), EARNED, HELD, released("r", "2026-03-15", "h"))

    assert lots(tale) == [(100, "2026-03-20 12:00:00+01:00")]
    assert balances(tale) == {"issued": 100, "active": 100}
    assert balances(tale.until("2026-03-20 12:00")) == {"issued": 100, "expired": 100}


def test_l6_released_after_its_expiry_it_expires_after_the_days_of_grace() -> None:
    tale = told(program(MONTHLY), EARNED, HELD, released("r", "2026-03-26 10:00", "h"))

    assert lots(tale) == [(60, "2026-04-09 10:00:00+02:00")]
    assert balances(tale.until("2026-04-09 09:59:59"))["active"] == 60
    assert balances(tale.until("2026-04-09 10:00")) == {"issued": 100, "expired": 100}


def test_l6_the_days_of_grace_are_the_programmes() -> None:
    week = program(MONTHLY + "restored: {grace: 7 days}\n")
    tale = told(week, EARNED, HELD, released("r", "2026-03-26 10:00", "h"))

    assert lots(tale) == [(60, "2026-04-02 10:00:00+02:00")]


def test_l6_a_hold_that_is_not_captured_is_let_go_at_its_very_end() -> None:
    tale = told(program(MONTHLY), EARNED, HELD)

    tale.until("2026-03-30 11:59:59")
    assert balances(tale) == {"issued": 100, "held": 60, "expired": 40}
    assert next_due_at(tale.state) == tale.state.holds["shop", "h"].until

    tale.until("2026-03-30 12:00")
    assert balances(tale) == {"issued": 100, "active": 60, "expired": 40}
    assert lots(tale) == [(60, "2026-04-13 12:00:00+02:00")]
    assert tale.state.holds == {}


def test_l6_a_capture_at_the_very_end_comes_too_late() -> None:
    tale = told(program(MONTHLY), EARNED, HELD, captured("c", "2026-03-30 12:00", "h"))

    assert (tale.last.outcome, tale.last.code) == ("refused", "no_hold")
    assert "hold_ended" in codes(tale.last)
    assert balances(tale) == {"issued": 100, "active": 60, "expired": 40}


def test_l6_when_hold_and_lot_end_together_only_what_was_held_gets_the_days_of_grace() -> None:
    together = held("h", "2026-03-10", "60", until="2026-03-20 12:00")

    tale = told(program(MONTHLY), EARNED, together).until("2026-03-20 12:00")

    assert balances(tale) == {"issued": 100, "active": 60, "expired": 40}
    assert lots(tale) == [(60, "2026-04-03 12:00:00+02:00")]


def test_l6_a_hold_is_captured_in_parts_and_the_rest_let_go() -> None:
    tale = told(
        program(),
        EARNED,
        HELD,
        captured("c1", "2026-03-11", "h", amount="20"),
        captured("c2", "2026-03-12", "h", amount="30"),
        captured("c3", "2026-03-13", "h", amount="11"),
        released("r1", "2026-03-14", "h", amount="4"),
        released("r2", "2026-03-15", "h"),
        released("r3", "2026-03-16", "h"),
    )

    assert [one.code for one in tale.decisions[2:]] == ["", "", "no_hold", "", "", "no_hold"]
    assert "holds 10" in tale.decisions[4].message
    assert balances(tale) == {"issued": 100, "active": 50, "spent": 50}


def test_l6_lots_are_captured_in_spending_order_and_let_go_the_other_way_round() -> None:
    tale = told(
        program(MONTHLY),
        order("1", "2026-02-20", "30.00"),
        order("2", "2026-02-25", "30.00"),
        held("h", "2026-03-01", "50", until="2026-03-05"),
        captured("c", "2026-03-02", "h", amount="35"),
        released("r", "2026-03-03", "h", amount="5"),
    )

    first, second = (tale.decisions[number].entries[0].lot for number in (0, 1))
    assert [(one.lot, int(one.amount)) for one in tale.decisions[3].entries] == [(first, 30), (second, 5)]
    assert [(one.lot, int(one.amount)) for one in tale.last.entries] == [(second, 5)]
    assert lots(tale) == [(15, "2026-03-25 12:00:00+01:00")]


def test_l6_what_was_captured_can_be_given_back_once_to_its_lots() -> None:
    tale = told(
        program(MONTHLY),
        EARNED,
        HELD,
        captured("c", "2026-03-11", "h"),
        restored("a", "2026-03-12", "60", spend="c"),
        restored("b", "2026-03-13", "60", order="7"),
    )

    assert [one.code for one in tale.decisions[3:]] == ["", "nothing_to_restore"]
    assert lots(tale) == [(100, "2026-03-20 12:00:00+01:00")]


def test_l6_a_clawback_leaves_what_is_held_alone_and_letting_go_pays_the_debt() -> None:
    tale = told(
        program(),
        EARNED,
        held("h", "2026-03-10", "60", until="2026-03-30 12:00"),
        returned("ret", "2026-03-11", "100.00", order="1"),
    )
    assert balances(tale) == {"issued": 100, "held": 60, "debt": 60, "clawed_back": 100}

    assert balances(tale.until("2026-03-30 12:00")) == {"issued": 100, "clawed_back": 100}


def test_l6_two_systems_may_use_the_same_id_for_a_hold() -> None:
    mine = held("h", "2026-03-10", "60", until="2026-03-30") | {"source": "till"}
    other = held("h", "2026-03-10", "30", until="2026-03-30") | {"source": "app"}
    tale = told(
        program(),
        EARNED,
        mine,
        other,
        captured("c", "2026-03-11", "h") | {"source": "till"},
        captured("d", "2026-03-11", "h"),
    )

    assert balances(tale) == {"issued": 100, "active": 10, "spent": 90}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (captured("c", "2026-03-11", "hh"), "no_hold"),
        (captured("c", "2026-03-11", "h", amount="0.5"), "bad_amount"),
        (held("h2", "2026-03-11", "0.5", until="2026-03-12"), "bad_amount"),
        (held("h2", "2026-03-11", "5", until="2026-03-12", unit="pints"), "unknown_unit"),
        (held("h2", "2026-03-09", "5", until="2026-03-10 11:00"), "hold_over"),
    ],
)
def test_l6_a_hold_that_cannot_be_is_refused_with_what_to_do_and_nothing_moves(sent: Raw, code: str) -> None:
    tale = told(program(), EARNED, HELD, sent)

    assert (tale.last.code, tale.last.entries) == (code, [])
    assert tale.last.next_step
    assert balances(tale) == {"issued": 100, "active": 40, "held": 60}


@pytest.mark.parametrize("until", ["2026-03-10 12:00", "2026-03-09", "2027-03-12"])
def test_l6_a_hold_ends_after_it_begins_and_within_a_year(until: str) -> None:
    with pytest.raises(EventError) as caught:
        told(program(), EARNED, held("h", "2026-03-10 12:00", "60", until=until))

    assert (caught.value.code, caught.value.field) == ("out_of_range", "until")


def test_l6_holds_are_bounded() -> None:
    many = [held(f"h{number}", "2026-03-10", "1", until="2026-03-30") for number in range(101)]

    tale = told(program(), order("1", "2026-02-20", "500.00"), *many)

    assert [one.code for one in tale.decisions[-2:]] == ["", "too_many_holds"]
    assert balances(tale) == {"issued": 500, "active": 400, "held": 100}
