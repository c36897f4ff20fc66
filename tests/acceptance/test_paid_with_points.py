"""R11 and R12: what an order was paid with comes back with it, once, whatever arrives first."""

from itertools import permutations

import pytest

from acceptance.makers import (
    PLAIN,
    Raw,
    balances,
    by_lot,
    cancelled,
    captured,
    held,
    late,
    line,
    lots,
    order,
    program,
    restored,
    returned,
    spent,
    told,
)

MONTHLY = PLAIN.replace("{}", "{expires: {after: 1 month}}")
PAST = [order("1", "2026-02-10", "60.00"), order("2", "2026-02-20", "60.00")]
PAID = [
    *PAST,
    order("9", "2026-03-01", "100.00", paid_with_points="8.00"),
    spent("s", "2026-03-01", "80", order="9"),
]
"""Of 60 points that end on 10 March and 60 that end on 20 March, 80 paid order 9, which earned 92."""


def test_r11_a_return_gives_the_points_that_paid_the_order_back_to_their_lots_by_itself() -> None:
    tale = told(program(MONTHLY), *PAID, returned("ret", "2026-03-05", "100.00", order="9"))

    assert lots(tale) == [(60, "2026-03-10 12:00:00+01:00"), (60, "2026-03-20 12:00:00+01:00")]
    assert balances(tale) == {"issued": 212, "active": 120, "clawed_back": 92}


def test_r11_a_cancellation_does_so_too() -> None:
    tale = told(program(MONTHLY), *PAID, cancelled("can", "2026-03-05", "9"))

    assert balances(tale) == {"issued": 212, "active": 120, "clawed_back": 92}


def test_r11_what_expired_meanwhile_gets_the_days_of_grace_and_the_rest_keeps_its_end() -> None:
    tale = told(program(MONTHLY), *PAID, returned("ret", "2026-03-15 10:00", "100.00", order="9"))

    assert lots(tale) == [(60, "2026-03-20 12:00:00+01:00"), (60, "2026-03-29 10:00:00+02:00")]
    assert balances(tale.until("2026-03-29 10:00")) == {"issued": 212, "expired": 120, "clawed_back": 92}


def test_r11_partial_returns_give_back_in_proportion_and_the_last_takes_the_rest() -> None:
    third = [
        returned(f"r{number}", f"2026-03-0{number}", total, order="9")
        for number, total in enumerate(("33.33", "33.33", "33.34"), 2)
    ]

    tale = told(program(MONTHLY), *PAID, *third)

    given = [sum(e.amount for e in one.entries if e.kind == "restore") for one in tale.decisions[4:]]
    assert given == [26, 27, 27]
    assert balances(tale) == {"issued": 212, "active": 120, "clawed_back": 92}


def test_r11_a_return_that_names_no_order_gives_back_what_paid_the_order_it_fits() -> None:
    goods = [line("MUG", "100.00")]
    tale = told(
        program(),
        *PAST,
        order("9", "2026-03-01", "100.00", lines=goods),
        spent("s", "2026-03-01", "80", order="9"),
        returned("ret", "2026-03-05", lines=goods),
    )

    assert balances(tale) == {"issued": 220, "active": 120, "clawed_back": 100}


def test_r11_what_was_held_and_captured_for_an_order_comes_back_with_it() -> None:
    tale = told(
        program(),
        *PAST,
        order("9", "2026-03-01", "100.00"),
        held("h", "2026-03-01", "80", until="2026-03-09", order="9"),
        captured("c", "2026-03-02", "h"),
        returned("ret", "2026-03-05", "100.00", order="9"),
    )

    assert balances(tale) == {"issued": 220, "active": 120, "clawed_back": 100}


def test_r11_several_payments_of_one_order_all_come_back_the_latest_first() -> None:
    tale = told(
        program(),
        *PAST,
        order("9", "2026-03-01", "100.00"),
        spent("a", "2026-03-01", "10", order="9"),
        spent("b", "2026-03-02", "70", order="9"),
        spent("c", "2026-03-02", "5", order="other"),
        returned("ret", "2026-03-05", "100.00", order="9"),
    )

    assert by_lot(tale.last)[:3] == [(2, 20), (1, 50), (1, 10)]
    assert balances(tale)["spent"] == 5


