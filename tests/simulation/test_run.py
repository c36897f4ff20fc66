"""A simulation: its published shape, its end, what it counts and what it refuses."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from acceptance.makers import (
    MEMBER,
    PLAIN,
    balances,
    joined,
    moment,
    order,
    parsed,
    program,
    returned,
    spent,
    story,
)
from bondfire.events import read_events
from bondfire.simulation import simulate

MONTHLY = PLAIN.replace("{}", "{expires: {after: 1 month}}")


def test_the_result_has_the_published_shape() -> None:
    run = story(
        program(MONTHLY + "tier_sets: {t: {unit: points, window: lifetime, tiers: {a: {from: 0}}}}\n"),
        [order("1", "2026-01-10", "10.00"), spent("s", "2026-01-11", "4"), spent("s2", "2026-01-11", "40")],
    )

    assert run.as_dict() == {
        "digest": run.digest,
        "members": {
            MEMBER: {
                "wallets": {
                    "points": {
                        "active": "6",
                        "pending": "0",
                        "held": "0",
                        "spent": "4",
                        "expired": "0",
                        "debt": "0",
                        "lots": [
                            {
                                "amount": "6",
                                "available_at": "2026-01-10T11:00:00Z",
                                "expires_at": "2026-02-10T11:00:00Z",
                            }
                        ],
                    }
                },
                "tiers": {"t": "a"},
            }
        },
        "program": {
            "points": {"issued": "10", "spent": "4", "expired": "0", "clawed_back": "0", "written_off": "0"}
        },
        "refused": [
            {"event": "s2", "code": "not_enough", "message": "40 points were asked for, but 6 can be spent."}
        ],
    }
    assert len(run.digest) == 64


def test_looking_at_the_result_changes_nothing() -> None:
    run = story(program(), [joined("2026-01-10")])

    assert run.as_dict() == run.as_dict()
    assert run.states[MEMBER].ledger.wallets == {}


def test_without_an_end_time_stops_with_the_last_event_for_everybody() -> None:
    early = {**order("1", "2026-01-10", "10.00"), "member": "early"}
    run = story(program(MONTHLY), [early, order("2", "2026-02-10", "10.00")])

    assert run.until == moment("2026-02-10")
    assert run.as_dict()["program"] == {
        "points": {"issued": "20", "spent": "0", "expired": "10", "clawed_back": "0", "written_off": "0"}
    }


def test_an_end_leaves_out_what_is_later_and_lets_time_pass_until_then() -> None:
    events = [order("1", "2026-01-10", "10.00"), order("2", "2026-06-01", "10.00")]

    run = story(program(MONTHLY), events, until="2026-02-10")

    assert run.events == 1
    assert balances(run) == {"issued": 10, "expired": 10}
    assert balances(story(program(MONTHLY), events, until="2026-02-09")) == {"issued": 10, "active": 10}


def test_nobody_and_nothing_is_a_result_too() -> None:
    run = story(program(), [])

    assert (run.until, run.events, run.members) == (None, 0, {})
    assert run.as_dict()["members"] == {}


def test_what_could_not_be_read_is_listed_with_its_place(tmp_path: Path) -> None:
    good, bad = order("1", "2026-01-10", "10.00"), order("2", "2026-01-10", "ten")
    file = tmp_path / "orders.ndjson"
    file.write_text("\n".join(json.dumps(raw) for raw in (bad, good)))
    rules = program()

    run = simulate(rules, read_events(file, rules.catalogue))

    assert [(one.event, one.code, one.is_readable) for one in run.refused] == [("ord-2", "bad_amount", False)]
    assert "row 1" in run.refused[0].message
    assert balances(run) == {"issued": 10, "active": 10}


def test_progress_counts_every_event() -> None:
    seen: list[int] = []
    simulate(program(), [parsed(order(str(n), "2026-01-10", "1.00")) for n in range(3)], progress=seen.append)

    assert seen == [1, 2, 3]


def test_a_stranger_who_only_asks_is_no_member_but_is_in_the_digest() -> None:
    asked = story(program(), [spent("s", "2026-01-10", "1")])

    assert asked.members == {}
    assert [one.code for one in asked.refused] == ["unknown_member"]
    assert asked.digest != story(program(), []).digest


@pytest.mark.parametrize("order_of_members", [("a", "b"), ("b", "a")])
def test_members_are_shown_in_order(order_of_members: tuple[str, str]) -> None:
    events = [
        {**order(str(n), "2026-01-10", "1.00"), "member": name} for n, name in enumerate(order_of_members)
    ]
    members = story(program(), events).as_dict()["members"]

    assert isinstance(members, dict)
    assert list(members) == ["a", "b"]


def test_an_event_of_the_past_is_decided_in_its_place_of_the_file() -> None:
    run = story(
        program(MONTHLY),
        [
            order("1", "2026-03-10", "10.00"),
            order("2", "2026-01-10", "7.00"),
            returned("r", "2026-01-11", "7.00", order="2"),
        ],
    )

    assert run.until == moment("2026-03-10")
    assert balances(run) == {"issued": 17, "active": 10, "expired": 7}
    assert run.states[MEMBER].now == moment("2026-03-10") + timedelta(0)
