"""`bondfire replay`, `verify` and `explain`: what is stored follows from the journal, and can be told."""

from pathlib import Path

import psycopg
import pytest

from cli.conftest import Command

BRAND = ("--brand", "corner-cafe")


@pytest.fixture
def told(installed: Command, program: Path, events: Path) -> Command:
    """The command line over a café with a small history."""
    installed("publish", program, "--clock", "events")
    installed("import", events, *BRAND, "--workers", "1")
    return installed


def test_replay_and_verify_find_the_digest_of_the_simulation(
    told: Command, program: Path, events: Path
) -> None:
    simulated = told("simulate", program, events, "--json").json["digest"]

    for command in ("replay", "verify"):
        ended = told(command, *BRAND, "--workers", "1", "--json")
        assert (ended.code, ended.json["ok"], ended.json["digest"]) == (0, True, simulated)


def test_verify_names_the_first_wrong_row(told: Command, database: str) -> None:
    with psycopg.connect(database) as conn:
        conn.execute("UPDATE journal SET first_entry = first_entry + 1 WHERE seq = 2")

    ended = told("verify", *BRAND, "--workers", "1")

    assert ended.code == 1
    assert "journal (" in ended.out
    assert "first_entry is" in ended.out


def test_a_member_is_told_with_a_reason_for_every_entry(told: Command) -> None:
    ended = told("explain", "c-17", *BRAND)
    as_json = told("explain", "c-17", *BRAND, "--json")

    assert "119 beans from rule base" in ended.out
    assert "reached gold of club" in ended.out
    assert "goods of it came back" in ended.out
    entries = as_json.json["entries"]
    assert isinstance(entries, list)
    assert [one["number"] for one in entries] == list(range(1, len(entries) + 1))
    assert all(one["sentence"] for one in entries)


def test_a_member_is_told_in_german(told: Command) -> None:
    ended = told("explain", "c-17", *BRAND, "--language", "de")

    assert "119 beans aus Regel base" in ended.out
    assert "gold von club erreicht (davor: " in ended.out
    assert "Ware davon kam zurück" in ended.out


def test_an_event_is_told_by_its_id_alone_or_with_source_and_member(told: Command) -> None:
    alone = told("explain", "o-1", *BRAND)
    narrowed = told("explain", "o-1", *BRAND, "--source", "shop", "--member", "c-17")
    refused = told("explain", "s-1", *BRAND)

    assert alone.out == narrowed.out
    assert "accepted by version 1" in alone.out
    assert "Refused (not_enough)" in refused.out


@pytest.mark.parametrize("words", [("nobody",), ("o-1", "--source", "till"), ("o-1", "--member", "c-18")])
def test_what_is_not_there_is_said(told: Command, words: tuple[str, ...]) -> None:
    ended = told("explain", *words, *BRAND, "--json")

    assert (ended.code, ended.json["code"]) == (1, "unknown_member_or_event")
