"""Whatever is wrong with a request, the answer is a problem that says what to do."""

import pytest

from api.conftest import Door


def test_an_unknown_address_is_a_problem(door: Door) -> None:
    answer = door.client.get("/v2/nothing")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:bondfire:problem:unknown_route",
        "title": "Unknown route",
        "status": 404,
        "detail": "There is nothing at /v2/nothing.",
        "code": "unknown_route",
        "next_step": "See /docs.",
        "errors": [],
    }


def test_a_wrong_method_is_a_problem(door: Door) -> None:
    answer = door.client.delete("/v1/programs")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_malformed_json_names_the_place(door: Door) -> None:
    headers = {**door.key("members:write"), "content-type": "application/json"}

    answer = door.client.put("/v1/members/c-17/profile", content='{"name": "Ann",}', headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_json")
    assert "character 1" in answer.json()["detail"]


def test_an_unknown_field_is_named(door: Door) -> None:
    answer = door.client.put(
        "/v1/members/c-17/profile", json={"nmae": "Ann"}, headers=door.key("members:write")
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")
    assert answer.json()["errors"][0]["field"] == "nmae"


@pytest.mark.parametrize("promised", [True, False])
def test_more_than_ten_megabytes_are_not_read(door: Door, *, promised: bool) -> None:
    headers = door.key("programs:write")
    body = b"x" * 10_000_001

    answer = door.client.post("/v1/programs", content=body if promised else iter([body]), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert door.client.get("/v1/programs", headers=door.key("programs:read")).json() == {"versions": []}
