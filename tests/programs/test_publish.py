"""Versions are published once, in order, for their own brand, and never reach back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from psycopg import Connection

from bondfire.db import connect, transaction
from bondfire.errors import Conflict
from bondfire.kit import EPOCH
from bondfire.programs import (
    Brand,
    NoProgram,
    ProgramError,
    PublishError,
    Version,
    advance_clock,
    brand_named,
    ensure_brand,
    list_brands,
    list_versions,
    load_timeline,
    publish_program,
)
from programs.documents import DOCUMENT, rule

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OTHER = rule("cap: {points: 500, per: day}")


@pytest.fixture
def conn(database: str) -> Iterator[Connection]:
    with connect(database) as connection:
        yield connection


@pytest.fixture
def brand(conn: Connection) -> Brand:
    return ensure_brand(conn, "kaminrot", "wall", created_at=NOON)


def publish(
    conn: Connection,
    brand: Brand,
    text: str = DOCUMENT,
    *,
    at: datetime = NOON,
    valid_from: datetime | None = None,
) -> Version:
    return publish_program(conn, brand.id, text, published_at=at, published_by="ida", valid_from=valid_from)


def test_a_brand_is_made_once_and_keeps_its_clock(conn: Connection) -> None:
    first = ensure_brand(conn, "kaminrot", "wall", created_at=NOON)
    second = ensure_brand(conn, "lantern-ribbon", "events", created_at=NOON)
    assert ensure_brand(conn, "kaminrot", "wall", created_at=NOON) == first == brand_named(conn, "kaminrot")
    assert list_brands(conn) == [first, second]
    with pytest.raises(Conflict, match="lives by the wall clock"):
        ensure_brand(conn, "kaminrot", "events", created_at=NOON)
    assert list_brands(conn) == [first, second]


def test_brands_made_at_once_get_numbers_of_their_own(database: str) -> None:
    def make(number: int) -> Brand:
        with connect(database) as connection, transaction(connection):
            return ensure_brand(connection, f"brand-{number % 5}", "wall", created_at=NOON)

    with ThreadPoolExecutor(10) as pool:
        made = set(pool.map(make, range(20)))
    assert sorted(brand.id for brand in made) == [1, 2, 3, 4, 5]


def test_an_unknown_brand_is_named_with_the_nearest(conn: Connection, brand: Brand) -> None:
    with pytest.raises(NoProgram, match="Did you mean 'kaminrot'"):
        brand_named(conn, "kaminrod")


def test_the_first_version_is_valid_since_ever(conn: Connection, brand: Brand) -> None:
    version = publish(conn, brand)
    assert (version.number, version.valid_from) == (1, EPOCH)
    (published,) = list_versions(conn, brand.id)
    assert (published.published_at, published.published_by) == (NOON, "ida")
    assert (published.digest, published.document) == (version.program.digest, DOCUMENT)


def test_the_same_document_again_makes_no_version(conn: Connection, brand: Brand) -> None:
    publish(conn, brand)
    again = publish(conn, brand, "# with a comment\n" + DOCUMENT, at=NOON + timedelta(days=9))
    assert (again.number, again.valid_from) == (1, EPOCH)
    assert len(list_versions(conn, brand.id)) == 1


def test_going_back_to_an_older_document_is_a_new_version(conn: Connection, brand: Brand) -> None:
    for hours, text in enumerate((DOCUMENT, OTHER, DOCUMENT)):
        publish(conn, brand, text, at=NOON + timedelta(hours=hours))
    assert [version.number for version in list_versions(conn, brand.id)] == [1, 2, 3]


def test_a_timeline_says_which_version_decides_when(conn: Connection, brand: Brand) -> None:
    publish(conn, brand)
    publish(conn, brand, OTHER, valid_from=NOON + timedelta(days=1))
    timeline = load_timeline(conn, brand.id)
    assert timeline.at(NOON + timedelta(days=1, seconds=-1)).number == 1
    assert timeline.at(NOON + timedelta(days=1)).number == 2
    assert timeline.at(datetime(2001, 1, 1, tzinfo=UTC)).number == 1
    assert timeline.newest.program.rules[0].caps[0].limit == 500


def test_a_version_never_reaches_back_behind_the_wall_clock(conn: Connection, brand: Brand) -> None:
    publish(conn, brand)
    with pytest.raises(PublishError, match="what was decided stays"):
        publish(conn, brand, OTHER, valid_from=NOON - timedelta(seconds=1))
    assert len(list_versions(conn, brand.id)) == 1
    assert publish(conn, brand, OTHER).valid_from == NOON


def test_a_version_never_starts_before_an_older_one(conn: Connection, brand: Brand) -> None:
    publish(conn, brand)
    publish(conn, brand, OTHER, valid_from=NOON + timedelta(days=7))
    with pytest.raises(PublishError, match="Version 2 is valid from 2026-03-08"):
        publish(conn, brand, rule("priority: 1"))
    assert len(list_versions(conn, brand.id)) == 2


def test_a_history_has_the_time_of_its_events(conn: Connection) -> None:
    history = ensure_brand(conn, "kaminrot", "events", created_at=NOON)
    publish(conn, history)
    corrected = publish(conn, history, OTHER)
    assert corrected.valid_from == EPOCH
    then = datetime(2011, 6, 1, tzinfo=UTC)
    advance_clock(conn, history.id, then)
    advance_clock(conn, history.id, then - timedelta(days=1))
    assert brand_named(conn, "kaminrot").clock_at == then
    with pytest.raises(PublishError, match="for kaminrot it is 2011-06-01"):
        publish(conn, history, rule("priority: 1"), valid_from=then - timedelta(seconds=1))
    assert publish(conn, history, rule("priority: 1")).valid_from == then
    assert load_timeline(conn, history.id).at(EPOCH).number == 2


def test_a_wrong_document_is_never_stored(conn: Connection, brand: Brand) -> None:
    with pytest.raises(ProgramError):
        publish(conn, brand, rule("multiplier: -1"))
    assert list_versions(conn, brand.id) == []
    with pytest.raises(NoProgram, match="no published programme"):
        load_timeline(conn, brand.id)


def test_a_programme_is_published_for_its_own_brand_only(conn: Connection) -> None:
    stranger = ensure_brand(conn, "lantern-ribbon", "wall", created_at=NOON)
    with pytest.raises(PublishError, match="of 'kaminrot', not of 'lantern-ribbon'"):
        publish(conn, stranger)
    with pytest.raises(NoProgram):
        publish_program(conn, 99, DOCUMENT, published_at=NOON, published_by="ida")
    assert list_versions(conn, stranger.id) == []


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("points:", "coins:", "takes away the unit 'points'"),
        ("pending: 14 days", "pending: 14 days, decimals: 2", "changes what the unit 'points' is"),
        ("{qualifying: true}", "{}", "changes what the unit 'status' is"),
    ],
)
def test_a_unit_members_may_hold_stays_what_it_is(
    conn: Connection, brand: Brand, *, right: str, wrong: str, says: str
) -> None:
    publish(conn, brand)
    with pytest.raises(PublishError, match=says):
        publish(conn, brand, DOCUMENT.replace(right, wrong))
    assert len(list_versions(conn, brand.id)) == 1


GOAL = DOCUMENT + "challenges:\n  pair: {on: order.placed, target: 2, award: {points: 5}, badge: pair}\n"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("target: 2", "target: 3"),
        ("target: 2", "target: 2, repeat: true"),
        ("target: 2", "target: 2, within: 7 days"),
        ("target: 2", "target: 2, sum: event.total"),
        ("target: 2", "target: 2, steps: [{at: 1, badge: one}]"),
    ],
)
def test_a_goal_that_members_are_on_their_way_to_stays_what_it_is(
    conn: Connection, brand: Brand, *, right: str, wrong: str
) -> None:
    publish(conn, brand, GOAL)
    with pytest.raises(PublishError, match="changes what the challenge 'pair' asks for"):
        publish(conn, brand, GOAL.replace(right, wrong))
    assert len(list_versions(conn, brand.id)) == 1

    publish(conn, brand, GOAL.replace("points: 5}", "points: 6}"))
    assert len(list_versions(conn, brand.id)) == 2


def test_two_who_publish_at_once_make_one_version_each(database: str) -> None:
    with connect(database) as connection, transaction(connection):
        brand = ensure_brand(connection, "kaminrot", "wall", created_at=NOON)

    def publish_one(number: int) -> int:
        with connect(database) as connection, transaction(connection):
            return publish(connection, brand, rule(f"priority: {number % 4}")).number

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(publish_one, range(8)))
    with connect(database) as connection:
        published = list_versions(connection, brand.id)
    assert [version.number for version in published] == list(range(1, len(published) + 1))
    assert set(numbers) == {version.number for version in published}
    assert all(a.digest != b.digest for a, b in pairwise(published))


def club(flame: str, more: str = "") -> str:
    """The document with this threshold of its upper tier."""
    return DOCUMENT.replace("fire: {from: 100}}", f"fire: {{from: {flame}}}}}{more}")


RAISED = "\n    no_falls_before: "


@pytest.mark.parametrize(
    ("text", "code", "step"),
    [
        (club("101"), "not_announced", "tier_sets.flame.no_falls_before"),
        (club("101", f"{RAISED}2026-03-01"), "not_announced", "a later day"),
        (DOCUMENT.replace(", fire: {from: 100}", ""), "tier_changed", "Keep it"),
        (
            DOCUMENT.replace("window: calendar_year", "window: rolling"),
            "tier_set_changed",
            "name a new tier set",
        ),
        (DOCUMENT.replace("unit: status", "unit: points"), "tier_set_changed", "name a new tier set"),
        (DOCUMENT.replace("unit: status", "by: spend"), "tier_set_changed", "name a new tier set"),
    ],
)
def test_t6_a_version_that_would_make_members_fall_unannounced_is_refused(
    conn: Connection, brand: Brand, *, text: str, code: str, step: str
) -> None:
    publish(conn, brand)

    with pytest.raises(PublishError) as refused:
        publish(conn, brand, text)

    assert (refused.value.code, len(list_versions(conn, brand.id))) == (code, 1)
    assert step in refused.value.next_step


def test_t6_a_threshold_may_rise_with_a_day_that_is_announced_and_fall_without(
    conn: Connection, brand: Brand
) -> None:
    publish(conn, brand)

    assert publish(conn, brand, club("150", f"{RAISED}2026-04-01")).number == 2
    assert publish(conn, brand, club("50", f"{RAISED}2026-04-01")).number == 3


@pytest.mark.parametrize("more", ["", f"{RAISED}2026-03-31"])
def test_t6_an_announced_day_is_not_taken_back(conn: Connection, brand: Brand, more: str) -> None:
    publish(conn, brand)
    publish(conn, brand, club("150", f"{RAISED}2026-04-01"))

    with pytest.raises(PublishError, match="takes that back"):
        publish(conn, brand, club("150", more))
    assert publish(conn, brand, club("150", more), at=NOON + timedelta(days=40)).number == 3
