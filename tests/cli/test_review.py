"""`bondfire review`: what is held is listed and decided; an import settles referrals at its end."""

import json
from pathlib import Path
from typing import Any

from cli.conftest import Command

CLUB = """
program: corner-cafe
brand: corner-cafe
timezone: Europe/Berlin
currency: EUR
units: {points: {}}
earn: {base: {on: order.placed, award: {points: floor(event.total)}}}
referrals: {referrer: {points: 500}, referred: {points: 200}}
"""


def bought(who: str, at: str) -> dict[str, object]:
    """An order over 10."""
    said = {"type": "order.placed", "id": f"o-{who}", "member": who, "occurred_at": at}
    return {**said, "order": who, "currency": "EUR", "total": "10.00"}


def events() -> list[dict[str, object]]:
    """Ann invites Bob, and herself; both buy."""
    day = "2026-03-{:02}T10:00:00+01:00"
    return [
        {
            "type": "member.joined",
            "id": "j1",
            "member": "ann",
            "occurred_at": day.format(1),
            "referrer": "ann",
        },
        {
            "type": "member.joined",
            "id": "j2",
            "member": "bob",
            "occurred_at": day.format(2),
            "referrer": "ann",
        },
        *(bought(who, day.format(3)) for who in ("ann", "bob", "zoe")),
        {"type": "page.viewed", "id": "p", "member": "zoe", "occurred_at": day.format(31)},
    ]


def test_what_is_held_is_listed_approved_and_gone(installed: Command, tmp_path: Path) -> None:
    document, history = tmp_path / "club.yaml", tmp_path / "events.ndjson"
    document.write_text(CLUB, encoding="utf-8")
    history.write_text("".join(json.dumps(one) + "\n" for one in events()), encoding="utf-8")
    installed("publish", str(document), "--clock", "events")
    installed("import", str(history), "--brand", "corner-cafe", "--workers", "1")
    why = ("--brand", "corner-cafe", "--reason", "a test of ours", "--by", "ada")

    held: Any = installed("review", "list", "--brand", "corner-cafe", "--json").json["referrals"]
    told = installed("review", "list", "--brand", "corner-cafe").out
    approved = installed("review", "approve", "ann", *why, "--json").json
    again = installed("review", "reject", "ann", *why)
    after = installed("review", "list", "--brand", "corner-cafe", "--json").json["referrals"]

    assert [(one["stage"], one["reasons"]) for one in held] == [("ripe", ["same_member"])]
    assert "same_member" in told
    assert "1 referral and 0 awards held." in told
    assert approved["verdict"] == "approved"
    assert (again.code, "No referral of this member is held" in again.err) == (1, True)
    assert after == []
