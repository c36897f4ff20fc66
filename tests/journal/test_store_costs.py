"""L20: what an event reads and writes in the database does not depend on the past of its member."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bondfire.db import connect, transaction
from bondfire.events import Event
from bondfire.journal import dry_run, process_events
from journal.store_makers import T0, Store, back, captured, event_of, held, order, spent, store_of

BUSY = """
program: busy
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {expires: {after: 1 year}, pending: 14 days}
  status: {qualifying: true}
tier_sets:
  flame: {unit: status, window: calendar_year, tiers: {spark: {from: 0}, fire: {from: 2000}}}
earn:
  base:
    on: order.placed
    award: {points: floor(event.total), status: floor(event.total)}
    cap:
      - {points: 5000, per: day}
      - {status: 9000, per: rolling_24h}
"""
DAYS = 30, 240
"""Of a short and of a long past; both are longer than the waiting time, and nothing has expired yet."""
TOUCHED = """
SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), sum(n_tup_ins + n_tup_upd + n_tup_del)
FROM pg_stat_xact_user_tables
"""
ON_DAY: dict[str, Callable[[datetime, int], Event]] = {
    "order": lambda at, _: order("next", at, total=30),
    "late order": lambda at, _: order("next", at - timedelta(days=3), total=30),
    "spend": lambda at, _: spent("next", at, 45),
    "restore": lambda at, day: event_of(
        "points.restored", at, unit="points", amount="3", spend=f"sp-{day - 1}"
    ),
    "return": lambda at, day: back("next", at, order=f"{day - 2}a", total="10"),
    "hold": lambda at, _: held("next", at, 45),
    "capture": lambda at, day: captured(day, at),
    "release": lambda at, day: event_of("points.released", at, hold=f"hold-{day}"),
    "return of what was paid": lambda at, day: back("next", at, order=f"{day - 3}b", total="10"),
    "late payment of what came back": lambda at, day: spent("next", at, 45, order=f"{day - 4}a"),
    "return that waits": lambda at, _: back("next", at, order="unheard-of", total="10"),
    "adjust": lambda at, _: event_of(
        "points.adjusted", at, unit="points", amount="-25", reason="r", actor="a"
    ),
}


def day_of(day: int) -> list[Event]:
    """Two orders, a return that waits for an order nobody knows, a spending of what has become active for the
    order of two days before, of which a part comes back, and a hold that may still be captured.
    """
    at = T0 + timedelta(days=day)
    events = [order(f"{day}a", at, total=20), order(f"{day}b", at + timedelta(hours=1), total=20)]
    events.append(back(day, at + timedelta(hours=2), order=f"lost-{day}", total="5"))
    if day <= 20:
        return events
    events.append(spent(day, at + timedelta(hours=3), 20, order=f"{day - 2}b"))
    events.append(back(f"part-{day}", at + timedelta(hours=4), order=f"{day - 4}a", total="5"))
    return [*events, held(day, at + timedelta(hours=4), 10)]


def lived(store: Store, days: int) -> datetime:
    for day in range(days):
        store.send(*day_of(day))
    return T0 + timedelta(days=days - 1, hours=5)


def touched_by(store: Store, events: Sequence[Event]) -> tuple[int, int]:
    """How many rows the database reads and writes for a batch, which is rolled back."""
    with connect(store.dsn) as conn:
        process_events(conn, store.brand, store.timeline, events)
        row = conn.execute(TOUCHED).fetchone()
        conn.rollback()
    assert row is not None
    return int(row[0]), int(row[1])


def test_l20_an_event_touches_as_many_rows_after_a_long_past_as_after_a_short_one(database: str) -> None:
    store = store_of(database, BUSY)
    counted: dict[str, list[tuple[int, int]]] = {what: [] for what in ON_DAY}
    for days in DAYS:
        at = lived(store, days)
        for what, event in ON_DAY.items():
            counted[what].append(touched_by(store, [event(at, days - 1)]))
    assert store.verified() == []

    grown = {
        what: rows
        for what, rows in counted.items()
        for (read, written), (read_later, written_later) in [rows]
        if written_later > written or read_later > read + 4
    }

    assert grown == {}


def test_l20_the_state_of_a_member_does_not_grow_with_their_past(database: str) -> None:
    store = store_of(database, BUSY)
    lengths = []
    for days in (2 * DAYS[0], DAYS[1]):
        lived(store, days)
        with connect(store.dsn) as conn:
            row = conn.execute("SELECT length(body) FROM member_state").fetchone()
        assert row is not None
        lengths.append(row[0])

    assert lengths[1] <= lengths[0] * 1.05, lengths


def test_l20_a_dry_run_reads_no_more_than_the_event_would(database: str) -> None:
    store = store_of(database, BUSY)
    counted = []
    for days in DAYS:
        at = lived(store, days)
        with connect(store.dsn) as conn, transaction(conn, snapshot=True):
            decision = dry_run(conn, store.brand, store.timeline, spent("dry", at, 45))
            row = conn.execute(TOUCHED).fetchone()
        assert row is not None
        assert (decision.outcome, row[1]) == ("accepted", 0)
        counted.append(row[0])

    assert counted[1] <= counted[0] + 4, counted


def test_a_late_event_finds_what_was_used_of_its_cap_long_ago(database: str) -> None:
    store = store_of(database, BUSY.replace("points: 5000, per: day", "points: 50, per: day"))
    lived(store, 60)

    (answer,) = store.send(order("late", T0 + timedelta(days=3, hours=9), total=30))

    assert answer.decision is not None
    assert [(entry.unit, int(entry.amount)) for entry in answer.decision.entries if entry.kind == "earn"] == [
        ("points", 10),
        ("status", 30),
    ]
    (again,) = store.send(order("later", T0 + timedelta(days=3, hours=10), total=30))
    assert again.decision is not None
    assert [entry.unit for entry in again.decision.entries if entry.kind == "earn"] == ["status"]
    assert store.verified() == []


def test_a_return_gives_back_what_its_purchase_used_of_a_cap_long_ago(database: str) -> None:
    store = store_of(database, BUSY.replace("points: 5000, per: day", "points: 40, per: day"))
    at = lived(store, 60)
    store.send(back("old", at, order="3a", total="20"))

    (answer,) = store.send(order("late", T0 + timedelta(days=3, hours=9), total=30))

    assert answer.decision is not None
    earned = {entry.unit: int(entry.amount) for entry in answer.decision.entries if entry.kind == "earn"}
    assert earned == {"points": 20, "status": 30}
    assert store.verified() == []


def test_returns_that_wait_are_stored_until_their_order_comes(database: str) -> None:
    store = store_of(database, BUSY)
    lived(store, 3)

    (answer,) = store.send(order("lost-1", T0 + timedelta(days=3), total=30))

    assert answer.decision is not None
    assert [int(entry.amount) for entry in answer.decision.entries if entry.kind == "claw_back"] == [5, 5]
    with connect(store.dsn) as conn:
        waiting = conn.execute("SELECT order_number FROM parked_return ORDER BY 1").fetchall()
    assert waiting == [("lost-0",), ("lost-2",)]
    assert store.verified() == []


def test_a_member_with_many_lots_can_spend_all_of_them_at_once(database: str) -> None:
    store = store_of(database, BUSY.replace(", pending: 14 days", ""))
    store.send(*(order(number, T0 + timedelta(minutes=number), total=1) for number in range(1_500)))

    (answer,) = store.send(spent("all", T0 + timedelta(days=2), 1_500))

    assert answer.decision is not None
    assert len(answer.decision.entries) == 1_500
    assert store.wallet("points").active == 0
    assert store.verified() == []
