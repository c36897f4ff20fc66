"""Referrals over HTTP: codes, who invited whom, and the decision of a person."""

from typing import Any

from api.conftest import CAFE, Door
from bondfire.db import connect, transaction
from bondfire.journal import carry_transfers
from bondfire.programs import brand_named, ensure_brand, load_timeline, publish_program
from bondfire.referrals import follow_referrals

FRIENDS = """
referrals:
  referrer: {beans: 50}
  referred: {beans: 20}
  after: 0 days
  link: https://cafe.example/hello?friend={code}
"""


def ask(door: Door, method: str, path: str, scope: str, **sent: Any) -> tuple[int, dict[str, Any]]:
    """An answer: its status and body."""
    answer = door.client.request(method, f"/v1{path}", headers=door.key(scope), **sent)
    return answer.status_code, answer.json()


def publish(door: Door) -> None:
    """A version with referrals."""
    with connect(door.dsn) as conn, transaction(conn):
        brand = ensure_brand(conn, "corner-cafe", "wall", created_at=door.clock())
        text = CAFE.format(brand="corner-cafe") + FRIENDS
        publish_program(conn, brand.id, text, published_at=door.clock(), published_by="test")


def send(door: Door, kind: str, member: str, **fields: object) -> None:
    """An event now."""
    raw = {"id": f"{kind}-{member}", "type": kind, "member": member, "occurred_at": door.clock().isoformat()}
    status, answer = ask(door, "POST", "/events", "events:write", json=raw | fields)
    assert (status, answer["outcome"]) == (200, "accepted")


def work(door: Door) -> None:
    """What the worker does for referrals."""
    with connect(door.dsn) as conn:
        for step in (follow_referrals, carry_transfers):
            done = 1
            while done:
                with transaction(conn):
                    brand = brand_named(conn, "corner-cafe")
                    done = step(conn, brand, load_timeline(conn, brand.id))


def beans(door: Door, member: str) -> str:
    """What a member can spend."""
    found: str = ask(door, "GET", f"/members/{member}", "members:read")[1]["wallets"]["beans"]["active"]
    return found


def test_a_code_is_given_once_and_a_held_referral_is_decided_once(door: Door) -> None:
    publish(door)
    door.clock.pass_(seconds=1)
    send(door, "member.joined", "ann")
    _, given = ask(door, "POST", "/members/ann/referral-code", "members:write")
    _, again = ask(door, "POST", "/members/ann/referral-code", "members:write")
    for member in ("ann", "bob"):
        profile = {"email": "the.two@mail.example"}
        assert ask(door, "PUT", f"/members/{member}/profile", "members:write", json=profile)[0] == 200
    send(door, "member.joined", "bob", referrer=given["code"])
    send(door, "order.placed", "bob", order="1", currency="EUR", total="0.50")
    door.clock.pass_(seconds=1)
    send(door, "page.viewed", "bob")
    work(door)

    _, held = ask(door, "GET", "/referrals/held", "members:read")
    decision = {"verdict": "approved", "reason": "two sisters", "actor": "ada"}
    path = "/referrals/bob/decision"
    refused = [
        ask(door, "POST", path, "members:write", json=decision)[0],
        ask(door, "POST", path, "reviews:write", json={"verdict": "approved", "reason": "x"})[0],
        ask(door, "POST", "/referrals/nobody/decision", "reviews:write", json=decision)[1]["code"],
    ]
    before = beans(door, "bob")
    first = ask(door, "POST", path, "reviews:write", json=decision)
    door.clock.pass_(seconds=1)
    second = ask(door, "POST", path, "reviews:write", json=decision)
    work(door)

    assert given == again
    assert given["link"] == f"https://cafe.example/hello?friend={given['code']}"
    assert [(one["reasons"], one["stage"]) for one in held["referrals"]] == [(["same_email"], "ripe")]
    assert refused == [403, 422, "unknown_member"]
    assert (first[0], first[1]["is_paid"]) == (200, True)
    assert (second[0], second[1]["code"]) == (409, "nothing_to_decide")
    assert (before, beans(door, "bob"), beans(door, "ann")) == ("0", "20", "50")
    _, both = ask(door, "GET", "/members/ann/referrals", "members:read")
    assert both["invited_by"] is None
    assert [(one["stage"], one["decision"]) for one in both["invited"]] == [("paid", "two sisters (ada)")]
    assert ask(door, "GET", "/referrals/held", "members:read")[1]["referrals"] == []
    assert ask(door, "GET", "/members/nobody/referrals", "members:read")[0] == 404
    assert ask(door, "POST", "/members/nobody/referral-code", "members:write")[0] == 404
