"""Whatever is wrong with a request, the answer is a problem that says what to do."""

import pytest
from fastapi.testclient import TestClient

from api.conftest import Door
from bondfire.api import create_app


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


@pytest.mark.parametrize("name", ["%00", "%20c-17", "a" * 500, "%ED%A0%80"])
def test_a_name_that_cannot_be_one_is_refused(cafe: Door, name: str) -> None:
    answer = cafe.client.get(f"/v1/members/{name}", headers=cafe.key("members:read"))

    assert answer.status_code in (404, 422)
    assert answer.json()["code"] in {"bad_input", "bad_address", "unknown_member"}


@pytest.mark.parametrize("document", [b"", b"\xff\xfe", b"[]", b"a: &a [*a]", b"units: 5\x00"])
def test_a_document_that_is_none_is_refused_with_its_place(door: Door, document: bytes) -> None:
    answer = door.client.post("/v1/programs", content=document, headers=door.key("programs:write"))

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_program")
    assert answer.json()["errors"][0]["line"] >= 1


def test_a_database_that_went_away_is_503_and_says_to_try_again(door: Door) -> None:
    headers = door.key("programs:read")
    with TestClient(create_app("host=127.0.0.1 port=1 dbname=none"), raise_server_exceptions=True) as client:
        answers = [client.get("/ready"), client.get("/v1/programs", headers=headers)]

    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("promised", [True, False])
def test_more_than_ten_megabytes_are_not_read(door: Door, *, promised: bool) -> None:
    headers = door.key("programs:write")
    body = b"x" * 10_000_001

    answer = door.client.post("/v1/programs", content=body if promised else iter([body]), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert door.client.get("/v1/programs", headers=door.key("programs:read")).json()["versions"] == []
