"""Malformed JSON and naughty strings of others: kept as they are or refused with a reason, never in part."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx2
import pytest
import yaml

from api.conftest import CAFE, Door, everything
from bondfire.db import connect

JSON, NDJSON = "application/json", "application/x-ndjson"
CONSENT = {"kind": "email.marketing", "granted": True, "text_version": "1", "source": "checkout"}
ORDER = {
    "type": "order.placed",
    "occurred_at": "2026-04-01T10:00:00Z",
    "currency": "EUR",
    "total": "5.00",
}


class Place(NamedTuple):
    """Where JSON is taken, and which files of the suite are right there."""

    method: str
    path: str
    media_type: str = JSON
    shape: bytes = b"%s"
    right: frozenset[str] = frozenset()


PLACES = {
    "an event": Place("POST", "/v1/events"),
    "an event that is tried": Place("POST", "/v1/events?dry_run=true"),
    "a batch": Place("POST", "/v1/events/batch"),
    "a row of a batch": Place("POST", "/v1/events/batch", shape=b"[%s]"),
    "a line of a batch": Place("POST", "/v1/events/batch", NDJSON),
    "a programme": Place("POST", "/v1/programs"),
    "a profile": Place("PUT", "/v1/members/c-1/profile", right=frozenset({"y_object_empty.json"})),
    "an alias": Place("PUT", "/v1/members/c-1/aliases"),
    "a consent": Place("POST", "/v1/members/c-1/consents"),
}


def is_refused_clearly(answer: httpx2.Response) -> bool:
    """The body is refused, or each of its rows, and each refusal has a code, a reason and a next step."""
    said = answer.json()
    if answer.status_code != 200:
        return answer.status_code == 422 and all(said[word] for word in ("code", "detail", "next_step"))
    return all(
        row["status"] == 422 and all(row[word] for word in ("code", "message", "next_step"))
        for row in said["results"]
    )


def suite(corpora: Path) -> dict[str, bytes]:
    """The files of the JSON test suite: y_ is JSON, n_ is none, i_ is undecided."""
    files = {path.name: path.read_bytes() for path in (corpora / "json-test-suite").glob("*.json")}
    assert sum(name[:2] in {"y_", "n_"} for name in files) == 283
    return files


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_no_file_of_the_json_test_suite_is_stored_or_breaks_anything(
    cafe: Door, corpora: Path, place: Place
) -> None:
    headers = {**cafe.key("admin"), "Content-Type": place.media_type}
    before = everything(cafe)

    for name, raw in suite(corpora).items():
        if name not in place.right:
            body = place.shape.replace(b"%s", raw)
            answer = cafe.client.request(place.method, place.path, content=body, headers=headers)
            assert is_refused_clearly(answer), (name, answer.text)

    assert everything(cafe) == before


def test_a_value_of_json_is_kept_as_it_is_and_what_is_none_changes_nothing(door: Door, corpora: Path) -> None:
    headers = {**door.key("admin"), "Content-Type": JSON}
    address, kept, codes = "/v1/members/c-1/profile", {}, {}

    for name, raw in suite(corpora).items():
        body = b'{"data": {"a": %s}}' % raw
        answer = door.client.put(address, content=body, headers=headers)
        if answer.status_code == 200:
            kept = json.loads(body)["data"]
            assert not name.startswith("n_")
        else:
            assert is_refused_clearly(answer), (name, answer.text)
            codes[name] = answer.json()["code"]
        assert door.client.get(address, headers=headers).json()["data"] == kept

    # of what is JSON only doubled keys, and characters that no text should have, are refused
    refused = {name: code for name, code in codes.items() if name.startswith("y_")}
    assert set(refused.values()) == {"duplicate_key", "bad_input"}
    assert len(refused) == 8


def naughty(corpora: Path) -> list[str]:
    """The big list of naughty strings, each once."""
    strings = json.loads((corpora / "naughty-strings" / "blns.json").read_text(encoding="utf-8"))
    assert len(strings) > 500
    return list(dict.fromkeys(strings))


TEXTS = ("order", "channel", "store", "coupon")
LINE_TEXTS = ("sku", "description", "brand")


def orders_with(number: int, text: str) -> Iterator[dict[str, Any]]:
    """Orders with a text in every place where one can be."""
    order = {**ORDER, "id": f"o-{number}", "member": f"c-{number}", "order": f"n-{number}"}
    line = {"amount": "5.00", "categories": [text], **dict.fromkeys(LINE_TEXTS, text)}
    yield {**order, **dict.fromkeys(TEXTS, text), "lines": [line]}
    yield {**order, "id": text, "source": text}
    yield {**order, "id": f"p-{number}", "order": f"p-{number}", "member": text}


def test_every_naughty_string_in_an_event_is_stored_as_it_is_or_refused(cafe: Door, corpora: Path) -> None:
    headers = {**cafe.key("admin"), "Content-Type": NDJSON}
    sent = [order for number, text in enumerate(naughty(corpora)) for order in orders_with(number, text)]

    lines = b"\n".join(json.dumps(order).encode() for order in sent)
    rows = cafe.client.post("/v1/events/batch", content=lines, headers=headers).json()["results"]

    taken = [order for order, row in zip(sent, rows, strict=True) if row["outcome"] == "accepted"]
    refused = [row for row in rows if row["outcome"] != "accepted"]
    assert len(taken) > 1_400
    assert {row["code"] for row in refused} == {"empty", "too_long", "bad_text"}
    assert all(row["message"] and row["next_step"] for row in refused)
    bodies = bodies_of(cafe)
    for order in taken:
        if "lines" in order:
            assert texts_of(bodies[order["id"]]) == {order["channel"]}
        if "source" in order:
            assert names_told(cafe, order, headers) == (order["id"], order["source"])


def bodies_of(door: Door) -> dict[str, Any]:
    """The body of each event in the journal, by the sender's id of it."""
    with connect(door.dsn) as conn:
        rows = conn.execute("SELECT event_id, body FROM journal").fetchall()
        return {event: json.loads(body) for event, body in rows}


