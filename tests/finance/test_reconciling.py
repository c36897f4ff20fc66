"""Reconciliation: books of every kind of movement tie out, and whatever is bent is named."""

import psycopg
import pytest

from bondfire.db import connect, transaction
from bondfire.finance import Reconciliation, read_reconciliation
from bondfire.journal import carry_transfers
from finance.makers import CLUB, Books, at, books_of, happened, order
from journal.store_makers import CAFE, Store, history, store_of

TOO_MUCH_SPENT = """
UPDATE journal SET decision = replace(decision, '"spend","points","', '"spend","points","9999')
"""


def reconciled(store: Store | Books) -> Reconciliation:
    with connect(store.dsn) as conn:
        return read_reconciliation(conn, store.brand, store.timeline, grain="day")


@pytest.fixture
def shop(database: str) -> Store:
    """A history in which everything happens: debts, losses, lots that expired, things given back."""
    store = store_of(database, CAFE)
    events = history(500)
    store.send(*events)
    store.bring_to(events[-1].occurred_at)
    return store


@pytest.mark.parametrize("policy", ["allow_negative", "clamp", "pending_only"])
def test_every_day_ties_out_under_every_policy(database: str, policy: str) -> None:
    store = store_of(database, CAFE.replace("allow_negative", policy))
    for seed in (1, 2):
        store.send(*history(250, seed=seed))

    found = reconciled(store)

    assert found.untied == ()
    assert all(step.ties for step in found.steps)
    for unit in ("points", "status"):
        steps = [step for step in found.steps if step.unit == unit]
        assert [step.opening for step in steps[1:]] == [step.closing for step in steps[:-1]]


@pytest.mark.parametrize(
    ("bend", "says"),
    [
        ("UPDATE lot SET remaining = remaining + 1 WHERE is_open", "open lots, as stored"),
        ("UPDATE member_state SET wallets = replace(wallets, '[\"', '[\"1')", "issued of all wallets"),
        ("DELETE FROM journal WHERE seq = 2", "as stored"),
        (TOO_MUCH_SPENT, "lots below nothing"),
    ],
)
def test_what_is_bent_is_named(shop: Store, bend: str, says: str) -> None:
    assert reconciled(shop).ties
    with psycopg.connect(shop.dsn) as conn:
        assert conn.execute(bend).rowcount

    found = reconciled(shop)

    assert not found.ties
    assert any(says in one.what for one in found.untied)


def test_what_is_held_is_owed_until_it_is_captured(database: str) -> None:
    books = books_of(database)
    now = at("2026-03-01T12:00")
    books.send(now, order("1", "2026-01-05T10:00", "100.00"))
    hold = {"unit": "points", "amount": "60", "until": "2026-03-02T10:00:00+01:00"}
    books.send(now, happened("points.held", "h1", "2026-03-01T10:00", **hold))
    held = reconciled(books)
    captured = happened("points.captured", "c1", "2026-03-01T11:00", hold="h1", amount="25")
    books.send(now, captured)
    after = reconciled(books)

    assert (held.untied, after.untied) == ((), ())
    last = [[step for step in found.steps if step.unit == "points"][-1] for found in (held, after)]
    assert [step.closing for step in last] == [100, 75]
    assert [step.figures.spent for step in last] == [0, 25]


def test_what_members_send_each_other_ties_while_it_is_under_way_and_after(database: str) -> None:
    books = books_of(database, CLUB.replace("value: 0.01", "value: 0.01, transfers: {}"))
    now = at("2026-03-01T12:00")
    books.send(
        now,
        order("1", "2026-01-05T10:00", "100.00"),
        {**order("2", "2026-01-06T10:00", "1.00"), "member": "c-2"},
    )
    books.send(now, happened("points.sent", "t1", "2026-03-01T10:00", unit="points", amount="40", to="c-2"))
    under_way = reconciled(books)
    with connect(books.dsn) as conn, transaction(conn):
        assert carry_transfers(conn, books.brand, books.timeline) == 1
    after = reconciled(books)

    assert (under_way.untied, after.untied) == ((), ())
    last = [[step for step in found.steps if step.unit == "points"][-1] for found in (under_way, after)]
    assert [step.closing for step in last] == [61, 101]
    assert [step.figures.sent for step in last] == [40, 40]
    assert [step.figures.received for step in last] == [0, 40]


def test_a_brand_without_history_ties(database: str) -> None:
    assert reconciled(books_of(database)) == Reconciliation((), ())
