"""A programme is checked, published and read over HTTP."""

from api.conftest import CAFE, Door

DOCUMENT = CAFE.format(brand="corner-cafe")
BROKEN = DOCUMENT.replace("event.total >= 1.00", "event.totl >= 1.00")


def test_a_document_is_published_once_and_read_again(door: Door) -> None:
    writer = door.key("programs:write", "programs:read")

    first = door.client.post("/v1/programs", content=DOCUMENT, headers=writer)
    again = door.client.post("/v1/programs", content=DOCUMENT + "\n# a comment\n", headers=writer)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert first.json()["version"] == 1
    assert first.json()["valid_from"] is None
    assert door.client.get("/v1/programs/1", headers=writer).json()["document"] == DOCUMENT
    assert len(door.client.get("/v1/programs", headers=writer).json()["versions"]) == 1


def test_a_second_version_begins_now(door: Door) -> None:
    writer = door.key("programs:write")
    door.client.post("/v1/programs", content=DOCUMENT, headers=writer)

    changed = DOCUMENT.replace("14 days", "7 days")
    second = door.client.post("/v1/programs", content=changed, headers=writer).json()

    assert second["version"] == 2
    assert second["valid_from"] == "2026-05-01T12:00:00Z"


def test_a_broken_document_is_refused_with_each_place_and_nothing_is_published(door: Door) -> None:
    writer = door.key("programs:write", "programs:read")

    answer = door.client.post("/v1/programs", content=BROKEN, headers=writer)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_program")
    mistake = answer.json()["errors"][0]
    assert (mistake["line"], mistake["where"]) == (16, "earn.base.when")
    assert "total" in mistake["next_step"]
    assert door.client.get("/v1/programs", headers=writer).json()["versions"] == []


def test_a_check_publishes_nothing(door: Door) -> None:
    reader = door.key("programs:read")

    good = door.client.post("/v1/programs/check", content=DOCUMENT, headers=reader).json()
    bad = door.client.post("/v1/programs/check", content=BROKEN, headers=reader).json()

    assert (good["ok"], good["problems"]) == (True, [])
    assert (bad["ok"], bad["problems"][0]["line"]) == (False, 16)
    assert door.client.get("/v1/programs", headers=reader).json()["versions"] == []


def test_a_version_that_is_not_there_is_said(door: Door) -> None:
    answer = door.client.get("/v1/programs/7", headers=door.key("programs:read"))

    assert (answer.status_code, answer.json()["code"]) == (404, "no_version")


def test_a_programme_of_another_brand_is_refused(door: Door) -> None:
    rival = CAFE.format(brand="rival")

    answer = door.client.post("/v1/programs", content=rival, headers=door.key("programs:write"))

    assert (answer.status_code, answer.json()["code"]) == (409, "other_brand")
