"""Announcements become deliveries once, together with the place that an endpoint has come to."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bondfire.db import connect, transaction
from bondfire.kit import BUCKETS
from bondfire.webhooks import Endpoint
from bondfire.webhooks.collecting import collect
from webhooks.makers import NOON, Brand, Receiver, orders

EVERYWHERE = range(BUCKETS)
POSITIONS = "SELECT sum(seq) FROM webhook_position"


def collected(brand: Brand, endpoint: Endpoint, limit: int = 2_000) -> int:
    return int(
        brand.act(lambda conn: collect(conn, brand.store.brand, endpoint, EVERYWHERE, now=NOON, limit=limit))
    )


def test_what_is_not_committed_neither_makes_nor_moves_anything(brand: Brand, receiver: Receiver) -> None:
    endpoint, _ = brand.endpoint()
    brand.tell(*orders(1, 2))
    with connect(brand.store.dsn) as conn:
        assert collect(conn, brand.store.brand, endpoint, EVERYWHERE, now=NOON) == 2
        conn.rollback()

    assert (brand.states(), brand.rows(POSITIONS)) == ([], [(None,)])
    assert brand.deliver(receiver) == {"delivered": 2}


def test_a_long_journal_is_heard_bit_by_bit_in_all_buckets_at_once(brand: Brand) -> None:
    endpoint, _ = brand.endpoint()
    for member in range(4):
        brand.tell(*orders(*range(member * 10, member * 10 + 10), member=f"c-{member}"))

    steps = [collected(brand, endpoint, limit=8) for _ in range(6)]

    assert steps == [8, 8, 8, 8, 8, 0]
    assert brand.rows(POSITIONS) == [(40,)]
    assert collected(brand, endpoint) == 0
    assert len(brand.states()) == 40


def test_of_more_buckets_than_rows_each_gets_one(brand: Brand) -> None:
    endpoint, _ = brand.endpoint()
    for member in range(6):
        brand.tell(*orders(member * 2, member * 2 + 1, member=f"c-{member}"))

    assert collected(brand, endpoint, limit=2) == 6


def test_two_that_collect_at_once_make_each_delivery_once(brand: Brand, receiver: Receiver) -> None:
    """Given two workers of which each believes that it holds all buckets."""
    endpoint, _ = brand.endpoint()
    for number in range(30):
        brand.tell(*orders(number, member=f"c-{number % 10}"))
    barrier = Barrier(2)

    def act(_: int) -> int:
        barrier.wait()
        with connect(brand.store.dsn) as conn, transaction(conn):
            return collect(conn, brand.store.brand, endpoint, EVERYWHERE, now=NOON)

    with ThreadPoolExecutor(2) as threads:
        heard = list(threads.map(act, range(2)))

    assert sum(heard) == 30
    assert brand.deliver(receiver) == {"delivered": 30}
