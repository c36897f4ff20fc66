"""Many events at once: each row stands or falls alone."""

import json
from typing import Any

import pytest

from api.conftest import Door
from api.test_bad_input import BAD
from bondfire.api.examples import ORDER, RETURN, SPENDING


def order(number: int, **changes: Any) -> dict[str, Any]:
    """An order of its own."""
    return {**ORDER, "id": f"ord-{number}", "order": str(number), **changes}


def test_bad_rows_do_not_stop_the_good_ones(cafe: Door) -> None:
    rows = [
        order(1),
        order(2, type="order.plced"),
        order(1),
        order(1, total="5.00", lines=None),
        {**SPENDING, "unit": "beans", "amount": "9999"},
        {**RETURN, "order": "1"},
    ]

    answer = cafe.client.post("/v1/events/batch", json=rows, headers=cafe.key("events:write"))

    assert answer.status_code == 200
    assert [(one["index"], one["outcome"], one["status"]) for one in answer.json()["results"]] == [
        (0, "accepted", 200),
        (1, "malformed", 422),
        (2, "duplicate", 200),
        (3, "conflict", 409),
        (4, "refused", 409),
        (5, "accepted", 200),
    ]
    assert answer.json()["outcomes"] == {
        "accepted": 2,
        "conflict": 1,
        "duplicate": 1,
        "malformed": 1,
        "refused": 1,
    }
    assert answer.json()["results"][1]["code"] == "unknown_type"


def test_ndjson_is_taken_too_and_a_broken_line_is_one_bad_row(cafe: Door) -> None:
    body = "\n".join([json.dumps(order(1)), '{"id": ', "", json.dumps(order(2))])
    headers = {**cafe.key("events:write"), "content-type": "application/x-ndjson"}

    answer = cafe.client.post("/v1/events/batch", content=body, headers=headers)

    assert [one["outcome"] for one in answer.json()["results"]] == ["accepted", "malformed", "accepted"]
    assert answer.json()["results"][1]["code"] == "bad_json"


def test_the_same_batch_again_changes_nothing(cafe: Door) -> None:
    rows = [order(number, member=f"c-{number % 7}") for number in range(30)]
    both = cafe.key("events:write", "members:read")
    cafe.client.post("/v1/events/batch", json=rows, headers=both)
    before = cafe.client.get("/v1/reports/totals", headers=both).json()

    again = cafe.client.post("/v1/events/batch", json=rows, headers=both)

    assert again.json()["outcomes"] == {"duplicate": 30}
    assert cafe.client.get("/v1/reports/totals", headers=both).json() == before


@pytest.mark.parametrize("body", [b"{}", b"[{]", b"nothing"])
def test_a_body_that_is_no_array_is_refused_whole(cafe: Door, body: bytes) -> None:
    answer = cafe.client.post("/v1/events/batch", content=body, headers=cafe.key("events:write"))

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_json")


def test_more_than_ten_thousand_rows_are_refused_and_nothing_is_stored(cafe: Door) -> None:
    both = cafe.key("events:write", "members:read")
    body = b"{}\n" * 10_001

    answer = cafe.client.post(
        "/v1/events/batch", content=body, headers={**both, "content-type": "application/x-ndjson"}
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_events")
    assert cafe.client.get("/v1/reports/totals", headers=both).json()["members"] == 0


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "application/json"])
def test_a_bad_row_among_plain_ones_is_told_as_if_it_came_alone(cafe: Door, media_type: str) -> None:
    # given good rows of two types, and rows that are wrong in every way (but for what spoils an array)
    headers = {**cafe.key("admin"), "content-type": media_type}
    spoils = {"bad_json"} if media_type == "application/json" else set()
    bad = {kind: row for kind, (row, code, _) in BAD.items() if code not in spoils}
    good = [
        json.dumps(order(number) if number % 3 else {**SPENDING, "id": f"spend-{number}"}).encode()
        for number in range(120)
    ]
    rows = [*good[:40], *bad.values(), *good[40:]]
    body = b"\n".join(rows) if media_type.endswith("ndjson") else b"[" + b",".join(rows) + b"]"

    # when they come in one batch
    said = cafe.client.post("/v1/events/batch", content=body, headers=headers).json()["results"]

    # then each good row has its answer, and each bad one says what it says alone
    told = said[:40] + said[40 + len(bad) :]
    assert [one["event"] for one in told] == [json.loads(row)["id"] for row in good]
    for (kind, row), one in zip(bad.items(), said[40:], strict=False):
        alone = cafe.client.post("/v1/events", content=row, headers=headers).json()
        assert (kind, one["outcome"], one["code"]) == (kind, "malformed", alone["code"])
        assert (kind, one["message"]) == (kind, alone["detail"])
