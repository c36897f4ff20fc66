"""Challenges in the journal: batches give what a simulation gives, and replay tells it again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random

from bondfire.db import Connection, connect, retrying, transaction
from bondfire.engine import prospects
from bondfire.events import Event
from bondfire.journal import (
    StateCache,
    digest,
    entries_of,
    explain_event,
    pass_time,
    process_events,
    read_challenges,
    replay,
    verify,
)
from bondfire.kit import member_id_of
from bondfire.programs import Brand, Timeline, load_program, publish_program
from bondfire.simulation import simulate
from journal.store_makers import T0, brand_of, event_of, order

GOALS = """
program: goals
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {expires: {after: 3 months}, pending: 7 days}
  status: {qualifying: true}
tier_sets:
  club: {unit: status, window: lifetime, tiers: {low: {from: 0}, high: {from: 40}}}
earn:
  base: {on: order.placed, award: {points: floor(event.total)}}
  review: {on: review.submitted, award: {points: 20}, cap: {points: 60, per: week}}
challenges:
  worlds: {on: order.placed, count_distinct: event.categories, target: 3, within: 9 days, repeat: true, award: {points: 9}}
  first_worlds: {on: order.placed, count_distinct: event.categories, target: 4, award: {points: 8}, badge: explorer}
  spree: {on: order.placed, sum: event.total, target: 200, repeat: true, award: {points: 20, status: 7}}
  week: {on: order.placed, sum: event.total, target: 150, within: 1 week, repeat: 9, award: {points: 15}}
  faithful: {on: order.placed, streak: day, target: 4, jokers: 1, steps: [{at: 2, award: {points: 1}}], repeat: true, badge: faithful}
  talk: {sequence: [{on: order.placed}, {on: review.submitted, when: event.rating > 2}], within: 5 days, repeat: true, award: {points: 5}}
  critic: {on: review.submitted, target: 3, within: 20 days, repeat: true, award: {points: 30}}
  chosen: {on: order.placed, target: 3, opt_in: true, repeat: true, award: {points: 4}}
