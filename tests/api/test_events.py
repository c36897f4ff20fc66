"""An event goes in; its decision, with every reason, comes out."""

import copy
from typing import Any

import pytest

from api.conftest import Door
from bondfire.api.examples import ORDER, RETURN, SPENDING
from bondfire.db import connect
from bondfire.journal import digest
from bondfire.programs import brand_named

Event = dict[str, Any]
UNIT = {"unit": "beans"}


def digest_of(door: Door) -> str:
    """What is stored of everybody; equal digests: nothing moved."""
    with connect(door.dsn) as conn:
        return digest(conn, brand_named(conn, "corner-cafe"))


def test_an_order_earns_and_the_answer_says_why(cafe: Door) -> None:
    answer = cafe.client.post("/v1/events", json=ORDER, headers=cafe.key("events:write"))

    said = answer.json()
    assert answer.status_code == 200
    assert (said["outcome"], said["duplicate"], said["dry_run"], said["version"]) == (
        "accepted",
        False,
        False,
        1,
    )
    assert [(one["unit"], one["kind"], one["amount"], one["rule"]) for one in said["entries"]][:1] == [
        ("beans", "earn", "119", "base")
    ]
    assert said["wallets"]["beans"]["active"] == "119"
    assert {"code": "awarded", "rule": "base", "unit": "beans", "amount": "119"}.items() <= next(
        one for one in said["reasons"] if one["unit"] == "beans"
    ).items()


def test_the_examples_of_the_document_are_a_story_that_runs(cafe: Door) -> None:
    writer = cafe.key("events:write")

    answers = [
        cafe.client.post("/v1/events", json=one, headers=writer)
        for one in (ORDER, RETURN, {**SPENDING, **UNIT})
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[-1].json()["wallets"]["beans"]["spent"] == "60"


def test_the_same_event_again_gets_the_first_answer_and_moves_nothing(cafe: Door) -> None:
    writer = cafe.key("events:write")
    first = cafe.client.post("/v1/events", json=ORDER, headers=writer).json()
    before = digest_of(cafe)

    cafe.clock.pass_(days=1)
    again = cafe.client.post("/v1/events", json=ORDER, headers=writer)

    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert again.json()["entries"] == first["entries"]
    assert digest_of(cafe) == before


def test_the_same_identity_with_another_body_is_a_conflict_and_the_first_stands(cafe: Door) -> None:
    writer = cafe.key("events:write")
    cafe.client.post("/v1/events", json=ORDER, headers=writer)
    before = digest_of(cafe)

    answer = cafe.client.post("/v1/events", json={**ORDER, "lines": None, "total": "1.00"}, headers=writer)

    assert (answer.status_code, answer.json()["code"]) == (409, "identity_conflict")
    assert answer.headers["content-type"] == "application/problem+json"
    assert digest_of(cafe) == before


def test_what_the_programme_refuses_is_a_problem_with_the_decision(cafe: Door) -> None:
    writer = cafe.key("events:write")
    cafe.client.post("/v1/events", json=ORDER, headers=writer)

    spending = {**SPENDING, **UNIT, "amount": "600"}
    answer = cafe.client.post("/v1/events", json=spending, headers=writer)
    again = cafe.client.post("/v1/events", json=spending, headers=writer)

    said = answer.json()
    assert (answer.status_code, said["code"]) == (409, "not_enough")
    assert "119 can be spent" in said["detail"]
    assert (said["decision"]["outcome"], said["decision"]["duplicate"]) == ("refused", False)
    assert said["decision"]["wallets"]["beans"]["spent"] == "0"
    assert (again.status_code, again.json()["code"]) == (409, "not_enough")
    assert again.json()["decision"]["duplicate"] is True


def test_somebody_unknown_cannot_spend(cafe: Door) -> None:
    answer = cafe.client.post("/v1/events", json={**SPENDING, **UNIT}, headers=cafe.key("events:write"))

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_member")
    assert "c-17" in answer.json()["detail"]


def test_a_dry_run_says_what_would_follow_and_writes_nothing(cafe: Door) -> None:
    writer = cafe.key("events:write", "members:read")

    answer = cafe.client.post("/v1/events?dry_run=true", json=ORDER, headers=writer)

    assert (answer.status_code, answer.json()["dry_run"]) == (200, True)
    assert answer.json()["entries"][0]["amount"] == "119"
    assert cafe.client.get("/v1/members/c-17", headers=writer).status_code == 404
    assert cafe.client.post("/v1/events", json=ORDER, headers=writer).json()["duplicate"] is False


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"type": "order.plced"}, "unknown_type", 'Did you mean "order.placed"?'),
        ({"occurred_at": "2026-03-29T01:59:59"}, "bad_time", "offset"),
        ({"total": "119.801"}, "bad_amount", "total"),
        ({"total": 119.8}, "lines_do_not_add_up", "lines"),
        ({"totl": "1"}, "unknown_field", "total"),
        ({"member": None}, "missing_field", "member"),
        ({"currency": "EURO"}, "unknown_currency", "EUR"),
        ({"occurred_at": "2026-05-01T12:05:01Z"}, "event_in_future", "clock"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_malformed_event_names_its_field_and_stores_nothing(
    cafe: Door, change: Event, code: str, said: str
) -> None:
    event = {**copy.deepcopy(ORDER), **change}
    if code == "lines_do_not_add_up":
        event["total"] = "100.00"
    before = digest_of(cafe)

    answer = cafe.client.post("/v1/events", json=event, headers=cafe.key("events:write"))

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert said in answer.json()["detail"] + answer.json()["next_step"]
    assert answer.json()["errors"][0]["field"]
    assert digest_of(cafe) == before


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b'{"id": "a",,}', "bad_json", "byte 11"),
        (b'{"id": "a", "id": "b"}', "duplicate_key", "id"),
        (b"[1]", "wrong_kind", "object"),
        (b"", "bad_json", "JSON"),
        (b'{"id": "\xff"}', "bad_json", "JSON"),
    ],
)
def test_what_is_not_one_json_object_is_said_with_its_place(
    cafe: Door, body: bytes, code: str, said: str
) -> None:
    answer = cafe.client.post("/v1/events", content=body, headers=cafe.key("events:write"))

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert said in answer.text


