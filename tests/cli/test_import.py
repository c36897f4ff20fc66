"""`bondfire import`: broken rows are set aside, and no interruption changes the result."""

import signal
from pathlib import Path
from typing import Any

import msgspec
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
    """A history of many orders of a few members."""
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
    path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
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
    assert ended.json["rejected"] == 1


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
    assert not (tmp_path / "orders.ndjson.rejects.ndjson").exists()
    if ending != signal.SIGKILL and stopped_at < 3000:
        assert importing.returncode == 130, err
        assert "are in the journal; the same command goes on from there" in err
        assert "Traceback" not in err


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
