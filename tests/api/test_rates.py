"""Whoever sends too much is told when to come again."""

import pytest

from api.conftest import Door, Opening
from bondfire.access import Rate
from bondfire.api.examples import ORDER


def orders(number: int) -> list[dict[str, object]]:
    return [{**ORDER, "id": f"o-{each}", "order": str(each)} for each in range(number)]


def test_beyond_the_rate_the_answer_says_when_to_come_again(open_door: Opening) -> None:
    door = open_door(key_rate=Rate(60, 3))
    headers = door.key("programs:read")
    answers = [door.client.get("/v1/programs", headers=headers) for _ in range(4)]

    limited = answers[-1]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert limited.json()["code"] == "rate_limited"
    assert limited.headers["content-type"] == "application/problem+json"
    assert limited.headers["retry-after"] == "1"
    door.clock.pass_(seconds=int(limited.headers["retry-after"]))
    assert door.client.get("/v1/programs", headers=headers).status_code == 200


def test_every_answer_says_what_is_left(open_door: Opening) -> None:
    door = open_door(key_rate=Rate(60, 3), brand_rate=Rate(6_000, 1_000))
    headers = door.key("programs:read")

    answers = [door.client.get("/v1/programs", headers=headers) for _ in range(4)]

    assert answers[0].headers["ratelimit-policy"] == '"key";q=3;w=3, "brand";q=1000;w=10'
    assert [one.headers["ratelimit"] for one in answers] == [
        '"key";r=2;t=1, "brand";r=999;t=1',
        '"key";r=1;t=2, "brand";r=998;t=1',
        '"key";r=0;t=3, "brand";r=997;t=1',
        '"key";r=0;t=3, "brand";r=997;t=1',
    ]


def test_without_a_limit_nothing_is_said_of_one(door: Door) -> None:
    answer = door.client.get("/v1/programs", headers=door.key("programs:read"))

    assert not [name for name in answer.headers if name.startswith("ratelimit")]


def test_a_batch_costs_as_much_as_its_events(open_door: Opening, publish: object) -> None:
    assert callable(publish)
    publish("corner-cafe")
    door = open_door(key_rate=Rate(60, 10))
    headers = door.key("events:write")

    batch = door.client.post("/v1/events/batch", json=orders(30), headers=headers)
    next_ = door.client.post("/v1/events", json=orders(31)[-1], headers=headers)

    assert batch.json()["outcomes"] == {"accepted": 30}
    assert batch.headers["ratelimit"].startswith('"key";r=0;')
    assert (next_.status_code, next_.headers["retry-after"]) == (429, "21")
    door.clock.pass_(seconds=21)
    later = door.client.post("/v1/events", json=orders(31)[-1], headers=headers)
    assert (later.status_code, later.json()["duplicate"]) == (200, False)


def test_a_key_may_have_a_rate_of_its_own(open_door: Opening) -> None:
    door = open_door(key_rate=Rate(60, 1))
    partner, ours = door.key("programs:read", rate=Rate(60, 2)), door.key("programs:read")

    theirs = [door.client.get("/v1/programs", headers=partner).status_code for _ in range(3)]
    own = [door.client.get("/v1/programs", headers=ours).status_code for _ in range(2)]

    assert (theirs, own) == ([200, 200, 429], [200, 429])


def test_the_keys_of_a_brand_share_what_their_brand_may_send(open_door: Opening) -> None:
    door = open_door(brand_rate=Rate(60, 2))
    ours, others = [door.key("programs:read") for _ in range(2)], door.key("programs:read", brand="rival")

    statuses = [door.client.get("/v1/programs", headers=key).status_code for key in (*ours, ours[0], others)]

    assert statuses == [200, 200, 429, 200]


@pytest.mark.parametrize("path", ["/health", "/ready", "/docs"])
def test_who_needs_no_key_is_not_limited(open_door: Opening, path: str) -> None:
    door = open_door(key_rate=Rate(1, 1), brand_rate=Rate(1, 1))

    assert {door.client.get(path).status_code for _ in range(5)} == {200}
