"""`bondfire import`: broken rows are set aside, and no interruption changes the result."""

import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import psycopg
import pytest

from bondfire.db import connect
from bondfire.events import read_events
from bondfire.journal import digest
from bondfire.programs import brand_named, load_program
from bondfire.simulation import simulate
from cli.conftest import Command, Shell

BRAND = "corner-cafe"


def orders(path: Path, number: int) -> Path:
    """A history of many orders of a few members; after each hundred a row that cannot be read."""
    rows = (
        {
            "id": f"o-{one}",
            "type": "order.placed",
            "source": "shop",
            "member": f"c-{one % 97}",
            "occurred_at": f"2026-0{1 + one * 5 // number}-{1 + one % 27:02d}T10:00:00Z",
            "currency": "EUR",
            "total": f"{10 + one % 50}.50",
        }
        for one in range(number)
    )
    lines = [msgspec.json.encode(row) for row in rows]
    hundreds = [b"\n".join(lines[first : first + 100]) for first in range(0, number, 100)]
    path.write_bytes(b"\n{broken\n".join(hundreds))
    return path


def digest_of(database: str) -> str:
    """What is stored of everybody."""
    with connect(database) as conn:
        return digest(conn, brand_named(conn, BRAND))


def test_broken_rows_are_set_aside_with_reasons_and_the_others_are_imported(
    installed: Command, program: Path, events: Path
) -> None:
    installed("publish", program, "--clock", "events")

    ended = installed("import", events, "--brand", BRAND, "--workers", "1", "--json")

    rejects = events.with_name("events.ndjson.rejects.ndjson")
    assert ended.code == 0
    assert ended.json["outcomes"] == {"accepted": 2, "refused": 1}
    assert (ended.json["rejected"], ended.json["rejects_file"]) == (1, str(rejects))
    reject = msgspec.json.decode(rejects.read_bytes())
    assert (reject["row"], reject["field"], reject["code"]) == (2, "type", "unknown_type")


def test_people_read_what_happened(installed: Command, program: Path, events: Path) -> None:
    installed("publish", program, "--clock", "events")

    ended = installed("import", events, "--brand", BRAND, "--workers", "1")

    assert "3 events (2 accepted, 1 refused)" in ended.out
    assert "Refused: s-1: 600 beans were asked for" in ended.err
    assert 'Did you mean "order.placed"?' in ended.err


def test_a_dry_run_writes_nothing(installed: Command, database: str, program: Path, events: Path) -> None:
    installed("publish", program, "--clock", "events")
    before = digest_of(database)

    ended = installed("import", events, "--brand", BRAND, "--dry-run", "--json")

    assert (ended.json["events"], ended.json["rejected"]) == (3, 1)
    assert digest_of(database) == before


def test_what_lies_in_the_future_is_set_aside_for_a_brand_that_lives_now(
    installed: Command, program: Path, tmp_path: Path
) -> None:
    installed("publish", program)
    path = tmp_path / "future.csv"
    path.write_text(
        "id,type,source,member,occurred_at,currency,total\n"
        "o-1,order.placed,shop,c-1,2020-01-01T10:00:00Z,EUR,12.00\n"
        "o-2,order.placed,shop,c-1,2999-01-01T10:00:00Z,EUR,12.00\n"
    )

    ended = installed("import", path, "--brand", BRAND, "--workers", "1", "--json")

    assert ended.json["outcomes"] == {"accepted": 1}
    assert rejected_rows(path) == [3]


def sheet(path: Path) -> Path:
    """A shop's own sheet with a time of its own clock, and an error in the third row."""
    book = openpyxl.Workbook()
    for row in (
        ("Invoice", "Card", "When", "Value"),
        (1001, 17, datetime(2026, 3, 1, 10), 119.8),  # noqa: DTZ001 - a sheet knows no time zone
        (1002, 17, datetime(2026, 3, 2, 10), "#N/A"),  # noqa: DTZ001
        (1003, 18, datetime(2026, 3, 3, 10), 12),  # noqa: DTZ001
    ):
        book.active.append(row)
    book.active.title = "March"
    book.save(path)
    return path


MARCH = """\
sheet: March
timezone: Europe/Berlin
columns: {id: Invoice, member: Card, occurred_at: When, total: Value}
constants: {type: order.placed, source: till, currency: EUR}
"""