def texts_of(body: dict[str, Any]) -> set[str]:
    """The texts of an order, which are all the same."""
    (line,) = body["lines"]
    return {body[name] for name in TEXTS} | {line[name] for name in LINE_TEXTS} | set(line["categories"])


def names_told(door: Door, order: dict[str, Any], headers: dict[str, str]) -> tuple[str, str]:
    """The names of an event, as they are answered when somebody asks for it by them."""
    asked = {"member": order["member"], "source": order["source"]}
    answer = door.client.get(f"/v1/events/{named(order['id'])}", params=asked, headers=headers)
    assert answer.status_code == 200, (order, answer.text)
    return answer.json()["event"], answer.json()["source"]


def named(text: str) -> str:
    """A text as a part of an address."""
    return quote(text, safe="").replace(".", "%2E")


def test_every_naughty_string_of_a_member_is_stored_as_it_is_or_refused(door: Door, corpora: Path) -> None:
    headers = door.key("admin")
    refused = []

    for number, text in enumerate(naughty(corpora)):
        for change in changes_with(number, text):
            answer = door.client.request(change.method, change.path, json=change.sent, headers=headers)
            if answer.is_success:
                assert change.told(answer.json()) == {text.strip()}
            else:
                refused.append(change)
    before = everything(door)
    for change in refused:
        answer = door.client.request(change.method, change.path, json=change.sent, headers=headers)
        assert is_refused_clearly(answer), (change, answer.text)

    assert 20 < len(refused) < 100
    assert everything(door) == before


class Change(NamedTuple):
    """A change of a member, and how its answer tells the texts in it, without blanks around them."""

    method: str
    path: str
    sent: dict[str, Any]
    told: Callable[[Any], set[str]]


def changes_with(number: int, text: str) -> Iterator[Change]:
    """Changes with a text in every place where any can be."""
    one, consent = f"/v1/members/c-{number}", {**CONSENT, "source": text, "text_version": text}
    yield Change("PUT", f"{one}/profile", {"name": text, "data": {text: [text]}}, profile_told)
    yield Change("PUT", f"{one}/aliases", {"kind": "device", "value": text}, lambda said: {said["value"]})
    yield Change("POST", f"{one}/consents", consent, consent_told)
    if text:
        path = f"/v1/members/{named(text)}/profile"
        yield Change("PUT", path, {"data": {text: [text]}}, profile_told)


def profile_told(said: Any) -> set[str]:
    ((key, (value,)),) = said["data"].items()
    return {key.strip(), value.strip()} | ({said["name"]} if said["name"] is not None else set())


def consent_told(said: Any) -> set[str]:
    return {said["recorded"]["source"].strip(), said["recorded"]["text_version"].strip()}


def test_every_naughty_string_in_a_programme_is_stored_as_it_is_or_refused(door: Door, corpora: Path) -> None:
    headers = {**door.key("admin"), "Content-Type": JSON}
    before = everything(door)

    for text in naughty(corpora):
        answer = door.client.post("/v1/programs", content=json.dumps(programme_of(text)), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_program"), (text, answer.text)
        assert all(one["line"] and one["code"] and one["message"] for one in answer.json()["errors"])
    assert everything(door) == before

    written = json.dumps(programme_that_asks_for(naughty(corpora)))
    answer = door.client.post("/v1/programs", content=written, headers=headers)
    assert answer.status_code == 201, answer.text
    assert door.client.get("/v1/programs/1", headers=headers).json()["document"] == written


def programme_of(text: str) -> dict[str, Any]:
    """A programme with a text in every place where there is a name."""
    rule = {"on": text, "when": text, "award": {text: text}, "group": text, "multiplier": text}
    tiers = {text: {"from": text, "benefits": [text]}}
    return {
        **dict.fromkeys(("program", "brand", "timezone", "currency"), text),
        "units": {text: {"expires": {"after": text}}},
        "tier_sets": {text: {"unit": text, "window": text, "tiers": tiers}},
        "earn": {text: rule},
    }


def programme_that_asks_for(texts: list[str]) -> dict[str, Any]:
    """A programme with each text in a condition, two in each."""
    document: dict[str, Any] = yaml.safe_load(CAFE.format(brand="corner-cafe"))
    rules = {
        f"r{first}": {
            "on": "order.placed",
            "when": f"event.coupon in {json.dumps(texts[first : first + 2], ensure_ascii=False)}",
            "award": {"beans": 1},
        }
        for first in range(0, len(texts), 2)
    }
    return {**document, "tier_sets": {}, "earn": rules}
