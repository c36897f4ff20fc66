"""L17: members send each other points."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from threading import Barrier

import pytest

from acceptance.group_makers import (
    DAY,
    GIFTS,
    LIMITED,
    balances,
    carry,
    earned,
    is_as_simulated,
    lots,
    sent,
    simulated,
    total,
)
from acceptance.makers import PLAIN, program
from bondfire.db import connect, retrying, transaction
from bondfire.events import CATALOGUE, Event, EventError, parse_event
from bondfire.journal import (
    carry_transfers,
    entries_of,
    explain_event,
    explain_member,
    import_events,
    process_events,
)
from bondfire.kit import member_id_of, show_id
from bondfire.ledger import Account
from bondfire.members import Alias, claim_alias
from bondfire.programs import ProgramError
from journal.store_makers import T0, Store, back, order, spent, store_of


def refused(store: Store, event: Event) -> tuple[str, str]:
    """The code of a refusal that moved nothing, live and simulated; and what to do next."""
    before = store.wallet("points", "a")
    (result,) = store.send(event)
    assert (result.outcome, store.wallet("points", "a")) == ("refused", before)
    assert carry(store) == 0
    return result.code, result.next_step


def test_l17_a_transfer_carries_the_lots_with_what_they_are_and_when_they_end(database: str) -> None:
    events = [earned("b", 0, 10), earned("a", 1, 100), earned("a", 40, 100), sent(1, 50, 130)]
    store = store_of(database, GIFTS)

    store.send(*events)
    under_way = balances(store, "a", "b"), total(store)
    carried = carry(store)

    assert (under_way[0], int(under_way[1].in_transit)) == ([70, 10], 130)
    assert (carried, balances(store, "a", "b")) == (1, [70, 140])
    assert lots(store, "a") == [(70, "2026-02-14", "2026-08-31")]
    assert lots(store, "b") == [
        (10, "2026-01-05", "2026-07-31"),
        (100, "2026-01-06", "2026-07-31"),
        (30, "2026-02-14", "2026-08-31"),
    ]
    assert is_as_simulated(store, *events)


def test_l17_the_sum_is_constant_before_while_and_after_it_is_under_way(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 100), earned("b", 0, 20))
    figures = [total(store)]

    store.send(sent(1, 1, 60))
    figures.append(total(store))
    carry(store)
    figures.append(total(store))

    assert {(int(one.issued), int(one.liability)) for one in figures} == {(120, 120)}
    assert [int(one.in_transit) for one in figures] == [0, 60, 0]


def test_l18_at_every_prefix_each_bucket_balances_and_only_what_is_under_way_is_in_transit(
    database: str,
) -> None:
    store, chance = store_of(database, GIFTS), Random(7)
    names = ["a", "b", "c", "d"]
    store.send(*(earned(name, 0, 200) for name in names))
    for number in range(30):
        giver, getter = chance.sample([*names, "nobody"], 2)
        store.send(sent(number, 1 + number, chance.randrange(1, 90), member=giver, to=getter))
        if chance.random() < 0.5:
            carry(store)
        assert int(total(store).liability) == 800
        assert number % 6 or store.verified() == []

    carry(store)

    assert (int(total(store).in_transit), sum(balances(store, *names))) == (0, 800)


def test_l17_tier_qualifying_units_do_not_transfer_and_what_is_received_counts_for_no_tier(
    database: str,
) -> None:
    store = store_of(database, GIFTS)
    events = [earned("a", 0, 150), earned("b", 0, 20), sent(1, 1, 150)]
    store.send(*events)
    carry(store)

    code, _ = refused(store, sent(2, 2, 10, unit="status"))

    assert code == "unknown_unit"
    assert [int(store.wallet("status", name).active) for name in ("a", "b")] == [150, 20]
    run = simulated(store, *events)
    assert [run.states[name].standings["flame"].tier for name in ("a", "b")] == ["flame", "spark"]


def test_l17_a_qualifying_unit_with_transfers_is_refused_at_publishing() -> None:
    with pytest.raises(ProgramError) as refusal:
        program(PLAIN.replace("{}", "{qualifying: true, transfers: {}}"))

    (problem,) = refusal.value.problems
    assert (problem.code, problem.where, problem.line) == ("not_transferable", "units.points.transfers", 6)


@pytest.mark.parametrize(
    ("event", "code", "next_step"),
    [
        (sent(9, 3, 1, unit="stones"), "not_transferable", "transfers"),
        (sent(9, 3, 101), "not_enough", "Send less"),
        (sent(9, 3, 10, to="a"), "same_member", "somebody else"),
        (sent(9, 3, 10, unit="pionts"), "unknown_unit", "'points'"),
        (sent(9, 3, "0.5"), "bad_amount", ""),
    ],
)
def test_l17_what_cannot_be_sent_is_refused_and_nothing_moves(
    database: str, event: Event, code: str, next_step: str
) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 100), earned("b", 0, 1))

    told = refused(store, event)

    assert told[0] == code
    assert next_step in told[1]


def test_l17_the_programme_limits_a_transfer_and_what_a_member_sends_in_a_month(database: str) -> None:
    store = store_of(database, LIMITED)
    store.send(earned("a", 0, 500), earned("b", 0, 1))

    too_large = refused(store, sent(1, 1, 51))
    store.send(sent(2, 1, 50), sent(3, 2, 30))
    carry(store)
    too_much = refused(store, sent(4, 3, 1))
    (next_month,) = store.send(sent(5, 27, 50))
    carry(store)

    assert (too_large[0], too_much[0]) == ("transfer_too_large", "transfer_limit_reached")
    assert next_month.outcome == "accepted"
    assert balances(store, "a", "b") == [370, 131]
    assert store.verified() == []


def test_l17_what_comes_back_is_free_to_be_sent_again_in_the_same_month(database: str) -> None:
    store = store_of(database, LIMITED)
    store.send(earned("a", 0, 500), earned("b", 0, 1), sent(1, 1, 50, to="nobody"), sent(2, 1, 30))
    carry(store)

    (again,) = store.send(sent(3, 2, 50))

    assert again.outcome == "accepted"


def test_l17_crossing_transfers_do_not_deadlock(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 100), earned("b", 0, 100))
    barrier = Barrier(8)

    def send(giver: int) -> int:
        one, other = ("a", "b") if giver % 2 else ("b", "a")
        with connect(store.dsn) as conn:
            barrier.wait()
            for number in range(10):
                event = sent(f"{giver}-{number}", 1, 1, member=one, to=other)
                with transaction(conn):
                    process_events(conn, store.brand, store.timeline, [event])
                with transaction(conn):
                    carry_transfers(conn, store.brand, store.timeline)
        return 10

    with ThreadPoolExecutor(8) as threads:
        done = sum(threads.map(send, range(8)))
    carry(store)

    assert (done, balances(store, "a", "b")) == (80, [100, 100])
    assert store.verified() == []


def test_l17_what_nobody_can_receive_comes_back_to_the_lots_that_it_came_from(database: str) -> None:
    events = [earned("a", 0, 100), earned("a", 40, 100), sent(1, 50, 130, to="nobody")]
    store = store_of(database, GIFTS)
    store.send(*events[:2])
    before = lots(store, "a")

    store.send(events[2])
    halves = carry(store)

    assert (halves, lots(store, "a"), int(total(store).in_transit)) == (2, before, 0)
    assert is_as_simulated(store, *events)


def test_l17_what_would_be_beyond_the_limit_comes_back(database: str) -> None:
    events = [earned("b", 0, 10**15 - 5), earned("a", 0, 100), sent(1, 1, 6)]
    store = store_of(database, GIFTS)
    store.send(*events)

    carry(store)

    assert balances(store, "a", "b") == [100, 10**15 - 5]
    assert is_as_simulated(store, *events)


def test_l17_what_expires_on_its_way_is_received_and_expired(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 100), earned("b", 0, 10), sent(1, 1, 60))
    store.bring_to(T0 + 300 * DAY)

    carry(store)

    assert balances(store, "a", "b") == [0, 0]
    assert int(total(store).expired) == 110
    assert store.verified() == []


def test_l17_what_comes_back_after_its_end_gets_the_grace(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 100), sent(1, 1, 60, to="nobody"), earned("a", 220, 10))

    carry(store)

    assert lots(store, "a") == [(60, "2026-01-05", "2026-08-27"), (10, "2026-08-13", "2027-02-28")]
    assert store.verified() == []


def test_l17_what_is_received_pays_a_debt_first(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 100), earned("b", 0, 50), spent(1, T0 + DAY, 50, member="b"))
    store.send(back(1, T0 + DAY, order="b-0", member="b"), sent(1, 2, 80))

    carry(store)

    wallet = store.wallet("points", "b")
    assert (int(wallet.active), int(wallet.debt)) == (30, 0)
    assert store.verified() == []


def test_l17_the_second_half_done_again_and_by_two_at_once_counts_once(database: str) -> None:
    events = [earned("a", 0, 100), earned("b", 0, 10), *(sent(number, 1, 3) for number in range(20))]
    store = store_of(database, GIFTS)
    store.send(*events)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: retrying(lambda: carry(store)), range(4)))
    with connect(store.dsn) as conn, transaction(conn):
        conn.execute("DELETE FROM transfer_position")
    again = carry(store)

    assert (again, balances(store, "a", "b")) == (20, [40, 70])
    assert is_as_simulated(store, *events)


def test_l17_a_crash_between_the_halves_loses_nothing_and_doubles_nothing(database: str) -> None:
    events = [earned("a", 0, 100), earned("b", 0, 10), sent(1, 1, 60)]
    store = store_of(database, GIFTS)
    store.send(*events)
    conn = connect(store.dsn)
    carry_transfers(conn, store.brand, store.timeline)
    conn.close()  # before the commit
    between = balances(store, "a", "b"), int(total(store).in_transit)

    carry(store)

    assert between == ([40, 10], 60)
    assert balances(store, "a", "b") == [40, 70]
    assert is_as_simulated(store, *events)


KILLED = """
import sys
from acceptance.group_makers import GIFTS
from acceptance.test_groups import gifts
from bondfire.journal import import_events
from journal.store_makers import brand_of

