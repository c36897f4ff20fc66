"""Exact amounts: what is read, how it is rounded, written and split."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bondfire.kit import (
    MAX_AMOUNT,
    AmountError,
    Rounding,
    format_amount,
    parse_amount,
    quantise,
    split_largest_remainder,
)

SETTINGS = settings(derandomize=True, database=None, deadline=None)
AMOUNTS = st.decimals(0, 10**15, allow_nan=False, allow_infinity=False, places=6)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("12.50", "12.5"),
        ("0", "0"),
        ("007", "7"),
        (5, "5"),
        (Decimal("1E+2"), "100"),
        (Decimal("0.10"), "0.1"),
        ("1.500", "1.5"),
        ("1000000000000000", "1000000000000000"),
    ],
)
def test_plain_decimals_are_read_exactly(sent: object, read: str) -> None:
    assert parse_amount(sent, decimals=2, name="total") == Decimal(read)


@pytest.mark.parametrize(
    "sent",
    [
        *(0.1, True, None, [], Decimal("NaN"), Decimal("Infinity")),
        *(
            "",
            "-",
            " 1",
            "1 ",
            "+1",
            "1,5",
            "1e5",
            "NaN",
            "Infinity",
            ".5",
            "5.",
            "1_000",
            "٣",
            "0x1",
            "1" * 17,
        ),
    ],
)
def test_what_is_no_plain_decimal_is_refused(sent: object) -> None:
    with pytest.raises(AmountError) as refusal:
        parse_amount(sent, decimals=2, name="total")

    assert refusal.value.message.startswith("total is ")
    assert refusal.value.next_step


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ("1.001", "at most 2 digits"),
        ("1000000000000000.01", "10^15"),
        ("-0.01", "below zero"),
        (-1, "below zero"),
    ],
)
def test_what_is_too_fine_too_large_or_below_zero_is_refused(sent: object, says: str) -> None:
    with pytest.raises(AmountError, match=says.replace("^", r"\^")):
        parse_amount(sent, decimals=2, name="total")


def test_an_amount_below_zero_is_read_where_it_may_be() -> None:
    assert parse_amount("-2.5", decimals=2, name="amount", negative=True) == Decimal("-2.5")
    with pytest.raises(AmountError):
        parse_amount("-1000000000000001", decimals=2, name="amount", negative=True)


@pytest.mark.parametrize(
    ("amount", "rounding", "rounded"),
    [
        ("2.9", "down", "2"),
        ("-2.1", "down", "-3"),
        ("2.1", "up", "3"),
        ("2.5", "half_up", "3"),
        ("-2.5", "half_up", "-3"),
        ("2.5", "half_even", "2"),
        ("3.5", "half_even", "4"),
        ("2.499999999999999999999999999999999999", "half_up", "2"),
    ],
)
def test_each_rounding_does_what_its_name_says(amount: str, rounding: Rounding, rounded: str) -> None:
    assert quantise(Decimal(amount), 0, rounding) == Decimal(rounded)


@SETTINGS
@given(AMOUNTS, st.integers(0, 6))
def test_rounding_down_never_gives_more_and_less_than_one_step_less(amount: Decimal, decimals: int) -> None:
    rounded = quantise(amount, decimals)

    assert 0 <= amount - rounded < Decimal(1).scaleb(-decimals)
    assert quantise(rounded, decimals) == rounded


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.00", "0"),
        ("-0", "0"),
        ("12.50", "12.5"),
        ("1E+3", "1000"),
        ("100", "100"),
        ("-3.10", "-3.1"),
        ("1E-6", "0.000001"),
    ],
)
def test_an_amount_is_written_without_exponent_or_idle_zeros(amount: str, text: str) -> None:
    assert format_amount(Decimal(amount)) == text


@SETTINGS
@given(AMOUNTS)
def test_what_is_written_reads_as_the_same_amount(amount: Decimal) -> None:
    assert parse_amount(format_amount(amount), decimals=6, name="amount") == amount


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("10", "1 1 1", "4 3 3"),
        ("10", "3.33 3.33 3.34", "3 3 4"),
        ("1", "0 5", "0 1"),
        ("7", "0 0 0", "7 0 0"),
        ("0", "1 2", "0 0"),
        ("5", "1", "5"),
        ("100", "1 0 99", "1 0 99"),
    ],
)
def test_a_total_is_split_by_the_largest_remainder(total: str, weights: str, parts: str) -> None:
    split = split_largest_remainder(Decimal(total), [Decimal(w) for w in weights.split()], 0)

    assert split == [Decimal(part) for part in parts.split()]


def test_nothing_is_split_over_nobody() -> None:
    assert split_largest_remainder(Decimal(5), [], 0) == []


WEIGHTS = st.lists(
    st.decimals(0, 10**15, allow_nan=False, allow_infinity=False, places=6), min_size=1, max_size=8
)


@SETTINGS
@given(AMOUNTS, WEIGHTS, st.integers(0, 6))
def test_parts_are_whole_steps_add_up_and_are_nearest_to_their_share(
    total: Decimal, weights: list[Decimal], decimals: int
) -> None:
    total = quantise(total, decimals)
    step = Decimal(1).scaleb(-decimals)

    parts = split_largest_remainder(total, weights, decimals)

    assert sum(parts) == total
    assert all(part == quantise(part, decimals) for part in parts)
    if any(weights):
        whole = sum(map(Fraction, weights))
        for part, weight in zip(parts, weights, strict=True):
            assert abs(Fraction(part) - Fraction(total) * Fraction(weight) / whole) < step
            assert weight or not part


@SETTINGS
@given(WEIGHTS, st.integers(1, 1000), st.integers(0, 10**6))
def test_only_the_proportion_of_weights_matters(weights: list[Decimal], factor: int, total: int) -> None:
    scaled = [weight * factor for weight in weights]

    assert split_largest_remainder(Decimal(total), weights, 0) == split_largest_remainder(
        Decimal(total), scaled, 0
    )


def test_the_largest_amounts_are_split_exactly() -> None:
    third = [MAX_AMOUNT, MAX_AMOUNT, MAX_AMOUNT - Decimal("0.000001")]

    assert sum(split_largest_remainder(MAX_AMOUNT, third, 6)) == MAX_AMOUNT
