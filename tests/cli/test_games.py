"""A game through every door: commitment, play and seed over HTTP, the proof on the command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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
games:
  card:
    kind: scratch_card
    per: week
    prizes: {win: {odds: 1/3, award: {points: 5}}, lose: {odds: 2/3}}
"""


def test_a_play_over_http_is_proved_on_the_command_line(
    installed: Command, database: str, tmp_path: Path
) -> None:
    document = tmp_path / "club.yaml"
    document.write_text(CLUB)
    assert installed("publish", document).code == 0
    then = datetime.now(UTC) - timedelta(weeks=2)
    with connect(database) as conn, transaction(conn):
        brand = brand_named(conn, "club")
        scopes = ["events:write", "members:read"]
        _, token = create_key(conn, brand.id, scopes, "test", created_at=then, random=bytes(RANDOM_BYTES))
    headers = {"Authorization": f"Bearer {token}"}

    with TestClient(create_app(database, now=lambda: then)) as client:
        shown = client.get("/v1/games/card", headers=headers).json()
        assert (shown["seed"], shown["prizes"]["win"]) == (None, {"odds": "1/3", "left": None})
        event = {"id": "join", "type": "member.joined", "member": "ada", "occurred_at": then.isoformat()}
        assert client.post("/v1/events", json=event, headers=headers).status_code == 200
        played: dict[str, Any] = {"id": "p-1", "member": "ada", "nonce": "mine"}
        played["commitment"] = shown["commitment"]
        first = client.post("/v1/games/card/plays", json=played, headers=headers)
        assert first.status_code == 200, first.text
        assert first.json()["number"] == 1
        assert first.json()["given"] == first.json()["drawn"]
        assert client.post("/v1/games/card/plays", json=played, headers=headers).json() == first.json()
        wrong = client.post(
            "/v1/games/card/plays", json={**played, "id": "2", "nonce": "a b"}, headers=headers
        )
        assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_nonce")
        unseen = {**played, "id": "3", "commitment": "0" * 64}
        refused = client.post("/v1/games/card/plays", json=unseen, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong_commitment")
        nobody = client.post(
            "/v1/games/card/plays", json={**played, "id": "4", "member": "x"}, headers=headers
        )
        assert (nobody.status_code, nobody.json()["code"]) == (404, "unknown_member")

    at = ("--brand", "club", "--at", then.isoformat())
    proof = installed("games", "verify", "card", *at, "--json")
    assert proof.code == 0, proof.err
    assert (proof.json["plays"], proof.json["wrong"]) == (1, [])
    assert proof.json["commitment"] == shown["commitment"]
    assert installed("games", "show", "card", *at, "--json").json["seed"] == proof.json["seed"]
    assert "1/3" in installed("games", "show", "card", "--brand", "club").out
    running = installed("games", "verify", "card", "--brand", "club", "--at", datetime.now(UTC).isoformat())
    assert (running.code, "not over" in running.err) == (1, True)
