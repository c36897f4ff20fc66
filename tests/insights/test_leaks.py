"""Columns and rows that know the answer are found, and honest ones are left alone."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from bondfire.insights import Leak, Table, find_leaks, load_table

ROWS = 1000
CHANCE = np.random.default_rng(11)
ANSWER = CHANCE.random(ROWS) < 0.3
HONEST = CHANCE.normal(size=ROWS) + ANSWER
AGE = CHANCE.normal(size=ROWS)


def kinds(found: list[Leak]) -> set[tuple[str, str]]:
    return {(leak.kind, leak.column) for leak in found}


def table_with(**columns: Iterable[object]) -> Table:
    base: dict[str, Iterable[object]] = {"honest": HONEST, "left": ANSWER.astype(int), **columns}
    return Table("t.csv", {name: [str(one) for one in cells] for name, cells in base.items()}, "x")


def test_the_made_up_satisfaction_of_telco_is_caught_and_nothing_honest(shared_data: Path) -> None:
    folder = shared_data / "telco_churn"

    made_up = find_leaks(load_table(folder / "telco_extended.csv.gz"), "Churn Value")
    honest = find_leaks(load_table(folder / "telco_customer_churn.csv.gz"), "Churn")

    assert kinds(made_up) == {
        ("knows_the_answer", "Satisfaction Score"),
        ("knows_the_answer", "Customer Status"),
        ("knows_the_answer", "Churn Label"),
        ("knows_the_answer", "Churn Score"),
        ("known_afterwards", "Churn Category"),
        ("known_afterwards", "Churn Reason"),
    }
    assert honest == []


def test_an_honest_column_is_no_leak() -> None:
    assert find_leaks(table_with(), "left") == []


def test_a_column_that_is_filled_afterwards_is_found() -> None:
    reason = ["price" if left and CHANCE.random() < 0.95 else "" for left in ANSWER]

    assert kinds(find_leaks(table_with(reason=reason), "left")) == {("known_afterwards", "reason")}


def test_a_column_with_the_answer_of_the_next_row_is_found() -> None:
    assert kinds(find_leaks(table_with(flag=np.roll(ANSWER, -1)), "left")) == {("shifted", "flag")}


def test_rows_that_come_twice_are_found() -> None:
    twice = {name: [*cells, *cells[:50]] for name, cells in table_with(age=AGE).columns.items()}

    assert kinds(find_leaks(Table("t.csv", twice, "x"), "left")) == {("doubled_rows", "")}


def test_a_model_that_only_knows_its_groups_and_its_time_is_found() -> None:
    shop = np.repeat(np.arange(50), 20)
    busy = CHANCE.random(50) < 0.5
    left = (CHANCE.random(ROWS) < np.where(busy[shop], 0.8, 0.1)).astype(int)
    size = shop + CHANCE.random(ROWS) / 10
    columns: dict[str, Iterable[object]] = {
        "left": left,
        "shop": [f"s{one}" for one in shop],
        "size": size,
        "day": np.arange(ROWS) // 2,
    }

    found = kinds(find_leaks(table_with(**columns), "left", group="shop", time="day"))

    assert {("grouped_gap", "shop"), ("later_gap", "day")} <= found


@pytest.mark.parametrize("group", [None, "honest"])
def test_without_a_gap_no_gap_is_told(group: str | None) -> None:
    assert find_leaks(table_with(day=np.arange(ROWS) // 2), "left", group=group, time="day") == []
