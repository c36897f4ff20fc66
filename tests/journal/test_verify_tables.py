"""A row changed by hand is named, whichever table it stands in."""

import pytest

from bondfire.db import connect, transaction
from bondfire.journal import Difference, replay, verify
from journal.store_makers import Store, history, store_of

CHANGES = {
    "journal": (
        "UPDATE journal SET outcome = 'refused' WHERE type = 'order.placed' AND outcome = 'accepted'",
        "outcome",
    ),
    "lot": ("UPDATE lot SET remaining = remaining + 1 WHERE is_open", "remaining"),
    "purchase": (
        "UPDATE purchase SET body = replace(body, '\"version\":1', '\"version\":2')",
        "body.version",
    ),
    "redemption": ("UPDATE redemption SET unit = 'gold'", "unit"),
    "member_state": (
        'UPDATE member_state SET wallets = replace(wallets, \'"points":["\', \'"points":["7\')',
        "wallets.points.issued",
    ),
    "bucket_head": ("UPDATE bucket_head SET next_seq = next_seq + 1", "next_seq"),
}


@pytest.fixture
def store(database: str) -> Store:
    store = store_of(database)
    events = history(150, members=6)
    store.send(*events)
    store.bring_to(events[-1].occurred_at)
    assert store.verified() == []
    return store


def after(store: Store, statement: str) -> list[Difference]:
    with connect(store.dsn) as conn, transaction(conn):
        assert conn.execute(statement).rowcount > 0
    return verify(store.dsn, store.brand, store.timeline).differences


@pytest.mark.parametrize("table", CHANGES)
def test_a_row_changed_by_hand_is_named_with_its_field(store: Store, table: str) -> None:
    statement, field = CHANGES[table]

    first = after(store, statement)[0]

    assert (first.table, first.field) == (table, field)
    assert first.stored != first.derived
    assert first.key.startswith("bucket ")


@pytest.mark.parametrize("table", [table for table in CHANGES if table not in {"journal", "bucket_head"}])
def test_a_row_that_was_taken_away_is_named(store: Store, table: str) -> None:
    first = after(store, f"DELETE FROM {table}")[0]

    assert (first.table, first.field, first.stored, first.derived) == (table, "row", "not there", "there")


def test_an_event_whose_body_was_changed_is_named_by_what_follows_from_it(store: Store) -> None:
    differences = after(store, 'UPDATE journal SET body = replace(body, \'"total":"\', \'"total":"9\')')

    assert differences[0].table == "journal"
    assert differences[0].field.startswith("body")


def test_an_event_taken_out_of_the_journal_is_named(store: Store) -> None:
    first = after(store, "DELETE FROM journal WHERE seq = 2")[0]

    assert (first.table, first.field, first.stored) == ("journal", "row", "not there")


def test_a_chain_changed_by_hand_is_found_by_a_replay(store: Store) -> None:
    with connect(store.dsn) as conn, transaction(conn):
        conn.execute("UPDATE member_state SET chain = decode(repeat('00', 16), 'hex')")

    result = replay(store.dsn, store.brand, store.timeline)

    assert {(one.table, one.field) for one in result.differences} == {("member_state", "chain")}
    assert not result.is_true


def test_a_verification_that_was_interrupted_goes_on_where_it_stopped(store: Store) -> None:
    seen = []

    def interrupt(progress: object) -> None:
        seen.append(progress)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verify(store.dsn, store.brand, store.timeline, progress=interrupt)

    assert verify(store.dsn, store.brand, store.timeline).differences == []
    with connect(store.dsn) as conn:
        assert conn.execute("SELECT count(*) FROM replay_progress").fetchone() == (0,)
