"""Files of events: each row is an event or a reject, and a broken row stops nobody."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bondfire.events import CATALOGUE, Event, FileError, Reject, canonical_body, count_rows, read_events
from events.makers import NOON, line, parsed, raw

Written = Callable[[str, str | bytes], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        data = text.encode() if isinstance(text, str) else text
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


def sorted_out(path: Path) -> tuple[list[Event], list[Reject]]:
    rows = list(read_events(path, CATALOGUE))
    return [row for row in rows if isinstance(row, Event)], [row for row in rows if isinstance(row, Reject)]


ORDERS = [
    raw(id=f"o-{number}", total="10", lines=[line("4"), line("6", brand="a, b")]) for number in range(3)
]
CSV = "id,type,source,member,occurred_at,currency,total,lines\n" + "".join(
    f'{each["id"]},order.placed,shop,c-17,2026-03-02T12:00:00Z,EUR,10.00,"'
    + json.dumps(each["lines"]).replace('"', '""')
    + '"\r\n'
    for each in ORDERS
)
NDJSON = "".join(json.dumps(each) + "\n" for each in ORDERS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("orders.ndjson", NDJSON),
        ("orders.JSONL", NDJSON.replace("\n", "\r\n\r\n")),
        ("orders.ndjson.gz", NDJSON),
        ("orders.json", json.dumps(ORDERS, indent=1)),
        ("orders.json.gz", "\n" + json.dumps(ORDERS)),
        ("orders.json", NDJSON),
        ("orders.csv", CSV),
        ("orders.csv.gz", "\ufeff" + CSV),
        ("orders.ndjson", "\ufeff" + NDJSON.rstrip("\n")),
    ],
)
def test_the_same_events_come_out_of_each_format(written: Written, name: str, text: str) -> None:
    events, rejects = sorted_out(written(name, text))
    assert rejects == []
    assert [canonical_body(event) for event in events] == [canonical_body(parsed(each)) for each in ORDERS]


def test_what_lies_in_the_future_is_rejected_with_its_row(written: Written) -> None:
    ahead = [
        raw(id="soon", occurred_at="2026-03-02T12:05:00Z"),
        raw(id="later", occurred_at="2026-03-02T12:05:01Z"),
    ]
    path = written("a.ndjson", "\n".join(map(json.dumps, ahead)))
    event, reject = read_events(path, CATALOGUE, recorded_at=NOON)
    assert isinstance(event, Event)
    assert isinstance(reject, Reject)
    assert (reject.row, reject.field, reject.code) == (2, "occurred_at", "event_in_future")
    assert json.loads(reject.raw)["id"] == reject.event == "later"


def test_the_time_of_recording_is_given_to_each(written: Written) -> None:
    rows = list(read_events(written("a.ndjson", NDJSON), CATALOGUE, recorded_at=NOON))
    assert {row.recorded_at for row in rows if isinstance(row, Event)} == {NOON}


def test_broken_lines_are_rejected_with_their_number_and_the_others_go_on(written: Written) -> None:
    # given a file with a good first and last line and every kind of mistake between
    good = json.dumps(ORDERS[0]).encode()
    lines = [
        good,
        b'{"id": "x"',
        b"[1]",
        json.dumps(raw(total="1.999")).encode(),
        b'{"id": "caf\xe9"}',
        b" ",
        b'{"id": "' + b"x" * 2_000_000 + b'"}',
        good,
    ]
    # when it is read
    events, rejects = sorted_out(written("a.ndjson", b"\n".join(lines)))
    # then both good lines came through, and each mistake says where it is
    assert [event.id for event in events] == ["o-0", "o-0"]
    assert [(reject.row, reject.code, reject.field) for reject in rejects] == [
        (2, "bad_json", ""),
        (3, "wrong_kind", ""),
        (4, "bad_amount", "total"),
        (5, "bad_json", ""),
        (7, "too_long", ""),
    ]
    assert rejects[2].message.startswith("a.ndjson, row 4: total is 1.999")
    assert rejects[2].raw == lines[3].decode()
    assert rejects[3].raw == '{"id": "caf\\xe9"}'
    assert all(reject.next_step for reject in rejects)


def test_broken_cells_are_rejected_with_their_column_and_the_others_go_on(written: Written) -> None:
    header, good, *_ = CSV.splitlines(keepends=True)
    rows = [
        good,
        "x,order.placed,shop\n",
        "x,order.placed,shop,c-17,2026-02-30T12:00:00Z,EUR,10,\n",
        "x,order.placed,shop,c-17,2026-03-02T12:00:00Z,EUR,10,not json\n",
        'x,order.placed,"sh"op,c-17,2026-03-02T12:00:00Z,EUR,10,\n',
        "\n",
        'x,order.placed,"a\nb",c-17,2026-03-02T12:00:00Z,EUR,-10,\n',
        good,
    ]
    events, rejects = sorted_out(written("a.csv", header + "".join(rows)))
    assert [event.id for event in events] == ["o-0", "o-0"]
    assert [(reject.row, reject.code, reject.column) for reject in rejects] == [
        (3, "wrong_cells", ""),
        (4, "bad_time", "occurred_at"),
        (5, "bad_json", "lines"),
        (6, "bad_csv", ""),
        (8, "bad_amount", "total"),
    ]
    assert rejects[-1].raw == rows[-2].rstrip("\n")


def test_bytes_that_are_no_utf8_spoil_only_their_row(written: Written) -> None:
    header, good, *_ = CSV.splitlines(keepends=True)
    bad = good.replace("c-17", "caf\udce9").encode("utf-8", "surrogateescape")
    events, rejects = sorted_out(written("a.csv", header.encode() + bad + good.encode()))
    assert len(events) == 1
    assert [(reject.code, reject.field) for reject in rejects] == [("bad_text", "member")]


def test_cells_become_the_kinds_of_their_fields(written: Written) -> None:
    text = (
        "id;type;member;occurred_at;rating;attributes.city;categories;currency;total\n"
        "r-1;review.submitted;007;2026-03-02T12:00:00Z;4;;;;\n"
        "r-2;order.placed;007;2026-03-02T12:00:00Z;;;shoes|sale;EUR; 5.50 \n"
        "r-3;member.joined;007;2026-03-02T12:00:00Z;;Kiel;;;\n"
        "r-4;review.submitted;007;2026-03-02T12:00:00Z;four;;;;\n"
    )
    events, rejects = sorted_out(written("a.csv", text))
    assert events[0].body["rating"] == 4
    assert events[0].member == "007"
    assert events[1].body["categories"] == ["shoes", "sale"]
    assert [(reject.row, reject.column) for reject in rejects] == [(4, "attributes.city"), (5, "rating")]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.txt", "", ("unknown_format", ".ndjson")),
        ("a.xls", "", ("unknown_format", "save it as .xlsx")),
        ("a.ods", "", ("unknown_format", "save it as .xlsx")),
        ("a.jsonn", "", ("unknown_format", '".json"')),
        ("a.csv", "", ("bad_file", "no header")),
        ("a.csv", "id,type,membr,occurred_at\n", ("unknown_column", '"member"')),
        ("a.csv", "id,type,occurred_at\n", ("missing_column", "'member'")),
        ("a.csv", "id,id,type,member,occurred_at\n", ("bad_file", "twice")),
        ("a.json", '[{"a": 1},\n{"b": }]', ("bad_json", "line 2")),
        ("a.parquet", "PAR1", ("bad_file", "not Parquet")),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    written: Written, name: str, text: str, expected: tuple[str, str]
) -> None:
    code, says = expected
    with pytest.raises(FileError) as caught:
        sorted_out(written(name, text))
    assert caught.value.code == code
    assert says in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["gone.ndjson", "gone.csv.gz", "gone.parquet", "gone.json", "gone.xlsx"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError) as caught:
        sorted_out(tmp_path / name)
    assert caught.value.code == "no_such_file"
    assert name in str(caught.value)


@pytest.mark.parametrize("suffix", [".json", ".ndjson", ".csv", ".parquet", ".xlsx", ".ndjson.gz"])
def test_no_file_of_the_json_test_suite_is_read_as_an_event(
    written: Written, corpora: Path, suffix: str
) -> None:
    for path in sorted((corpora / "json-test-suite").glob("*.json")):
        try:
            events, rejects = sorted_out(written(f"a{suffix}", path.read_bytes()))
        except FileError as error:
            assert error.message  # noqa: PT017 - a file may be refused as a whole
        else:
            assert events == []
            assert all(reject.row and reject.code and reject.next_step for reject in rejects)


def test_every_naughty_string_in_a_cell_is_read_as_it_is_or_rejected(written: Written, corpora: Path) -> None:
    strings = json.loads((corpora / "naughty-strings" / "blns.json").read_text(encoding="utf-8"))
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["id", "type", "member", "occurred_at", "currency", "total", "order", "coupon"])
    for row, text in enumerate(strings, 2):
        table.writerow([row, "order.placed", "c-17", "2026-03-02T12:00:00Z", "EUR", "1", row, text])

    events, rejects = sorted_out(written("a.csv", out.getvalue()))

    assert all(event.body.get("coupon", "") == strings[int(event.id) - 2] for event in events)
    assert {reject.code for reject in rejects} == {"too_long"}
    assert len(events) + len(rejects) == len(strings)


@pytest.mark.parametrize("cut", [5, 40])
def test_gzip_that_is_cut_off_is_an_error_and_not_a_shorter_file(written: Written, cut: int) -> None:
    path = written("a.ndjson.gz", NDJSON)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(FileError, match="not complete gzip"):
        sorted_out(path)


def test_rows_are_counted_for_a_progress_bar(written: Written) -> None:
    assert count_rows(written("a.ndjson", NDJSON)) == 3
    assert count_rows(written("a.ndjson", NDJSON.rstrip("\n"))) == 3
    assert count_rows(written("a.ndjson", "")) == 0
    assert count_rows(written("a.csv.gz", CSV)) == 3
    assert count_rows(written("a.json", "[]")) is None
    assert count_rows(written("a.xlsx", "")) is None
    assert count_rows(written("a.Parquet", "broken")) is None
    many = written("many.ndjson", NDJSON * 10_000)
    assert abs((count_rows(many) or 0) - 30_000) < 300
    packed = written("many.ndjson.gz", NDJSON * 10_000)
    assert abs((count_rows(packed) or 0) - 30_000) < 10_000
