"""T6: `bondfire plan` lists who would fall and rise, refuses what `publish` would, and changes nothing."""

import json
from pathlib import Path

import pytest

from bondfire.kit import member_id_of, show_id
from cli.conftest import Command

CLUB = """\
program: club
brand: club
timezone: Europe/Berlin
currency: EUR
units: {points: {}}
tier_sets:
  club:
    by: spend
    window: calendar_year
    grace: 10 days
    tiers: {low: {from: 0}, mid: {from: 300}, top: {from: 900}}
  visits: {by: visits, window: lifetime, tiers: {new: {from: 0}, known: {from: 2}}}
"""
SPENT = {"ada": "250.00", "ben": "400.00", "cem": "950.00"}


@pytest.fixture
def known(installed: Command, tmp_path: Path) -> Path:
    """A club with three members, and the document of its next version."""
    document, events = tmp_path / "club.yaml", tmp_path / "events.ndjson"
    document.write_text(CLUB)
    rows = [
        {
            "id": f"o-{name}",
            "type": "order.placed",
            "member": name,
            "occurred_at": "2026-03-01T12:00:00Z",
            "order": name,
            "currency": "EUR",
            "total": total,
        }
        for name, total in SPENT.items()
    ]
    events.write_text("".join(json.dumps(row) + "\n" for row in rows))
    installed("publish", document, "--clock", "events")
    assert installed("import", events, "--brand", "club").code == 0
    document.write_text(
        CLUB.replace("from: 900", "from: 1000")
        .replace("from: 300", "from: 200")
        .replace("by: spend", "by: spend\n    no_falls_before: 2027-06-01")
    )
    return document


def member(name: str) -> str:
    return show_id("mem", member_id_of("club", name))


def test_t6_the_plan_lists_who_would_fall_and_rise_and_when(installed: Command, known: Path) -> None:
    ended = installed("plan", known, "--json")

    assert ended.json["version"] == 2
    assert ended.json["tier_sets"] == {"club": {"falls": 1, "rises": 1}, "visits": {"falls": 0, "rises": 0}}
    by_member = {move["member_id"]: move for move in ended.json["moves"]}  # type: ignore[attr-defined]
    assert by_member == {
        member("ada"): {
            "kind": "rises",
            "member_id": member("ada"),
            "tier_set": "club",
            "tier": "low",
            "before": "low",
            "after": "mid",
            "falls_not_before": None,
        },
        member("cem"): {
            "kind": "falls",
            "member_id": member("cem"),
            "tier_set": "club",
            "tier": "top",
            "before": "top",
            "after": "mid",
            "falls_not_before": "2027-05-31T22:00:00Z",
        },
    }


def test_t6_the_plan_is_told_to_people_and_names_as_many_as_asked_for(
    installed: Command, known: Path
) -> None:
    ended = installed("plan", known)

    assert "club would be version 2 of club." in ended.out
    assert "club: 1 member would fall, 1 member would rise." in ended.out
    assert member("cem") in ended.out
    counted = installed("plan", known, "--most", "0")
    assert (member("cem") in counted.out, "1 member would fall" in counted.out) == (False, True)


def test_t6_a_plan_changes_nothing(installed: Command, known: Path) -> None:
    installed("plan", known)

    assert installed("publish", known, "--json").json["version"] == 2
    assert installed("plan", known, "--json").json["moves"] == []


def test_t6_a_plan_that_could_not_be_published_is_refused_as_publishing_it(
    installed: Command, known: Path
) -> None:
    known.write_text(known.read_text().replace("    no_falls_before: 2027-06-01\n", ""))

    planned = installed("plan", known, "--json")

    assert (planned.code, planned.json["code"]) == (1, "not_announced")
    assert installed("publish", known, "--json").json["code"] == "not_announced"
