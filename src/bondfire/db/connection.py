"""Connections: how they are opened, shared by threads, committed at the edge, and tried again."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from random import Random
from typing import Final, TypeVar

import psycopg
from psycopg import Connection
from psycopg.pq import TransactionStatus

from bondfire.errors import NotReady

T = TypeVar("T")

_SESSION: Final = """
SET TIME ZONE 'UTC';
SET DateStyle = 'ISO, YMD';
SET default_transaction_isolation = 'read committed';
SET idle_in_transaction_session_timeout = '10min';
SET client_min_messages = 'warning'
"""
"""In every session, whatever the server's own defaults are; our locks are right under READ COMMITTED."""

_RETRYABLE_STATES: Final = frozenset({"40001", "40P01", "53300", "55P03"})
_RETRYABLE_CLASSES: Final = ("08", "57P0")


def connect(dsn: str) -> Connection:
    """Open a connection: transactions are explicit, times are UTC, statements are prepared once repeated.

    Raises:
        psycopg.OperationalError: the server does not answer or refuses us.
    """
    conn = psycopg.connect(
        dsn, autocommit=True, connect_timeout=10, application_name="bondfire", client_encoding="UTF8"
    )
    conn.execute(_SESSION)
    conn.autocommit = False
    conn.prepare_threshold = 5
    return conn


_SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@contextmanager
def transaction(conn: Connection, *, snapshot: bool = False) -> Iterator[Connection]:
    """Everything in the block, or nothing: commits at its end, rolls back on any error.

    With `snapshot` nothing may be written, and everything read is of one moment, also while others write.
    For the edge only. psycopg's own `conn.transaction()` would quietly become a savepoint inside a
    transaction that somebody else began; here that is an error.
    """
    if conn.info.transaction_status != TransactionStatus.IDLE:
        raise RuntimeError("a transaction is already open on this connection; only the edge opens one")
    try:
        if snapshot:
            conn.execute(_SNAPSHOT)
        yield conn
        conn.commit()
    except BaseException:
        _roll_back(conn)
        raise


def _roll_back(conn: Connection) -> None:
    """End the open transaction; a connection on which even that fails is closed, for nobody to use."""
    if conn.closed:
        return
    try:
        conn.rollback()
    except psycopg.Error:
        conn.close()


@contextmanager
def savepoint(conn: Connection) -> Iterator[None]:
    """A part of the open transaction that is undone alone when an error leaves the block."""
    if conn.info.transaction_status == TransactionStatus.IDLE:
        raise RuntimeError("a savepoint needs a transaction; only the edge opens one")
    with conn.transaction():
        yield


class Pool:
    """At most `size` connections shared by threads; broken ones are thrown away, none is opened early."""

    def __init__(self, dsn: str, *, size: int = 8, patience_s: float = 10.0) -> None:
        self.size = size
        self._dsn = dsn
        self._patience_s = patience_s
        self._slots: LifoQueue[Connection | None] = LifoQueue(size)
        for _ in range(size):
            self._slots.put(None)

    @property
    def busy(self) -> int:
        """How many connections are in use now."""
        return self.size - self._slots.qsize()

    @contextmanager
    def transaction(self, *, snapshot: bool = False) -> Iterator[Connection]:
        """A connection for one transaction, committed at the end of the block; see `transaction`.

        Raises:
            NotReady: all connections were busy for `patience_s` seconds.
        """
        try:
            conn = self._slots.get(timeout=self._patience_s)
        except Empty:
            raise NotReady(
                f"All {self.size} database connections are busy.",
                next_step="Send it again in a moment.",
                code="busy",
            ) from None
        try:
            if conn is None or conn.closed:
                conn = connect(self._dsn)
            with transaction(conn, snapshot=snapshot):
                yield conn
        finally:
            self._slots.put(None if conn is None or conn.closed else conn)

    def close(self) -> None:
        """Close the connections that nobody uses now; those in use are closed by their own end."""
        for _ in range(self.size):
            try:
                conn = self._slots.get_nowait()
            except Empty:
                break
            if conn is not None:
                conn.close()


class Overtaken(psycopg.errors.SerializationFailure):
    """What was read before a lock was had is no longer so; the whole unit of work is run again."""


def is_retryable(error: BaseException) -> bool:
    """Whether the whole unit of work may succeed if it is run again.

    True for serialization failures and deadlocks, lock time-outs, a lost connection (its commit may or
    may not have happened: the work must be idempotent by key), and a server that stops, starts or is full.
    """
    if not isinstance(error, psycopg.Error):
        return False
    state = error.sqlstate
    if state is None:
        return isinstance(error, psycopg.OperationalError)
    return state in _RETRYABLE_STATES or state.startswith(_RETRYABLE_CLASSES)


def retrying(
    work: Callable[[], T],
    *,
    chance: Random | None = None,
    attempts: int = 6,
    pause: Callable[[float], None] = time.sleep,
) -> T:
    """Run a whole unit of work, begin to commit, again after errors that may pass.

    Args:
        work: idempotent by key; opens its own transaction, and a new connection if the old one broke.
        chance: spreads the pauses so that those who collided do not meet again.
        attempts: how often in all.
        pause: sleeps so many seconds: up to 0.05, 0.1, 0.2, ... 2.

    Raises:
        psycopg.Error: the last error, or at once one that would only come again.
    """
    chance = chance or Random()  # noqa: S311 - spreads pauses, guards nothing
    for attempt in range(attempts - 1):
        try:
            return work()
        except psycopg.Error as error:
            if not is_retryable(error):
                raise
            pause(min(0.05 * 2**attempt, 2.0) * (0.5 + chance.random() / 2))
    return work()
