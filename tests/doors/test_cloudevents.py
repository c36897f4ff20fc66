"""CloudEvents, binary, structured and batched, are events of ours in an envelope."""

import base64
import json
from decimal import Decimal
from typing import Any

import pytest

from bondfire.doors import BATCHED, STRUCTURED, Reading, read_cloudevents, read_parcel
from bondfire.errors import BadInput
from doors.makers import NOW, only, problem_of, terms

DATA = {"occurred_at": "2026-03-29T01:59:59+01:00", "order": "1001", "currency": "EUR", "total": "119.80"}
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "ord-1001",
    "source": "/shop",
    "type": "order.placed",
    "subject": "c-17",
    "data": DATA,
}


def readings(headers: dict[str, str], body: object) -> list[Reading]:
    """What a request says."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return [read_parcel(one, terms()) for one in read_cloudevents(headers, raw, received_at=NOW)]


def structured(**changes: object) -> Reading:
    """What an event in structured mode says."""
    (one,) = readings({"content-type": STRUCTURED + "; charset=utf-8"}, {**EVENT, **changes})
    return one


def test_the_three_modes_say_the_same() -> None:
    headers = {f"ce-{name}": str(value) for name, value in EVENT.items() if name != "data"}

    (binary,) = readings({**headers, "content-type": "application/json"}, DATA)
    (batched,) = readings({"content-type": BATCHED}, [EVENT])

    event = only(structured())
    assert event == only(binary) == only(batched)
    assert (event.id, event.source, event.type, event.member) == ("ord-1001", "/shop", "order.placed", "c-17")
    assert event.body["total"] == Decimal("119.80")


def test_headers_are_percent_decoded() -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "s", "ce-type": "order.placed"}

    (reading,) = readings({**headers, "ce-subject": "J%C3%BCrgen%20%22J%22"}, DATA)

    assert only(reading).member == 'Jürgen "J"'


def test_numbers_stay_exact_and_data_may_be_base64() -> None:
    data = b'{"order": "1", "currency": "EUR", "total": 119.80, "occurred_at": "2026-03-29T01:59:59Z"}'
    event = {**EVENT, "data_base64": base64.b64encode(data).decode()}
    del event["data"]

    (reading,) = readings({"content-type": STRUCTURED}, event)

    assert only(reading).body["total"] == Decimal("119.8")


def test_the_time_of_the_envelope_counts_when_data_say_none() -> None:
    data = {name: value for name, value in DATA.items() if name != "occurred_at"}

    said = only(structured(data=data, time="2026-03-29T01:59:59.123456789Z"))
    silent = structured(data=data)

    assert said.occurred_at.isoformat() == "2026-03-29T01:59:59.123456+00:00"
    assert only(silent).occurred_at == NOW
    assert silent.guessed == {"ord-1001"}


def test_data_may_name_the_member_and_extensions_are_left_alone() -> None:
    assert only(structured(data={**DATA, "member": "c-18"}, traceparent="00-ab")).member == "c-18"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"id": None}, "missing_field", "id"),
        ({"source": ""}, "missing_field", "source"),
        ({"type": None}, "missing_field", "type"),
        ({"specversion": "0.3"}, "bad_version", "specversion"),
        ({"data": None}, "wrong_kind", "data"),
        ({"data": [1]}, "wrong_kind", "data"),
        ({"data_base64": "%%"}, "bad_base64", "data_base64"),
        ({"data_base64": base64.b64encode(b"{").decode()}, "bad_json", ""),
        ({"data": {**DATA, "id": "other"}}, "contradiction", "id"),
    ],
)
def test_an_envelope_that_is_wrong_says_where(changes: dict[str, object], code: str, field: str) -> None:
    problem = problem_of(structured(**changes))

    assert (problem.code, problem.field) == (code, field)


def test_one_bad_event_does_not_spoil_a_batch() -> None:
    body = b'[{"specversion": "1.0", "id": "a", "id": "b"}, %b, "x"]' % json.dumps(EVENT).encode()

    doubled, good, none = readings({"content-type": BATCHED}, body)

    assert problem_of(doubled).code == "duplicate_key"
    assert only(good).id == "ord-1001"
    assert problem_of(none).code == "wrong_kind"


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({"content-type": BATCHED}, b"{}", "bad_json"),
        ({"content-type": BATCHED}, b"[1,,]", "bad_json"),
        ({"content-type": BATCHED}, b"[" + b"{}," * 1_000 + b"{}]", "too_many_events"),
        ({"content-type": "application/json"}, b"{}", "no_cloudevent"),
        ({}, b"{}", "no_cloudevent"),
    ],
)
def test_a_request_that_holds_none_is_refused_whole(headers: dict[str, str], body: bytes, code: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_cloudevents(headers, body, received_at=NOW)
    assert refusal.value.code == code
