"""CloudEvents over HTTP."""

import json
from typing import Any

import pytest

from api.conftest import Door
from api.doors.conftest import stored
from bondfire.doors import BATCHED, STRUCTURED

DATA = {"occurred_at": "2026-03-29T01:59:59+01:00", "order": "1001", "currency": "EUR", "total": "119.80"}
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "ord-1001",
    "source": "/shop",
    "type": "order.placed",
    "subject": "c-17",
}


def test_the_three_modes_are_one_event(quizzes: Door) -> None:
    key = quizzes.key("events:write")
    attributes = {f"ce-{name}": value for name, value in EVENT.items()}
    whole = {**EVENT, "data": DATA}

    binary = quizzes.client.post("/v1/cloudevents", json=DATA, headers={**key, **attributes})
    structured = quizzes.client.post(
        "/v1/cloudevents", content=json.dumps(whole), headers={**key, "content-type": STRUCTURED}
    )
    batched = quizzes.client.post(
        "/v1/cloudevents", content=json.dumps([whole, {}]), headers={**key, "content-type": BATCHED}
    )

    assert (binary.status_code, binary.json()["outcomes"]) == (200, {"accepted": 1})
    assert structured.json()["outcomes"] == {"duplicate": 1}
    assert batched.json()["outcomes"] == {"duplicate": 1, "rejected": 1}


def test_an_event_that_cannot_be_taken_is_kept_with_its_attributes(quizzes: Door) -> None:
    key = quizzes.key("events:write", "members:read")
    attributes = {f"ce-{name}": value for name, value in {**EVENT, "type": "order.plced"}.items()}

    answer = quizzes.client.post("/v1/cloudevents", json=DATA, headers={**key, **attributes})

    assert (answer.status_code, answer.json()["results"][0]["code"]) == (200, "unknown_type")
    (kept,) = quizzes.client.get("/v1/rejects", headers=key).json()["rejects"]
    assert (kept["door"], kept["topic"], kept["people"]) == ("cloudevents", "order.plced", ["c-17"])
    assert kept["frame"]["id"] == "ord-1001"
    assert json.loads(kept["raw"]) == DATA


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": BATCHED}, b"{}", 422),
        ({"content-type": "application/json"}, b"{}", 422),
        ({"content-type": BATCHED}, b"[" + b"{}," * 1_000 + b"{}]", 422),
        ({}, b"x" * 10_000_001, 413),
    ],
)
def test_a_request_without_events_is_refused_and_nothing_is_stored(
    quizzes: Door, headers: dict[str, str], body: bytes, status: int
) -> None:
    before = stored(quizzes)

    answer = quizzes.client.post(
        "/v1/cloudevents", content=body, headers={**quizzes.key("events:write"), **headers}
    )

    assert answer.status_code == status
    assert stored(quizzes) == before


def test_a_key_is_needed(quizzes: Door) -> None:
    assert quizzes.client.post("/v1/cloudevents", json=DATA).status_code == 401
    assert (
        quizzes.client.post("/v1/cloudevents", json=DATA, headers=quizzes.key("events:browser")).status_code
        == 403
    )
