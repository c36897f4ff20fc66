"""Outgoing webhooks over the API: endpoints with secrets shown once, deliveries, sending again."""

from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

import pytest
from standardwebhooks import Webhook

from api.conftest import Door
from api.test_openapi import schema_of
from bondfire.api.examples import ORDER
from bondfire.api.outgoing.deliveries import ListedDelivery, ResentUpTo
from bondfire.api.pages import write_cursor
from bondfire.db import Pool, connect
from bondfire.kit import parse_id
from bondfire.webhooks import HttpGateway, Postman
from webhooks.makers import Site, site

ENDPOINTS = "/v1/outgoing-webhooks/endpoints"
DELIVERIES = "/v1/outgoing-webhooks/deliveries"
RESEND = "/v1/outgoing-webhooks/resend"
SHOP = "https://shop.example/hooks"


@pytest.fixture
def shop() -> Iterator[Site]:
    with site() as made:
        yield made


def make(door: Door, url: str = SHOP, *, scope: str = "admin", **wanted: Any) -> dict[str, Any]:
    answer = door.client.post(ENDPOINTS, json={"url": url, **wanted}, headers=door.key(scope))
    assert answer.status_code == 201, answer.text
    schema_of(ENDPOINTS, "post", "201").validate(answer.json())
    made = answer.json()
    assert isinstance(made, dict)
    return made