def test_an_event_is_read_again_with_its_reasons_in_plain_words(cafe: Door) -> None:
    both = cafe.key("events:write", "events:read")
    cafe.client.post("/v1/events", json=ORDER, headers=both)

    told = cafe.client.get("/v1/events/ord-1001?member=c-17&source=shop", headers=both)
    missing = cafe.client.get("/v1/events/ord-1001?member=c-18&source=shop", headers=both)

    assert told.status_code == 200
    assert (told.json()["outcome"], told.json()["type"]) == ("accepted", "order.placed")
    assert any("119 beans from rule base" in sentence for sentence in told.json()["sentences"])
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_event")


def test_without_a_programme_no_event_is_taken(door: Door) -> None:
    answer = door.client.post("/v1/events", json=ORDER, headers=door.key("events:write"))

    assert (answer.status_code, answer.json()["code"]) == (404, "no_program")


def test_a_new_version_decides_from_the_next_event_on(cafe: Door) -> None:
    both = cafe.key("events:write", "programs:write", "programs:read")
    cafe.client.post("/v1/events", json=ORDER, headers=both)
    document = cafe.client.get("/v1/programs/1", headers=both).json()["document"]

    changed = document.replace("{beans: floor(event.total),", "{beans: floor(event.total * 2),")
    cafe.client.post("/v1/programs", content=changed, headers=both)
    cafe.clock.pass_(minutes=10)
    later = {**ORDER, "id": "ord-2", "order": "1002", "occurred_at": "2026-05-01T12:05:00Z"}
    answer = cafe.client.post("/v1/events", json=later, headers=both).json()

    assert (answer["version"], answer["entries"][0]["amount"]) == (2, "239")


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("de", "de"),
        ("fr, de-CH;q=0.8, en;q=0.5", "de"),
        ("en, de;q=0.9", "en"),
        ("fr", "en"),
        ("de;q=x", "en"),
    ],
)
def test_the_reasons_are_told_in_the_language_that_is_asked_for(
    cafe: Door, asked: str, language: str
) -> None:
    both = cafe.key("events:write", "events:read")
    cafe.client.post("/v1/events", json=ORDER, headers=both)

    told = cafe.client.get(
        "/v1/events/ord-1001?member=c-17&source=shop", headers={**both, "Accept-Language": asked}
    )

    said = {"de": "119 beans aus Regel base", "en": "119 beans from rule base"}[language]
    assert any(said in sentence for sentence in told.json()["sentences"])
    assert (told.headers["content-language"], told.headers["vary"]) == (language, "Accept-Language")
