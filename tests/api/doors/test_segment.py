"""Segment's routes: let in by the write key, answered 200, and nothing is lost."""

import gzip
import json
from typing import Any

import pytest

from api.conftest import Door
from api.doors.conftest import basic, stored, token_of
from bondfire.access import revoke_key
from bondfire.db import connect, transaction
from deliveries.makers import fill_shelf

CALL: dict[str, Any] = {"messageId": "m-1", "userId": "c-17", "timestamp": "2026-03-28T15:10:00.000Z"}
ORDER = {
    **CALL,
    "type": "track",
    "event": "Order Completed",
    "properties": {"order_id": "1", "total": 119.80},
}
SONG = {**CALL, "messageId": "m-2", "type": "track", "event": "Song Played"}


def test_a_batch_is_answered_200_with_a_row_for_each_call(quizzes: Door) -> None:
    key = basic(token_of(quizzes.key("events:write")))

    answer = quizzes.client.post(
        "/v1/batch", json={"batch": [ORDER, SONG, ORDER], "sentAt": "x"}, headers=key
    )

    said = answer.json()
    assert answer.status_code == 200
    assert (said["success"], said["outcomes"]) == (True, {"accepted": 1, "duplicate": 1, "rejected": 1})
    assert said["results"][0]["events"] == [
        {"event": "m-1", "source": "segment", "outcome": "accepted", "code": None, "message": None}
    ]
    assert said["results"][1]["reject"].startswith("rej_")
    assert (said["results"][1]["code"], said["results"][1]["events"]) == ("unmapped_event", [])
    assert said["results"][1]["next_step"]


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t"])
def test_one_call_has_an_address_of_its_own_long_and_short(quizzes: Door, path: str) -> None:
    key = basic(token_of(quizzes.key("events:write", "members:read")))

    answer = quizzes.client.post(path, json={**ORDER, "type": "nothing"}, headers=key)

    assert answer.json()["outcomes"] == {"accepted": 1}


@pytest.mark.parametrize(
    ("path", "said", "outcome"),
    [
        ("identify", {"traits": {"age": 3}}, "accepted"),
        ("i", {"traits": {"email": "ann@example.com"}}, "accepted"),
        ("page", {"name": "Home"}, "accepted"),
        ("p", {}, "accepted"),
        ("screen", {"name": "Menu"}, "accepted"),
        ("s", {"name": "Menu"}, "accepted"),
        ("group", {"groupId": "g"}, "accepted"),
        ("g", {"groupId": "g"}, "accepted"),
        ("alias", {"previousId": "a-1"}, "accepted"),
        ("a", {"previousId": "a-1"}, "accepted"),
        ("identify", {}, "nothing"),
    ],
)
def test_every_kind_of_call_has_its_address(
    quizzes: Door, path: str, said: dict[str, object], outcome: str
) -> None:
    key = basic(token_of(quizzes.key("events:write")))

    answer = quizzes.client.post(f"/v1/{path}", json={**CALL, **said}, headers=key)

    assert (answer.status_code, answer.json()["outcomes"]) == (200, {outcome: 1})


@pytest.mark.parametrize("path", ["batch", "b", "import"])
def test_a_batch_has_three_addresses(quizzes: Door, path: str) -> None:
    key = basic(token_of(quizzes.key("events:write")))

    assert quizzes.client.post(f"/v1/{path}", json={"batch": []}, headers=key).json()["results"] == []
    answer = quizzes.client.post(f"/v1/{path}", json={"batch": [ORDER]}, headers=key)
    assert answer.json()["outcomes"] == {"accepted": 1}


def test_the_write_key_may_stand_in_the_body_as_a_browser_sends_it(quizzes: Door) -> None:
    token = token_of(quizzes.key("events:write"))
    body = json.dumps({**ORDER, "writeKey": token})

    answer = quizzes.client.post("/v1/t", content=body, headers={"content-type": "text/plain"})
    again = quizzes.client.post("/v1/b", json={"batch": [ORDER], "writeKey": token})

    assert answer.json()["outcomes"] == {"accepted": 1}
    assert again.json()["outcomes"] == {"duplicate": 1}