def ask(door: Door, method: str, path: str, scope: str = "webhooks:read", **asked: Any) -> Any:
    answer = door.client.request(method, path, headers=door.key(scope), **asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def deliver(door: Door) -> None:
    pool = Pool(door.dsn, size=1)
    postman = Postman(pool, HttpGateway(), worker="w", now=door.clock, chance=Random(1))
    postman.deliver()
    postman.close()
    pool.close()


def buy(door: Door, number: int = 1, member: str = "c-17") -> None:
    event = {**ORDER, "id": f"ord-{number}", "order": str(number), "member": member}
    door.client.post("/v1/events", json=event, headers=door.key("events:write")).raise_for_status()


def test_a_secret_is_shown_once_and_never_listed(cafe: Door) -> None:
    made = make(cafe, scope="webhooks:write", types=["points.posted"], description="crm")

    listed = ask(cafe, "GET", ENDPOINTS)
    read = ask(cafe, "GET", f"{ENDPOINTS}/{made['id']}")

    assert made["secret"].startswith("whsec_")
    assert [one["id"] for one in listed["endpoints"]] == [made["id"]]
    assert "secret" not in {**listed["endpoints"][0], **read}
    assert made["secret"][6:] not in f"{listed}{read}"
    assert (read["waiting"], read["behind"], read["state"], read["types"]) == (
        0,
        0,
        "active",
        ["points.posted"],
    )


def test_a_purchase_reaches_the_receiver_signed(cafe: Door, shop: Site) -> None:
    made = make(cafe, shop.url, allow_private=True)
    buy(cafe)

    deliver(cafe)

    heard = shop.heard[0]
    signed = {**heard.headers, "webhook-timestamp": heard.headers["webhook-timestamp"]}
    again = Webhook(made["secret"]).sign(heard.id, cafe.clock(), heard.body.decode())
    assert signed["webhook-signature"] == again
    assert heard.payload["data"]["event"] == "ord-1"
    assert [one.payload["type"] for one in shop.heard] == ["points.posted"]


def test_deliveries_are_listed_by_page_and_filter_and_read_with_their_attempts(
    cafe: Door, shop: Site
) -> None:
    made = make(cafe, shop.url, allow_private=True, types=["points.posted"])
    shop.answers(500, b"out of order")
    for number in range(5):
        buy(cafe, number, f"c-{number % 2}")
    deliver(cafe)

    first = ask(cafe, "GET", DELIVERIES, params={"limit": 3})
    rest = ask(cafe, "GET", DELIVERIES, params={"limit": 3, "cursor": first["next_cursor"]})
    ids = [one["id"] for one in first["deliveries"] + rest["deliveries"]]
    assert (len(set(ids)), rest["next_cursor"]) == (5, None)
    for wanted, found in (
        ({"member": "c-0"}, 3),
        ({"member": "c-0", "limit": 2}, 2),
        ({"endpoint": made["id"], "state": "waiting"}, 5),
        ({"state": "delivered"}, 0),
        ({"type": "tier.reached"}, 0),
        ({"member": "nobody"}, 0),
    ):
        page = ask(cafe, "GET", DELIVERIES, params=wanted)
        schema_of(DELIVERIES, "get", "200").validate(page)
        assert len(page["deliveries"]) == found, wanted

    tried = next(one for one in first["deliveries"] + rest["deliveries"] if one["attempt_count"])
    full = ask(cafe, "GET", f"{DELIVERIES}/{tried['id']}")
    schema_of(DELIVERIES + "/{delivery}", "get", "200").validate(full)
    assert [(one["status"], one["answer"]) for one in full["attempts"]] == [(500, "out of order")]
    assert full["payload"]["type"] == "points.posted"
    assert full["next_attempt_at"] > cafe.clock().isoformat()


def test_what_was_sent_can_be_sent_again(cafe: Door, shop: Site) -> None:
    made = make(cafe, shop.url, allow_private=True, types=["points.posted"])
    buy(cafe, 1)
    buy(cafe, 2)
    since = cafe.clock().isoformat()
    deliver(cafe)
    one = shop.heard[0].id

    again = ask(cafe, "POST", f"{DELIVERIES}/{one}/resend", "webhooks:write")
    deliver(cafe)
    assert (again["state"], len(shop.heard)) == ("waiting", 3)

    for wanted in ({"member": "c-17"}, {"endpoint": made["id"], "since": since}):
        answer = ask(cafe, "POST", RESEND, "webhooks:write", json=wanted)
        assert answer == {"resent": 2, "next_cursor": None}
        deliver(cafe)
    assert [heard.event for heard in shop.heard] == ["ord-1", "ord-2", "ord-1", *["ord-1", "ord-2"] * 2]


def test_an_endpoint_is_tried_and_the_answer_is_told(cafe: Door, shop: Site) -> None:
    made = make(cafe, shop.url, allow_private=True)
    taken = ask(cafe, "POST", f"{ENDPOINTS}/{made['id']}/test", "webhooks:write")
    shop.answers(403, b"who are you?")
    refused = ask(cafe, "POST", f"{ENDPOINTS}/{made['id']}/test", "webhooks:write")

    assert (taken["delivered"], taken["status"], taken["error"]) == (True, 204, None)
    assert (refused["delivered"], refused["status"], refused["answer"]) == (False, 403, "who are you?")
    assert [heard.payload["type"] for heard in shop.heard] == ["webhook.test"] * 2
    assert shop.heard[0].id == taken["webhook_id"]


def test_an_endpoint_is_changed_rotated_and_removed(cafe: Door) -> None:
    made = make(cafe)
    path = f"{ENDPOINTS}/{made['id']}"

    changed = ask(cafe, "PATCH", path, "webhooks:write", json={"state": "disabled", "types": ["tier.lost"]})
    rotated = ask(cafe, "POST", f"{path}/rotate", "webhooks:write", json={"overlap_hours": 1})
    removed = ask(cafe, "DELETE", path, "webhooks:write")

    assert (changed["state"], changed["reason"], changed["types"]) == ("disabled", "by_hand", ["tier.lost"])
    assert rotated["secret"] != made["secret"]
    assert rotated["previous_secret_until"] == "2026-05-01T13:00:00Z"
    assert removed["state"] == "removed"
    assert ask(cafe, "GET", ENDPOINTS)["endpoints"] == []


def stored(door: Door) -> str:
    """Every answer that is kept for a repetition."""
    with connect(door.dsn) as conn:
        return "\n".join(body.decode() for (body,) in conn.execute("SELECT body FROM given_answer"))


def twice(door: Door, method: str, path: str, **asked: Any) -> tuple[Any, Any]:
    """The same request again, under one key of its own and by another API key."""
    key = {"Idempotency-Key": f"{method} {path}".replace(" ", "-")}
    first, again = (
        door.client.request(method, path, headers=door.key("webhooks:write") | key, **asked) for _ in range(2)
    )
    assert first.status_code < 300, first.text
    assert (again.status_code, again.headers["idempotency-replayed"]) == (first.status_code, "true")
    assert "idempotency-replayed" not in first.headers
    return first.json(), again.json()


def test_an_endpoint_is_made_once_and_its_secret_is_not_kept_for_a_repetition(cafe: Door) -> None:
    first, again = twice(cafe, "POST", ENDPOINTS, json={"url": SHOP})
    schema_of(ENDPOINTS, "post", "201").validate(again)

    assert first["secret"].startswith("whsec_")
    assert again == {**first, "secret": None}
    assert len(ask(cafe, "GET", ENDPOINTS)["endpoints"]) == 1
    assert first["id"] in stored(cafe)
    assert "whsec" not in stored(cafe)


def test_a_secret_is_rotated_once_and_not_kept_for_a_repetition(cafe: Door, shop: Site) -> None:
    """Given a rotation sent twice, when a message is posted, then the first answer's secret signs it."""
    made = make(cafe, shop.url, allow_private=True)
    path = f"{ENDPOINTS}/{made['id']}"

    first, again = twice(cafe, "POST", f"{path}/rotate", json={"overlap_hours": 0})
    ask(cafe, "POST", f"{path}/test", "webhooks:write")

    assert again == {**first, "secret": None}
    assert "whsec" not in stored(cafe)
    heard = shop.heard[0]
    assert heard.headers["webhook-signature"] == Webhook(first["secret"]).sign(
        heard.id, cafe.clock(), heard.body.decode()
    )


def test_every_other_change_can_be_sent_again_and_is_done_once(cafe: Door, shop: Site) -> None:
    made = make(cafe, shop.url, allow_private=True)
    buy(cafe)
    deliver(cafe)
    one = shop.heard[0].id
    path = f"{ENDPOINTS}/{made['id']}"

    for method, where, asked in (
        ("POST", f"{DELIVERIES}/{one}/resend", {}),
        ("POST", RESEND, {"json": {"member": "c-17"}}),
        ("PATCH", path, {"json": {"description": "crm"}}),
        ("DELETE", path, {}),
    ):
        first, again = twice(cafe, method, where, **asked)
        assert again == first, where


def test_what_was_sent_again_and_taken_is_not_sent_once_more_by_a_repetition(cafe: Door, shop: Site) -> None:
    make(cafe, shop.url, allow_private=True)
    buy(cafe)
    deliver(cafe)
    headers = cafe.key("webhooks:write") | {"Idempotency-Key": "again-1"}

    for _ in range(2):
        answer = cafe.client.post(RESEND, json={"member": "c-17"}, headers=headers)
        assert answer.json() == {"resent": 1, "next_cursor": None}
        deliver(cafe)

    assert len(shop.heard) == 2


def test_a_trial_is_made_each_time_and_nothing_of_it_is_kept(cafe: Door, shop: Site) -> None:
    made = make(cafe, shop.url, allow_private=True)
    headers = cafe.key("webhooks:write") | {"Idempotency-Key": "try-1"}

    for _ in range(2):
        answer = cafe.client.post(f"{ENDPOINTS}/{made['id']}/test", headers=headers)
        assert answer.status_code == 200

    assert len({heard.id for heard in shop.heard}) == 2
    assert stored(cafe) == ""


def test_sending_many_again_goes_on_behind_its_cursor_and_no_other(cafe: Door, shop: Site) -> None:
    make(cafe, shop.url, allow_private=True, types=["points.posted"])
    buy(cafe, 1)
    buy(cafe, 2)
    deliver(cafe)
    first = ask(cafe, "GET", DELIVERIES)["deliveries"][-1]
    place = datetime.fromisoformat(first["created_at"]), parse_id("msg", first["id"])
    listed = write_cursor(ListedDelivery(*place))

    for cursor in ("x", "", listed):
        sent = {"member": "c-17", "cursor": cursor}
        answer = cafe.client.post(RESEND, json=sent, headers=cafe.key("webhooks:write"))
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")
    sent = {"member": "c-17", "cursor": write_cursor(ResentUpTo(*place))}

    answer = ask(cafe, "POST", RESEND, "webhooks:write", json=sent)
    deliver(cafe)

    assert answer == {"resent": 1, "next_cursor": None}
    assert [one.event for one in shop.heard] == ["ord-1", "ord-2", "ord-2"]


@pytest.mark.parametrize(
    ("request_line", "json", "answered"),
    [
        (f"POST {ENDPOINTS}", {"url": "http://shop.example/"}, (422, "needs_tls")),
        (f"POST {ENDPOINTS}", {"url": "https://10.0.0.1/"}, (422, "private_target")),
        (f"POST {ENDPOINTS}", {"url": SHOP, "allow_private": True}, (403, "operator_only")),
        (f"POST {ENDPOINTS}", {"url": SHOP, "types": ["points.postd"]}, (422, "unknown_type")),
        (f"POST {ENDPOINTS}", {"url": SHOP, "secret": "x"}, (422, "bad_request")),
        (f"GET {ENDPOINTS}/ep_{'a' * 26}", None, (404, "unknown_endpoint")),
        (f"GET {ENDPOINTS}/1", None, (422, "bad_input")),
        (f"GET {DELIVERIES}/msg_{'a' * 26}", None, (404, "unknown_delivery")),
        (f"GET {DELIVERIES}?cursor=x", None, (422, "bad_cursor")),
        (f"GET {DELIVERIES}?type=x", None, (422, "unknown_type")),
        (f"GET {DELIVERIES}?state=lost", None, (422, "bad_request")),
        (f"GET {DELIVERIES}?stat=waiting", None, (422, "unknown_parameter")),
        (f"GET {DELIVERIES}?limit=501", None, (422, "bad_request")),
        (f"GET {ENDPOINTS}?state=active", None, (422, "unknown_parameter")),
        (f"GET {DELIVERIES}?endpoint=ep_{'a' * 26}", None, (404, "unknown_endpoint")),
        (f"POST {RESEND}", {}, (422, "too_much")),
        (f"POST {RESEND}", {"member": "c-1", "since": "today"}, (422, "bad_time")),
        (f"POST {DELIVERIES}/msg_{'a' * 26}/resend", None, (404, "unknown_delivery")),
        (f"POST {ENDPOINTS}/ep_{'a' * 26}/test", None, (404, "unknown_endpoint")),
    ],
)
def test_what_cannot_be_is_a_problem_and_makes_nothing(
    cafe: Door, request_line: str, json: Any, answered: tuple[int, str]
) -> None:
    method, path = request_line.split(" ", 1)
    scope = "webhooks:write" if method == "POST" else "webhooks:read"

    answer = cafe.client.request(method, path, json=json, headers=cafe.key(scope))

    assert (answer.status_code, answer.json()["code"]) == answered
    assert answer.json()["next_step"]
    assert ask(cafe, "GET", ENDPOINTS)["endpoints"] == []


def test_reading_and_writing_are_two_scopes(cafe: Door) -> None:
    made = make(cafe)

    for method, path, scope in (
        ("POST", ENDPOINTS, "webhooks:read"),
        ("DELETE", f"{ENDPOINTS}/{made['id']}", "webhooks:read"),
        ("GET", ENDPOINTS, "webhooks:write"),
        ("GET", DELIVERIES, "members:read"),
    ):
        answer = cafe.client.request(method, path, json={"url": SHOP}, headers=cafe.key(scope))
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope"), path

    assert len(ask(cafe, "GET", ENDPOINTS)["endpoints"]) == 1


def test_another_brands_endpoints_and_deliveries_are_not_there(cafe: Door, shop: Site) -> None:
    made = make(cafe, shop.url, allow_private=True)
    buy(cafe)
    deliver(cafe)
    other = cafe.key("admin", brand="other")

    for method, path in (
        ("GET", f"{ENDPOINTS}/{made['id']}"),
        ("DELETE", f"{ENDPOINTS}/{made['id']}"),
        ("POST", f"{ENDPOINTS}/{made['id']}/test"),
        ("GET", f"{DELIVERIES}/{shop.heard[0].id}"),
        ("POST", f"{DELIVERIES}/{shop.heard[0].id}/resend"),
    ):
        assert cafe.client.request(method, path, headers=other).status_code == 404, path
    assert cafe.client.get(DELIVERIES, headers=other).json()["deliveries"] == []
    assert len(shop.heard) == 1
