"""Every list comes in pages of one shape, whose cursors survive what comes meanwhile."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from api.conftest import CAFE, Door
from bondfire.access import RANDOM_BYTES, create_key
from bondfire.api.examples import ORDER, RETURN
from bondfire.db import Pool, connect, transaction
from bondfire.webhooks import Answer, Message, Postman

ADMIN = "admin"


class Listed(NamedTuple):
    """A list of the API: where it is, under which name its items stand, and what makes one more of them."""

    path: str
    items: str
    more: Callable[[Door, int], None]


def send(door: Door, event: dict[str, Any]) -> None:
    answer = door.client.post("/v1/events", json=event, headers=door.key("events:write"))
    assert answer.status_code == 200, answer.text


def order(door: Door, number: int, member: str = "c-17") -> None:
    door.clock.pass_(minutes=1)
    at = (door.clock() - timedelta(days=30)).isoformat()
    named = {"id": f"o-{number}", "order": str(number), "member": member, "occurred_at": at}
    send(door, {**ORDER, **named, "total": "10", "lines": None})


def stray_return(door: Door, number: int) -> None:
    at = (door.clock() - timedelta(days=number)).isoformat()
    event = {**RETURN, "id": f"r-{number}", "order": None, "total": "777", "occurred_at": at}
    send(door, event)


def consent(door: Door, number: int) -> None:
    said = {"kind": f"k{number}", "granted": True, "text_version": "1", "source": "till"}
    door.client.post("/v1/members/c-17/consents", json=said, headers=door.key("members:write"))


def alias(door: Door, number: int) -> None:
    sent = {"kind": "card", "value": f"7004{number * 37 % 101:03}"}
    door.client.put("/v1/members/c-17/aliases", json=sent, headers=door.key("members:write"))


def version(door: Door, number: int) -> None:
    door.clock.pass_(minutes=1)
    document = CAFE.format(brand="corner-cafe").replace("14 days", f"{number + 1} days")
    answer = door.client.post("/v1/programs", content=document, headers=door.key("programs:write"))
    assert answer.status_code == 201, answer.text


def key(door: Door, number: int) -> None:
    random = bytes([255, number]).ljust(RANDOM_BYTES, b"k")
    with connect(door.dsn) as conn, transaction(conn):
        create_key(conn, 1, ["admin"], f"k{number}", created_at=door.clock(), random=random)


def reject(door: Door, number: int) -> None:
    call = {"type": "track", "messageId": f"m-{number}", "userId": "c-17", "event": "Song Played"}
    token = door.key("events:write")["Authorization"].removeprefix("Bearer ")
    answer = door.client.post("/v1/track", json={**call, "writeKey": token})
    assert answer.json()["outcomes"] == {"rejected": 1}, answer.text


def endpoint(door: Door, _number: int) -> None:
    door.clock.pass_(minutes=1)
    wanted = {"url": "https://shop.example/hooks"}
    answer = door.client.post(
        "/v1/outgoing-webhooks/endpoints", json=wanted, headers=door.key("webhooks:write")
    )
    assert answer.status_code == 201, answer.text


class Takes:
    """A gateway to a receiver that takes everything."""

    def post(self, _message: Message) -> Answer:
        """See `Gateway`."""
        return Answer(204)


def delivery(door: Door, number: int) -> None:
    if not door.client.get("/v1/outgoing-webhooks/endpoints", headers=door.key(ADMIN)).json()["endpoints"]:
        endpoint(door, 0)
    order(door, number)
    pool = Pool(door.dsn, size=1)
    postman = Postman(pool, Takes(), worker="w", now=door.clock)
    postman.deliver()
    postman.close()
    pool.close()


LISTS = {
    "members": Listed("/v1/members", "members", lambda door, n: order(door, n, f"c-{n}")),
    "entries": Listed("/v1/members/c-17/entries", "entries", order),
    "events": Listed("/v1/members/c-17/events", "events", order),
    "lots": Listed("/v1/members/c-17/lots?unit=beans", "lots", order),
    "aliases": Listed("/v1/members/c-17/aliases", "aliases", alias),
    "consents": Listed("/v1/members/c-17/consents", "history", consent),
    "versions": Listed("/v1/programs", "versions", version),
    "keys": Listed("/v1/keys", "keys", key),
    "endpoints": Listed("/v1/outgoing-webhooks/endpoints", "endpoints", endpoint),
    "deliveries": Listed("/v1/outgoing-webhooks/deliveries", "deliveries", delivery),
    "rejects": Listed("/v1/rejects", "rejects", reject),
    "unmatched": Listed("/v1/returns/unmatched", "returns", stray_return),
}


@pytest.fixture(params=LISTS)
def listed(request: pytest.FixtureRequest, cafe: Door) -> Listed:
    """A list with at least nine items."""
    one = LISTS[request.param]
    order(cafe, 1000)
    for number in range(9):
        one.more(cafe, number)
    return one


def get(door: Door, listed: Listed, headers: dict[str, str], **parameters: int | str) -> dict[str, Any]:
    answer = door.client.get(f"{listed.path}{joint(listed)}{urlencode(parameters)}", headers=headers)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def pages(door: Door, listed: Listed, headers: dict[str, str], limit: int) -> Iterator[list[dict[str, Any]]]:
    cursor: dict[str, str] = {}
    while True:
        page = get(door, listed, headers, limit=limit, **cursor)
        assert page["limit"] == limit
        assert len(page[listed.items]) <= limit
        yield page[listed.items]
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


def test_pages_are_together_the_whole_list_in_its_order(cafe: Door, listed: Listed) -> None:
    headers = cafe.key(ADMIN)
    for limit in (1, 2, 4, 500):
        whole = get(cafe, listed, headers, limit=500)[listed.items]
        paged = [one for page in pages(cafe, listed, headers, limit) for one in page]

        assert len(whole) >= 9
        assert paged == whole


def test_what_comes_meanwhile_repeats_and_loses_nothing(cafe: Door, listed: Listed) -> None:
    headers = cafe.key(ADMIN)
    whole = get(cafe, listed, headers, limit=500)[listed.items]
    paged: list[dict[str, Any]] = []
    for number, page in enumerate(pages(cafe, listed, headers, 2)):
        paged += page
        if number < 4:
            listed.more(cafe, 20 + number)

    told = [str(one) for one in paged]
    assert len(set(told)) == len(told)
    assert {str(one) for one in whole} <= set(told)


def test_the_last_page_says_that_it_is_the_last(cafe: Door, listed: Listed) -> None:
    *others, last = pages(cafe, listed, cafe.key(ADMIN), 3)

    assert last
    assert all(len(page) == 3 for page in others)


def test_a_cursor_that_is_none_is_refused(cafe: Door, listed: Listed) -> None:
    headers = cafe.key(ADMIN)
    for cursor in ("x", "", "!!!", "WyJ4IiwxXQ", "e30", "bnVsbA", "a" * 900, "W10=", "ÿ", forged(listed)):
        answer = cafe.client.get(f"{listed.path}{joint(listed)}cursor={cursor}", headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor"), cursor
        assert "next_cursor" in answer.json()["next_step"]


def forged(listed: Listed) -> str:
    """A cursor of the right form that holds numbers and times no row could have."""
    tag = "versions" if listed.items == "versions" else listed.path.split("/")[-1].partition("?")[0]
    text = json.dumps([{"programs": "versions"}.get(tag, tag), 2**70, "0001-01-01T00:00:00", -1])
    return base64.urlsafe_b64encode(text.encode()).decode()


def joint(listed: Listed) -> str:
    return "&" if "?" in listed.path else "?"


def test_the_cursor_of_another_list_is_refused(cafe: Door, listed: Listed) -> None:
    other = LISTS["members" if listed.items != "members" else "aliases"]
    for number in range(30, 33):
        other.more(cafe, number)
    headers = cafe.key(ADMIN)
    cursor = get(cafe, other, headers, limit=1)["next_cursor"]

    answer = cafe.client.get(f"{listed.path}{joint(listed)}cursor={cursor}", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


def test_a_limit_that_cannot_be_is_refused(cafe: Door, listed: Listed) -> None:
    headers = cafe.key(ADMIN)
    for limit in ("0", "501", "-1", "many", "1e2", ""):
        answer = cafe.client.get(f"{listed.path}{joint(listed)}limit={limit}", headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (422, "bad_request"), limit
        assert answer.json()["errors"][0]["field"] == "limit"


def test_every_list_of_the_document_is_tested_here(door: Door) -> None:
    paths = door.client.get("/openapi.json").json()["paths"]
    paged = {
        path
        for path, methods in paths.items()
        if any(one["name"] == "cursor" for one in methods.get("get", {}).get("parameters", ()))
    }

    assert paged == {one.path.partition("?")[0].replace("c-17", "{member}") for one in LISTS.values()}