def test_a_sheet_of_excel_is_tried_and_imported_like_any_other_file(
    installed: Command, database: str, program: Path, tmp_path: Path
) -> None:
    path, mapped = sheet(tmp_path / "march.xlsx"), tmp_path / "march.yaml"
    mapped.write_text(MARCH)
    installed("publish", program, "--clock", "events")

    forecast = installed("simulate", program, path, "--map", mapped, "--json")
    tried = installed("import", path, "--brand", BRAND, "--map", mapped, "--dry-run", "--json")
    done = installed("import", path, "--brand", BRAND, "--map", mapped, "--workers", "1", "--json")

    assert (tried.json["events"], tried.json["rejected"]) == (2, 1)
    assert done.json["outcomes"] == {"accepted": 2}
    assert rejected_rows(path) == [3]
    assert digest_of(database) == forecast.json["digest"]


@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet", "a.csv.gz", "a.json", "a.xls", "gone.parquet"])
def test_a_file_that_is_broken_is_refused_and_nothing_is_stored(
    installed: Command, database: str, program: Path, tmp_path: Path, *, name: str
) -> None:
    installed("publish", program, "--clock", "events")
    before, path = digest_of(database), tmp_path / name
    if name.startswith("a"):
        path.write_bytes(b'[{"id": ')

    for words in (("import", path, "--brand", BRAND), ("simulate", program, path)):
        ended = installed(*words)
        assert (ended.code, "Traceback" in ended.err) == (1, False)
        assert name in ended.err
    assert digest_of(database) == before
    assert not list(tmp_path.glob("*.rejects.*"))


def test_an_unknown_brand_is_refused_with_the_nearest(
    installed: Command, program: Path, events: Path
) -> None:
    installed("publish", program)

    ended = installed("import", events, "--brand", "corner-caffe")

    assert ended.code == 1
    assert "corner-cafe" in ended.err


def until_written(database: str) -> None:
    """Returns as soon as the import has committed something."""
    with psycopg.connect(database, autocommit=True) as conn:
        while conn.execute("SELECT 1 FROM journal LIMIT 1").fetchone() is None:
            pass


@pytest.mark.parametrize(
    ("ending", "workers"),
    [(signal.SIGINT, 1), (signal.SIGINT, 2), (signal.SIGTERM, 1), (signal.SIGKILL, 1), (signal.SIGKILL, 2)],
)
def test_an_interrupted_import_run_again_gives_what_an_undisturbed_one_gives(
    shell: Shell, database: str, program: Path, tmp_path: Path, *, ending: signal.Signals, workers: int
) -> None:
    history = orders(tmp_path / "orders.ndjson", 3000)
    words = ("import", history, "--brand", BRAND, "--workers", workers, "--batch", 50)
    shell.run("publish", program, "--clock", "events")
    importing = shell.start(*words)
    until_written(database)
    importing.send_signal(ending)
    _, err = importing.communicate(timeout=60)
    stopped_at = count_of(database)
    again = shell.run(*words, "--json")

    assert again.code == 0, again.err
    assert count_of(database) == 3000
    assert digest_of(database) == simulated_digest(program, history)
    assert rejected_rows(history) == [101 * hundred for hundred in range(1, 30)]
    assert not list(tmp_path.glob("*.partial"))
    if ending != signal.SIGKILL and stopped_at < 3000:
        assert importing.returncode == 130, err
        assert "are in the journal; the same command goes on from there" in err
        assert "Traceback" not in err


def rejected_rows(history: Path) -> list[int]:
    """The numbers of the rows in the file of rejects."""
    lines = history.with_name(f"{history.name}.rejects.ndjson").read_bytes().splitlines()
    return [msgspec.json.decode(line)["row"] for line in lines]


def simulated_digest(program: Path, history: Path) -> str:
    """What an undisturbed run gives."""
    checked = load_program(program.read_bytes())
    return simulate(checked, read_events(history, checked.catalogue)).digest


def count_of(database: str) -> Any:
    """How many orders the journal has."""
    with psycopg.connect(database) as conn:
        row = conn.execute("SELECT COUNT(*) FROM journal WHERE type = 'order.placed'").fetchone()
        assert row is not None
        return row[0]
