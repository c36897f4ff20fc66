"""Addresses, methods and parameters: what is wrong is said, and what can be done instead."""

import pytest

from api.conftest import Door
from bondfire.api.examples import ORDER

READS = [
    "/v1/members/{}",
    "/v1/members/{}/entries",
    "/v1/members/{}/events",
    "/v1/members/{}/tiers",
    "/v1/members/{}/challenges",
]


@pytest.mark.parametrize("name", ["%00", "c-17%00", "%ff", "%ED%A0%80", "c%C3", "%C0%AF"])
@pytest.mark.parametrize("place", [*READS, "/v1/events/{}", "/v1/keys/{}", "/docs/{}", "/{}"])
def test_a_path_that_is_no_text_is_refused(cafe: Door, place: str, name: str) -> None:
    answer = cafe.client.get(place.format(name), headers=cafe.key("admin"))

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_address")


@pytest.mark.parametrize("query", ["member=%00", "member=%ff", "%00=1", "member=c-17&source=%ED%A0%80"])
def test_a_query_that_is_no_text_is_refused(cafe: Door, query: str) -> None:
    answer = cafe.client.get(f"/v1/events/ord-1?{query}", headers=cafe.key("admin"))

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_address")


@pytest.mark.parametrize(
    "name", ["%01", "%7f", "%20", "a%0Ab", "%F0%9F%99%82", "..%2f..", "%5c", "%25", "💥"]
)
def test_any_other_text_is_a_name_like_another(cafe: Door, name: str) -> None:
    answer = cafe.client.get(f"/v1/members/{name}", headers=cafe.key("admin"))

    assert answer.status_code in {404, 422}
    assert answer.json()["code"] in {"unknown_member", "unknown_route", "bad_input"}


def test_a_slash_in_a_name_belongs_to_the_name(cafe: Door) -> None:
    headers = cafe.key("admin")
    sent = {**ORDER, "id": "2026/17", "member": "de/c/17"}

    decided = cafe.client.post("/v1/events", json=sent, headers=headers).json()

    told = cafe.client.get("/v1/events/2026%2F17?member=de/c/17&source=shop", headers=headers).json()
    member = cafe.client.get("/v1/members/de%2Fc%2f17", headers=headers).json()
    entries = cafe.client.get("/v1/members/de%2fc%2F17/entries", headers=headers)
    assert told["event"] == "2026/17"
    assert (member["member"], member["member_id"]) == ("de/c/17", decided["member_id"])
    assert entries.status_code == 200
    assert cafe.client.get("/v1/members/de/c/17", headers=headers).json()["code"] == "unknown_route"


def test_an_address_without_end_is_refused(cafe: Door) -> None:
    longest = "a" * (8_000 - len("/v1/members/"))

    statuses = [
        cafe.client.get(f"/v1/members/{name}", headers=cafe.key("admin")).status_code
        for name in (longest, f"{longest}a")
    ]

    assert statuses == [422, 414]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/programs", "GET, HEAD, OPTIONS, POST"),
        ("/v1/programs/1", "GET, HEAD, OPTIONS"),
        ("/v1/members/c-17/consents", "GET, HEAD, OPTIONS, POST"),
        ("/v1/members/c-17/profile", "GET, HEAD, OPTIONS, PUT"),
        ("/v1/keys/abc", "DELETE, GET, HEAD, OPTIONS"),
        ("/v1/events", "OPTIONS, POST"),
        ("/health", "GET, HEAD, OPTIONS"),
    ],
)
def test_an_address_says_which_methods_it_takes(door: Door, path: str, methods: str) -> None:
    wrong = door.client.patch(path)
    asked = door.client.options(path)

    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert (asked.status_code, asked.content) == (204, b"")
    assert wrong.headers["allow"] == asked.headers["allow"] == methods


@pytest.mark.parametrize("method", ["OPTIONS", "PATCH", "GET"])
def test_an_unknown_address_is_unknown_to_every_method(door: Door, method: str) -> None:
    assert door.client.request(method, "/v1/nothing").status_code == 404


@pytest.mark.parametrize("path", ["/health", "/v1/programs", "/v1/members/nobody", "/docs", "/openapi.json"])
def test_head_is_get_without_the_body(cafe: Door, path: str) -> None:
    headers = cafe.key("admin")

    got, head = cafe.client.get(path, headers=headers), cafe.client.head(path, headers=headers)

    assert (head.status_code, head.content) == (got.status_code, b"")
    same = ("content-type", "content-length", "cache-control")
    assert [head.headers.get(name) for name in same] == [got.headers.get(name) for name in same]


def test_head_where_nothing_can_be_got_is_a_wrong_method(door: Door) -> None:
    assert door.client.head("/v1/events").status_code == 405


@pytest.mark.parametrize("path", ["/v1/programs/", "/v1/members/c-17/", "/health//"])
def test_a_slash_too_many_is_told_and_leads_nowhere_else(door: Door, path: str) -> None:
    answer = door.client.get(path, headers=door.key("admin"), follow_redirects=False)

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_route")
    assert answer.json()["next_step"] == f"Without the slash at the end: {path.rstrip('/')}"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/members?limt=5", "'limit'"),
        ("/v1/members/c-17/lots?unit=beans&curser=x", "'cursor'"),
        ("/v1/events/o-1?member=c-17&sorce=shop", "'source'"),
        ("/v1/reports/totals?verbose=1", "It takes none."),
        ("/health?x=1", "It takes none."),
    ],
)
def test_a_parameter_nobody_knows_is_refused_with_the_nearest(cafe: Door, path: str, said: str) -> None:
    answer = cafe.client.get(path, headers=cafe.key("admin"))

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter")
    assert said in answer.json()["next_step"]


def test_a_misspelt_dry_run_writes_nothing(cafe: Door) -> None:
    headers = cafe.key("admin")

    answer = cafe.client.post("/v1/events?dryrun=true", json={}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter")
    assert "'dry_run'" in answer.json()["next_step"]


def test_a_parameter_that_is_sent_twice_is_refused(cafe: Door) -> None:
    answer = cafe.client.get("/v1/members?limit=5&limit=6", headers=cafe.key("admin"))

    assert (answer.status_code, answer.json()["code"]) == (422, "repeated_parameter")


def test_who_has_no_key_learns_of_no_parameters(cafe: Door) -> None:
    assert cafe.client.get("/v1/members?limt=5").status_code == 401


@pytest.mark.parametrize("path", ["/v1/programs", "/v1/nothing", "/health", "/docs", "/v1/members/%00"])
def test_every_answer_is_guarded_against_what_browsers_do(door: Door, path: str) -> None:
    answer = door.client.get(path, headers=door.key("admin"))

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none';")


def test_the_page_may_run_its_own_scripts_and_no_others(door: Door) -> None:
    policy = door.client.get("/docs").headers["content-security-policy"]
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))

    assert script.startswith("script-src 'self' 'sha256-")
    assert "unsafe" not in script
    assert "max-age" in door.client.get("/docs/swagger-ui.css").headers["cache-control"]
