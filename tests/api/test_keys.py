"""The keys of a brand are listed and revoked over HTTP, by who may."""

from api.conftest import Door
from bondfire.access import Rate


def key_id_of(headers: dict[str, str]) -> str:
    return headers["Authorization"].split("_")[1]


def test_keys_are_listed_without_their_secrets(door: Door) -> None:
    till, admin = door.key("events:write", rate=Rate(600, 60)), door.key("keys:write")

    listed = door.client.get("/v1/keys", headers=admin).json()["keys"]

    assert [one["key"] for one in listed] == sorted([key_id_of(till), key_id_of(admin)])
    one = next(one for one in listed if one["key"] == key_id_of(till))
    assert one == {
        "key": key_id_of(till),
        "name": "test",
        "scopes": ["events:write"],
        "created_at": "2026-05-01T12:00:00Z",
        "expires_at": None,
        "revoked_at": None,
        "last_used_on": None,
        "rate": {"per_minute": 600, "burst": 60},
    }
    assert door.keys[0].split("_")[2] not in str(listed)


def test_the_last_day_of_use_is_told(door: Door) -> None:
    admin = door.key("keys:write")
    for days in (0, 0, 3):
        door.clock.pass_(days=days)
        door.client.get("/v1/keys", headers=admin)

    one = door.client.get(f"/v1/keys/{key_id_of(admin)}", headers=admin).json()

    assert one["last_used_on"] == "2026-05-04"


def test_a_key_revoked_here_opens_nothing_here_at_once(door: Door) -> None:
    till, admin = door.key("programs:read"), door.key("keys:write")
    assert door.client.get("/v1/programs", headers=till).status_code == 200

    first = door.client.delete(f"/v1/keys/{key_id_of(till)}", headers=admin)
    door.clock.pass_(days=1)
    again = door.client.delete(f"/v1/keys/{key_id_of(till)}", headers=admin)

    answer = door.client.get("/v1/programs", headers=till)
    assert (first.status_code, first.json()["revoked_at"]) == (200, "2026-05-01T12:00:00Z")
    assert again.json()["revoked_at"] == first.json()["revoked_at"]
    assert (answer.status_code, answer.json()["code"]) == (401, "revoked_key")


def test_the_keys_of_another_brand_are_nobodys_here(door: Door) -> None:
    theirs, admin = door.key("programs:read", brand="rival"), door.key("admin")

    read = door.client.get(f"/v1/keys/{key_id_of(theirs)}", headers=admin)
    revoked = door.client.delete(f"/v1/keys/{key_id_of(theirs)}", headers=admin)

    assert [(one.status_code, one.json()["code"]) for one in (read, revoked)] == [(404, "unknown_key_id")] * 2
    assert key_id_of(theirs) not in door.client.get("/v1/keys", headers=admin).text
    assert door.client.get("/v1/programs", headers=theirs).status_code == 200


def test_keys_need_their_scope(door: Door) -> None:
    headers = door.key("members:write", "programs:write", "events:write")

    for method in ("GET", "DELETE"):
        answer = door.client.request(method, f"/v1/keys/{key_id_of(headers)}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert door.client.get("/v1/programs", headers=door.key("programs:read")).status_code == 200