def test_r11_what_the_return_takes_back_may_come_from_what_it_gives_back() -> None:
    """So that nobody owes, or the programme loses, what is there."""
    tale = told(
        program(PLAIN + "returns: {clawback: clamp}\n"),
        order("9", "2026-03-01", "100.00"),
        spent("s", "2026-03-01", "80", order="9"),
        returned("ret", "2026-03-05", "100.00", order="9"),
    )

    assert balances(tale) == {"issued": 100, "clawed_back": 100}


@pytest.mark.parametrize(
    ("events", "refused"),
    [
        (
            [
                returned("ret", "2026-03-05", "100.00", order="9"),
                restored("r", "2026-03-06", "80", order="9"),
            ],
            True,
        ),
        (
            [
                restored("r", "2026-03-05", "80", order="9"),
                returned("ret", "2026-03-06", "100.00", order="9"),
            ],
            False,
        ),
        (
            [
                restored("r", "2026-03-05", "50", spend="s"),
                returned("ret", "2026-03-06", "100.00", order="9"),
            ],
            False,
        ),
        ([returned("ret", "2026-03-05", "100.00", order="9"), cancelled("can", "2026-03-06", "9")], False),
    ],
)
def test_r12_points_come_back_once_whoever_gives_them_back(events: list[Raw], *, refused: bool) -> None:
    tale = told(program(), *PAID, *events)

    assert (tale.last.code == "nothing_to_restore") is refused
    assert balances(tale) == {"issued": 212, "active": 120, "clawed_back": 92}


def test_r12_what_was_given_back_by_hand_counts_towards_what_a_partial_return_gives_back() -> None:
    tale = told(
        program(),
        *PAID,
        restored("r", "2026-03-05", "30", order="9"),
        returned("a", "2026-03-06", "25.00", order="9"),
        returned("b", "2026-03-07", "25.00", order="9"),
    )

    given = [sum(e.amount for e in one.entries if e.kind == "restore") for one in tale.decisions[4:]]
    assert given == [30, 0, 10]


def test_r11_a_payment_that_arrives_after_the_return_goes_back_at_once() -> None:
    tale = told(
        program(),
        *PAID[:3],
        returned("ret", "2026-03-05", "50.00", order="9"),
        late(spent("s", "2026-03-01", "80", order="9"), arrives="2026-03-06"),
    )

    assert [(one.kind, int(one.amount)) for one in tale.last.entries] == [
        ("spend", 60),
        ("spend", 20),
        ("restore", 20),
        ("restore", 20),
    ]
    assert balances(tale)["spent"] == 40


EARN = order("9", "2026-03-01 10:00", "100.00", paid_with_points="8.00")
REDEEM = spent("s", "2026-03-01 10:01", "80", order="9")
CANCEL = cancelled("can", "2026-03-02", "9")


@pytest.mark.parametrize(
    "refund",
    [
        returned("ret", "2026-03-03", "100.00", order="9"),
        returned("ret", "2026-03-03", "40.00", order="9"),
        restored("r", "2026-03-03", "80", order="9"),
        restored("r", "2026-03-03", "30", spend="s"),
    ],
    ids=["return", "part", "restore", "part restored"],
)
@pytest.mark.parametrize("policy", ["allow_negative", "clamp"])
def test_redeem_earn_cancel_and_refund_end_the_same_in_every_order_of_arrival(
    policy: str, refund: Raw
) -> None:
    rules = program(MONTHLY + f"returns: {{clawback: {policy}}}\n")
    ends: set[object] = set()
    for arrival in permutations([EARN, REDEEM, CANCEL, refund]):
        arrived = [late(raw, arrives=f"2026-03-03 1{hour}:00") for hour, raw in enumerate(arrival, 2)]
        tale = told(rules, *PAST, *arrived)
        ends.add((tuple(balances(tale).items()), tuple(lots(tale))))

    assert ends == {
        (
            (("issued", 212), ("active", 120), ("clawed_back", 92)),
            ((60, "2026-03-10 12:00:00+01:00"), (60, "2026-03-20 12:00:00+01:00")),
        )
    }
