"""A member is read with what they hold, what comes, and why."""

from typing import Any

import pytest

from api.conftest import CAFE, Door
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


def test_of_many_lots_the_first_are_shown_and_where_the_rest_is(cafe: Door) -> None:
    """Given a member with 130 lots, when they are looked at, then 100 are shown, and the rest by the link."""
    both = cafe.key("events:write", "members:read")
    orders = [
        order(number, "2.00", f"2026-04-0{1 + number % 9}T{number // 9 % 24:02}:00:00Z")
        for number in range(130)
    ]
    assert cafe.client.post("/v1/events/batch", json=orders, headers=both).json()["outcomes"] == {
        "accepted": 130
    }

    said = cafe.client.get("/v1/members/c-17", headers=both).json()["wallets"]["beans"]
    rest = cafe.client.get(said["next_lots"], headers=both).json()
    whole = cafe.client.get("/v1/members/c-17/lots?unit=beans&limit=500", headers=both).json()

    assert (said["active"], said["pending"], said["issued"]) == ("260", "0", "260")
    assert (len(said["lots"]), len(rest["lots"])) == (100, 30)
    assert [*said["lots"], *rest["lots"]] == whole["lots"]
    assert (len(said["expiries"]), said["more_expiries"], said["more_releases"]) == (100, True, False)
    assert (rest["next_cursor"], whole["next_cursor"]) == (None, None)


def test_of_few_lots_all_are_shown(story: Door) -> None:
    beans = story.client.get("/v1/members/c-17", headers=story.key("members:read")).json()["wallets"]["beans"]

    assert (beans["next_lots"], beans["more_releases"], beans["more_expiries"]) == (None, False, False)


def test_lots_of_a_unit_that_is_none_are_refused_with_the_nearest(story: Door) -> None:
    answer = story.client.get("/v1/members/c-17/lots?unit=baens", headers=story.key("members:read"))

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_unit")
    assert "'beans'" in answer.json()["next_step"]


def test_tiers_are_told_with_their_history(story: Door) -> None:
    club = story.client.get("/v1/members/c-17/tiers", headers=story.key("members:read")).json()["tiers"][
        "club"
    ]

    assert (club["tier"], club["credits"]) == ("gold", "210")
    assert club["history"] == [
        {"tier": "basic", "since": None},
        {"tier": "gold", "since": "2026-05-01T12:00:00Z"},
    ]


def test_a_members_events_are_told_in_short_the_newest_first(story: Door) -> None:
    both = story.key("members:read", "events:write", "events:read")
    spending = {"id": "sp-1", "type": "points.spent", "member": "c-17", "unit": "beans", "amount": "9999"}
    story.client.post("/v1/events", json={**spending, "occurred_at": "2026-05-01T12:00:00Z"}, headers=both)

    events = story.client.get("/v1/members/c-17/events", headers=both).json()["events"]

    assert [(one["event"], one["outcome"], one["entries"], one["code"]) for one in events] == [
        ("sp-1", "refused", 0, "not_enough"),
        ("ord-1002", "accepted", 2, None),
        ("ret-77", "accepted", 2, None),
        ("ord-1001", "accepted", 2, None),
    ]
    assert events[1]["tier_changes"][0]["after"] == "gold"
    assert "awarded" in events[3]["reasons"]
    told = story.client.get(f"/v1/events/{events[3]['event']}?member=c-17&source=shop", headers=both).json()
    assert told["outcome"] == "accepted"


def test_everybody_who_joined_is_listed(story: Door) -> None:
    headers = story.key("members:read")
    member_id = story.client.get("/v1/members/c-17", headers=headers).json()["member_id"]

    listed = story.client.get("/v1/members", headers=headers).json()["members"]

    assert listed == [{"member_id": member_id, "joined_at": "2026-03-29T00:59:59Z"}]


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/members/nobody{rest}"
        for rest in ("", "/entries", "/events", "/tiers", "/challenges", "/lots?unit=beans")
    ],
)
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
        for rest in ("entries", "events", "tiers", "lots?unit=beans"):
            assert story.client.get(f"/v1/members/{name}/{rest}", headers=theirs).status_code == 404
    assert story.client.get("/v1/members", headers=theirs).json()["members"] == []


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


def test_challenges_show_progress_what_is_left_and_badges(cafe: Door) -> None:
    document = CAFE.format(brand="corner-cafe") + (
        "challenges:\n"
        "  pair: {on: order.placed, target: 2, award: {beans: 5}, badge: regular}\n"
        "  daily: {on: order.placed, streak: day, jokers: 2, target: 7, steps: [{at: 2, badge: two}]}\n"
    )
    admin = cafe.key("admin")
    published = cafe.client.post("/v1/programs", content=document, headers=admin)
    assert published.is_success, published.text
    for number, at in ((1, "2026-05-01T14:00:00+02:00"), (2, "2026-05-01T14:00:01+02:00")):
        answer = cafe.client.post("/v1/events", json=order(number, "10.00", at), headers=admin)
        assert answer.status_code == 200, answer.text

    said = cafe.client.get("/v1/members/c-17/challenges", headers=cafe.key("members:read")).json()

    assert said["badges"] == {"regular": "2026-05-01T12:00:01Z"}
    pair, daily = said["challenges"]["pair"], said["challenges"]["daily"]
    assert (pair["progress"], pair["target"], pair["times"]) == ("2", "2", 1)
    assert (daily["progress"], daily["jokers_left"]) == ("1", 2)
    assert daily["lapses_at"] == "2026-05-04T22:00:00Z"
    assert daily["steps"] == [{"at": "2", "given": False}, {"at": "7", "given": False}]
