"""Run-off triangles: the published values of Mack 1993, shares worked out by hand, and the back-test."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bondfire.finance import Foreseen, Vintage, back_test, estimate, history_of
from bondfire.finance.triangle import LEAST_MONTHS, factors_of, going_on
from bondfire.journal import Moved
from finance.makers import moved

TAYLOR_ASHE = """
357848 1124788 1735330 2218270 2745596 3319994 3466336 3606286 3833515 3901463
352118 1236139 2170033 3353322 3799067 4120063 4647867 4914039 5339085
290507 1292306 2218525 3235179 3985995 4132918 4628910 4909315
310608 1418858 2195047 3757447 4029929 4381982 4588268
443160 1136350 2128333 2897821 3402672 3873311
396132 1333217 2180715 2985752 3691712
440832 1288463 2419861 3483130
359480 1421128 2864498
376686 1363294
344014
"""
"""The cumulative claims that Mack (1993) works out, after Taylor and Ashe (1983)."""


def as_vintage(row: str) -> Vintage:
    """A row of cumulative amounts, as what is "unspent" at each age."""
    first, *later = map(Decimal, row.split())
    return Vintage(date(2020, 1, 1), first, tuple(first - one for one in later), Decimal(0), Decimal(0))


def test_factors_and_reserve_are_those_of_mack_1993() -> None:
    rows = [as_vintage(row) for row in TAYLOR_ASHE.strip().splitlines()]

    factors = factors_of(rows)
    reserve = sum(row.unspent(row.age) * (going_on(factors, row.age) - 1) for row in rows)

    published = "3.491 1.747 1.457 1.174 1.104 1.086 1.054 1.077 1.018"
    assert [str(factor.quantize(Decimal("0.001"))) for factor in factors] == published.split()
    assert round(reserve) == 18_680_856


def months(count: int) -> list[str]:
    """Months from January 2026 on."""
    return [f"{2026 + number // 12}-{number % 12 + 1:02}" for number in range(count)]


def steady(count: int) -> list[Moved]:
    """Every month 1,000 are earned; 200 of them are spent in the next month and 400 in the one after."""
    told, months_ = [], months(count)
    for number, month in enumerate(months_):
        told.append(moved("earn.active", 1_000, earned_in=month, posted=month))
        for later, amount in ((1, 200), (2, 400)):
            if number + later < count:
                told.append(moved("spend", amount, earned_in=month, posted=months_[number + later]))
    return told


def test_what_is_spent_in_the_end_is_found_from_vintages_of_any_age() -> None:
    found = estimate(history_of(steady(14)), date(2027, 2, 28))

    assert (found.basis, found.urr) == ("estimated", Decimal("0.6"))
    assert [str(factor.normalize()) for factor in found.factors[:4]] == ["1", "0.8", "0.5", "1"]
    assert found.of_open[date(2027, 2, 1)] == Decimal("0.6")
    assert found.of_open[date(2027, 1, 1)] == Decimal("0.5")
    assert found.of_open[date(2026, 12, 1)] == 0


def test_the_running_month_teaches_nothing_and_what_was_spent_in_it_counts() -> None:
    found = estimate(history_of(steady(14)), date(2027, 2, 10))

    assert found.vintages[-1].age == 0
    assert found.of_open[date(2027, 2, 1)] == Decimal("0.6")
    assert found.of_open[date(2026, 12, 1)] == Decimal("0.5")


def test_what_was_taken_back_is_no_part_of_a_vintage_and_what_was_given_back_is_unspent_again() -> None:
    told = [*steady(14), moved("earn.active", 500), moved("claw_back.active", 500)]
    told += [moved("spend", 300, posted="2026-02"), moved("restore", 300, posted="2026-02")]

    assert estimate(history_of(told), date(2027, 2, 28)).urr == Decimal("0.6")


def test_all_is_assumed_to_be_spent_while_there_is_too_little_history_or_nothing_was_spent() -> None:
    young = estimate(history_of(steady(LEAST_MONTHS - 1)), date(2026, 11, 30))
    unspent = [one for one in steady(14) if one.move != "spend"]

    assert (young.basis, young.of_open) == ("assumed", {})
    assert young.urr == 1
    assert estimate(history_of(unspent), date(2027, 2, 28)).basis == "assumed"
    assert estimate(history_of(steady(LEAST_MONTHS)), date(2026, 12, 31)).basis == "estimated"
    assert estimate(history_of([]), date(2026, 12, 31)).urr == 1


def test_the_back_test_foresees_what_repeats_itself_and_says_how_far_it_was_off() -> None:
    same = back_test(history_of(steady(18)), date(2027, 2, 1), date(2027, 6, 30))
    less = [
        one._replace(amount=one.amount / 2) if one.move == "spend" and one.posted > date(2027, 2, 1) else one
        for one in steady(18)
    ]
    halved = back_test(history_of(less), date(2027, 2, 1), date(2027, 6, 30))

    assert same.urr == Decimal("0.6")
    assert same.total == Foreseen(None, Decimal(1_000), Decimal(1_000), Decimal(0))
    assert halved.total == Foreseen(None, Decimal(1_000), Decimal(500), Decimal(1))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 13),
            st.integers(0, 13),
            st.sampled_from(["spend", "restore", "expire"]),
            st.integers(0, 900),
        ),
        max_size=40,
    )
)
def test_a_share_is_never_below_nothing_or_above_all(told: list[tuple[int, int, str, int]]) -> None:
    names = months(14)
    issued = [moved("earn.active", 40_000, earned_in=month, posted=month) for month in names]
    later = [
        moved(move, amount, earned_in=names[first], posted=names[max(first, second)])
        for first, second, move, amount in told
    ]

    found = estimate(history_of([*issued, *later]), date(2027, 2, 28))

    assert 0 <= found.urr <= 1
    assert all(0 <= share <= 1 for share in found.of_open.values())
