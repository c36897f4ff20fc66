"""G1 at the doors: the API and the command line merge two accounts, and whoever asks by either finds one."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient

from acceptance.group_makers import DAY, GIFTS, earned
from acceptance.merge_makers import active, holds_together, merge
from bondfire.access import RANDOM_BYTES, create_key
from bondfire.api import create_app
from bondfire.db import connect, transaction
from bondfire.finance import read_reconciliation
from bondfire.kit import member_id_of, show_id
from bondfire.members import Consent, Profile, record_consent, save_profile
from bondfire.privacy import erase_member
from cli.conftest import Command, bondfire, installed  # noqa: F401 - fixtures
from journal.store_makers import T0, Store, event_of, spent, store_of

A, B = (show_id("mem", member_id_of("kaminrot", name)) for name in "ab")


class Door(NamedTuple):
    """A brand with two members, and its API."""

    store: Store
    client: TestClient
    headers: dict[str, str]

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and body of an answer."""
        answer = self.client.request(method, path, json=body, headers=self.headers | headers)
        return answer.status_code, answer.json()


@pytest.fixture
def door(database: str) -> Iterator[Door]:
    """A brand with two members, and its API."""
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 60), earned("b", 1, 90))
    with connect(database) as conn, transaction(conn):
        random = b"1" * RANDOM_BYTES
        _, token = create_key(
            conn, store.brand.id, ["members:write", "members:read"], "till", created_at=T0, random=random
        )
    with TestClient(create_app(database, now=lambda: T0 + 30 * DAY)) as client:
        yield Door(store, client, {"Authorization": f"Bearer {token}"})


def test_g1_the_api_merges_and_finds_the_survivor_by_either_name(door: Door) -> None:
    would = door.ask("POST", "/v1/members/a/merge", {"into": "b", "dry_run": True})
    between = door.ask("GET", "/v1/members/a")
    done = door.ask("POST", "/v1/members/a/merge", {"into": "b"}, **{"Idempotency-Key": "one"})
    again = door.ask("POST", "/v1/members/a/merge", {"into": "b"})

    assert (would[0], between[1]["member_id"]) == (200, A)
    assert done[1] == would[1] | {"dry_run": False}
    assert (done[1]["member_id"], done[1]["former_id"], done[1]["came_over"]["points"]) == (B, A, "60")
    assert [one["after"] for one in done[1]["tier_changes"]] == ["flame"]
    assert (again[0], again[1]["is_new"], again[1]["came_over"]) == (200, False, {})
    for name in ("a", "b", A, B):
        status, seen = door.ask("GET", f"/v1/members/{name}")
        assert (status, seen["member_id"], seen["formerly"]) == (200, B, [A])
        assert seen["wallets"]["points"]["active"] == "150"


def test_g1_the_api_tells_the_history_of_both_accounts(door: Door) -> None:
    door.ask("POST", "/v1/members/a/merge", {"into": "b"})

    own = door.ask("GET", "/v1/members/b/events")[1]["events"]
    former = door.ask("GET", f"/v1/members/b/events?account={A}")[1]["events"]
    entries = door.ask("GET", f"/v1/members/a/entries?account={A}")[1]["entries"]
    status, problem = door.ask(
        "GET", f"/v1/members/b/events?account={show_id('mem', member_id_of('x', 'y'))}"
    )

    assert [one["type"] for one in own] == ["member.absorbed", "order.placed"]
    assert [one["type"] for one in former] == ["member.merged", "order.placed"]
    assert {one["kind"] for one in entries} == {"earn", "merge"}
    assert (status, problem["code"]) == (404, "unknown_account")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"into": "a"}, 422, "same_member"),
        ({"into": "nobody"}, 404, "unknown_member"),
        ({"into": " b"}, 422, "bad_input"),
        ({"into": "b", "reason": "because"}, 422, "bad_request"),
        ({}, 422, "bad_request"),
    ],
)
def test_g1_bad_input_at_the_door_is_told_and_changes_nothing(
    door: Door, body: dict[str, str], status: int, code: str
) -> None:
    before = door.store.digest()

    told = door.ask("POST", "/v1/members/a/merge", body)

    assert (told[0], told[1]["code"], door.store.digest()) == (status, code, before)
    assert told[1]["next_step"] or told[1]["errors"]


def test_g1_the_command_line_merges(door: Door, installed: Command) -> None:  # noqa: F811 - the fixture
    said = installed("members", "merge", "a", "b", "--brand", "kaminrot", "--dry-run")
    before = active(door.store, "a")
    done = installed("members", "merge", "a", "b", "--brand", "kaminrot", "--json")
    told = installed("explain", "a", "--brand", "kaminrot")

    assert "would be part of" in said.out
    assert (before, active(door.store, "a")) == (60, 150)
    assert done.json["came_over"] == {"points": "60", "status": "60", "stones": "1"}
    assert f"What came under {A}" in told.out


def test_g1_erasing_the_survivor_erases_what_is_personal_of_both(door: Door) -> None:
    store, a = door.store, member_id_of("kaminrot", "a")
    store.send(event_of("review.submitted", T0 + DAY, member="a", rating=5, text="The kettle sings."))
    with connect(store.dsn) as conn, transaction(conn):
        save_profile(conn, store.brand, a, Profile(name="Ann Marple"), updated_at=T0)
        said = Consent(kind="email", granted=True, text_version="1", recorded_at=T0, source="till of Ann")
        record_consent(conn, store.brand, a, said)
    merge(store)

    with connect(store.dsn) as conn, transaction(conn):
        erase_member(conn, store.brand, store.timeline, "b", at=T0 + 90 * DAY, reason="asked", actor="ann")

    with connect(store.dsn) as conn:
        tables = [row[0] for row in conn.execute("SELECT tablename FROM pg_tables WHERE schemaname='public'")]
        text = "".join(
            str(row) for name in tables for row in conn.execute(f"SELECT one::text FROM {name} AS one")
        )
    assert [word for word in ("Marple", "kettle", "till of Ann") if word in text] == []
    (late,) = store.send(earned("a", 91, 5))
    assert late.code == "member_erased"
    assert holds_together(store)


def test_g1_the_books_of_finance_tie_out_after_a_merge(door: Door) -> None:
    store = door.store
    store.send(spent(1, T0 + 2 * DAY, 40, member="a", order="a-0"))
    merge(store)
    store.send(
        event_of("points.restored", T0 + 61 * DAY, member="a", unit="points", amount="40", order="a-0")
    )

    with connect(store.dsn) as conn, transaction(conn):
        books = read_reconciliation(conn, store.brand, store.timeline, grain="day")

    assert books.untied == ()
