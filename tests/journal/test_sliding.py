"""L11 in the database: lots that slide are loaded in order, end together, are shown, cost nothing more."""

from datetime import datetime, timedelta

import pytest

from bondfire.db import connect
from bondfire.journal import explain_event, lots_page, place_of, process_events, read_holdings
from bondfire.kit import member_id_of
from bondfire.ledger import Lot
from journal.store_makers import T0, Store, captured, event_of, held, order, plain, spent, store_of
from journal.test_store_costs import touched_by

KEPT = """
program: kept
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {expires: {after: 60 days, prolonged: {by: [order.placed], rules: base}}}
earn:
  base: {on: order.placed, award: {points: floor(event.total)}}
  fixed: {on: review.submitted, award: {points: 3}, cap: {points: 1000, per: lifetime}}
"""
MEMBER = member_id_of("kaminrot", "c-1")


@pytest.fixture
def store(database: str) -> Store:
    """Twelve lots of 10 that slide and twelve of 3 that do not, from day to day."""
    store = store_of(database, KEPT)
    for day in range(12):
        at = T0 + timedelta(days=day)
        store.send(order(day, at, total=10), event_of("review.submitted", at, id=f"rev-{day}", rating=5))
    return store


def shown(store: Store, now: datetime, limit: int) -> list[Lot]:
    """Every open lot, page by page."""
    found: list[Lot] = []
    with connect(store.dsn) as conn:
        while True:
            after = place_of(found[-1]) if found else None
            page = lots_page(
                conn, store.brand, store.timeline, MEMBER, unit="points", now=now, after=after, limit=limit
            )
            assert page is not None
            found += page
            if len(page) < limit:
                return found


def test_lots_that_slide_are_spent_and_shown_between_those_that_do_not(store: Store) -> None:
    now = T0 + timedelta(days=12)
    pages = shown(store, now, 5)
    ends_at = T0 + timedelta(days=71)
    assert [one.left for one in pages] == [3, *[3] * 10, *[10] * 12, 3]
    assert pages == shown(store, now, 100)
    assert {one.expires_at for one in pages if one.rule == "base"} == {ends_at}
    assert [one.expires_at for one in pages] == sorted(one.expires_at for one in pages if one.expires_at)
    with connect(store.dsn) as conn:
        wallet = read_holdings(conn, store.brand, store.timeline, MEMBER, now=now, limit=20).wallets["points"]
    assert [plain(one.amount) for one in wallet.expiries] == [["3"]] * 11 + [["123"]]

    store.send(spent("s", now, 40))

    left = shown(store, now, 100)
    assert [one.left for one in left] == [3, *[10] * 11, 3]
    assert store.verified() == []


def test_what_slides_ends_together_and_activity_in_time_moves_the_end(store: Store) -> None:
    store.bring_to(T0 + timedelta(days=70))
    assert plain(store.wallet("points").active, store.wallet("points").expired) == ["123", "33"]

    store.send(order("again", T0 + timedelta(days=70, hours=1), total=1))
    store.bring_to(T0 + timedelta(days=129))
    assert plain(store.wallet("points").active, store.wallet("points").expired) == ["121", "36"]

    store.bring_to(T0 + timedelta(days=131))
    assert plain(store.wallet("points").active, store.wallet("points").expired) == ["0", "157"]
    store.send(order("later", T0 + timedelta(days=132), total=7))
    assert plain(store.wallet("points").active, store.wallet("points").expired) == ["7", "157"]
    assert store.verified() == []


def test_what_is_held_slides_on_and_is_let_go_into_old_rows(store: Store) -> None:
    at = T0 + timedelta(days=40)
    store.send(held("a", at, 50, until=(at + timedelta(days=50)).isoformat()))
    store.send(
        order("keeps", T0 + timedelta(days=65), total=1), captured("a", at + timedelta(days=30), amount="5")
    )
    now = at + timedelta(days=50)
    before = shown(store, now, 3)
    store.bring_to(now)

    assert [(one.number, one.left, one.expires_at) for one in shown(store, now, 100)] == [
        (one.number, one.left, one.expires_at) for one in before
    ]
    assert store.verified() == []


def test_an_activity_says_what_it_moved(store: Store) -> None:
    with connect(store.dsn) as conn:
        told = explain_event(
            conn, store.brand, store.timeline, member_id=MEMBER, source="shop", event_id="ord-3"
        )
    assert "What is kept alive of points now lives until 2026-03-09 10:00." in told.sentences
    assert told.sentences[0].endswith("event.total was 10; expires 17 Mar 2026.")
    assert [str(lot.expires_at) for lot in told.lots] == ["2026-03-17 09:00:00+00:00"]


def test_l20_activity_touches_as_many_rows_with_many_lots_as_with_few(store: Store) -> None:
    counted = []
    for last in (400, 1300):
        store.send(*(order(number, T0 + timedelta(hours=number), total=10) for number in range(12, last)))
        at = T0 + timedelta(hours=last)
        counted.append([touched_by(store, [one]) for one in (order("x", at), spent("x", at, 45))])
    assert store.verified() == []

    few, many = counted
    assert all(
        after[0] <= before[0] + 4 and after[1] <= before[1] for before, after in zip(few, many, strict=True)
    ), counted


def test_events_in_one_batch_and_one_by_one_come_to_the_same(store: Store) -> None:
    at = T0 + timedelta(days=60)
    events = [
        spent("a", at, 45),
        order("m", at + timedelta(days=5), total=1),
        spent("b", at + timedelta(days=6), 20),
    ]
    with connect(store.dsn) as conn:
        told = process_events(conn, store.brand, store.timeline, events)
        together = [[entry.lot for entry in one.decision.entries] for one in told if one.decision]
        conn.rollback()

    one_by_one = [
        [entry.lot for entry in one.decision.entries]
        for event in events
        for one in store.send(event)
        if one.decision
    ]

    assert together == one_by_one
    assert store.verified() == []
