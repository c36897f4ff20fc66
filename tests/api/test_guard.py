"""Who is let in, and what those hear who are not."""

import pytest

from api.conftest import CAFE, Door, Opening
from bondfire.access import RANDOM_BYTES, Rate, create_key, revoke_key
from bondfire.api.examples import ORDER
from bondfire.db import HEAD, connect, transaction
from bondfire.programs import ensure_brand, publish_program

PROFILE = {"name": "Ann Example"}


def test_health_and_the_page_need_no_key(door: Door) -> None:
    for path in ("/health", "/ready", "/docs", "/openapi.json", "/docs/swagger-ui.css"):
        assert door.client.get(path).status_code == 200, path
    assert door.client.get("/ready").json() == {"status": "ready", "schema_version": HEAD}


def test_without_a_key_nothing_opens_and_the_answer_says_how(door: Door) -> None:
    answer = door.client.put("/v1/members/c-17/profile", json=PROFILE)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "no_key"
    assert "Authorization: Bearer" in answer.json()["next_step"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Basic dTpw", "no_key"),
        ("Bearer nonsense", "bad_key"),
        ("Bearer bf_aaaaaaaaaaaaaaaa_" + "a" * 40, "unknown_key"),
    ],
)
def test_a_wrong_key_is_told_apart_from_none(door: Door, header: str, code: str) -> None:
    answer = door.client.get("/v1/programs", headers={"Authorization": header})

    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_a_key_without_the_scope_is_told_which_it_lacks(door: Door) -> None:
    answer = door.client.put("/v1/members/c-17/profile", json=PROFILE, headers=door.key("members:read"))

    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert "members:write" in answer.json()["detail"]


def test_a_key_revoked_elsewhere_opens_nothing_a_few_seconds_later(door: Door) -> None:
    headers = door.key("programs:read")
    assert door.client.get("/v1/programs", headers=headers).status_code == 200

    with connect(door.dsn) as conn, transaction(conn):
        revoke_key(conn, 1, headers["Authorization"].split("_")[1], revoked_at=door.clock())
    door.clock.pass_(seconds=5)

    answer = door.client.get("/v1/programs", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "revoked_key")


def test_admin_may_everything(door: Door) -> None:
    assert door.client.get("/v1/programs", headers=door.key("admin")).status_code == 200


def test_a_brand_that_lives_by_its_events_is_as_late_as_the_last_of_them(open_door: Opening) -> None:
    """Given a remembered key, when events move the brand's clock, then every request knows the time."""
    door = open_door(key_rate=Rate(60, 5))
    with connect(door.dsn) as conn, transaction(conn):
        owner = ensure_brand(conn, "history", "events", created_at=door.clock())
        document = CAFE.format(brand="history")
        publish_program(conn, owner.id, document, published_at=door.clock(), published_by="test")
        random = bytes(RANDOM_BYTES)
        _, token = create_key(conn, owner.id, ["admin"], "test", created_at=door.clock(), random=random)
    headers = {"Authorization": f"Bearer {token}"}

    told = []
    for number, day in enumerate(("2026-03-01", "2026-03-20")):
        event = {**ORDER, "id": f"o-{number}", "order": str(number), "occurred_at": f"{day}T12:00:00Z"}
        door.client.post("/v1/events", json=event, headers=headers)
        said = door.client.get("/v1/members/c-17", headers=headers).json()
        told.append((said["now"], said["wallets"]["beans"]["active"]))

    assert told == [("2026-03-01T12:00:00Z", "0"), ("2026-03-20T12:00:00Z", "119")]
    statuses = [door.client.get("/v1/programs", headers=headers).status_code for _ in range(2)]
    assert statuses == [200, 429]
