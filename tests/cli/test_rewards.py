"""`bondfire rewards`: what staff do: look, import codes, check in, cancel, mark empty seats."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bondfire.db import connect, transaction
from bondfire.events import parse_event
from bondfire.journal import process_events
from bondfire.members import find_member
from bondfire.programs import brand_named, load_timeline
from bondfire.rewards import Wish, open_desk, redeem
from cli.conftest import Command

PROGRAM = """\
program: club
brand: corner-cafe
timezone: Europe/Berlin
currency: EUR
units: {beans: {}}
earn: {base: {on: order.placed, award: {beans: floor(event.total)}}}
rewards:
  talk: {kind: event, price: {beans: 10}, seats: 3}
  cinema: {kind: partner, price: {beans: 10}, partner: Odeon}
"""
BRAND = ("--brand", "corner-cafe")


@pytest.fixture
def club(installed: Command, tmp_path: Path) -> Command:
    """A published programme."""
    document = tmp_path / "club.yaml"
    document.write_text(PROGRAM)
    assert installed("publish", document).code == 0
    return installed


def tickets(dsn: str, number: int) -> list[tuple[str, str]]:
    """Redemption and code of so many tickets of Ann's."""
    now = datetime.now(UTC)
    with connect(dsn) as conn, transaction(conn):
        brand = brand_named(conn, "corner-cafe")
        timeline = load_timeline(conn, brand.id)
        raw = {"id": "o", "type": "order.placed", "member": "ann", "occurred_at": now.isoformat()}
        event = parse_event({**raw, "currency": "EUR", "total": "100"}, timeline.newest.program.catalogue)
        process_events(conn, brand, timeline, [event])
        desk = open_desk(conn, brand, timeline, find_member(conn, brand, "ann"), now=now)
        got = [redeem(desk, Wish(f"red-{one}", "talk"), random=bytes([one] * 10)) for one in range(number)]
    return [(one.redeemed.event, str(one.code)) for one in got]


def test_codes_are_imported_and_listed(club: Command, tmp_path: Path) -> None:
    codes = tmp_path / "codes.txt"
    codes.write_text("A-1\nB-2\n\n")
    assert club("rewards", "import-codes", "cinema", codes, *BRAND).out == "2 codes new, 0 were there.\n"
    assert club("rewards", "import-codes", "cinema", codes, *BRAND, "--json").json == {"new": 0, "known": 2}
    listed: Any = club("rewards", "list", *BRAND, "--json").json
    assert listed["rewards"]["cinema"] == {"kind": "partner", "left": 2, "taken": 0, "waiting": 0}
    assert "talk" in club("rewards", "list", *BRAND).out
    wrong = club("rewards", "import-codes", "cinma", codes, *BRAND)
    assert (wrong.code, "Did you mean 'cinema'?" in wrong.err) == (1, True)


def test_the_door_of_an_event(club: Command, database: str) -> None:
    (_, ticket), (second, _), _ = tickets(database, 3)
    assert club("rewards", "check-in", ticket, *BRAND).out == "talk for 1: welcome.\n"
    again = club("rewards", "check-in", ticket, *BRAND)
    assert (again.code, "This code cannot be used." in again.err) == (1, True)
    assert club("rewards", "cancel", "ann", second, *BRAND, "--reason", "ill").out == "talk went back.\n"
    assert club("rewards", "no-shows", "talk", *BRAND, "--json").json == {"marked": 1}
    listed: Any = club("rewards", "list", *BRAND, "--json").json
    assert listed["rewards"]["talk"] == {"kind": "event", "left": 1, "taken": 2, "waiting": 0}


def test_the_worker_says_what_it_did_for_rewards(club: Command) -> None:
    told = club("worker", "--once", "--json").json
    assert told["rewards"] == {"ended": 0, "moved_up": 0}
