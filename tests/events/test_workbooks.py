"""Excel workbooks: a cell counts as the sheet shows it, and what is wrong is told by the sheet's row."""

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from bondfire.events import CATALOGUE, ColumnMap, Event, FileError, Reject, read_events

HEADER = ("id", "type", "member", "occurred_at", "currency", "total")
NOON = datetime(2026, 7, 1, 12)  # noqa: DTZ001 - a sheet knows no time zone
BERLIN = ColumnMap(timezone=ZoneInfo("Europe/Berlin"))


def order(
    number: object = "o-1", total: object = "9.99", member: object = "c-17", at: object = NOON
) -> list[object]:
    return [number, "order.placed", member, at, "EUR", total]


def workbook(path: Path, *rows: list[object], fill: Callable[[Worksheet], object] | None = None) -> Path:
    """A workbook whose one sheet has the header and these rows."""
    book = openpyxl.Workbook()
    for row in (HEADER, *rows):
        book.active.append(row)
    if fill:
        fill(book.active)
    book.save(path)
    return path


def read(path: Path, columns: ColumnMap | None = BERLIN) -> list[Event | Reject]:
    return list(read_events(path, CATALOGUE, columns=columns))


def totals(rows: list[Event | Reject]) -> list[object]:
    return [row.body["total"] if isinstance(row, Event) else row.code for row in rows]


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The workbook with one of its parts changed."""
    with ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, change(data) if name == part else data)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def test_a_sheet_gives_events_like_any_other_file(tmp_path: Path) -> None:
    # given numbers where a shop has numbers, and a time of the wall clock
    path = workbook(tmp_path / "orders.xlsx", order(number=536365, member=17850, total=12.3))
    # when it is read with the zone of the clock
    (event,) = read(path)
    # then numbers are as the sheet shows them, and summer time counts
    assert isinstance(event, Event)
    assert (event.id, event.member, event.body["total"]) == ("536365", "17850", Decimal("12.3"))
    assert event.occurred_at == datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "total"),
    [
        (12.3, "12.3"),
        (17, "17"),
        (17.0, "17"),
        (0.1 + 0.2, "0.3"),
        (3 * 4.1, "12.3"),
        (1.1000000000000001, "1.1"),
        (123456789012.34, "123456789012.34"),
        (1e15, "1000000000000000"),
        ("12.30", "12.3"),
        (" 12.30 ", "12.3"),
        (0, "0"),
        (-0.0, "0"),
    ],
)
def test_an_amount_is_exactly_what_the_sheet_shows(tmp_path: Path, cell: object, total: str) -> None:
    (event,) = read(workbook(tmp_path / "a.xlsx", order(total=cell)))
    assert totals([event]) == [Decimal(total)]


@pytest.mark.parametrize(
    ("row", "code", "says"),
    [
        (order(total="#N/A"), "bad_cell", "total is #N/A, which is an error"),
        (order(total="#DIV/0!"), "bad_cell", "#DIV/0!"),
        (order(number=1234567890123456), "bad_cell", "first 15 digits"),
        (order(total=1.234), "bad_amount", "at most 2 digits"),
        (order(total=1e-7), "bad_amount", "0.0000001"),
        (order(total="12,30"), "bad_amount", "12,30"),
        (order(number=date(2026, 7, 1)), "wrong_kind", "text"),
        (order(at=time(12, 30)), "bad_time", "12:30:00"),
        (order(at="1.7.2026"), "bad_time", "1.7.2026"),
        (order(at=46204.5), "bad_time", "46204.5"),
        (order(member=None), "missing_field", "member"),
        (order(number=True, total=-1), "bad_amount", "total is -1"),
    ],
)
def test_what_is_no_value_is_rejected_with_the_row_of_the_sheet(
    tmp_path: Path, row: list[object], code: str, says: str
) -> None:
    # given the broken row under an empty one
    path = workbook(tmp_path / "a.xlsx", order(number="first"), [], row, order(number="last"))
    # when it is read
    first, reject, last = read(path)
    # then the others go on, and the reject names the row that the user sees
    assert isinstance(first, Event)
    assert isinstance(last, Event)
    assert isinstance(reject, Reject)
    assert (reject.row, reject.code) == (4, code)
    assert says in reject.message
    assert "row 4" in reject.message
    assert reject.next_step
    assert json.loads(reject.raw).keys() == set(HEADER)


def test_a_time_without_a_zone_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    (reject,) = read(workbook(tmp_path / "a.xlsx", order()), None)
    assert isinstance(reject, Reject)
    assert (reject.code, reject.field) == ("bad_time", "occurred_at")
    assert "timezone: Europe/Paris" in reject.next_step


def test_a_time_written_with_its_offset_needs_no_zone(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", order(at="2026-07-01T12:00:00+02:00"))
    for columns in (None, BERLIN):
        (event,) = read(path, columns)
        assert isinstance(event, Event)
        assert event.occurred_at == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_a_day_is_its_midnight_and_summer_begins_after_the_gap(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        order(at=date(2026, 7, 1)),
        order(at=datetime(2026, 3, 29, 2, 30)),  # noqa: DTZ001 - an hour that does not exist in Berlin
    )
    day, gap = read(path)
    assert isinstance(day, Event)
    assert isinstance(gap, Event)
    assert day.occurred_at == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert gap.occurred_at == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_dates_count_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", order())
    rewritten(
        path, "xl/workbook.xml", lambda text: text.replace(b"<workbookPr ", b'<workbookPr date1904="1" ')
    )
    (event,) = read(path)
    assert isinstance(event, Event)
    assert event.occurred_at == datetime(2030, 7, 2, 10, tzinfo=UTC)


def test_a_formula_counts_with_the_value_that_was_saved(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", order(total="=3*4.1"))
    rewritten(path, SHEET, lambda text: re.sub(b"(</f>)<v ?/>", rb"\1<v>12.299999999999999</v>", text))
    assert totals(read(path)) == [Decimal("12.3")]


def test_columns_without_a_name_and_notes_beside_the_table_are_not_read(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["H2"] = "seen by Ann"
        sheet["H5"] = "a note of its own"

    (event,) = read(workbook(tmp_path / "a.xlsx", order(), fill=fill))
    assert isinstance(event, Event)


def test_an_error_in_a_column_that_is_not_read_harms_nobody(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", order(total="#REF!"))
    mapped = ColumnMap({name: name for name in HEADER if name != "total"}, {"total": "1"}, BERLIN.timezone)
    assert totals(read(path, mapped)) == [Decimal(1)]


def test_hidden_rows_count_and_of_merged_cells_the_first_has_the_value(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.row_dimensions[2].hidden = True
        sheet.merge_cells("C3:C4")

    rows = read(workbook(tmp_path / "a.xlsx", *(order(number=f"o-{one}") for one in range(3)), fill=fill))
    assert [isinstance(row, Event) for row in rows] == [True, True, False]
    assert isinstance(rows[2], Reject)
    assert (rows[2].row, rows[2].code) == (4, "missing_field")


def test_the_table_may_begin_further_down(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", order(total="x"), fill=lambda sheet: sheet.insert_rows(1, 2))
    (reject,) = read(path)
    assert isinstance(reject, Reject)
    assert reject.row == 4


def test_a_sheet_that_tells_its_size_wrongly_is_read_whole(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", order(), order(number="o-2"))
    rewritten(path, SHEET, lambda text: text.replace(b'ref="A1:F3"', b'ref="A1:B2"'))
    assert len(totals(read(path))) == 2


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """A workbook with a hidden sheet first, and three orders in different sheets."""
    book = openpyxl.Workbook()
    book.active.title, book.active.sheet_state = "Lists", "hidden"
    for name in ("Orders", "Returns"):
        sheet = book.create_sheet(name)
        sheet.append(HEADER)
        sheet.append(order(number=f"of {name}"))
    book.save(tmp_path / "several.xlsx")
    return tmp_path / "several.xlsx"


@pytest.mark.parametrize(
    ("sheet", "told"), [(None, "of Orders"), ("Orders", "of Orders"), ("Returns", "of Returns")]
)
def test_the_map_names_the_sheet_and_else_it_is_the_first_to_be_seen(
    several: Path, sheet: str | None, told: str
) -> None:
    (event,) = read(several, ColumnMap(timezone=BERLIN.timezone, sheet=sheet))
    assert isinstance(event, Event)
    assert event.id == told


@pytest.mark.parametrize(("sheet", "says"), [("Order", '"Orders"'), ("2026", "Lists, Orders, Returns")])
def test_a_sheet_that_is_not_there_is_refused_with_the_nearest(several: Path, sheet: str, says: str) -> None:
    with pytest.raises(FileError) as caught:
        read(several, ColumnMap(sheet=sheet))
    assert f"several.xlsx has no sheet '{sheet}'" in str(caught.value)
    assert says in str(caught.value)


def bomb(path: Path) -> None:
    """Promises a gigabyte, as one that holds it would."""
    with ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"<worksheet/>")
        archive.filelist[-1].file_size = 10**9


def entities(path: Path) -> None:
    """The billion laughs: ten letters that become a gigabyte."""
    doctype = b"".join(b'<!ENTITY a%d "%s">' % (one, b"&a%d;" % (one - 1) * 10) for one in range(1, 9))
    start = b'<!DOCTYPE worksheet [<!ENTITY a0 "0000000000">%s]><worksheet' % doctype
    rewritten(path, SHEET, lambda text: text.replace(b"<worksheet", start, 1).replace(b"9.99", b"&a8;"))
    rewritten(
        path,
        "xl/sharedStrings.xml",
        lambda text: text.replace(b"<sst", start.replace(b"worksheet", b"sst"), 1).replace(b"9.99", b"&a8;"),
    )


def far_row(path: Path) -> None:
    """One row, a billion rows further down."""
    rewritten(path, SHEET, lambda text: text.replace(b'<row r="2"', b'<row r="1000000000"'))


def cut(path: Path) -> None:
    """What a broken download leaves."""
    path.write_bytes(path.read_bytes()[:-100])


def without_sheet(path: Path) -> None:
    """A part that others name is not there."""
    rewritten(path, SHEET, lambda _: b"")


def locked(path: Path) -> None:
    """The first bytes of a workbook with a password, and of one from before 2007."""
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))


def text_file(path: Path) -> None:
    """A CSV that somebody renamed."""
    path.write_text("id,type\n", encoding="utf-8")


def other_archive(path: Path) -> None:
    """A zip of something else."""
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "a")
    path.write_bytes(packed.getvalue())


def no_header(path: Path) -> None:
    """A sheet without a cell."""
    openpyxl.Workbook().save(path)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (bomb, "more than 500,000,000 bytes"),
        (entities, "damaged"),
        (far_row, "more than 1,048,576 rows"),
        (cut, "damaged, or no Excel workbook"),
        (without_sheet, "damaged"),
        (locked, "without a password"),
        (text_file, "damaged, or no Excel workbook"),
        (other_archive, "damaged, or no Excel workbook"),
        (no_header, "no header row"),
    ],
)
def test_a_workbook_that_cannot_be_read_says_why(
    tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    path = workbook(tmp_path / "a.xlsx", order())
    spoil(path)
    with pytest.raises(FileError) as caught:
        read(path)
    assert (caught.value.code, says in str(caught.value)) == ("bad_file", True), caught.value
    assert "a.xlsx" in caught.value.message
    assert caught.value.next_step


@pytest.mark.parametrize("step", range(4))
def test_no_wrong_byte_ends_in_anything_but_events_rejects_or_a_clear_error(
    tmp_path: Path, step: int
) -> None:
    path = workbook(tmp_path / "a.xlsx", order(), order(number="o-2"))
    data = bytearray(path.read_bytes())
    for place in range(step, len(data), 4 * 15):
        data[place] ^= 1 + step
        path.write_bytes(data)
        try:
            read(path)
        except FileError as error:
            assert error.next_step  # noqa: PT017 - either is right
        data[place] ^= 1 + step