def test_gzip_is_inflated(quizzes: Door) -> None:
    key = basic(token_of(quizzes.key("events:write")))
    body = gzip.compress(json.dumps({"batch": [ORDER]}).encode())

    answer = quizzes.client.post("/v1/batch", content=body, headers={**key, "content-encoding": "gzip"})

    assert answer.json()["outcomes"] == {"accepted": 1}


def test_numbers_are_read_exactly(quizzes: Door) -> None:
    """The nearest binary float is 10^15, which would earn one bean more."""
    both = quizzes.key("events:write", "members:read")
    body = json.dumps({**ORDER, "properties": {"total": 0}}).replace(
        '"total": 0', '"total": 999999999999999.99'
    )

    quizzes.client.post("/v1/track", content=body, headers=basic(token_of(both)))

    member = quizzes.client.get("/v1/members/c-17", headers=both).json()
    assert member["wallets"]["beans"]["active"] == "999999999999999"


@pytest.mark.parametrize(
    ("headers", "writekey", "code"),
    [
        ({}, None, "no_key"),
        ({}, 7, "bad_key"),
        ({}, "nonsense", "bad_key"),
        (basic("bf_aaaaaaaaaaaaaaaa_" + "a" * 40), None, "unknown_key"),
        (basic(""), None, "no_key"),
        ({"Authorization": "Basic %%%"}, None, "no_key"),
        ({"Authorization": "Basic \xff"}, None, "no_key"),
    ],
)
def test_without_a_good_key_nothing_is_stored(
    quizzes: Door, headers: dict[str, str], writekey: object, code: str
) -> None:
    before = stored(quizzes)
    raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}

    answer = quizzes.client.post("/v1/batch", json={"batch": [ORDER], "writeKey": writekey}, headers=raw)

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.json()["next_step"]
    assert stored(quizzes) == before


def test_a_key_for_something_else_or_revoked_is_no_write_key(quizzes: Door) -> None:
    reader, revoked = quizzes.key("members:read"), quizzes.key("events:write")
    with connect(quizzes.dsn) as conn, transaction(conn):
        revoke_key(conn, 1, token_of(revoked).split("_")[1], revoked_at=quizzes.clock())

    for key, status in ((reader, 403), (revoked, 401)):
        answer = quizzes.client.post("/v1/batch", json={"batch": [ORDER]}, headers=basic(token_of(key)))
        assert answer.status_code == status
    assert stored(quizzes)[1:] == (0, 0, 0, 0)


def test_a_key_in_a_page_cannot_place_orders_or_change_a_person(quizzes: Door) -> None:
    key = basic(token_of(quizzes.key("events:browser", "members:read")))
    calls = [
        ORDER,
        {**CALL, "messageId": "m-3", "type": "page"},
        {**CALL, "messageId": "m-4", "type": "identify", "traits": {"email": "thief@example.com", "age": 9}},
    ]

    answer = quizzes.client.post("/v1/batch", json={"batch": calls}, headers=key)

    assert [row["outcome"] for row in answer.json()["results"]] == ["rejected", "accepted", "nothing"]
    assert answer.json()["results"][0]["code"] == "public_key"
    assert "public key" in answer.json()["results"][2]["note"]
    assert stored(quizzes)[1] == 0
    for path in ("/v1/events", "/v1/cloudevents"):
        assert quizzes.client.post(path, json=ORDER, headers=key).status_code in (401, 403)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("batch", b"", "bad_json"),
        ("batch", b'{"batch": [1,]}', "bad_json"),
        ("batch", b'{"batch": "x"}', "bad_json"),
        ("batch", b'{"batch": [], "batch": []}', "duplicate_key"),
        ("batch", b'{"batch": [' + b" " * 512_000 + b"]}", "too_large"),
        ("track", b'{"userId": "' + b"x" * 33_000 + b'"}', "too_large"),
        ("track", b"[]", "bad_json"),
        ("track", b"nothing", "bad_json"),
    ],
)
def test_what_segment_refuses_is_refused_with_400_and_nothing_is_stored(
    quizzes: Door, path: str, body: bytes, code: str
) -> None:
    before = stored(quizzes)

    answer = quizzes.client.post(
        f"/v1/{path}", content=body, headers=basic(token_of(quizzes.key("events:write")))
    )

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["next_step"]
    assert stored(quizzes) == before


