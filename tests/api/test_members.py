"""A member is read with what they hold, what comes, and why."""

from typing import Any

import pytest

from api.conftest import Door
from bondfire.api.examples import ORDER, RETURN


def order(number: int, total: str, at: str) -> dict[str, Any]:
    """An order of one member."""
    return {
        **ORDER,
        "id": f"ord-{number}",
        "order": str(number),
        "total": total,
        "lines": None,
        "occurred_at": at,
    }


@pytest.fixture
def story(cafe: Door) -> Door:
    """A member with two orders, one of them fresh, and a return."""
    headers = cafe.key("events:write")
    for event in (
        order(1001, "119.80", "2026-03-29T01:59:59+01:00"),
        {**RETURN, "order": "1001"},
        order(1002, "150.00", "2026-04-30T10:00:00+02:00"),
    ):
        assert cafe.client.post("/v1/events", json=event, headers=headers).status_code == 200
    return cafe


def test_wallets_lots_and_what_comes_are_shown(story: Door) -> None:
    said = story.client.get("/v1/members/c-17", headers=story.key("members:read")).json()

    beans = said["wallets"]["beans"]
    assert (beans["active"], beans["pending"], beans["clawed_back"]) == ("60", "150", "59")
    assert [(lot["amount"], lot["pending"], lot["rule"]) for lot in beans["lots"]] == [
        ("60", False, "base"),
        ("150", True, "base"),
    ]
    assert [(one["at"], one["amount"]) for one in beans["releases"]] == [("2026-05-14T08:00:00Z", "150")]
    assert [one["amount"] for one in beans["expiries"]] == ["60", "150"]


def test_tiers_say_what_is_missing_for_the_next(story: Door) -> None:
    club = story.client.get("/v1/members/c-17", headers=story.key("members:read")).json()["tiers"]["club"]

    assert (club["tier"], club["next_tier"]) == ("gold", None)
    assert (club["credits"], club["missing"]) == ("210", None)


def test_what_came_due_is_shown_although_no_worker_has_run(story: Door) -> None:
    story.clock.pass_(days=20)

    said = story.client.get("/v1/members/c-17", headers=story.key("members:read")).json()

    assert (said["wallets"]["beans"]["active"], said["wallets"]["beans"]["pending"]) == ("210", "0")


def test_a_member_is_found_by_reference_alias_and_id(story: Door) -> None:
    both = story.key("members:read", "members:write")
    story.client.put("/v1/members/c-17/aliases", json={"kind": "reference", "value": "card-9"}, headers=both)
    by_reference = story.client.get("/v1/members/c-17", headers=both).json()

    for name in ("card-9", by_reference["member_id"]):
        found = story.client.get(f"/v1/members/{name}", headers=both).json()
        assert {**found, "member": "c-17"} == by_reference


def test_entries_come_in_pages_with_their_reasons(story: Door) -> None:
    headers = story.key("members:read")
    entries: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        where = f"/v1/members/c-17/entries?limit=2{f'&cursor={cursor}' if cursor else ''}"
        page = story.client.get(where, headers=headers).json()
        entries += page["entries"]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    numbers = [one["number"] for one in entries]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == 1
    assert {one["kind"] for one in entries} == {"earn", "claw_back"}
    assert all(one["reason"]["code"] for one in entries)
    assert "119 beans from rule base" in entries[-1]["sentence"]


@pytest.mark.parametrize("path", ["/v1/members/nobody", "/v1/members/nobody/entries"])
def test_an_unknown_member_is_said(cafe: Door, path: str) -> None:
    answer = cafe.client.get(path, headers=cafe.key("members:read"))

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_member")
    assert "'nobody'" in answer.json()["detail"]


def test_another_brand_does_not_see_the_member(story: Door, publish: Any) -> None:
    publish("rival")
    member_id = story.client.get("/v1/members/c-17", headers=story.key("members:read")).json()["member_id"]
    theirs = story.key("members:read", brand="rival")

    for name in ("c-17", member_id):
        assert story.client.get(f"/v1/members/{name}", headers=theirs).status_code == 404
        assert story.client.get(f"/v1/members/{name}/entries", headers=theirs).status_code == 404


def test_reports_add_everybody_up(story: Door) -> None:
    headers = story.key("members:read")

    totals = story.client.get("/v1/reports/totals", headers=headers).json()
    tiers = story.client.get("/v1/reports/tiers", headers=headers).json()

    assert totals["members"] == 1
    assert totals["totals"]["beans"]["issued"] == "269"
    assert totals["totals"]["beans"]["liability"] == "210"
    assert {"type": "order.placed", "outcome": "accepted", "events": 2} in totals["events"]
    assert tiers == {"tiers": [{"tier_set": "club", "tier": "gold", "members": 1}]}


def test_a_return_that_fits_nothing_is_listed_for_a_person(story: Door) -> None:
    both = story.key("members:read", "events:write")
    lost = {**RETURN, "id": "ret-9", "total": "77.00", "member": "c-17", "order": None}

    answer = story.client.post("/v1/events", json=lost, headers=both)
    listed = story.client.get("/v1/returns/unmatched", headers=both).json()

    assert (answer.status_code, answer.json()["outcome"]) == (200, "unmatched")
    assert [(one["event"], one["amount"]) for one in listed["returns"]] == [("ret-9", "77")]
