"""Migrating, publishing and keys from the command line."""

from pathlib import Path

import pytest

from cli.conftest import Command


def test_migrating_again_changes_nothing(installed: Command) -> None:
    ended = installed("migrate", "--json")

    assert ended.code == 0
    assert ended.json["changed"] is False


def test_publishing_makes_the_brand_and_a_second_time_changes_nothing(
    installed: Command, program: Path
) -> None:
    first = installed("publish", program, "--json")
    again = installed("publish", program, "--json")

    assert first.json == {"brand": "corner-cafe", "version": 1, "valid_from": None, "changed": True}
    assert again.json == {"brand": "corner-cafe", "version": 1, "valid_from": None, "changed": False}


def test_a_broken_programme_is_not_published_and_no_brand_is_made(installed: Command, program: Path) -> None:
    program.write_text(program.read_text().replace("event.total", "event.totl"))

    ended = installed("publish", program)

    assert ended.code == 1
    assert "16:" in ended.err
    assert installed("keys", "list", "--brand", "corner-cafe", "--json").json["code"] == "no_program"


def test_another_clock_is_refused(installed: Command, program: Path) -> None:
    installed("publish", program)

    ended = installed("publish", program, "--clock", "events", "--json")

    assert (ended.code, ended.json["code"]) == (1, "other_clock")


def test_a_key_is_shown_once_and_can_be_revoked(installed: Command, program: Path) -> None:
    installed("publish", program)

    made = installed(
        "keys", "add", "--brand", "corner-cafe", "--name", "till", "--scope", "events:write", "--json"
    )
    listed = installed("keys", "list", "--brand", "corner-cafe")
    key_id = made.json["key_id"]
    revoked = installed("keys", "revoke", key_id, "--brand", "corner-cafe", "--json")

    assert str(made.json["token"]).startswith(f"bf_{key_id}_")
    assert str(key_id) in listed.out
    assert str(made.json["token"]) not in listed.out
    assert revoked.json["revoked_at"] is not None


def test_a_scope_that_does_not_exist_is_refused_with_the_nearest(installed: Command, program: Path) -> None:
    installed("publish", program)

    ended = installed("keys", "add", "--brand", "corner-cafe", "--name", "till", "--scope", "event:write")

    assert ended.code == 1
    assert "events:write" in ended.err


def test_a_database_that_cannot_be_reached_is_said(
    installed: Command, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BONDFIRE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")

    ended = installed("publish", program, "--json")

    assert (ended.code, ended.json["code"]) == (1, "database_unreachable")
