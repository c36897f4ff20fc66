"""G2: a household spends from its members; a return gives back to them; who leaves takes what is theirs."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient

from acceptance.group_makers import DAY, balances, earned, lots
from acceptance.makers import PLAIN, program
from acceptance.merge_makers import active, holds_together, merge
from acceptance.pool_makers import POOLS, give_back, go, household, parts, pay
from bondfire.access import RANDOM_BYTES, create_key
from bondfire.api import create_app
from bondfire.db import connect, retrying, transaction
from bondfire.errors import BondfireError
from bondfire.groups import accept, dissolve, invite, read_group, switch_pooling
from bondfire.kit import member_id_of, show_id
from bondfire.programs import ProgramError
from cli.conftest import Command, bondfire, installed  # noqa: F401 - fixtures
from journal.store_makers import T0, Store, back, order, spent, store_of


def shop(database: str) -> Store:
    """A brand whose members have points that end at different times."""
    store = store_of(database, POOLS)
    store.send(earned("a", 0, 50), earned("b", 1, 30), earned("a", 40, 100), earned("b", 45, 80))
    store.send(earned("c", 41, 20), earned("d", 1, 500))
    return store


def test_g2_a_household_spends_what_ends_first_whoever_has_it(database: str) -> None:
    store = shop(database)
    home = household(store, "a", "b", "c")

    first, second = pay(store, home, 60), pay(store, home, 130, member="b", number=2)

    assert (parts(first), parts(second)) == ({"a": 50, "b": 10}, {"a": 100, "b": 20, "c": 10})
    assert balances(store, "a", "b", "c") == [0, 80, 10]
    assert lots(store, "b") == [(80, "2026-02-19", "2026-08-31")]
    assert holds_together(store)


def test_g2_a_return_gives_back_to_whoever_paid_part_by_part(database: str) -> None:
    store = shop(database)
    home = household(store, "a", "b", "c")
    store.send(
        order("tv", T0 + 50 * DAY, total=0, member="a"), order("sofa", T0 + 50 * DAY, total=90, member="a")
    )
    before = balances(store, "a", "b", "c")
    pay(store, home, 90, order="sofa")

    store.send(back(1, T0 + 51 * DAY, order="sofa", member="a", total="30"))
    looked = give_back(store)
    after_a_third = [lots(store, name)[0] for name in "ab"]
    store.send(back(2, T0 + 52 * DAY, member="a", total="60"))
    give_back(store)

    assert looked == 1
    assert after_a_third == [(10, "2026-01-05", "2026-07-31"), (10, "2026-01-06", "2026-07-31")]
    assert balances(store, "a", "b", "c") == [before[0] - 90, before[1], before[2]]
    assert give_back(store) == 0
    assert holds_together(store)


def test_g2_who_pays_for_what_came_back_already_gets_it_back_at_once(database: str) -> None:
    store = shop(database)
    home = household(store, "a", "b")
    store.send(order("sofa", T0 + 50 * DAY, total=90, member="a"))
    store.send(back(1, T0 + 51 * DAY, order="sofa", member="a"))

    pay(store, home, 70, at=52, order="sofa")

    assert balances(store, "a", "b") == [150, 110]
    assert holds_together(store)


def test_g2_a_return_that_came_before_its_order_gives_back_to_whoever_paid(database: str) -> None:
    store = shop(database)
    home = household(store, "a", "b")
    store.send(back(1, T0 + 51 * DAY, order="sofa", member="a", total="90"))
    pay(store, home, 70, at=52, order="sofa")
    between = balances(store, "a", "b")

    store.send(order("sofa", T0 + 53 * DAY, total=90, member="a"))
    give_back(store)

    assert (between, balances(store, "a", "b")) == ([100, 90], [150, 110])
    assert holds_together(store)


def test_g2_whoever_leaves_takes_what_they_have_not_spent(database: str) -> None:
    store = shop(database)
    home = household(store, "a", "b", "c")
    store.send(order("sofa", T0 + 50 * DAY, total=90, member="a"))
    pay(store, home, 60, order="sofa")

    stays = go(store, home, "b")
    alone = pay(store, home, 110, number=2)
    store.send(back(1, T0 + 61 * DAY, order="sofa", member="a"))
    give_back(store)

    assert (stays, parts(alone)) == (True, {"a": 100, "c": 10})
    assert active(store, "b") == 110
    assert holds_together(store)


def test_g2_nobody_is_in_a_group_who_has_not_said_yes(database: str) -> None:
    store = shop(database)
    home = household(store, "a")
    with connect(store.dsn) as conn, transaction(conn):
        invite(conn, store.brand, store.timeline, home, member="b", role="spender", at=T0 + DAY)

    with pytest.raises(BondfireError) as refusal:
        pay(store, home, 10, member="b")
    with pytest.raises(BondfireError) as too_much:
        pay(store, home, 151)
    with connect(store.dsn) as conn, transaction(conn):
        accept(conn, store.brand, home, member="b", at=T0 + DAY)
        accept(conn, store.brand, home, member="b", at=T0 + 2 * DAY)
    pay(store, home, 151)

    assert (refusal.value.code, too_much.value.code) == ("not_spender", "not_enough")
    assert sum(balances(store, "a", "b")) == 109


def test_g2_without_pooling_everybody_spends_their_own(database: str) -> None:
    store = shop(database)
    home = household(store, "a", "b")
    with connect(store.dsn) as conn, transaction(conn):
        switch_pooling(conn, store.brand, home, is_pooled=False)

    own = pay(store, home, 110, member="b")

    assert parts(own) == {"b": 110}
    with pytest.raises(BondfireError, match="can spend 0"):
        pay(store, home, 1, member="b", number=2)


def test_g2_the_same_spending_again_is_answered_again_and_changes_nothing(database: str) -> None:
    store = shop(database)
    home = household(store, "a", "b")

    first, again = pay(store, home, 60), pay(store, home, 60)
    with pytest.raises(BondfireError) as refusal:
        pay(store, home, 61)

    assert (first.payers, refusal.value.code) == (again.payers, "identity_conflict")
    assert sum(balances(store, "a", "b")) == 200


@pytest.mark.parametrize(
    ("act", "code", "next_step"),
    [
        (lambda store, home: pay(store, home, 201), "spend_limit_reached", "next month"),
        (lambda store, home: pay(store, home, 10, member="c"), "not_spender", "owner or a spender"),
        (lambda store, home: pay(store, home, 10, member="d"), "not_in_group", "invite"),
        (lambda store, home: go(store, home, "a"), "last_owner", "owner, or dissolve"),
        (lambda store, _: household(store, "b"), "in_another_group", "Leave"),
        (lambda store, home: join_as(store, home, "d", "spender"), "group_full", "leave first"),
        (lambda store, home: join_as(store, home, "b", "spendr"), "bad_input", "'spender'"),
        (lambda store, home: join_as(store, home, "x", "spender"), "unknown_member", "reference"),
    ],
)
def test_g2_what_a_group_may_not_do_is_refused_and_nothing_moves(
    shared_home: tuple[Store, Any], act: Callable[[Store, Any], object], code: str, next_step: str
) -> None:
    store, home = shared_home
    before = store.digest()

    with pytest.raises(BondfireError) as refusal:
        act(store, home)

    assert (refusal.value.code, store.digest()) == (code, before)
    assert next_step in refusal.value.next_step


def join_as(store: Store, home: Any, member: str, role: Any) -> None:
    with connect(store.dsn) as conn, transaction(conn):
        invite(conn, store.brand, store.timeline, home, member=member, role=role, at=T0 + DAY)


@pytest.fixture(scope="module")
def shared_home(shared_database: str) -> tuple[Store, Any]:
    """A household of three, one of whom only pays."""
    store = shop(shared_database)
    home = household(store, "a", "b")
    join_as(store, home, "c", "member")
    with connect(store.dsn) as conn, transaction(conn):
        accept(conn, store.brand, home, member="c", at=T0 + DAY)
    return store, home


def test_g2_twenty_spendings_at_once_beside_the_members_own_never_take_too_much(database: str) -> None:
    store = shop(database)
    home = household(store, "a", "b")
    barrier = Barrier(10)

    def act(number: int) -> int:
        member = "ab"[number % 4 // 2]
        if number % 2:
            pay(store, home, 20, member=member, number=number)
            return 20
        (one,) = store.send(spent(number, T0 + 50 * DAY, 30, member=member))
        return 30 if one.outcome == "accepted" else 0

    def till(number: int) -> int:
        barrier.wait()
        done = 0
        for turn in (number, number + 100):
            with suppress(BondfireError):
                done += retrying(partial(act, turn))
        return done

    with ThreadPoolExecutor(10) as threads:
        paid = sum(threads.map(till, range(10)))

    assert paid + sum(balances(store, "a", "b")) == 260
    assert holds_together(store)


def test_g2_a_member_who_is_merged_stays_in_the_group_and_gets_back_what_they_paid(database: str) -> None:
    store = shop(database)
    home = household(store, "a", "b")
    store.send(order("sofa", T0 + 50 * DAY, total=90, member="a"))
    pay(store, home, 70, order="sofa")
    merge(store, "b", "d")
    merge(store, "a", "c")

    store.send(back(1, T0 + 62 * DAY, order="sofa", member="a"))
    give_back(store)

    with connect(store.dsn) as conn:
        members = [one.member_id for one in read_group(conn, store.brand, home).belongings]
    assert members == [member_id_of("kaminrot", name) for name in ("c", "d")]
    assert balances(store, "c", "d") == [170, 610]
    assert holds_together(store)


def test_g2_dissolving_leaves_everybody_what_is_theirs(database: str) -> None:
    store = shop(database)
    home = household(store, "a", "b")
    with connect(store.dsn) as conn, transaction(conn):
        dissolve(conn, store.brand, home, at=T0 + 50 * DAY)

    with pytest.raises(BondfireError) as refusal:
        pay(store, home, 10)
    household(store, "b", "a")

    assert (refusal.value.code, balances(store, "a", "b")) == ("unknown_group", [150, 110])


def test_g2_the_document_says_which_groups_there_are_and_their_limits() -> None:
    told = program(PLAIN + "households: {spend_per_month: {points: 200}}\ncompanies: {members: 20}\n").groups

    assert (told["household"].members, told["household"].pooled) == (6, True)
    assert (told["company"].members, int(told["household"].spend_per_month["points"])) == (20, 200)
    assert program(PLAIN).groups == {}
    for text, code in (
        ("households: {members: 1}\n", "bad_value"),
        ("households: {spend_per_month: {pionts: 5}}\n", "unknown_unit"),
        ("households: {member: 5}\n", "unknown_key"),
    ):
        with pytest.raises(ProgramError) as refusal:
            program(PLAIN + text)
        assert [one.code for one in refusal.value.problems] == [code]


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    """The API of the brand, with a key for members and events."""
    store = shop(database)
    store.bring_to(T0 + 50 * DAY)
    with connect(database) as conn, transaction(conn):
        scopes = ["members:write", "members:read", "events:write"]
        random = b"1" * RANDOM_BYTES
        _, token = create_key(conn, store.brand.id, scopes, "till", created_at=T0, random=random)
    with TestClient(create_app(database, now=lambda: T0 + 50 * DAY)) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def test_g2_at_the_door_a_group_is_founded_joined_spends_and_is_left(client: TestClient) -> None:
    founded = client.post("/v1/groups", json={"kind": "household", "owner": "a"})
    path = f"/v1/groups/{founded.json()['group_id']}"
    invited = client.post(f"{path}/invitations", json={"member": "b"})
    joined = client.post(f"{path}/members/b/accept")
    wish = {"id": "1", "member": "b", "unit": "points", "amount": "60"}
    paid = client.post(f"{path}/spendings", json=wish)
    again = client.post(f"{path}/spendings", json=wish)
    bad = client.post(f"{path}/spendings", json=wish | {"id": "2", "amount": "0.5"})
    left = client.delete(f"{path}/members/b")
    seen = client.get(path)
    gone = client.delete(path)

    a, b = (show_id("mem", member_id_of("kaminrot", name)) for name in "ab")
    assert [one.status_code for one in (founded, invited, joined, paid, left, seen, gone)] == [
        *(201, 201, 200, 201, 200, 200, 200)
    ]
    assert {one["member_id"]: one["joined_at"] for one in invited.json()["members"]}[b] is None
    assert {one["member_id"]: one["amount"] for one in paid.json()["payers"]} == {a: "50", b: "10"}
    assert (again.json(), bad.json()["code"]) == (paid.json(), "bad_amount")
    assert [one["member_id"] for one in seen.json()["members"]] == [a]
    assert client.get(path).json()["code"] == "unknown_group"


def test_g2_the_command_line_founds_joins_spends_and_leaves(
    database: str,
    installed: Command,  # noqa: F811 - the fixture
) -> None:
    shop(database).bring_to(T0 + 50 * DAY)
    of_brand = ("--brand", "kaminrot")

    group = installed("groups", "found", "household", "a", *of_brand, "--json").json["group_id"]
    installed("groups", "invite", group, "b", *of_brand)
    installed("groups", "accept", group, "b", *of_brand)
    paid = installed("groups", "spend", group, "b", 60, "points", "--id", "1", *of_brand, "--json").json
    shown = installed("groups", "show", group, *of_brand).out
    refused = installed("groups", "leave", group, "a", *of_brand)
    left = installed("groups", "leave", group, "b", *of_brand)
    gone = installed("groups", "dissolve", group, *of_brand)

    a, b = (show_id("mem", member_id_of("kaminrot", name)) for name in "ab")
    assert paid["payers"] == {a: "50", b: "10"}
    assert (f"{a} owner" in shown, f"{b} spender" in shown) == (True, True)
    assert (refused.code, "owner" in refused.err, left.code) == (1, True, 0)
    assert "dissolved" in gone.out
