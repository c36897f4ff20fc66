"""Malformed JSON and naughty strings of others: an answer for every one of them, and never a server error."""

import json
from pathlib import Path
from typing import Any

from api.conftest import Door
from api.doors.conftest import basic, stored, token_of
from bondfire.doors import read_parcel
from doors.makers import parcel, payload, terms

WHEN = "2026-03-28T15:10:00Z"


def test_every_file_of_the_json_test_suite_gets_an_answer(quizzes: Door, corpora: Path) -> None:
    key = basic(token_of(quizzes.key("events:write")))
    before = stored(quizzes)
    files = sorted((corpora / "json-test-suite").glob("*.json"))
    statuses = {}

    for file in files:
        raw = file.read_bytes()
        for one in (parcel("shopify", "orders/paid", raw), parcel("woocommerce", "order.updated", raw)):
            assert read_parcel(one, terms())
        statuses[file.name] = quizzes.client.post("/v1/track", content=raw, headers=key).status_code

    assert len(files) >= 283
    assert {name for name, status in statuses.items() if name.startswith("n_") and status != 400} == set()
    assert {status for name, status in statuses.items() if name.startswith("y_")} <= {200, 400}
    assert set(statuses.values()) <= {200, 400}
    assert stored(quizzes)[:3] == before[:3]


def calls_with(number: int, text: str) -> list[dict[str, Any]]:
    """Calls with a text in every place where one can be."""
    base = {"messageId": f"m-{number}", "timestamp": WHEN, "userId": f"c-{number}"}
    order = {**base, "type": "track", "event": "Order Completed"}
    return [
        {**base, "type": "page", "name": text, "category": text},
        {**base, "type": "page", "userId": text},
        {**base, "type": "page", "messageId": text},
        {**base, "type": "page", "anonymousId": text, "userId": None},
        {**base, "type": "page", "timestamp": text},
        {**base, "type": text},
        {**base, "type": "track", "event": text, "properties": {text: text}},
        {**order, "properties": {"total": text, "order_id": text}},
        {**order, "properties": {"total": 1, "currency": text}},
        {**base, "type": "identify", "traits": {"name": text, "email": text, "phone": text, "tags": text}},
        {**base, "type": "identify", "anonymousId": text},
        {**base, "type": "alias", "previousId": text},
    ]


def test_every_naughty_string_is_taken_or_kept_in_every_field(quizzes: Door, corpora: Path) -> None:
    key = basic(token_of(quizzes.key("events:write")))
    strings = json.loads((corpora / "naughty-strings" / "blns.json").read_text(encoding="utf-8"))
    calls = [one for number, text in enumerate(strings) for one in calls_with(number, text)]
    outcomes: set[str] = set()

    for first in range(0, len(calls), 200):
        body = {"batch": calls[first : first + 200], "sentAt": strings[first % len(strings)]}
        answer = quizzes.client.post("/v1/batch", json=body, headers=key)
        assert answer.status_code in (200, 400), answer.text
        outcomes |= answer.json()["outcomes"].keys()

    assert len(strings) > 400
    assert {"accepted", "rejected"} <= outcomes <= {"accepted", "rejected", "duplicate", "nothing", "lost"}


def test_naughty_strings_in_a_shops_payload_are_read_or_named(corpora: Path) -> None:
    strings = json.loads((corpora / "naughty-strings" / "blns.json").read_text(encoding="utf-8"))

    for text in strings:
        body = payload("shopify_order_tax_included", email=text, currency=text, source_name=text)
        body["line_items"][0] |= {"sku": text, "name": text, "vendor": text}
        reading = read_parcel(parcel("shopify", "orders/paid", body), terms())
        assert reading.events or reading.problem
