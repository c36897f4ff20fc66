"""Tables that were not made for bondfire: the column map, Parquet, and the file of rejects."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bondfire.events import (
    CATALOGUE,
    ColumnMap,
    Event,
    FileError,
    Reject,
    RejectsFile,
    read_column_map,
    read_events,
)

BASKETS = """\
columns: {id: invoice, order: invoice, member: customer_id, occurred_at: ts, total: value}
constants: {type: order.placed, source: till, currency: GBP}
timezone: Europe/London
negative: order.returned
"""


def column_map(folder: Path, text: str = BASKETS) -> ColumnMap:
    path = folder / "baskets.yaml"
    path.write_text(text, encoding="utf-8")
    return read_column_map(path)


def test_a_shops_own_baskets_are_read_through_a_column_map(tmp_path: Path) -> None:
    # given a till's export with its own names, wall-clock times and cancellations below zero
    path = tmp_path / "baskets.csv"
    path.write_text(
        "invoice,customer_id,ts,value,lines,country\n"
        "536365,17850,2011-07-01 08:26:00,139.12,7,United Kingdom\n"
        "C536379,14527,2011-12-01 09:41:00,-27.5,1,United Kingdom\n"
        "536366,,2010-12-01 09:41:00,27.5,1,France\n",
        encoding="utf-8",
    )
    # when it is read through a map
    order, returned, reject = read_events(path, CATALOGUE, columns=column_map(tmp_path))
    # then summer time counts, the cancellation is a return that names no order, and the rest says why
    assert isinstance(order, Event)
    assert order.occurred_at == datetime(2011, 7, 1, 7, 26, tzinfo=UTC)
    assert (order.member, order.body["order"], order.source) == ("17850", "536365", "till")
    assert isinstance(returned, Event)
    assert (returned.type, returned.id, returned.body["total"]) == (
        "order.returned",
        "C536379",
        Decimal("27.5"),
    )
    assert "order" not in returned.body
    assert isinstance(reject, Reject)
    assert (reject.row, reject.field, reject.column) == (4, "member", "customer_id")
    assert reject.message == "baskets.csv, row 4 (column customer_id): member is missing."


def test_the_shared_baskets_are_all_read(shared_data: Path, tmp_path: Path) -> None:
    rows = list(
        read_events(shared_data / "online_retail" / "baskets.csv.gz", CATALOGUE, columns=column_map(tmp_path))
    )
    events = [row for row in rows if isinstance(row, Event)]
    assert len(rows) == len(events) == 22_190
    assert sum(event.type == "order.returned" for event in events) == 3_654


def test_parquet_rows_are_events_like_any_other(tmp_path: Path) -> None:
    # given a table with whole numbers, doubles, nanoseconds and nested lines
    path = tmp_path / "orders.parquet"
    pq.write_table(
        pa.table(
            {
                "number": [1, 2, 3],
                "card": [17, 17, None],
                "day": pa.array([datetime(2026, 7, 1, 12)] * 3, pa.timestamp("ns")),  # noqa: DTZ001 - wall clock
                "value": [10.1, -2.25, 3.0],
                "lines": [[{"sku": "A", "amount": "10.1"}], None, None],
            }
        ),
        path,
    )
    mapped = ColumnMap(
        {"id": "number", "member": "card", "occurred_at": "day", "total": "value", "lines": "lines"},
        {"type": "order.placed", "currency": "EUR"},
        ZoneInfo("Europe/Berlin"),
        "order.returned",
    )
    # when it is read
    order, returned, reject = read_events(path, CATALOGUE, columns=mapped)
    # then a double is the decimal that it shows
    assert isinstance(order, Event)
    assert (order.id, order.member, order.body["total"]) == ("1", "17", Decimal("10.1"))
    assert order.occurred_at == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert isinstance(returned, Event)
    assert returned.body["total"] == Decimal("2.25")
    assert isinstance(reject, Reject)
    assert (reject.row, reject.column) == (3, "card")
    assert json.loads(reject.raw)["number"] == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("columns: {id: invoise}", "'invoise' (for id). Did you mean \"invoice\"?"),
        ("colums: {}", '"columns"'),
        ("timezone: Europe/Lundun", "not a time zone"),
        ("columns: [a]", "columns must map"),
        ("columns: {id: 5}", "columns must map"),
        ("constants: 5", "constants must map"),
        ("negative: 5", "negative must be"),
        ("sheet: 2026", "sheet must be the name"),
        ("sheet: Orders", "has no sheets"),
        ("- a", "not a column map"),
        ("a: [", "as YAML"),
    ],
)
def test_a_column_map_that_cannot_be_says_why(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "baskets.csv"
    path.write_text("invoice,customer_id\n", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        list(read_events(path, CATALOGUE, columns=column_map(tmp_path, text)))
    assert says in str(caught.value)


def test_a_column_map_is_for_tables(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no columns"):
        list(read_events(tmp_path / "a.ndjson", CATALOGUE, columns=ColumnMap()))


def test_a_map_without_columns_adds_what_a_table_of_ours_lacks(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "id,member,occurred_at,total\no-1,c-17,2026-07-01 12:00:00,9.99\n",
        encoding="utf-8",
    )
    mapped = column_map(tmp_path, "constants: {type: order.placed, currency: EUR}\ntimezone: Europe/Berlin")

    (event,) = read_events(path, CATALOGUE, columns=mapped)

    assert isinstance(event, Event)
    assert (event.type, event.occurred_at.hour, event.body["total"]) == ("order.placed", 10, Decimal("9.99"))


def reject(row: int) -> Reject:
    return Reject(
        file="a", event="e", row=row, field="", column="", code="x", message="m", next_step="n", raw="r"
    )


def test_rejects_go_to_their_file_only_when_there_are_any(tmp_path: Path) -> None:
    path = tmp_path / "rejects.ndjson"
    with RejectsFile(path) as rejects:
        assert list(tmp_path.iterdir()) == []
        rejects.write(reject(1))
        rejects.write(reject(2))
        assert not path.exists()
    assert rejects.count == 2
    assert [json.loads(text)["row"] for text in path.read_text().splitlines()] == [1, 2]
    assert list(tmp_path.iterdir()) == [path]


def test_rejects_of_an_earlier_run_do_not_outlive_a_clean_one(tmp_path: Path) -> None:
    path = tmp_path / "rejects.ndjson"
    path.write_text("old", encoding="utf-8")
    with RejectsFile(path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_has_left_is_cleared_away(tmp_path: Path) -> None:
    path = tmp_path / "rejects.ndjson"
    path.with_name("rejects.ndjson.partial").write_text("half", encoding="utf-8")
    with RejectsFile(path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_breaks_off_leaves_no_half_file_of_rejects(tmp_path: Path) -> None:
    path = tmp_path / "rejects.ndjson"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt), RejectsFile(path) as rejects:  # noqa: PT012 - breaks off inside
        rejects.write(reject(1))
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_day_that_does_not_exist_is_told_as_such_and_not_as_a_missing_offset(tmp_path: Path) -> None:
    path = tmp_path / "baskets.csv"
    path.write_text("invoice,customer_id,ts,value\n1,17,2010-13-01 08:26:00,9.99\n", encoding="utf-8")

    (reject,) = read_events(path, CATALOGUE, columns=column_map(tmp_path))

    assert isinstance(reject, Reject)
    assert (reject.code, reject.column, reject.event) == ("bad_time", "ts", "1")
    assert "month must be in 1..12" in reject.message
