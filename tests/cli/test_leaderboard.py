"""A leaderboard through every door: events in, the worker closes the month, CLI and API show it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bondfire.access import RANDOM_BYTES, create_key
from bondfire.api import create_app
from bondfire.db import connect, transaction
from bondfire.programs import brand_named
from cli.conftest import Command

CLUB = """\
program: club
brand: club
timezone: Europe/Berlin
currency: EUR
units: {points: {}}
leaderboards:
  spenders: {by: spend, per: month, prizes: [{rank: 1, award: {points: 500}}]}
"""
SPENT = {
    "ada": ("250.00", "02-03"),
    "ben": ("400.00", "02-20"),
    "cem": ("250.00", "02-21"),
    "dan": ("1", "03-02"),
}


@pytest.fixture
def club(installed: Command, tmp_path: Path) -> Command:
    document, events = tmp_path / "club.yaml", tmp_path / "events.ndjson"
    document.write_text(CLUB)
    rows = [
        {"id": f"o-{name}", "type": "order.placed", "member": name, "occurred_at": f"2026-{day}T12:00:00Z"}
        | {"order": name, "currency": "EUR", "total": total}
        for name, (total, day) in SPENT.items()
    ]
    events.write_text("".join(json.dumps(row) + "\n" for row in rows))
    installed("publish", document, "--clock", "events")
    assert installed("import", events, "--brand", "club").code == 0
    return installed


def shown(club: Command, at: str) -> dict[str, Any]:
    said = club("leaderboard", "spenders", "--brand", "club", "--at", at, "--json")
    assert said.code == 0, said.err
    return said.json


def test_c2_the_worker_closes_a_month_that_is_over_and_its_result_is_shown(club: Command) -> None:
    february = shown(club, "2026-02-10T00:00:00Z")
    assert (february["state"], february["end"]) == ("over", "2026-02-28T23:00:00+00:00")
    assert [one["rank"] for one in february["top"]] == [1, 2, 2]

    assert club("worker", "--once").code == 0

    assert shown(club, "2026-02-10T00:00:00Z") == {**february, "state": "closed"}
    assert shown(club, "2026-03-10T00:00:00Z")["state"] == "running"
    explained = club("explain", "ben", "--brand", "club").out
    assert "500 points from leaderboard spenders" in explained
    plain = club("leaderboard", "spenders", "--brand", "club").out.splitlines()
    assert plain[0].startswith("spenders, 2026-02-28T23:00:00+00:00 to 2026-03-31T22:00:00+00:00, running")
    assert plain[1].split()[0] == "1"


def test_a_member_sees_their_own_rank_and_no_score_of_others_over_http(club: Command, database: str) -> None:
    with connect(database) as conn, transaction(conn):
        now = datetime.now(UTC)
        brand = brand_named(conn, "club")
        _, token = create_key(
            conn, brand.id, ["members:read"], "test", created_at=now, random=bytes(RANDOM_BYTES)
        )
    headers = {"Authorization": f"Bearer {token}"}
    with TestClient(create_app(database)) as client:
        at = {"at": "2026-02-10T00:00:00Z"}
        mine = client.get("/v1/members/ada/leaderboards/spenders", params=at, headers=headers).json()
        assert (mine["me"]["rank"], mine["me"]["score"], mine["is_shown"]) == (2, "250", True)
        assert [one["score"] for one in mine["top"] if not one["is_me"]] == [None, None]
        every = client.get("/v1/leaderboards/spenders", params=at, headers=headers).json()
        assert [one["name"] for one in every["top"]] == [one["name"] for one in mine["top"]]
        assert every["me"] is None
        wrong = client.get("/v1/leaderboards/spender", headers=headers)
        assert (wrong.status_code, wrong.json()["code"]) == (404, "unknown_leaderboard")
        nobody = client.get("/v1/members/nobody/leaderboards/spenders", headers=headers)
        assert nobody.json()["me"] is None
        late = client.get("/v1/leaderboards/spenders", params={"at": "2026-02-10"}, headers=headers)
        assert late.json()["code"] == "bad_time"
    assert club("verify", "--brand", "club").code == 0
