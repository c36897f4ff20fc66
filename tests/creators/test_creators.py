"""Creators: orders come by their codes and are credited once kept; content is decided by a person."""

from datetime import datetime
from decimal import Decimal

import pytest

from acceptance.referral_makers import DAY, club
from bondfire.creators import (
    ContentVerdict,
    as_csv,
    brought_by_codes,
    decide_content,
    follow_creators,
    give_tracked_code,
    waiting_content,
)
from bondfire.db import connect, transaction
from bondfire.errors import BadInput, BondfireError
from bondfire.kit import member_id_of, show_id
from journal.store_makers import T0, Store, back, event_of, order

CREATORS = """
program: hearth-club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {}
tier_sets:
  studio:
    by: value
    on: creator.credited
    value: event.total
    window: lifetime
    tiers: {voice: {from: 50}, star: {from: 500}}
earn:
  by_code: {on: creator.credited, award: {points: floor(event.total / 10)}}
  content: {on: content.approved, when: event.authenticity == "own_experience", award: {points: 300}}
creators: {after: 14 days, commission: 0.05}
"""


@pytest.fixture
def store(shared_database: str) -> Store:
    """A brand with creators; Anna has a code."""
    made = club(shared_database, CREATORS)
    with connect(made.dsn) as conn, transaction(conn):
        anna = member_id_of(made.brand.name, "anna")
        give_tracked_code(conn, made.brand, anna, code="anna10", campaign="spring", at=T0)
    return made


def follow(store: Store, until: int) -> None:
    """What the worker does, so many days after the beginning."""
    with connect(store.dsn) as conn:
        more = 1
        while more:
            with transaction(conn):
                more = follow_creators(conn, store.brand, store.timeline, until=T0 + until * DAY, limit=3)


def decide(store: Store, content: str, verdict: ContentVerdict, at: datetime) -> None:
    """A person decides what Anna submitted."""
    with connect(store.dsn) as conn, transaction(conn):
        what = member_id_of(store.brand.name, "anna"), content
        why = {"reason": "as agreed", "actor": "ada"}
        decide_content(conn, store.brand, store.timeline, what, verdict=verdict, at=at, **why)


def submit(content: str, authenticity: str) -> object:
    """Anna submits something."""
    said = {"url": f"https://video.example/{content}", "authenticity": authenticity, "text": "I love it"}
    return event_of("content.submitted", T0, member="anna", id=content, **said)


def test_an_order_is_credited_once_with_what_was_left_when_it_was_kept(store: Store) -> None:
    store.send(
        order(1, T0, total="100.00", member="bob", referral="Anna10"),
        order(2, T0, total="40.00", member="cid", referral="ANNA10"),
        order(3, T0, total="70.00", member="dan", referral="ANNA10"),
        order(4, T0, total="900.00", member="anna", referral="ANNA10"),
        order(5, T0, total="900.00", member="eve", referral="WHO"),
        order(6, T0, total="900.00", member="fay", referral="?"),
        back(1, T0 + 3 * DAY, member="bob", order="1", total="60.00"),
        back(3, T0 + 3 * DAY, member="dan", order="3", total="70.00"),
    )

    follow(store, 13)
    with connect(store.dsn) as conn:
        before = brought_by_codes(conn, store.brand, since=T0, until=T0 + 30 * DAY)
    follow(store, 14)
    store.send(back(9, T0 + 20 * DAY, member="cid", order="2", total="40.00"))
    follow(store, 40)

    with connect(store.dsn) as conn:
        (found,) = brought_by_codes(conn, store.brand, since=T0, until=T0 + 30 * DAY)
        lines = list(as_csv(store.timeline.newest.program, [found]))
    anna = show_id("mem", member_id_of(store.brand.name, "anna"))
    assert (before, found.orders) == ([], 2)
    assert found.total == Decimal(80)
    assert lines[1] == f"{anna},ANNA10,spring,2,80,4,EUR\r\n"
    assert int(store.wallet("points", "anna").active) == 8
    assert store.verified() == []


def test_credited_orders_raise_a_creator_in_a_tier_set(store: Store) -> None:
    store.send(order(1, T0, total="60.00", member="bob", referral="ANNA10"))
    follow(store, 20)

    with connect(store.dsn) as conn:
        rows = conn.execute(
            "SELECT decision FROM journal WHERE brand_id = %s AND type = 'creator.credited'", [store.brand.id]
        ).fetchall()
    assert len(rows) == 1
    assert '"voice"' in rows[0][0]


def test_content_is_approved_or_rejected_once_by_a_person_with_what_it_rests_on(store: Store) -> None:
    store.send(submit("reel", "own_experience"), submit("ad", "paid"), submit("gift", "gifted"))  # type: ignore[arg-type]
    follow(store, 0)
    with connect(store.dsn) as conn:
        waiting = waiting_content(conn, store.brand)

    decide(store, "reel", "approved", T0 + DAY)
    decide(store, "ad", "approved", T0 + DAY)
    decide(store, "gift", "rejected", T0 + DAY)

    assert [(one.content, one.authenticity) for one in waiting] == [
        ("ad", "paid"),
        ("gift", "gifted"),
        ("reel", "own_experience"),
    ]
    for name, code in (("reel", "nothing_to_decide"), ("none", "unknown_content")):
        with pytest.raises(BondfireError) as refusal:
            decide(store, name, "rejected", T0 + 2 * DAY)
        assert refusal.value.code == code
    with connect(store.dsn) as conn:
        assert waiting_content(conn, store.brand) == []
    assert int(store.wallet("points", "anna").active) == 300
    assert store.verified() == []


def test_a_code_belongs_to_one_creator_and_campaign(store: Store) -> None:
    with connect(store.dsn) as conn, transaction(conn):
        anna, bob = (member_id_of(store.brand.name, name) for name in ("anna", "bob"))
        again = give_tracked_code(conn, store.brand, anna, code=" ANNA10 ", campaign="spring", at=T0 + DAY)
        refused = []
        for member_id, code, campaign in (
            (bob, "ANNA10", "spring"),
            (anna, "ANNA10", "summer"),
            (anna, "A", "x"),
            (anna, "ANNA11", "Not A Name"),
        ):
            with pytest.raises(BondfireError) as refusal:
                give_tracked_code(conn, store.brand, member_id, code=code, campaign=campaign, at=T0)
            refused.append(refusal.value.code)

    assert (again.code, again.created_at) == ("ANNA10", T0)
    assert refused == ["code_taken", "code_taken", BadInput.code, BadInput.code]
