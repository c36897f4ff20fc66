"""Tiers of every kind in the tables: live as simulated, told again to the bit, states of earlier versions."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from bondfire.db import connect, transaction
from bondfire.events import Event
from bondfire.journal import read_member, read_standings, replay
from bondfire.kit import bucket_of, member_id_of
from bondfire.simulation import simulate
from journal.store_makers import CAFE, T0, Store, event_of, history, order, store_of

EVERY_KIND = CAFE.replace(
    "tier_sets:\n",
    """tier_sets:
  spend:
    by: spend
    window: rolling
    length: 30 days
    grace: 3 days
    fall: one_step
    tiers: {a: {from: 0}, b: {from: 150}, c: {from: 400}}
  days: {by: visits, window: tier_year, tiers: {a: {from: 0}, b: {from: 2}, c: {from: 6}}}
  value:
    by: value
    on: order.placed
    value: event.total * 2
    window: calendar_year
    upgrade: period_end
    tiers: {a: {from: 0}, b: {from: 500}}
""",
)


@pytest.fixture
def store(database: str) -> Store:
    return store_of(database, EVERY_KIND)


def granted(number: int, until: timedelta, **fields: object) -> Event:
    at = T0 + timedelta(hours=5 * number)
    about = {
        "tier_set": "spend",
        "tier": "c",
        "until": (at + until).isoformat(),
        "reason": "match",
        "actor": "ada",
    }
    return event_of(
        "tier.granted", at, **(about | {"id": f"g-{number}", "member": f"c-{number % 20}"} | fields)
    )


def with_grants(events: list[Event]) -> Iterator[Event]:
    """A grant after each tenth event; every third is for a day only."""
    for number, event in enumerate(events):
        yield event
        if number % 10 == 0:
            yield granted(number, timedelta(days=1 if number % 3 else 40))


@pytest.mark.parametrize("batch", [1, 37])
def test_tiers_are_live_as_simulated_and_verify_and_replay_understand_them(store: Store, batch: int) -> None:
    events = list(with_grants(history(300)))
    until = events[-1].occurred_at + timedelta(days=500)
    for first in range(0, len(events), batch):
        store.send(*events[first : first + batch])
        if first % 3 == 0:
            store.bring_to(events[first].occurred_at)
    store.bring_to(until)

    expected = simulate(store.timeline.newest.program, events, until=until)
    assert store.digest() == expected.digest
    assert store.verified() == []
    assert replay(store.dsn, store.brand, store.timeline).digest == expected.digest


def test_a_state_of_an_earlier_version_is_right_as_it_is_and_goes_on(store: Store) -> None:
    """A standing then had five parts; what came since is as it is by default until something uses it."""
    plain = [*history(40)]
    store.send(*plain)
    with connect(store.dsn) as conn, transaction(conn):
        for member_id, body in (
            conn.cursor(binary=True).execute("SELECT member_id, body FROM member_state").fetchall()
        ):
            old = as_before(body)
            conn.execute(
                "UPDATE member_state SET body = %s WHERE brand_id = %s AND bucket = %s AND member_id = %s",
                (old, store.brand.id, bucket_of(member_id), member_id),
            )

    assert store.verified() == []

    more = [
        granted(200, timedelta(days=9), member=f"c-{n}", id=f"g{n}", tier_set="flame", tier="fire")
        for n in range(20)
    ]
    store.send(*more)
    store.bring_to(T0 + timedelta(days=400))
    assert store.verified() == []
    assert (
        store.digest()
        == simulate(store.timeline.newest.program, [*plain, *more], until=T0 + timedelta(days=400)).digest
    )


def as_before(body: bytes) -> bytes:
    """A body without what standings that count by the calendar did not have."""
    parts: list[Any] = msgspec.msgpack.decode(body)
    parts[3] = {name: standing[:5] if name == "flame" else standing for name, standing in parts[3].items()}
    return msgspec.msgpack.encode(parts)


def test_a_granted_tier_is_shown_with_its_end_and_the_earned_one(store: Store) -> None:
    store.send(order(1, total="160"), granted(1, timedelta(days=9)))

    with connect(store.dsn) as conn:
        member_id: UUID = member_id_of(store.brand.name, "c-1")
        seen = read_member(conn, store.brand, store.timeline, member_id).tiers["spend"]
        found = read_standings(conn, store.brand, store.timeline, member_id, now=T0 + timedelta(days=20))

    assert (seen.tier, seen.earned, seen.granted_until) == ("c", "b", T0 + timedelta(hours=5, days=9))
    assert (found["spend"].outlook.tier, found["spend"].outlook.granted_until) == ("b", None)
    assert [tier for _, tier in found["spend"].history] == ["a", "b", "c", "b"]
