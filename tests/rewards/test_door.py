"""Rewards over HTTP and at the command line's jobs: the till, the app, the door of an event, a stampede."""

import io
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.conftest import Clock, Door
from bondfire.api import Terms, create_app, make_log
from bondfire.cli.worker_rewards import RewardWork
from bondfire.db import connect, transaction
from bondfire.journal import verify
from bondfire.programs import ensure_brand, load_timeline, publish_program

PROGRAM = """\
program: club
brand: corner-cafe
timezone: Europe/Berlin
currency: EUR
units:
  beans: {}
earn:
  base: {on: order.placed, award: {beans: floor(event.total)}}
rewards:
  evening:
    kind: event
    price: {beans: 100}
    seats: 1
    waiting_list: true
    at: 2026-05-02T10:00
    limit: {times: 1}
  mug: {price: {beans: 50, money: "4.99"}, stock: 5}
  tote: {price: {beans: 50, money: "4.99"}, stock: 5}
  pen: {price: {beans: 5}, stock: 1}
  cup: {price: {beans: 5}, stock: 7}
  cinema: {kind: partner, price: {beans: 10}, partner: Odeon}
  film: {kind: content, price: {beans: 10}, content: "https://example.org/film"}
  early: {kind: access, price: {beans: 10}, window: {skus: [coat], from: 2026-05-01, until: 2026-05-03}}
"""
CROWD = 200


@pytest.fixture(scope="module")
def till(shared_database: str) -> Iterator[Door]:
    """A café's API; Ann, Ben and Cem have a thousand beans each."""
    clock, said = Clock(), io.StringIO()
    app = create_app(shared_database, now=clock, terms=Terms(), log=make_log(said, "debug"), pool_size=12)
    with connect(shared_database) as conn, transaction(conn):
        owner = ensure_brand(conn, "corner-cafe", "wall", created_at=clock())
        publish_program(conn, owner.id, PROGRAM, published_at=clock(), published_by="test")
    with TestClient(app, raise_server_exceptions=False) as client:
        door = Door(client, shared_database, clock, log=said)
        earn(door, "ann", "ben", "cem")
        yield door


def earn(door: Door, *members: str) -> None:
    head = {"type": "order.placed", "source": "shop", "occurred_at": door.clock().isoformat()}
    rows = [
        {**head, "id": f"ord-{one}", "member": one, "currency": "EUR", "total": "1000"} for one in members
    ]
    answer = door.client.post("/v1/events/batch", json=rows, headers=door.key("events:write"))
    assert answer.json()["outcomes"] == {"accepted": len(members)}


class Line:
    """What a key with the rewards' scopes can ask."""

    def __init__(self, door: Door) -> None:
        self.client, self.key = door.client, door.key("rewards:read", "rewards:write")

    def get(self, path: str, **query: str) -> Any:
        return self.client.get(path, params=query, headers=self.key).json()

    def post(self, path: str, status: int, *, key: str | None = None, **body: object) -> Any:
        headers = self.key | ({"Idempotency-Key": key} if key else {})
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def redeem(self, member: str, status: int = 201, **wish: Any) -> Any:
        return self.post(f"/v1/members/{member}/redemptions", status, **wish)


@pytest.fixture
def line(till: Door) -> Line:
    return Line(till)


def left_of(line: Line, reward: str) -> int:
    """How many of a reward can be had."""
    (left,) = [one["left"] for one in line.get("/v1/rewards")["rewards"] if one["reward"] == reward]
    return int(left)


def work(door: Door) -> RewardWork:
    """One look of the worker."""
    done = RewardWork()
    with connect(door.dsn) as conn:

        def transact(act: Any) -> int:
            with transaction(conn):
                return int(act(conn))

        with transaction(conn):
            owner = ensure_brand(conn, "corner-cafe", "wall", created_at=door.clock())
            timeline = load_timeline(conn, owner.id)
        done.look_after(transact, owner, timeline, now=door.clock())
    return done


def test_a_till_redeems_in_one_call_once_for_one_idempotency_key(line: Line) -> None:
    wish: dict[str, Any] = {"reward": "mug", "quantity": 2, "paid": "9.98"}
    first = line.post("/v1/members/ann/redemptions", 201, key='"k-1"', **wish)
    assert (first["status"], first["taken"], first["code"]) == ("taken", 2, None)
    assert line.post("/v1/members/ann/redemptions", 201, key='"k-1"', **wish) == first
    mug = next(one for one in line.get("/v1/rewards")["rewards"] if one["reward"] == "mug")
    assert (mug["left"], mug["taken"], mug["money"], mug["price"]) == (3, 2, "4.99", {"beans": "50"})


def test_a_hold_is_captured_in_part_and_released(line: Line, till: Door) -> None:
    until = (till.clock() + timedelta(minutes=15)).isoformat()
    held = line.redeem("ann", reward="tote", quantity=2, hold_until=until)
    path = f"/v1/members/ann/redemptions/{held['redemption']}"
    assert (held["status"], held["open"]) == ("held", 2)
    refused = line.post(f"{path}/capture", 409, quantity=1)
    assert (refused["code"], "paid" in refused["next_step"]) == ("not_paid", True)
    taken = line.post(f"{path}/capture", 200, quantity=1, paid="4.99")
    assert (taken["status"], taken["open"], taken["taken"]) == ("held", 1, 1)
    assert line.post(f"{path}/release", 200)["status"] == "taken"
    assert line.post(f"{path}/release", 409)["code"] == "no_redemption"
    assert line.post(f"{path}/cancel", 200, reason="broken")["status"] == "cancelled"


