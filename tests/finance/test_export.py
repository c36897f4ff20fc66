"""The journal as CSV: balanced, in an order that stays, harmless in a spreadsheet, a few lines at a time."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from bondfire.db import connect
from bondfire.finance import COLUMNS, Control, as_text
from bondfire.finance.export import csv_of
from bondfire.journal import MOVES, Line, report
from bondfire.kit import format_amount
from finance.makers import at, books_of, entries_in, happened, order, spent

EVER = (date(2026, 1, 1), date(2026, 12, 31))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_export_is_the_journal_line_by_line_and_adds_up_to_the_books(database: str) -> None:
    books = books_of(database)
    for number in range(1, 30):
        member = {"member": f"c-{number % 7}"}
        books.send(at(f"2026-01-{number:02}"), order(str(number), f"2026-01-{number:02}", "50", **member))
    books.send(at("2026-02-01"), spent("1", "2026-02-01", "60"), spent("2", "2026-02-01", "70", member="c-2"))
    books.work(at("2026-09-01"))

    text, control = books.export(*EVER)
    rows = rows_of(text)

    with connect(database) as conn:
        entries = [entry for _, entry in entries_in(conn, books.brand)]
        stored = report(conn, books.brand).totals["points"]
    assert tuple(rows[0]) == COLUMNS
    told = [(int(row["entry"]), row["unit"], row["debit"], row["credit"], row["amount"]) for row in rows]
    assert told == [
        (one.number, one.unit, str(one.debit), str(one.credit), format_amount(one.amount)) for one in entries
    ]
    places = [(int(row["bucket"]), int(row["seq"]), int(row["entry"])) for row in rows]
    assert places == sorted(places)
    assert len(set(places)) == control.lines == len(rows)
    balance: Counter[str] = Counter()
    for row in rows:
        if row["unit"] == "points":
            balance[row["debit"]] -= int(row["amount"])
            balance[row["credit"]] += int(row["amount"])
    assert sum(balance.values()) == 0
    assert balance["spent"] == 130
    assert balance["active"] == stored.active
    assert balance["expired"] == stored.expired
    assert control.values["EUR"] == sum(Decimal(row["value"] or 0) for row in rows)


def test_months_exported_one_by_one_are_the_whole(database: str) -> None:
    books = books_of(database)
    books.send(at("2026-01-31T23:59"), order("1", "2026-01-31T23:59", "50"))
    books.send(at("2026-02-01T00:00"), order("2", "2026-02-01T00:00", "60"))

    whole = rows_of(books.export(*EVER)[0])
    january = rows_of(books.export(date(2026, 1, 1), date(2026, 1, 31))[0])
    february = rows_of(books.export(date(2026, 2, 1), date(2026, 2, 28))[0])

    assert january + february == whole
    assert [row["period"] for row in whole if row["unit"] == "points"] == ["2026-01", "2026-02"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "'"])
def test_no_text_of_a_sender_is_a_formula(sign: str) -> None:
    assert as_text(f"{sign}cmd|' /C calc'!A1") == f"'{sign}cmd|' /C calc'!A1"
    assert as_text(f"a{sign}b") == f"a{sign}b"


def test_an_event_named_like_a_formula_arrives_as_a_text(database: str) -> None:
    books = books_of(database)
    named = {**order("1", "2026-01-10", "50"), "id": '=HYPERLINK("x";"y")', "source": "@shop,"}
    books.send(at("2026-01-10"), named)

    rows = rows_of(books.export(*EVER)[0])

    assert {(row["source"], row["event"]) for row in rows} == {("'@shop,", '\'=HYPERLINK("x";"y")')}


def test_lines_are_written_while_they_are_read(database: str) -> None:
    timeline = books_of(database).timeline
    when = datetime(2026, 1, 1, tzinfo=UTC)
    moved = (when.date(), when, "points", "spend", Decimal(1), UUID(int=0))
    line = Line._make((*moved, 0, 1, 1, 1, "shop", "e", False, "", 1, 1))
    asked = 0

    def many() -> Iterator[Line]:
        nonlocal asked
        for number in range(10**9):
            asked += 1
            yield line._replace(seq=number, number=number)

    pieces = csv_of(many(), timeline, Control())
    heads = [next(pieces) for _ in range(3)]

    assert asked == 1_500
    assert sum(piece.count("\r\n") for piece in heads) == 1_501


def test_every_kind_of_movement_has_its_two_accounts() -> None:
    assert all(debit is not credit for _, debit, credit in MOVES.values())


def test_what_time_did_names_no_event(database: str) -> None:
    books = books_of(database)
    books.send(at("2026-01-10"), order("1", "2026-01-10", "50"))
    books.work(at("2026-08-02"))
    books.send(at("2026-08-03"), happened("member.joined", "j", "2026-08-03"))

    (expiry,) = [row for row in rows_of(books.export(*EVER)[0]) if row["kind"] == "expire"]

    assert (expiry["event"], expiry["posted_on"], expiry["value"]) == ("", "2026-08-01", "0.5")