returns: {clawback: allow_negative, window: 100 days}
"""  # noqa: E501 - a row each


class Life:
    """Events of a few members who buy, bring back, review and take reviews down."""

    def __init__(self, seed: int, members: int = 4) -> None:
        self.random = Random(seed)
        self.names = [f"c-{number}" for number in range(members)]
        self.orders: dict[str, list[tuple[str, int]]] = {name: [] for name in self.names}
        self.reviews: dict[str, list[str]] = {name: [] for name in self.names}
        self.at = T0

    def events(self, count: int) -> list[Event]:
        return [self.next_event(number) for number in range(count)]

    def next_event(self, number: int) -> Event:
        self.at += timedelta(hours=self.random.choice([1, 3, 7, 20]))
        member = self.random.choice(self.names)
        late = timedelta(hours=self.random.choice([0, 0, 0, 50]))
        kinds = [
            self.buy,
            self.buy,
            self.buy,
            self.buy,
            self.bring_back,
            self.review,
            self.take_down,
            self.join,
        ]
        return self.random.choice(kinds)(number, member, self.at - late)

    def buy(self, number: int, member: str, at: datetime) -> Event:
        parts = [(self.random.choice("abcdefg"), self.random.randint(5, 60)) for _ in range(2)]
        lines = [
            {"sku": f"{kind}{place}", "amount": str(amount), "categories": [kind]}
            for place, (kind, amount) in enumerate(parts)
        ]
        self.orders[member].append((str(number), parts[0][1]))
        total = sum(amount for _, amount in parts)
        return order(number, at, total=total, member=member, lines=lines)

    def bring_back(self, number: int, member: str, at: datetime) -> Event:
        if not self.orders[member]:
            return self.buy(number, member, at)
        of, first = self.orders[member].pop(self.random.randrange(len(self.orders[member])))
        name = {"id": f"back-{number}", "member": member, "order": of}
        if self.random.random() < 0.5:
            return event_of("order.cancelled", at, **name)
        return event_of("order.returned", at, total=str(first), **name)

    def review(self, number: int, member: str, at: datetime) -> Event:
        self.reviews[member].append(f"rv-{number}")
        rating = self.random.randint(1, 5)
        return event_of("review.submitted", at, id=f"rv-{number}", member=member, rating=rating)

    def take_down(self, number: int, member: str, at: datetime) -> Event:
        known = self.reviews[member]
        gone = self.random.choice(known) if known else f"rv-{number + 3}"
        return event_of("review.removed", at, id=f"gone-{number}", member=member, review=gone)

    def join(self, number: int, member: str, at: datetime) -> Event:
        return event_of("challenge.joined", at, id=f"join-{number}", member=member, challenge="chosen")


def test_batches_give_what_the_simulation_says_and_replay_tells_it_again(database: str) -> None:
    events = Life(7).events(700)
    expected = simulate(load_program(GOALS), events)
    brand, timeline = brand_of(database, GOALS)
    sizes, cache, rest = Random(3), StateCache(), list(events)

    with connect(database) as conn:
        while rest:
            size = sizes.choice([1, 2, 17, 60])
            batch, rest = rest[:size], rest[size:]
            with transaction(conn):
                process_events(conn, brand, timeline, batch, cache=cache)
            cache.confirm()
            if sizes.random() < 0.3:
                cache = StateCache()
    assert expected.until
    pass_time(database, brand, timeline, until=expected.until)

    with connect(database) as conn:
        assert digest(conn, brand) == expected.digest
        for name, state in expected.members.items():
            found = read_challenges(conn, brand, timeline, member_id_of("kaminrot", name), now=expected.until)
            assert found.challenges == prospects(timeline.newest.program, state, now=expected.until)
            assert found.badges == state.badges
    assert verify(database, brand, timeline).differences == []
    assert replay(database, brand, timeline).digest == expected.digest


def test_c5_a_step_is_given_once_whatever_arrives_twice_and_in_parallel(database: str) -> None:
    brand, timeline = brand_of(database, GOALS)
    orders = [order(n, T0 + timedelta(days=n), total="10", categories=[f"k{n}"]) for n in range(4)]

    def send(number: int) -> None:
        for one in [*orders[number % 4 :], *orders]:
            with connect(database) as conn:
                retrying(lambda: _process(conn, brand, timeline, one))  # noqa: B023 - called at once

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))

    with connect(database) as conn:
        member_id = member_id_of("kaminrot", "c-1")
        given = [one.entry for one in entries_of(conn, brand, timeline, member_id, limit=100)]
        found = read_challenges(conn, brand, timeline, member_id, now=T0 + timedelta(days=4))
    assert sorted(one.amount for one in given if one.rule == "challenge/first_worlds") == [8]
    assert sorted(one.amount for one in given if one.rule == "challenge/faithful") == [1]
    assert found.challenges["first_worlds"].times == 1
    assert set(found.badges) == {"explorer", "faithful"}
    assert verify(database, brand, timeline).differences == []


def _process(conn: Connection, brand: Brand, timeline: Timeline, event: Event) -> None:
    with transaction(conn):
        process_events(conn, brand, timeline, [event])


def test_an_explanation_tells_of_progress_reward_and_badge(database: str) -> None:
    brand, timeline = brand_of(database, GOALS)
    orders = [order(n, T0 + timedelta(days=n), total="10", categories=[f"k{n}"]) for n in range(4)]
    with connect(database) as conn, transaction(conn):
        process_events(conn, brand, timeline, orders)
        member_id = member_id_of("kaminrot", "c-1")
        told = explain_event(conn, brand, timeline, member_id=member_id, source="shop", event_id="ord-3")

    sentences = "\n".join(told.sentences)
    assert "8 points from challenge first_worlds (version 1)" in sentences
    assert "It counts for challenge first_worlds: 4 of 4." in sentences
    assert "Challenge first_worlds gives the badge explorer." in sentences
    assert "It counts for challenge spree: 40 of 200." in sentences
    assert "It does not count for challenge chosen." in sentences


def test_what_was_published_when_challenges_were_not_decided_goes_on_without_them(database: str) -> None:
    """A journal of the release before says nothing of challenges; replay must not either."""
    brand, timeline = brand_of(database, GOALS)
    with connect(database) as conn, transaction(conn):
        conn.execute("UPDATE program_version SET runs_challenges = false WHERE brand_id = %s", (brand.id,))
    brand, timeline = brand_of(database, GOALS)

    assert [bool(version.program.challenges) for version in timeline.versions] == [False, True]
    with connect(database) as conn, transaction(conn):
        publish_program(conn, brand.id, GOALS, published_at=T0, published_by="test")
        before = order(1, T0 - timedelta(days=1), categories=["a", "b", "c", "d"])
        process_events(conn, brand, timeline, [before])
    assert verify(database, brand, timeline).differences == []