def say(done):
    print(done.events, flush=True)

if __name__ == "__main__":
    brand, timeline = brand_of(sys.argv[1], GIFTS)
    import_events(sys.argv[1], brand, timeline, gifts(), batch=2, workers=int(sys.argv[2]), progress=say)
"""


def gifts() -> list[Event]:
    """A history in which everybody sends something to somebody, and spends what they got."""
    chance, events = Random(3), []
    for at in range(60):
        giver, getter = chance.sample(["a", "b", "c", "d", "nobody"], 2)
        amount = chance.randrange(1, 60)
        what = chance.random()
        if what < 0.4 and giver != "nobody":
            events.append(earned(giver, at, amount))
        elif what < 0.8:
            events.append(sent(at, at, amount, member=giver, to=getter))
        else:
            events.append(spent(at, T0 + at * DAY, amount, member=giver))
    return events


@contextmanager
def importing(dsn: str, workers: int) -> Iterator["subprocess.Popen[str]"]:
    """An import in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, dsn, str(workers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("workers", [1, 2])
def test_l17_killed_again_and_again_a_history_of_transfers_ends_as_the_simulation(
    database: str, workers: int
) -> None:
    store = store_of(database, GIFTS)
    for lines in (3, 12):
        with importing(database, workers) as process:
            assert process.stdout is not None
            assert [process.stdout.readline() for _ in range(lines)][-1]
        assert store.verified() == []

    import_events(store.dsn, store.brand, store.timeline, gifts(), workers=workers)
    store.bring_to(gifts()[-1].occurred_at)

    assert int(total(store).in_transit) == 0
    assert is_as_simulated(store, *gifts())


def test_l17_an_event_sent_again_or_to_the_same_member_under_another_name_has_one_effect(
    database: str,
) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 100), earned("b", 0, 10))
    b = member_id_of("kaminrot", "b")
    with connect(store.dsn) as conn, transaction(conn):
        claim_alias(conn, store.brand, b, Alias("reference", "bea"), claimed_at=T0)

    outcomes = [store.send(sent(1, 1, 60, to=to))[0].outcome for to in ("b", "bea", show_id("mem", b))]
    (other,) = store.send(sent(1, 1, 60, to="c"))
    carry(store)

    assert outcomes == ["accepted", "duplicate", "duplicate"]
    assert other.code == "identity_conflict"
    assert balances(store, "a", "b") == [40, 70]


