"""Holds, and what an order was paid with, in the database: loaded, let go by the clock, verified, read."""

from datetime import timedelta

import msgspec
import pytest

from bondfire.db import connect, transaction
from bondfire.journal import StateCache, explain_event, explain_member, process_events, replay
from bondfire.kit import member_id_of
from journal.store_makers import (
    SIMPLE,
    T0,
    Store,
    back,
    captured,
    event_of,
    held,
    order,
    plain,
    spent,
    store_of,
)

MANY = 12
"""More lots than a state has room for, so that the first ones are loaded from their rows."""


@pytest.fixture
def store(database: str) -> Store:
    """Twelve lots of 10 points, from day to day, that end after a year."""
    store = store_of(database, SIMPLE)
    store.send(*(order(number, T0 + timedelta(days=number), total=10) for number in range(MANY)))
    return store


def sentences(store: Store, event: str) -> list[str]:
    member_id = member_id_of("kaminrot", "c-1")
    with connect(store.dsn) as conn:
        return explain_event(
            conn, store.brand, store.timeline, member_id=member_id, source="shop", event_id=event
        ).sentences


def test_a_hold_of_old_lots_is_let_go_by_the_clock_and_the_grace_is_stored(store: Store) -> None:
    at = T0 + timedelta(days=360)
    store.send(held("a", at, 25, until=(at + timedelta(days=20)).isoformat(), order="77"))
    assert plain(store.wallet("points").active, store.wallet("points").held) == ["95", "25"]

    store.bring_to(at + timedelta(days=19))
    assert plain(store.wallet("points").held, store.wallet("points").expired) == ["25", "95"]

    store.bring_to(at + timedelta(days=20))
    wallet = store.wallet("points")
    assert plain(wallet.active, wallet.held, wallet.expired) == ["25", "0", "95"]
    grace_ends_at = at + timedelta(days=34)
    assert {one.at for one in wallet.expiries} == {grace_ends_at}

    store.bring_to(grace_ends_at)
    assert plain(store.wallet("points").active, store.wallet("points").expired) == ["0", "120"]
    assert store.verified() == []
    assert replay(store.dsn, store.brand, store.timeline).is_true


def test_a_hold_is_captured_after_its_lots_expired_and_every_step_has_its_sentence(store: Store) -> None:
    at = T0 + timedelta(days=360)
    store.send(held("a", at, 25, until=(at + timedelta(days=20)).isoformat(), order="77"))
    store.send(captured("a", at + timedelta(days=18), amount="20"))
    store.send(event_of("points.released", at + timedelta(days=19), id="rel", hold="hold-a"))
    store.send(held("b", at + timedelta(days=19), 5), order("x", at + timedelta(days=19), total=1))
    store.bring_to(at + timedelta(days=21))

    wallet = store.wallet("points")
    assert plain(wallet.active, wallet.held, wallet.spent, wallet.expired) == ["6", "0", "20", "95"]
    assert sentences(store, "hold-a")[0] == (
        "10 points earned on 5 Jan 2026 held for order 77 until 2027-01-20 10:00."
    )
    assert sentences(store, "cap-a")[-1] == (
        "10 points that were held were spent for order 77, from those earned on 6 Jan 2026."
    )
    (sentence,) = sentences(store, "rel")
    assert sentence == (
        "5 points earned on 7 Jan 2026 that were held for order 77 can be spent again until 2 Feb 2027: "
        "they were released."
    )
    with connect(store.dsn) as conn:
        told = explain_member(conn, store.brand, store.timeline, member_id_of("kaminrot", "c-1"))
    assert told[-1].sentence.endswith("can be spent again until 2 Feb 2027: the hold ended.")
    assert {one.view.reason is None for one in told} == {False}
    assert store.verified() == []


def test_a_return_finds_what_paid_its_order_and_gives_it_back_to_lots_of_long_ago(store: Store) -> None:
    at = T0 + timedelta(days=30)
    store.send(order("paid", at, total=50), spent("a", at, 35, order="paid"), spent("b", at, 5, order="no"))
    store.send(held("c", at, 8, order="paid"))
    store.send(captured("c", at + timedelta(hours=1)))
    (answer,) = store.send(back("r", at + timedelta(days=1), order="paid", total="25"))
    assert answer.decision is not None
    assert plain(store.wallet("points").spent) == ["27"]

    store.send(back("rest", at + timedelta(days=2), order="paid", total="25"))

    wallet = store.wallet("points")
    assert plain(wallet.active, wallet.spent) == ["115", "5"]
    assert sentences(store, "ret-rest")[0] == (
        "4 points given back for order paid to those earned on 9 Jan 2026, to live until 9 Jan 2027."
    )
    assert store.verified() == []


def test_a_payment_that_comes_after_the_return_finds_it(store: Store) -> None:
    at = T0 + timedelta(days=30)
    store.send(order("paid", at, total=50), held("h", at, 20, order="paid"))
    store.send(back("r", at + timedelta(hours=1), order="paid", total="50"))

    store.send(spent("late", at + timedelta(hours=2), 35, order="paid"))
    store.send(captured("h", at + timedelta(hours=3)))

    wallet = store.wallet("points")
    assert plain(wallet.active, wallet.spent, wallet.held) == ["120", "0", "0"]
    assert store.verified() == []


def test_a_return_that_waits_finds_what_paid_its_order_when_it_comes(store: Store) -> None:
    at = T0 + timedelta(days=30)
    store.send(back("r", at, order="paid", total="50"))
    store.send(spent("early", at, 35, order="paid"))
    assert plain(store.wallet("points").spent) == ["35"]

    store.send(order("paid", at + timedelta(hours=1), total=50))

    assert plain(store.wallet("points").spent, store.wallet("points").active) == ["0", "120"]
    assert store.verified() == []


def test_members_at_hand_from_the_batch_before_keep_their_holds(store: Store) -> None:
    cache, at = StateCache(size=3), T0 + timedelta(days=30)
    events = [held("a", at, 25), captured("a", at + timedelta(hours=1), amount="5"), spent("s", at, 95)]
    with connect(store.dsn) as conn:
        for event in events:
            with transaction(conn):
                (result,) = process_events(conn, store.brand, store.timeline, [event], cache=cache)
            cache.confirm()
            assert result.outcome == "accepted"

    wallet = store.wallet("points")
    assert plain(wallet.active, wallet.held, wallet.spent) == ["0", "20", "100"]
    assert store.verified() == []


def test_states_written_before_there_were_holds_are_read_go_on_and_verify(store: Store) -> None:
    with connect(store.dsn) as conn, transaction(conn):
        for member_id, body, wallets in conn.execute(
            "SELECT member_id, body, wallets FROM member_state"
        ).fetchall():
            older = msgspec.msgpack.encode(msgspec.msgpack.decode(body)[:11])
            figures = {unit: sums[:8] for unit, sums in msgspec.json.decode(wallets).items()}
            conn.execute(
                "UPDATE member_state SET body = %s, wallets = %s WHERE member_id = %s",
                [older, msgspec.json.encode(figures).decode(), member_id],
            )
    assert store.verified() == []

    store.send(held("a", T0 + timedelta(days=30), 25))

    assert plain(store.wallet("points").active, store.wallet("points").held) == ["95", "25"]
    assert store.verified() == []