@pytest.mark.parametrize(
    ("body", "encoding", "refusal"),
    [
        (gzip.compress(b"{" + b" " * 50_000_000 + b"}"), "gzip", (413, "too_large")),
        (gzip.compress(b"{" + b" " * 600_000 + b"}"), "gzip", (400, "too_large")),
        (gzip.compress(b'{"batch": []}')[:-4], "gzip", (422, "bad_gzip")),
        (gzip.compress(b'{"batch": []}') + b"more", "gzip", (422, "bad_gzip")),
        (b"no gzip", "gzip", (422, "bad_gzip")),
        (b'{"batch": []}', "br", (415, "unsupported_encoding")),
    ],
    ids=["a bomb", "more than Segment takes", "cut off", "with more", "none", "brotli"],
)
def test_a_body_is_never_inflated_beyond_what_may_be_sent(
    quizzes: Door, body: bytes, encoding: str, refusal: tuple[int, str]
) -> None:
    key = basic(token_of(quizzes.key("events:write")))

    answer = quizzes.client.post("/v1/batch", content=body, headers={**key, "content-encoding": encoding})

    assert len(body) < 100_000
    assert (answer.status_code, answer.json()["code"]) == refusal


COMPLETED = b'{"userId": "c", "type": "track", "event": "Order Completed", "properties": {%b}}'
BAD_CALLS = [
    b'{"userId": "a", "userId": "b", "type": "page"}',
    b'{"userId": "c\\u0000", "type": "page"}',
    b'{"userId": "\\ud800", "type": "page"}',
    COMPLETED % b'"total": 1e400',
    COMPLETED % b'"total": -5',
    COMPLETED % b'"total": 1.999',
    COMPLETED % b'"total": 1, "currency": "EURO"',
    b'{"userId": "c", "type": "page", "timestamp": "2026-02-30T00:00:00Z"}',
    b'{"userId": "c", "type": "page", "timestamp": "2026-02-03T00:00:00"}',
    b'{"userId": {"a": 1}, "type": "page"}',
    b'{"userId": "' + b"x" * 300 + b'", "type": "page"}',
    b'{"type": "page"}',
    b"null",
]


@pytest.mark.parametrize("raw", BAD_CALLS, ids=lambda raw: raw.decode()[:60])
def test_a_call_that_is_wrong_is_kept_and_spoils_no_other(quizzes: Door, raw: bytes) -> None:
    key = basic(token_of(quizzes.key("events:write", "members:read")))
    body = b'{"batch": [' + raw + b", " + json.dumps(ORDER).encode() + b"]}"

    answer = quizzes.client.post("/v1/batch", content=body, headers=key)

    bad, good = answer.json()["results"]
    assert answer.status_code == 200
    assert (bad["outcome"], good["outcome"]) == ("rejected", "accepted")
    assert bad["code"]
    kept = quizzes.client.get("/v1/rejects", headers={"Authorization": f"Bearer {quizzes.keys[0]}"}).json()
    assert [(one["id"], one["raw"]) for one in kept["rejects"]] == [(bad["reject"], raw.decode())]


def test_when_nothing_more_can_be_kept_the_batch_is_not_acknowledged(quizzes: Door) -> None:
    key = basic(token_of(quizzes.key("events:write")))
    fill_shelf(quizzes.dsn, 1, 1_000, topics=1)
    song = {**SONG, "event": "topic 0"}

    answer = quizzes.client.post("/v1/batch", json={"batch": [song, ORDER]}, headers=key)

    said = answer.json()
    assert (answer.status_code, said["code"]) == (400, "rejects_full")
    assert said["outcomes"] == {"accepted": 1, "lost": 1}
    assert "/v1/rejects" in said["next_step"]


def test_without_a_programme_nothing_is_acknowledged(door: Door) -> None:
    key = basic(token_of(door.key("events:write")))

    answer = door.client.post("/v1/batch", json={"batch": [ORDER]}, headers=key)

    assert (answer.status_code, answer.json()["code"]) == (404, "no_program")