def test_l17_the_journal_knows_the_receiver_by_id_alone(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(
        earned("a", 0, 100), order("x", member="bea@example.com"), sent(1, 1, 60, to="bea@example.com")
    )
    carry(store)

    with connect(store.dsn) as conn:
        rows = [str(row) for row in conn.execute("SELECT * FROM journal")]

    assert not [row for row in rows if "example.com" in row]


def test_l17_each_side_is_explained(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 100), earned("b", 0, 1), sent(1, 1, 60), sent(2, 2, 40, to="nobody"))
    carry(store)
    a, b = (member_id_of("kaminrot", name) for name in ("a", "b"))

    with connect(store.dsn) as conn:
        sentences = [
            one.sentence.partition(": ")[2]
            for member_id in (a, b)
            for one in explain_member(conn, store.brand, store.timeline, member_id)
            if one.view.entry.unit == "points"
        ]
        sending = explain_event(
            conn, store.brand, store.timeline, member_id=a, source="shop", event_id="gift-1"
        )

    nobody = show_id("mem", member_id_of("kaminrot", "nobody"))
    assert sentences[1:4] == [
        f"60 points sent to {show_id('mem', b)}, from those earned on 5 Jan 2026.",
        f"40 points sent to {nobody}, from those earned on 5 Jan 2026.",
        "40 points came back to those earned on 5 Jan 2026: they could not be received (unknown member).",
    ]
    assert sentences[-1] == (
        f"60 points received from {show_id('mem', a)}, earned on 5 Jan 2026 there; "
        "expires 1 Aug 2026, as there."
    )
    assert sending.sentences == sentences[1:2]


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"source": "bondfire"}, "reserved_source", "source"),
        ({"type": "points.received", "from": "x", "parcels": []}, "reserved_type", "type"),
    ],
)
def test_l17_nobody_can_send_what_only_bondfire_says(
    fields: dict[str, object], code: str, field: str
) -> None:
    raw: dict[str, object] = {
        "id": "1",
        "type": "points.sent",
        "member": "a",
        "occurred_at": "2026-01-05T00:00:00Z",
    }
    raw |= {"unit": "points", "amount": "1"} | ({} if "type" in fields else {"to": "b"})

    with pytest.raises(EventError) as refusal:
        parse_event(raw | fields, CATALOGUE)

    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert refusal.value.next_step


def test_l17_both_sides_are_balanced_entries_through_what_is_in_transit(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 100), earned("b", 0, 1), sent(1, 1, 60))
    carry(store)

    with connect(store.dsn) as conn:
        moves = [
            (str(view.entry.debit), str(view.entry.credit), int(view.entry.amount))
            for name in ("a", "b")
            for view in entries_of(
                conn, store.brand, store.timeline, member_id_of("kaminrot", name), newest_first=False
            )
            if view.entry.unit == "points" and Account.IN_TRANSIT in {view.entry.debit, view.entry.credit}
        ]

    assert moves == [("active", "in_transit", 60), ("in_transit", "active", 60)]
