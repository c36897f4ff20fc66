"""Purchases are read from files as shops have them, and every refusal names column and row."""

import gzip
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from bondfire.insights import HistoryError, Purchases, day_number, day_of, read_purchases, summarise

TODAY = date(2026, 11, 25)


def read(path: Path, value: str | None = None) -> Purchases:
    return read_purchases(path, member="who", time="when", value=value, today=TODAY)


def csv_of(folder: Path, *rows: str, header: str = "who,when,paid") -> Path:
    path = folder / "purchases.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def told(found: Purchases) -> list[tuple[str, str]]:
    days = [day_of(day).isoformat() for day in found.day.tolist()]
    return list(zip([found.names[one] for one in found.member], days, strict=True))


def test_a_day_is_the_one_on_the_clock_of_the_row(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "a,2011-12-09,1",
        "b,20111209,1",
        "a,2011-12-09 08:26,1",
        "c,2011-12-09T23:30:00-05:00,1",
        "a,2011-12-09T00:10:00.25+02:00,1",
        "a,2011-12-09T10:00:00Z,1",
    )
    assert told(read(path)) == [(name, "2011-12-09") for name in "abacaa"]


def test_parquet_and_gzip_give_what_csv_gives(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "7,2011-12-09T23:30:00,1", "8,2011-12-10T00:30:00,2")
    zipped = tmp_path / "purchases.csv.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    columns = tmp_path / "purchases.parquet"
    when = pa.array([datetime(2011, 12, 9, 23, 30), datetime(2011, 12, 10, 0, 30)], pa.timestamp("ns"))  # noqa: DTZ001
    parquet.write_table(pa.table({"who": [7.0, 8.0], "when": when, "paid": [1, 2]}), columns)
    assert (
        told(read(path))
        == told(read(zipped))
        == told(read(columns))
        == [("7", "2011-12-09"), ("8", "2011-12-10")]
    )


def test_parquet_times_with_a_zone_are_read_on_its_clock(tmp_path: Path) -> None:
    path = tmp_path / "purchases.parquet"
    noon = pa.array([datetime(2011, 12, 9, 23, 30)], pa.timestamp("us", tz="UTC"))  # noqa: DTZ001
    parquet.write_table(
        pa.table({"who": ["a"], "when": noon.cast(pa.timestamp("us", tz="Europe/Berlin"))}), path
    )
    assert told(read(path)) == [("a", "2011-12-10")]


def test_rows_without_value_are_no_purchases(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "a;2011-12-09;5", "b;2011-12-09;-5", "a;2011-12-10;0", header="who;when;paid")
    assert told(read(path, "paid")) == [("a", "2011-12-09")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",2011-12-09,1", "'who' in row 2 is empty"),
        ("  ,2011-12-09,1", "'who' in row 2 is empty"),
        ("b,,1", "'when' in row 2 is empty"),
        ("b,09.12.2011,1", "'when' in row 2 is no date or time: '09.12.2011'"),
        ("b,2011-02-30,1", "'when' in row 2 is no day of the calendar: '2011-02-30'"),
        ("b,2011-12-09 25:00,1", "'when' in row 2 is no date or time"),
        ("b,-5,1", "'when' in row 2 is no date or time: '-5'"),
        ("b,1815-12-09,1", "'when' in row 2 is before 1900"),
        ("b,2026-12-24,1", "'when' in row 2 lies in the future"),
        ("b,2011-12-09,five", "'paid' in row 2 is no number: 'five'"),
        ("b,2011-12-09,", "'paid' in row 2 is empty"),
        ("b,2011-12-09", "Expected 3 columns, got 2"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(HistoryError, match="(?s)" + message.replace(".", r"\.")) as refused:
        read(csv_of(tmp_path, "a,2011-12-08,1", row), "paid")
    assert refused.value.next_step


def test_a_column_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "purchases.parquet"
    parquet.write_table(pa.table({"who": [True], "when": [1.5], "paid": [date(2011, 1, 1)]}), path)
    with pytest.raises(HistoryError, match="'who' holds bool, which names no member"):
        read(path)
    parquet.write_table(pa.table({"who": [1], "when": [1.5]}), path)
    with pytest.raises(HistoryError, match="'when' holds double, which is no time"):
        read(path)


def test_a_column_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="has no column 'who'") as refused:
        read(csv_of(tmp_path, "a,2011-12-09,1", header="whom,when,paid"))
    assert 'Did you mean "whom"?' in refused.value.next_step


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="has no rows"):
        read(csv_of(tmp_path))


def test_two_purchases_of_a_day_count_once_and_later_ones_not_at_all() -> None:
    start = day_number(date(2024, 1, 1))
    days = start + np.array([3, 0, 0, 10, 3, 5])
    values = np.array([20.0, 5.0, 5.0, 7.0, 10.0, 1.0])
    found = summarise(Purchases(["a", "b"], np.array([0, 0, 0, 0, 0, 1]), days, values), start + 8)
    assert found.member.tolist() == [0, 1]
    assert found.frequency.tolist() == [1, 0]
    assert found.recency.tolist() == [3, 0]
    assert found.age.tolist() == [8, 3]
    assert found.value is not None
    assert found.value.tolist() == [30, 0]


def test_frequency_recency_and_age_are_those_of_lifetimes(lifetimes: Any, shared_data: Path) -> None:
    import pandas as pd

    path = shared_data / "online_retail" / "baskets.csv.gz"
    found = read_purchases(path, member="customer_id", time="ts", value="value", today=TODAY)
    ours = summarise(found, day_number(date(2011, 9, 9)))
    rows = pd.read_csv(path, parse_dates=["ts"])
    theirs = lifetimes.utils.summary_data_from_transaction_data(
        rows[rows["value"] > 0], "customer_id", "ts", "value", observation_period_end="2011-09-09"
    )
    theirs = theirs.loc[[int(found.names[one]) for one in ours.member]]
    assert ours.frequency.tolist() == theirs["frequency"].tolist()
    assert ours.recency.tolist() == theirs["recency"].tolist()
    assert ours.age.tolist() == theirs["T"].tolist()
    assert ours.value == pytest.approx(theirs["monetary_value"].to_numpy())
