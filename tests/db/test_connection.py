"""Connections: all or nothing, shared fairly, tried again only where that may help."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from random import Random

import psycopg
import pytest

from bondfire.db import Pool, connect, is_retryable, retrying, transaction
from bondfire.errors import NotReady


@pytest.fixture
def table(database: str) -> str:
    """A database with a table `kept (amount)` of unique amounts."""
    with connect(database) as conn, transaction(conn):
        conn.execute("CREATE TABLE kept (amount int UNIQUE)")
    return database


def kept(dsn: str) -> list[int]:
    with connect(dsn) as conn:
        return [row[0] for row in conn.execute("SELECT amount FROM kept ORDER BY amount")]


def insert_twice(conn: psycopg.Connection) -> None:
    conn.execute("INSERT INTO kept VALUES (1)")
    conn.execute("INSERT INTO kept VALUES (1)")


def insert_in_a_transaction_of_its_own(conn: psycopg.Connection) -> None:
    conn.execute("INSERT INTO kept VALUES (1)")
    with transaction(conn):
        conn.execute("INSERT INTO kept VALUES (2)")


def lost_connection(dsn: str) -> psycopg.Error:
    with connect(dsn) as victim, connect(dsn) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [victim.info.backend_pid])
        with pytest.raises(psycopg.Error) as error:
            victim.execute("SELECT 1")
    return error.value


def test_times_come_back_in_utc_and_amounts_exact(database: str) -> None:
    sent = datetime(2026, 3, 29, 3, 30, tzinfo=timezone(timedelta(hours=2)))

    with connect(database) as conn:
        row = conn.execute("SELECT %s::timestamptz, %s::numeric", [sent, Decimal("0.10")]).fetchone()

    assert row is not None
    assert (row[0], row[0].tzinfo) == (sent, UTC)
    assert str(row[1]) == "0.10"


def test_a_transaction_is_kept_whole(table: str) -> None:
    with connect(table) as conn, transaction(conn):
        conn.execute("INSERT INTO kept VALUES (1), (2)")

    assert kept(table) == [1, 2]


def test_a_transaction_that_fails_leaves_nothing(table: str) -> None:
    with connect(table) as conn:
        with pytest.raises(psycopg.errors.UniqueViolation), transaction(conn):
            insert_twice(conn)

        with transaction(conn):
            conn.execute("INSERT INTO kept VALUES (3)")

    assert kept(table) == [3]


def test_a_transaction_inside_another_is_an_error(table: str) -> None:
    with connect(table) as conn, pytest.raises(RuntimeError, match="only the edge"), transaction(conn):
        insert_in_a_transaction_of_its_own(conn)

    assert kept(table) == []


def test_threads_share_a_few_connections(table: str) -> None:
    pool = Pool(table, size=2)

    def insert(amount: int) -> None:
        with pool.transaction() as conn:
            conn.execute("INSERT INTO kept VALUES (%s)", [amount])

    threads = [threading.Thread(target=insert, args=[amount]) for amount in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close()

    assert kept(table) == list(range(10))


def test_a_pool_replaces_a_connection_that_was_lost(table: str) -> None:
    pool = Pool(table, size=1)
    with pytest.raises(psycopg.errors.AdminShutdown), pool.transaction() as conn:
        conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pool.transaction() as conn:
        conn.execute("INSERT INTO kept VALUES (2)")
    pool.close()

    assert kept(table) == [2]


def test_a_pool_that_is_busy_says_so(table: str) -> None:
    pool = Pool(table, size=1, patience_s=0.01)

    with (
        pool.transaction() as conn,
        pytest.raises(NotReady, match="All 1 database connections are busy") as refusal,
        pool.transaction(),
    ):
        conn.execute("INSERT INTO kept VALUES (1)")
    pool.close()

    assert refusal.value.code == "busy"
    assert kept(table) == []


def test_what_may_pass_is_tried_again_and_what_stays_is_not(table: str) -> None:
    with connect(table) as first, connect(table) as second:
        for conn in (first, second):
            conn.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            conn.execute("SELECT count(*) FROM kept")
        first.execute("INSERT INTO kept VALUES (1)")
        second.execute("INSERT INTO kept VALUES (2)")
        first.commit()
        with pytest.raises(psycopg.errors.SerializationFailure) as serialization:
            second.commit()
        second.rollback()
        with pytest.raises(psycopg.errors.UniqueViolation) as duplicate:
            second.execute("INSERT INTO kept VALUES (1)")
    with pytest.raises(psycopg.OperationalError) as unreachable:
        connect("host=127.0.0.1 port=1")

    assert is_retryable(serialization.value)
    assert is_retryable(psycopg.errors.DeadlockDetected())
    assert is_retryable(unreachable.value)
    assert is_retryable(lost_connection(table))
    assert not is_retryable(duplicate.value)
    assert not is_retryable(ValueError())


def test_work_is_run_again_until_it_succeeds(table: str) -> None:
    failures = [psycopg.errors.DeadlockDetected(), lost_connection(table)]
    pauses: list[float] = []

    def work() -> int:
        with connect(table) as conn, transaction(conn):
            conn.execute("INSERT INTO kept VALUES (1)")
            if failures:
                raise failures.pop()
            return 1

    assert retrying(work, chance=Random(7), pause=pauses.append) == 1
    assert kept(table) == [1]
    assert len(pauses) == 2
    assert 0.025 <= pauses[0] <= 0.05 <= pauses[1] <= 0.1


def test_work_is_given_up_after_so_many_attempts() -> None:
    tried: list[int] = []

    def work() -> None:
        tried.append(1)
        raise psycopg.errors.SerializationFailure

    with pytest.raises(psycopg.errors.SerializationFailure):
        retrying(work, chance=Random(1), attempts=4, pause=lambda _: None)

    assert len(tried) == 4


def test_an_error_that_would_only_come_again_is_raised_at_once() -> None:
    tried: list[int] = []

    def work() -> None:
        tried.append(1)
        raise psycopg.errors.UniqueViolation

    with pytest.raises(psycopg.errors.UniqueViolation):
        retrying(work, chance=Random(1), pause=lambda _: None)

    assert len(tried) == 1
