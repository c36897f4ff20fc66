"""Held awards, unusual patterns and creators over HTTP."""

from typing import Any

from api.conftest import CAFE, Door
from api.test_referrals import ask, beans, send
from bondfire.creators import follow_creators
from bondfire.db import connect, transaction
from bondfire.programs import brand_named, ensure_brand, load_timeline, publish_program
from bondfire.review import follow_awards

LIMITS = """
review: {awards: {beans: 100, per: day}}
creators: {after: 0 days, commission: 0.1}
"""


def publish(door: Door) -> None:
    """A version with limits and creators."""
    with connect(door.dsn) as conn, transaction(conn):
        brand = ensure_brand(conn, "corner-cafe", "wall", created_at=door.clock())
        text = CAFE.format(brand="corner-cafe").replace("pending: 14 days, ", "") + LIMITS
        publish_program(conn, brand.id, text, published_at=door.clock(), published_by="test")


def work(door: Door) -> None:
    """What the worker does."""
    with connect(door.dsn) as conn:
        brand = brand_named(conn, "corner-cafe")
        timeline = load_timeline(conn, brand.id)
        for _ in range(3):
            follow_awards(conn, brand, timeline)
            follow_creators(conn, brand, timeline, until=door.clock())
        conn.commit()


def test_what_a_person_decides_over_http(door: Door) -> None:
    publish(door)
    door.clock.pass_(seconds=1)
    code = {"member": "anna", "code": "anna10", "campaign": "spring"}
    given = [ask(door, "POST", "/creators/codes", "members:write", json=code) for _ in range(2)]
    taken = ask(door, "POST", "/creators/codes", "members:write", json=code | {"member": "bob"})
    send(door, "order.placed", "bob", order="1", currency="EUR", total="150", referral="ANNA10")
    said = {"url": "https://video.example/1", "authenticity": "gifted"}
    send(door, "content.submitted", "anna", **said)
    door.clock.pass_(seconds=1)
    work(door)
    decision: Any = {"verdict": "released", "reason": "a wedding", "actor": "ada"}
    content = "/creators/content/anna/content.submitted-anna/decision"

    _, held = ask(door, "GET", "/review/awards", "members:read")
    before = beans(door, "bob")
    forbidden = ask(door, "POST", "/review/awards/bob/1/decision", "members:write", json=decision)[0]
    released = ask(door, "POST", "/review/awards/bob/1/decision", "reviews:write", json=decision)
    door.clock.pass_(seconds=1)
    again = ask(door, "POST", "/review/awards/bob/1/decision", "reviews:write", json=decision)
    _, report = ask(door, "GET", "/creators/report", "members:read")
    _, waiting = ask(door, "GET", "/creators/content", "members:read")
    decided = ask(door, "POST", content, "reviews:write", json=decision | {"verdict": "approved"})
    _, patterns = ask(door, "GET", "/review/patterns?since=2026-05-01", "members:read")

    assert [one["code"] for _, one in given] == ["ANNA10", "ANNA10"]
    assert (taken[0], taken[1]["code"]) == (409, "code_taken")
    assert [(one["lot"], one["amount"], one["unit"]) for one in held["awards"]] == [(1, "150", "beans")]
    assert (before, forbidden, released[0], beans(door, "bob")) == ("0", 403, 200, "150")
    assert (again[0], again[1]["code"]) == (409, "nothing_to_decide")
    assert ask(door, "GET", "/review/awards", "members:read")[1]["awards"] == []
    assert [(one["orders"], one["total"], one["commission"]) for one in report["codes"]] == [(1, "150", "15")]
    assert [(one["authenticity"], one["campaign"]) for one in waiting["content"]] == [("gifted", None)]
    assert (decided[0], decided[1]["verdict"]) == (200, "approved")
    assert ask(door, "GET", "/creators/content", "members:read")[1]["content"] == []
    assert [one["code"] for one in ask(door, "GET", "/creators/codes", "members:read")[1]["codes"]] == [
        "ANNA10"
    ]
    assert (patterns["findings"], "z-score" in patterns["measures"]["earning"]) == ([], True)
    assert ask(door, "GET", "/review/patterns?since=yesterday", "members:read")[0] == 422
