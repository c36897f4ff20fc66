"""Rejects over HTTP: listed, tried again, deleted."""

from typing import Any

import pytest

from api.conftest import Door
from api.doors.conftest import basic, stored, token_of
from bondfire.db import connect, transaction
from bondfire.programs import brand_named, publish_program
from doors.makers import PROGRAM


def song(number: int) -> dict[str, Any]:
    """A call that stands for no event yet."""
    return {
        "messageId": f"m-{number}",
        "userId": f"c-{number}",
        "type": "track",
        "event": "Song Played",
        "properties": {"title": "x"},
    }


@pytest.fixture
def admin(quizzes: Door) -> dict[str, str]:
    """A key for everything, and five songs among the rejects."""
    key = quizzes.key("admin")
    sent = {"batch": [song(number) for number in range(5)]}
    quizzes.client.post("/v1/batch", json=sent, headers=basic(token_of(key)))
    return key


def test_rejects_are_listed_page_by_page_with_what_came_in(quizzes: Door, admin: dict[str, str]) -> None:
    first = quizzes.client.get("/v1/rejects?limit=3", headers=admin).json()
    rest = quizzes.client.get(f"/v1/rejects?cursor={first['next_cursor']}", headers=admin).json()

    assert (len(first["rejects"]), len(rest["rejects"]), rest["next_cursor"]) == (3, 2, None)
    one = first["rejects"][0]
    assert (one["door"], one["topic"], one["code"]) == ("segment", "Song Played", "unmapped_event")
    assert '"Song Played"' in one["raw"]
    assert one["message"]
    assert one["next_step"]
    assert one["received_at"] == "2026-05-01T12:00:00Z"


def test_a_retry_takes_it_once_the_programme_has_declared_the_type(
    quizzes: Door, admin: dict[str, str]
) -> None:
    kept = quizzes.client.get("/v1/rejects", headers=admin).json()["rejects"][0]["id"]

    too_early = quizzes.client.post(f"/v1/rejects/{kept}/retry", headers=admin)
    with connect(quizzes.dsn) as conn, transaction(conn):
        document = PROGRAM.replace("events:\n", "events:\n  song.played: {fields: {title: string}}\n")
        brand = brand_named(conn, "corner-cafe")
        publish_program(conn, brand.id, document, published_at=quizzes.clock(), published_by="test")
    taken = quizzes.client.post(f"/v1/rejects/{kept}/retry", headers=admin)
    gone = quizzes.client.post(f"/v1/rejects/{kept}/retry", headers=admin)

    assert (too_early.status_code, too_early.json()["outcome"]) == (200, "rejected")
    assert (taken.json()["outcome"], taken.json()["events"][0]["outcome"]) == ("accepted", "accepted")
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown_reject")
    assert len(quizzes.client.get("/v1/rejects", headers=admin).json()["rejects"]) == 4


def test_what_a_public_key_sent_stays_public_when_it_is_tried_again(quizzes: Door) -> None:
    admin, page = quizzes.key("admin"), quizzes.key("events:browser")
    fake = {**song(1), "event": "Order Completed", "properties": {"total": 100_000}}
    quizzes.client.post("/v1/t", json=fake, headers=basic(token_of(page)))
    (kept,) = quizzes.client.get("/v1/rejects", headers=admin).json()["rejects"]

    again = quizzes.client.post(f"/v1/rejects/{kept['id']}/retry", headers=admin)

    assert kept["is_public"] is True
    assert (again.json()["outcome"], again.json()["code"]) == ("rejected", "public_key")


def test_one_a_topic_or_a_member_is_deleted(quizzes: Door, admin: dict[str, str]) -> None:
    kept = quizzes.client.get("/v1/rejects", headers=admin).json()["rejects"]

    one = quizzes.client.delete(f"/v1/rejects/{kept[0]['id']}", headers=admin)
    again = quizzes.client.delete(f"/v1/rejects/{kept[0]['id']}", headers=admin)
    member = quizzes.client.delete("/v1/rejects", params={"member": kept[1]["people"][0]}, headers=admin)
    topic = quizzes.client.delete("/v1/rejects", params={"topic": "Song Played"}, headers=admin)

    assert (one.json(), again.status_code, member.json(), topic.json()) == (
        {"deleted": 1},
        404,
        {"deleted": 1},
        {"deleted": 3},
    )


@pytest.mark.parametrize("query", ["", "?member=c-1&topic=x", "?member=%00"])
def test_not_to_say_what_deletes_nothing(quizzes: Door, admin: dict[str, str], query: str) -> None:
    before = stored(quizzes)

    assert quizzes.client.delete(f"/v1/rejects{query}", headers=admin).status_code == 422
    assert stored(quizzes) == before


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/rejects", "members:read"),
        ("POST", "/v1/rejects/rej_aaaaaaaaaaaaaaaaaaaaaaaaaa/retry", "events:write"),
        ("DELETE", "/v1/rejects/rej_aaaaaaaaaaaaaaaaaaaaaaaaaa", "events:write"),
        ("DELETE", "/v1/rejects?topic=x", "members:write"),
    ],
)
def test_each_needs_its_scope(quizzes: Door, method: str, path: str, scope: str) -> None:
    others = {"events:write", "events:read", "members:read", "members:write", "programs:write"} - {scope}

    assert quizzes.client.request(method, path, headers=quizzes.key(*others)).status_code == 403
    assert quizzes.client.request(method, path, headers=quizzes.key(scope)).status_code in (200, 404)


def test_an_id_that_is_none_is_refused(quizzes: Door, admin: dict[str, str]) -> None:
    for shown in ("x", "mem_aaaaaaaaaaaaaaaaaaaaaaaaaa", "rej_"):
        assert quizzes.client.post(f"/v1/rejects/{shown}/retry", headers=admin).status_code == 422
    assert quizzes.client.get("/v1/rejects?cursor=x", headers=admin).status_code == 422


def test_one_brand_never_sees_anothers_rejects(quizzes: Door, admin: dict[str, str]) -> None:
    rival = quizzes.key("admin", brand="rival")
    kept = quizzes.client.get("/v1/rejects", headers=admin).json()["rejects"][0]["id"]

    assert quizzes.client.get("/v1/rejects", headers=rival).json()["rejects"] == []
    assert quizzes.client.delete(f"/v1/rejects/{kept}", headers=rival).status_code == 404
    assert quizzes.client.delete("/v1/rejects?topic=Song Played", headers=rival).json() == {"deleted": 0}
