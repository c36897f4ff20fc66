"""Every list comes in pages of one shape, whose cursors survive what comes meanwhile."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from api.conftest import CAFE, Door, opened
from bondfire.access import RANDOM_BYTES, create_key
from bondfire.api.examples import ORDER, RETURN
from bondfire.creators import follow_creators
from bondfire.db import Connection, Pool, connect, transaction
from bondfire.programs import Brand, Timeline, brand_named, load_timeline
from bondfire.referrals import follow_referrals
from bondfire.review import follow_awards
from bondfire.webhooks import Answer, Message, Postman
from conftest import fresh_database

ADMIN = "admin"
PROGRAM = f"""{CAFE.format(brand="corner-cafe")}
coupons: {{five_off: {{discount: {{amount: 5.00}}}}}}
referrals: {{referrer: {{beans: 50}}, after: 0 days}}
review: {{awards: {{beans: 1000, per: day}}}}
creators: {{after: 0 days}}
"""


class Listed(NamedTuple):
    """A list of the API: where it is, under which name its items stand, and what makes one more of them."""

    path: str
    items: str
    more: Callable[[Door, int], None]


def send(door: Door, event: dict[str, Any]) -> None:
    answer = door.client.post("/v1/events", json=event, headers=door.key("events:write"))
    assert answer.status_code == 200, answer.text


def order(door: Door, number: int, member: str = "c-17", total: str = "10") -> None:
    door.clock.pass_(minutes=1)
    at = (door.clock() - timedelta(days=30)).isoformat()
    named = {"id": f"o-{number}", "order": str(number), "member": member, "occurred_at": at}
    send(door, {**ORDER, **named, "total": total, "lines": None})


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
    publish(door, PROGRAM.replace("14 days", f"{number + 1} days"))


def publish(door: Door, document: str) -> None:
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


def work(door: Door, follow: Callable[[Connection, Brand, Timeline], int]) -> None:
    """What the worker does: it reads on until there is nothing new."""
    with connect(door.dsn) as conn, transaction(conn):
        brand = brand_named(conn, "corner-cafe")
        timeline = load_timeline(conn, brand.id)
        while follow(conn, brand, timeline):
            pass


def held_referral(door: Door, number: int) -> None:
    """Somebody with the telephone of the member who invited them."""
    headers = door.key(ADMIN)
    for member in ("c-17", f"f-{number}"):
        profile = {"phone": "+49 30 1234567"}
        answer = door.client.put(f"/v1/members/{member}/profile", json=profile, headers=headers)
        assert answer.status_code == 200, answer.text
    code = door.client.post("/v1/members/c-17/referral-code", headers=headers).json()["code"]
    send(door, event_now(door, "member.joined", f"f-{number}", member=f"f-{number}", referrer=code))
    work(door, follow_referrals)


def held_award(door: Door, number: int) -> None:
    order(door, number, total="2000")
    work(door, follow_awards)


def content(door: Door, number: int) -> None:
    """Its id, which the cursor holds, is as long as one can be."""
    fields = {"url": f"https://video.example/{number}", "authenticity": "gifted"}
    name = str(number).rjust(200, "\N{MOVIE CAMERA}")
    send(door, event_now(door, "content.submitted", name, member="c-17", **fields))
    work(door, partial(follow_creators, until=door.clock()))


def event_now(door: Door, kind: str, name: str, **fields: str) -> dict[str, Any]:
    """An event of the moment."""
    return {"id": name, "type": kind, "occurred_at": door.clock().isoformat(), **fields}


def tracked_code(door: Door, number: int) -> None:
    sent = {"member": "c-17", "code": f"ANNA{number * 37 % 101}", "campaign": "spring"}
    answer = door.client.post("/v1/creators/codes", json=sent, headers=door.key("members:write"))
    assert answer.status_code == 200, answer.text


def batch(door: Door, number: int) -> None:
    sent = {"coupon": "five_off", "batch": f"flyer {number * 37 % 101}", "count": 2}
    answer = door.client.post("/v1/coupons/codes", json=sent, headers=door.key("programs:write"))
    assert answer.status_code == 201, answer.text


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
    "referrals": Listed("/v1/referrals/held", "referrals", held_referral),
    "awards": Listed("/v1/review/awards", "awards", held_award),
    "content": Listed("/v1/creators/content", "content", content),
    "tracked_codes": Listed("/v1/creators/codes", "codes", tracked_code),
    "batches": Listed("/v1/coupons/batches", "batches", batch),
}


@pytest.fixture(scope="module", params=LISTS)
def listed(request: pytest.FixtureRequest) -> Listed:
    """Each of the lists."""
    return LISTS[request.param]


@pytest.fixture(scope="module")
def cafe(postgres: str, listed: Listed) -> Iterator[Door]:
    """The API of a café that has at least nine items in the list; the tests of the list share it."""
    with fresh_database(postgres) as dsn, opened(dsn) as door:
        publish(door, PROGRAM)
        order(door, 1000)
        for number in range(9):
            listed.more(door, number)
        yield door


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
    true = get(cafe, listed, headers, limit=1)["next_cursor"]
    for cursor in ("x", "", "!!!", "WyJ4IiwxXQ", "e30", "bnVsbA", "a" * 900, "W10=", "ÿ", *forged(true)):
        answer = cafe.client.get(f"{listed.path}{joint(listed)}cursor={cursor}", headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor"), cursor
        assert "next_cursor" in answer.json()["next_step"]


def forged(cursor: str) -> Iterator[str]:
    """Cursors of the list's own form, each with a number, time or text that no row could have."""
    tag, *place = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    for number, true in enumerate(place):
        no_zone = [true.removesuffix("Z")] if str(true).endswith("Z") else []
        for false in (2**70, -1, "\0", *no_zone):
            text = json.dumps([tag, *place[:number], false, *place[number + 1 :]], ensure_ascii=False)
            yield base64.urlsafe_b64encode(text.encode()).decode()


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
