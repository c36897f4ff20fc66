"""Events are decided once for ever, whatever comes twice, and survive in the tables."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bondfire.db import connect, transaction
from bondfire.engine import IdentityConflict, explained
from bondfire.journal import StateCache, digest, dry_run, process_events, read_member
from bondfire.kit import member_id_of
from bondfire.members import Alias, claim_alias
from bondfire.simulation import simulate
from journal.store_makers import T0, Store, back, event_of, history, order, plain, spent, store_of

LATER = timedelta(days=20)


@pytest.fixture
def store(database: str) -> Store:
    return store_of(database)


def test_an_order_earns_and_the_answer_says_why(store: Store) -> None:
    (result,) = store.send(order(1, total="119.80"))

    assert (result.outcome, result.seq, result.member) == ("accepted", 1, "c-1")
    assert result.decision is not None
    assert [entry.amount for entry in result.decision.entries] == [119, 119]
    assert store.wallet("points").pending == 119


def test_r2_l14_the_same_event_again_has_no_effect_and_the_first_answer(store: Store) -> None:
    (first,) = store.send(order(1, total="119.80"))
    before = store.digest()

    again = store.send(order(1, total="119.8"), order(1, total="119.80"))

    assert [result.outcome for result in again] == ["duplicate", "duplicate"]
    assert again[0].decision == first.decision
    assert again[0].seq == first.seq
    assert store.digest() == before


def test_an_event_twice_in_one_batch_counts_once(store: Store) -> None:
    results = store.send(order(1), order(1), order(2, T0 + LATER))

    assert [result.outcome for result in results] == ["accepted", "duplicate", "accepted"]
    assert results[1].decision == results[0].decision
    assert store.wallet("points").issued == 200


@pytest.mark.parametrize("together", [True, False])
def test_l15_the_same_identity_with_another_body_is_a_conflict_and_the_first_stands(
    store: Store, *, together: bool
) -> None:
    events = [order(1, total="100"), order(1, total="900")]
    first, second = store.send(*events) if together else [store.send(event)[0] for event in events]

    assert first.outcome == "accepted"
    assert (second.outcome, second.code, second.decision) == ("conflict", "identity_conflict", None)
    assert second.next_step
    assert store.wallet("points").issued == 100


def test_an_event_of_another_source_or_member_is_another_event(store: Store) -> None:
    results = store.send(
        order(1), order(1, member="c-2"), event_of("page.viewed", T0, id="ord-1", source="web", page="/")
    )

    assert [result.outcome for result in results] == ["accepted"] * 3


def test_a_refusal_is_journaled_and_moves_nothing(store: Store) -> None:
    store.send(order(1))
    before = store.wallet("points")

    (first,) = store.send(spent(1, T0, 500))
    (again,) = store.send(spent(1, T0, 500))

    assert (first.outcome, first.code) == ("refused", "not_enough")
    assert (again.outcome, again.code, again.message) == ("duplicate", "not_enough", first.message)
    assert store.wallet("points") == before


def test_a_refusal_names_the_member_as_the_sender_does_and_the_journal_does_not(store: Store) -> None:
    (result,) = store.send(spent(1, T0, 500, member="anna@example.com"))
    assert result.code == "unknown_member"
    assert "'anna@example.com'" in result.message

    with connect(store.dsn) as conn:
        tables = ["journal", "member_state", "event_note", "lot", "purchase"]
        stored = [str(row) for table in tables for row in conn.execute(f"SELECT * FROM {table}")]
    assert stored
    assert not any("anna" in row for row in stored)


def test_a_return_before_its_purchase_waits_over_batches_and_is_settled(store: Store) -> None:
    (waiting,) = store.send(back(1, T0 + timedelta(days=1), order="7", total="40"))
    (settling,) = store.send(order(7, T0))

    assert waiting.outcome == "parked"
    assert settling.decision is not None
    assert "settled" in {reason.code for reason in explained(settling.decision)}
    assert store.wallet("points").pending == 60


def test_a_return_that_fits_nothing_is_listed_for_a_person(store: Store) -> None:
    store.send(order(1))
    (result,) = store.send(back(1, T0, total="77"))

    assert result.outcome == "unmatched"
    assert [(one.event, one.amount) for one in store.unmatched()] == [("ret-1", Decimal(77))]
    assert store.wallet("points").pending == 100


def test_a_return_finds_a_lot_that_was_spent_long_ago(store: Store) -> None:
    store.send(order(1))
    store.send(spent(1, T0 + LATER, 100))

    (result,) = store.send(back(1, T0 + 2 * LATER, order="1"))

    assert result.outcome == "accepted"
    wallet = store.wallet("points")
    assert plain(wallet.active, wallet.debt, wallet.clawed_back) == ["0", "100", "100"]


@pytest.mark.parametrize("named", [{"spend": "sp-1"}, {"order": "9"}, {}])
def test_what_was_spent_in_another_batch_is_given_back(store: Store, named: dict[str, str]) -> None:
    store.send(order(1))
    store.send(spent(1, T0 + LATER, 80, order="9"))

    fields = {"id": "rs-1", "unit": "points", "amount": "80", **named}
    (result,) = store.send(event_of("points.restored", T0 + 2 * LATER, **fields))

    assert result.outcome == "accepted"
    assert store.wallet("points").active == 100


def test_personal_words_stand_apart_from_the_journal(store: Store) -> None:
    store.send(event_of("review.submitted", T0, id="rev-1", rating=5, text="Wonderful, says Anna"))

    with connect(store.dsn) as conn:
        bodies = conn.execute("SELECT body FROM journal").fetchall()
        notes = conn.execute("SELECT body FROM event_note").fetchall()
    assert "Anna" not in str(bodies)
    assert "Wonderful, says Anna" in str(notes)


def test_a_second_name_of_a_member_leads_to_the_same_books(store: Store) -> None:
    member_id = member_id_of(store.brand.name, "c-1")
    with connect(store.dsn) as conn, transaction(conn):
        claim_alias(conn, store.brand, member_id, Alias("reference", "card-9"), claimed_at=T0)

    results = store.send(order(1), order(2, member="card-9"), order(1, member="card-9"))

    assert [result.outcome for result in results] == ["accepted", "accepted", "duplicate"]
    assert store.wallet("points").issued == 200


def test_a_dry_run_says_what_would_follow_and_writes_nothing(store: Store) -> None:
    store.send(order(1))
    before = store.digest()
    with connect(store.dsn) as conn:
        decision = dry_run(conn, store.brand, store.timeline, order(2))
        known = dry_run(conn, store.brand, store.timeline, order(1))
        with pytest.raises(IdentityConflict):
            dry_run(conn, store.brand, store.timeline, order(1, total="5"))

    (real,) = store.send(order(2))
    assert decision == real.decision
    assert store.send() == []
    assert known.entries[0].amount == 100
    assert before != store.digest()


def test_nothing_of_a_batch_is_kept_when_its_transaction_is_rolled_back(store: Store) -> None:
    before = store.digest()
    with connect(store.dsn) as conn:
        process_events(conn, store.brand, store.timeline, history(50))
        conn.rollback()

    assert store.digest() == before


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_a_small_cache_changes_nothing(store: Store, batch: int) -> None:
    events = history(300)
    cache = StateCache(size=5)
    with connect(store.dsn) as conn:
        for first in range(0, len(events), batch):
            with transaction(conn):
                process_events(conn, store.brand, store.timeline, events[first : first + batch], cache=cache)
            cache.confirm()
        store.bring_to(events[-1].occurred_at)

        assert digest(conn, store.brand) == simulate(store.timeline.newest.program, events).digest


def test_a_cache_forgets_what_was_rolled_back_even_when_others_wrote_as_much(store: Store) -> None:
    cache = StateCache()
    with connect(store.dsn) as conn:
        with transaction(conn):
            process_events(conn, store.brand, store.timeline, [order(1)], cache=cache)
        cache.confirm()
        process_events(conn, store.brand, store.timeline, [order(2)], cache=cache)
        conn.rollback()
        store.send(order(3, total="50"))
        with transaction(conn):
            process_events(conn, store.brand, store.timeline, [order(4)], cache=cache)
        cache.confirm()

    assert store.wallet("points").issued == 250
    assert store.verified() == []


def test_a_member_is_read_as_of_now_with_everything_that_comes(store: Store) -> None:
    store.send(order(1), order(2, T0 + timedelta(days=40), total="450"))
    member_id = member_id_of(store.brand.name, "c-1")
    with connect(store.dsn) as conn:
        view = read_member(conn, store.brand, store.timeline, member_id, now=T0 + timedelta(days=41))

    points = view.wallets["points"]
    assert plain(points.active, points.pending) == ["100", "450"]
    assert [(one.at.isoformat(), *plain(one.amount)) for one in points.releases] == [
        ("2026-02-28T09:00:00+00:00", "450")
    ]
    assert [(one.at.isoformat(), *plain(one.amount)) for one in points.expiries] == [
        ("2026-07-31T22:00:00+00:00", "100"),
        ("2026-08-31T22:00:00+00:00", "450"),
    ]
    assert (view.tiers["flame"].tier, view.tiers["flame"].next_tier) == ("flame", "fire")
    assert (view.statistics.orders, view.statistics.repeat_days) == (2, 1)
    assert view.statistics.order_total == 550