def test_a_hold_that_ends_is_had_by_others_when_the_worker_has_looked(line: Line, till: Door) -> None:
    until = (till.clock() + timedelta(minutes=15)).isoformat()
    line.redeem("ben", reward="pen", hold_until=until)
    assert left_of(line, "pen") == 0
    till.clock.pass_(minutes=15)
    assert work(till).ended == 1
    assert left_of(line, "pen") == 1
    owned = line.get("/v1/members/ben/redemptions")["redemptions"]
    assert [one["status"] for one in owned if one["reward"] == "pen"] == ["ended"]


def test_a_seat_a_place_in_the_line_a_ticket_and_the_door(line: Line, till: Door) -> None:
    ann = line.redeem("ann", reward="evening")
    assert len(ann["code"]) == 19
    assert line.redeem("ben", 409, reward="evening")["code"] == "sold_out"
    ben = line.redeem("ben", reward="evening", wait=True)
    assert (ben["status"], ben["code"]) == ("waiting", None)
    line.post(f"/v1/members/ann/redemptions/{ann['redemption']}/cancel", 200, reason="ill")
    assert work(till).moved == 1
    code = line.post(f"/v1/members/ben/redemptions/{ben['redemption']}/code", 200)["code"]
    till.clock.pass_(hours=1)
    used = line.post("/v1/codes/use", 200, code=code)
    assert used["redemption"]["status"] == "used"
    refusals = [line.post("/v1/codes/use", 404, code=each) for each in (code, ann["code"], "0000", "")]
    assert {(one["code"], one["detail"], one["next_step"]) for one in refusals} == {
        ("code_not_valid", "This code cannot be used.", "Check it, or ask the member to show it again.")
    }
    assert line.post("/v1/rewards/evening/no-shows", 200, reason="empty") == {"marked": 0, "more": False}


def test_the_app_reads_catalogue_content_access_and_partner_codes(line: Line) -> None:
    brought = line.post("/v1/rewards/cinema/codes", 200, codes=["A-1"])
    assert brought == {"new": 1, "known": 0}
    seen = line.get("/v1/members/cem/rewards")["rewards"]
    names = [one["reward"] for one in seen]
    assert set(names[:3]) == {"early", "film", "evening"}
    assert names[-1] == "cinema"
    assert line.get("/v1/members/cem/access", sku="coat")["because"] == "needs_reward"
    for reward in ("film", "early", "cinema"):
        line.redeem("cem", reward=reward)
    assert line.get("/v1/members/cem/access", sku="coat")["may_buy"] is True
    owned = {one["reward"]: one for one in line.get("/v1/members/cem/redemptions")["redemptions"]}
    assert owned["film"]["content"] == "https://example.org/film"
    assert owned["cinema"]["code"] == "A-1"
    assert line.redeem("cem", 409, reward="cinema")["code"] == "sold_out"


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({"reward": "mgu"}, 404, "unknown_reward"),
        ({"reward": "mug", "quantity": 0}, 422, "bad_request"),
        ({"reward": "mug", "paid": "4,99"}, 422, "bad_amount"),
        ({"reward": "mug", "hold_until": "soon"}, 422, "bad_time"),
        ({"reward": "mug", "hold_until": "2020-01-01T00:00:00Z"}, 422, "bad_redemption"),
        ({"reward": "mug", "mode": "fast"}, 422, "bad_request"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(line: Line, wish: dict[str, Any], status: int, code: str) -> None:
    before = line.get("/v1/members/ben/redemptions")
    answer = line.client.post("/v1/members/ben/redemptions", json=wish, headers=line.key)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["next_step"]
    assert line.get("/v1/members/ben/redemptions") == before


def test_nobody_redeems_without_the_scope_or_for_a_stranger(line: Line, till: Door) -> None:
    key = till.key("rewards:read", "events:write", "members:write")
    answer = till.client.post("/v1/members/ann/redemptions", json={"reward": "film"}, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert line.redeem("nobody", 404, reward="film")["code"] == "unknown_member"


def test_a_crowd_gets_the_last_mugs_and_not_one_more(line: Line, till: Door) -> None:
    people = [f"p{number}" for number in range(20)]
    earn(till, *people)
    gate = Barrier(CROWD)

    def press(number: int) -> int:
        body = {"reward": "cup"}
        gate.wait()
        path = f"/v1/members/{people[number % len(people)]}/redemptions"
        return line.client.post(path, json=body, headers=line.key).status_code

    with ThreadPoolExecutor(CROWD) as threads:
        said = Counter(threads.map(press, range(CROWD)))
    assert (said[201], said[409]) == (7, CROWD - 7)
    with connect(till.dsn) as conn, transaction(conn):
        owner = ensure_brand(conn, "corner-cafe", "wall", created_at=till.clock())
        timeline = load_timeline(conn, owner.id)
    assert verify(till.dsn, owner, timeline).is_true
