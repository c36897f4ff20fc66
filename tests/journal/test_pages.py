"""Pages of what a member holds and did: put together they are the whole, and each costs what it shows."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from bondfire.db import connect, transaction
from bondfire.journal import (
    LotPlace,
    MemberEvent,
    Unmatched,
    WalletView,
    events_page,
    first_due,
    list_members,
    lots_page,
    place_of,
    read_holdings,
    read_member,
    read_standings,
    unmatched_page,
)
from bondfire.kit import EPOCH, member_id_of
from bondfire.ledger import Lot
from journal.store_makers import CAFE, SIMPLE, T0, Store, back, history, order, spent, store_of

TOUCHED = """
SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables
"""
MIXED = CAFE.replace("pending: 14 days}", "pending: 14 days}\n  for_ever: {pending: 7 days}").replace(
    "award: {points: floor(event.total), status: floor(event.total)}",
    "award: {points: floor(event.total), status: floor(event.total), for_ever: floor(event.total)}",
)
PENDING = SIMPLE.replace("12 months}", "12 months}, pending: 200 days")


def member(store: Store, reference: str = "c-1") -> UUID:
    return member_id_of(store.brand.name, reference)


def lots_of(store: Store, unit: str, now: datetime, who: UUID, *, size: int = 5) -> Iterator[Lot]:
    """Every open lot, page by page."""
    after: LotPlace | None = None
    with connect(store.dsn) as conn:
        while True:
            brand, timeline = store.brand, store.timeline
            page = lots_page(conn, brand, timeline, who, unit=unit, now=now, after=after, limit=size)
            assert page is not None
            assert len(page) <= size
            yield from page
            if len(page) < size:
                return
            after = place_of(page[-1])


def events_of(store: Store, who: UUID, *, size: int) -> Iterator[MemberEvent]:
    """Every event, page by page."""
    before: int | None = None
    with connect(store.dsn) as conn:
        while page := events_page(conn, store.brand, store.timeline, who, before=before, limit=size):
            assert len(page) <= size
            yield from page
            before = page[-1].seq


@pytest.mark.parametrize("days", [0, 5, 20, 90, 400])
def test_pages_of_lots_are_together_what_a_look_at_the_member_shows(database: str, days: int) -> None:
    """Also those that were released or expired since, which nobody has written yet."""
    store = store_of(database, MIXED)
    store.send(*history(300, members=4, seed=days))
    now = T0 + timedelta(hours=5 * 300) + timedelta(days=days)
    for number in range(4):
        who = member(store, f"c-{number}")
        with connect(store.dsn) as conn:
            whole = read_member(conn, store.brand, store.timeline, who, now=now)
        for unit, wallet in whole.wallets.items():
            assert list(lots_of(store, unit, now, who, size=3)) == wallet.lots


@pytest.mark.parametrize("days", [0, 10, 200])
def test_holdings_without_a_limit_are_what_a_look_at_the_member_shows(database: str, days: int) -> None:
    store = store_of(database, MIXED)
    store.send(*history(200, members=3))
    now = T0 + timedelta(hours=5 * 200) + timedelta(days=days)
    for number in range(3):
        who = member(store, f"c-{number}")
        with connect(store.dsn) as conn:
            whole = read_member(conn, store.brand, store.timeline, who, now=now)
            paged = read_holdings(conn, store.brand, store.timeline, who, now=now, limit=10_000)
        assert paged == whole


def test_holdings_show_the_first_of_everything_and_whole_balances(database: str) -> None:
    store = store_of(database, MIXED)
    store.send(*history(300, members=1))
    now = T0 + timedelta(hours=5 * 300)
    with connect(store.dsn) as conn:
        whole = read_member(conn, store.brand, store.timeline, member(store, "c-0"), now=now)
        paged = read_holdings(conn, store.brand, store.timeline, member(store, "c-0"), now=now, limit=2)

    for unit, wallet in paged.wallets.items():
        assert first(wallet, 2) == first(whole.wallets[unit], 2)
    assert len(paged.wallets["points"].lots) == 2 < len(whole.wallets["points"].lots)


def first(wallet: WalletView, limit: int) -> list[object]:
    return [
        wallet.active,
        wallet.pending,
        wallet.lots[:limit],
        wallet.releases[:limit],
        wallet.expiries[:limit],
    ]


def test_a_lot_is_shown_until_the_very_instant_it_expires(database: str) -> None:
    store = store_of(database, SIMPLE)
    store.send(order(1))
    (lot,) = lots_of(store, "points", T0, member(store))
    assert lot.expires_at is not None

    last = lots_of(store, "points", lot.expires_at - timedelta(microseconds=1), member(store))

    assert list(last) == [lot]
    assert list(lots_of(store, "points", lot.expires_at, member(store))) == []


def test_lots_of_a_unit_that_nobody_has_are_told_apart_from_none(database: str) -> None:
    store = store_of(database, SIMPLE)
    store.send(order(1, total="0.5"))
    with connect(store.dsn) as conn:
        found = [
            lots_page(
                conn, store.brand, store.timeline, member(store), unit=unit, now=T0, after=None, limit=5
            )
            for unit in ("points", "pionts")
        ]

    assert found == [[], None]


def looks(store: Store, who: UUID, now: datetime) -> dict[str, Callable[..., object]]:
    """Everything that is read of a member page by page."""
    brand, timeline = store.brand, store.timeline
    middle = LotPlace(now + timedelta(days=100), T0, 0)
    return {
        "holdings": lambda conn: read_holdings(conn, brand, timeline, who, now=now, limit=10),
        "lots": lambda conn: lots_page(
            conn, brand, timeline, who, unit="points", now=now, after=None, limit=10
        ),
        "lots further on": lambda conn: lots_page(
            conn, brand, timeline, who, unit="points", now=now, after=middle, limit=10
        ),
        "tiers": lambda conn: read_standings(conn, brand, timeline, who, now=now),
        "events": lambda conn: events_page(conn, brand, timeline, who, before=None, limit=10),
    }


@pytest.mark.parametrize("look", ["holdings", "lots", "lots further on", "tiers", "events"])
@pytest.mark.parametrize("document", [SIMPLE, PENDING], ids=["active", "pending"])
def test_l20_a_page_reads_no_more_of_a_member_with_many_lots(database: str, look: str, document: str) -> None:
    store = store_of(database, document)
    counted, sent = [], 0
    for most in (300, 3_000):
        moments = [T0 + timedelta(hours=number) for number in range(sent, most)]
        store.send(*(order(number, at, total=3) for number, at in enumerate(moments, start=sent)))
        sent = most
        with connect(store.dsn) as conn:
            looks(store, member(store), moments[-1])[look](conn)
            row = conn.execute(TOUCHED).fetchone()
        assert row is not None
        counted.append(int(row[0]))

    assert counted[1] <= counted[0] + 4, counted


def test_pages_of_events_are_together_all_of_them_the_newest_first(database: str) -> None:
    store = store_of(database)
    results = store.send(*history(200, members=6))
    store.bring_to(T0 + timedelta(days=300))

    for number in range(6):
        reference = f"c-{number}"
        told = list(events_of(store, member(store, reference), size=4))
        mine = [one for one in reversed(results) if one.member == reference]
        assert [(one.event, one.decision.outcome, len(one.decision.entries)) for one in told] == [
            (one.event, one.decision.outcome, len(one.decision.entries)) for one in mine if one.decision
        ]


def test_a_refused_event_is_listed_with_its_code(database: str) -> None:
    store = store_of(database)
    store.send(order(1), spent(1, T0 + timedelta(hours=1), 9_999))

    refused, placed = events_of(store, member(store), size=5)

    assert (refused.type, refused.decision.outcome, refused.decision.code) == (
        "points.spent",
        "refused",
        "not_enough",
    )
    assert (placed.source, placed.event, len(placed.decision.entries)) == ("shop", "ord-1", 2)
    assert "awarded" in placed.reasons


def test_who_never_sent_anything_has_no_events(database: str) -> None:
    store = store_of(database)

    assert list(events_of(store, member(store), size=5)) == []


def test_events_that_come_meanwhile_move_no_page(database: str) -> None:
    store = store_of(database)
    store.send(*(order(number, T0 + timedelta(hours=number)) for number in range(6)))
    pages = events_of(store, member(store), size=3)
    first = [next(pages) for _ in range(3)]
    store.send(order("new", T0 + timedelta(days=2)))

    assert [one.event for one in (*first, *pages)] == [f"ord-{number}" for number in (5, 4, 3, 2, 1, 0)]


def test_pages_of_unmatched_returns_are_together_all_of_them(database: str) -> None:
    store = store_of(database)
    chance = Random(3)
    moments = [T0 + timedelta(days=chance.randrange(10)) for _ in range(25)]
    store.send(
        *(order(f"first-{number}", T0, member=f"c-{number}", total=1) for number in range(5)),
        *(
            back(number, at, total=str(500 + number), member=f"c-{number % 5}")
            for number, at in enumerate(moments)
        ),
    )
    found: list[Unmatched] = []
    with connect(store.dsn) as conn:
        page = unmatched_page(conn, store.brand, after=None, limit=4)
        while page:
            found += [one.unmatched for one in page]
            page = unmatched_page(conn, store.brand, after=page[-1].place, limit=4)

    assert found == store.unmatched()
    assert len(found) == 25


def test_the_history_of_tiers_is_told_from_the_beginning(database: str) -> None:
    store = store_of(database)
    store.send(order(1, total=600), order(2, T0 + timedelta(days=2), total=900))
    now = T0 + timedelta(days=800)
    with connect(store.dsn) as conn:
        flame = read_standings(conn, store.brand, store.timeline, member(store), now=now)["flame"]

    assert [tier for _, tier in flame.history] == ["spark", "flame", "spark"]
    assert [at for at, _ in flame.history][:2] == [EPOCH, T0]
    assert (flame.outlook.tier, flame.outlook.since) == ("spark", flame.history[-1][0])


def test_what_is_due_next_is_the_first_of_anybody(database: str) -> None:
    store = store_of(database)
    with connect(store.dsn) as conn, transaction(conn):
        assert first_due(conn, store.brand) is None
    store.send(*(order(number, T0 + timedelta(days=number), member=f"c-{number}") for number in range(9)))

    with connect(store.dsn) as conn, transaction(conn):
        assert first_due(conn, store.brand) == T0 + timedelta(days=14)
        assert len(list_members(conn, store.brand)) == 9
