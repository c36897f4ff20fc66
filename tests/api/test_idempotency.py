"""A change with an Idempotency-Key is done once, whatever is sent again, at once or later."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from api.conftest import CAFE, Door
from bondfire.api.examples import ORDER
from bondfire.db import connect

SAID = {"kind": "email.marketing", "granted": True, "text_version": "2026-03", "source": "checkout"}
ONE = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
CONSENTS = "/v1/members/c-17/consents"


def count(door: Door, table: str) -> int:
    """Rows of a table."""
    with connect(door.dsn) as conn:
        row = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
    return row[0] if row else 0


def test_the_same_request_again_gets_the_first_answer_and_changes_nothing(door: Door) -> None:
    headers = {**door.key("members:write"), **ONE}

    first = door.client.post(CONSENTS, json=SAID, headers=headers)
    door.clock.pass_(hours=23)
    again = door.client.post(CONSENTS, json=SAID, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert count(door, "consent") == 1


def test_without_a_key_the_request_is_another_one_each_time(door: Door) -> None:
    headers = door.key("members:write")

    door.client.post(CONSENTS, json=SAID, headers=headers)
    door.clock.pass_(seconds=1)
    door.client.post(CONSENTS, json=SAID, headers=headers)

    assert (count(door, "consent"), count(door, "given_answer")) == (2, 0)


def test_every_change_can_be_sent_again(door: Door) -> None:
    headers = door.key("admin")
    key_id = door.keys[0].split("_")[1]
    document = {"content": CAFE.format(brand="corner-cafe")}
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", "/v1/members/c-17/profile", {"json": {"name": "Ann"}}),
        ("PUT", "/v1/members/c-17/aliases", {"json": {"kind": "card", "value": "7004"}}),
        ("POST", CONSENTS, {"json": SAID}),
        ("POST", "/v1/programs", document),
        ("DELETE", f"/v1/keys/{key_id}", {}),
    ]
    other = door.key("admin")

    for number, (method, path, asked) in enumerate(changes):
        own = {"Idempotency-Key": f"key-{number}"}
        first = door.client.request(method, path, headers=headers | own, **asked)
        door.clock.pass_(seconds=10)
        again = door.client.request(method, path, headers=other | own, **asked)
        assert first.status_code < 300, first.text
        assert again.content == first.content
        assert again.headers["idempotency-replayed"] == "true"


def test_every_operation_that_changes_something_takes_the_header(door: Door) -> None:
    document = door.client.get("/openapi.json").json()
    takes = {
        f"{method} {path}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ()))
    }
    changing = {
        f"{method} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if method in {"post", "put", "patch", "delete"}
    }

    assert takes == changing - {"post /v1/programs/check"}


def test_the_key_with_another_request_is_refused_and_the_first_stands(door: Door) -> None:
    headers = {**door.key("members:write"), **ONE}
    first = door.client.post(CONSENTS, json=SAID, headers=headers)

    for path, body in (
        (CONSENTS, {**SAID, "granted": False}),
        ("/v1/members/c-18/consents", SAID),
    ):
        answer = door.client.post(path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")

    assert count(door, "consent") == 1
    assert door.client.post(CONSENTS, json=SAID, headers=headers).content == first.content


def test_a_key_is_the_brands_own(door: Door) -> None:
    ours, theirs = door.key("members:write"), door.key("members:write", brand="rival")

    first = door.client.post(CONSENTS, json=SAID, headers={**ours, **ONE})
    second = door.client.post(CONSENTS, json=SAID, headers={**theirs, **ONE})

    assert first.json()["member_id"] != second.json()["member_id"]
    assert count(door, "consent") == 2


def test_whoever_may_not_gets_no_stored_answer(door: Door) -> None:
    door.client.post(CONSENTS, json=SAID, headers={**door.key("members:write"), **ONE})

    answer = door.client.post(CONSENTS, json=SAID, headers={**door.key("members:read"), **ONE})

    assert answer.status_code == 403


def test_a_refusal_is_an_answer_too_and_undoes_what_it_began(door: Door) -> None:
    headers = {**door.key("members:write"), **ONE}
    alias = {"kind": "email", "value": "ann@example.com"}
    door.client.put("/v1/members/c-17/aliases", json=alias, headers=door.key("members:write"))

    refused = door.client.put("/v1/members/c-18/aliases", json=alias, headers=headers)
    with connect(door.dsn) as conn:
        conn.execute("DELETE FROM member_alias")
        conn.commit()
    again = door.client.put("/v1/members/c-18/aliases", json=alias, headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (409, "alias_taken")
    assert (again.status_code, again.content) == (409, refused.content)
    assert again.headers["content-type"] == "application/problem+json"
    assert count(door, "member_alias") == 0


def test_what_could_not_be_read_takes_no_key(door: Door) -> None:
    headers = {**door.key("members:write"), **ONE}

    malformed = door.client.post(CONSENTS, json={**SAID, "granted": "perhaps"}, headers=headers)
    corrected = door.client.post(CONSENTS, json=SAID, headers=headers)

    assert (malformed.status_code, corrected.status_code) == (422, 201)


def test_a_key_that_is_none_is_refused_and_nothing_is_done(door: Door) -> None:
    headers = {**door.key("members:write"), "Idempotency-Key": "x" * 256}

    answer = door.client.post(CONSENTS, json=SAID, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_idempotency_key")
    assert count(door, "consent") == 0


def test_while_the_first_is_being_worked_on_the_second_is_a_conflict(door: Door) -> None:
    """Given a request that waits in its transaction for the brand, when it is sent again, then 409."""
    headers = {**door.key("programs:write"), **ONE}
    document = CAFE.format(brand="corner-cafe")
    with connect(door.dsn) as holder, ThreadPoolExecutor(1) as thread:
        holder.execute("SELECT 1 FROM brand FOR UPDATE")
        first = thread.submit(door.client.post, "/v1/programs", content=document, headers=headers)
        wait_for_a_lock(holder)

        second = door.client.post("/v1/programs", content=document, headers=headers)
        holder.rollback()
        done = first.result()

    third = door.client.post("/v1/programs", content=document, headers=headers)
    assert (second.status_code, second.json()["code"]) == (409, "request_in_progress")
    assert second.headers["retry-after"] == "1"
    assert (done.status_code, third.status_code) == (201, 201)
    assert third.content == done.content


def wait_for_a_lock(conn: psycopg.Connection) -> None:
    """Until somebody waits for what this connection holds."""
    while not conn.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
        pass


@pytest.mark.parametrize("round_", range(5))
def test_parallel_requests_with_one_key_have_one_effect_and_one_answer(door: Door, round_: int) -> None:
    headers = {**door.key("members:write"), "Idempotency-Key": f"round-{round_}"}

    def send(_number: int) -> tuple[int, str]:
        door.clock.pass_(microseconds=1)
        answer = door.client.post(CONSENTS, json=SAID, headers=headers)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(send, range(32)))

    assert count(door, "consent") == 1
    done = {text for status, text in answers if status == 201}
    others = {json.loads(text)["code"] for status, text in answers if status != 201}
    assert len(done) == 1
    assert others <= {"request_in_progress"}


def test_for_events_the_header_is_taken_and_never_in_the_way(cafe: Door) -> None:
    """An event counts once for ever by itself; the header neither stops another one nor keeps an answer."""
    headers = {**cafe.key("events:write"), **ONE}

    first = cafe.client.post("/v1/events", json=ORDER, headers=headers)
    again = cafe.client.post("/v1/events", json=ORDER, headers=headers)
    other = cafe.client.post("/v1/events", json={**ORDER, "id": "o-2", "order": "2"}, headers=headers)
    batch = cafe.client.post(
        "/v1/events/batch", json=[ORDER], headers={**headers, "Idempotency-Key": "x" * 999}
    )

    assert [one.status_code for one in (first, again, other, batch)] == [200] * 4
    assert (again.json()["duplicate"], again.json()["entries"]) == (True, first.json()["entries"])
    assert other.json()["duplicate"] is False
    assert batch.json()["outcomes"] == {"duplicate": 1}
    assert count(cafe, "given_answer") == 0
