"""A small supervisor: starts PostgreSQL for a first run, shares it, and takes it along when it ends.

The process that starts the server owns it: the server ends with it, also after `kill -9` (Linux tells
the server by SIGINT, its word for an orderly stop). Others that come meanwhile use the same server.
Who may start it is decided by a file lock that the server itself inherits, so the lock is free exactly
when no process of the server is left; a `postmaster.pid` found then is stale, whatever its number says.
"""

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

import psycopg
from psycopg import pq, sql

from bondfire.db.binaries import Binaries, find_postgres_binaries, open_to, server_account
from bondfire.db.cluster import DATABASE, Cluster, make_data, open_cluster
from bondfire.db.sizing import memory_bytes, sized_for
from bondfire.errors import NotReady

PATIENCE_S: Final = 300.0
"""How long a start may take; a recovery after a crash reads the whole log since the last checkpoint."""

_STOP_S: Final = 60.0
_LOUD_AFTER_S: Final = 3.0
_MAX_LOG_BYTES: Final = 20_000_000
_PR_SET_PDEATHSIG: Final = 1

_OPTIONS: Final = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "checkpoint_timeout": "30min",
    "random_page_cost": "1.1",
    "jit": "off",  # our statements are short; compiling one costs more than running it
    "timezone": "UTC",
    "log_timezone": "UTC",
}

_RECOVERING: Final = "PostgreSQL recovers from a crash; this can take some minutes."

Say = Callable[[str], None]


class Needs(Protocol):
    """What the supervisor wants to know of the settings."""

    @property
    def database_url(self) -> str | None:
        """A server run by others; then nothing is started."""

    @property
    def state_dir(self) -> Path:
        """Where the embedded server keeps its data."""


def _say_nothing(_: str) -> None: ...


@contextmanager
def running_server(
    settings: Needs,
    *,
    binaries: Binaries | None = None,
    options: Mapping[str, str] = MappingProxyType({}),
    say: Say = _say_nothing,
) -> Iterator[str]:
    """A PostgreSQL server that answers, as a conninfo to connect with.

    `database_url` wins; else the embedded server is started, or found running. Call it from the main
    thread: Linux ends the server when the thread that started it ends.

    Args:
        settings: `database_url` or `state_dir`.
        binaries: take these instead of looking for some.
        options: settings of PostgreSQL to lay over ours; `check_server` judges the result.
        say: told what takes long.

    Raises:
        NotReady: no server can be reached or started; the message says why and what to do.
    """
    if settings.database_url is not None:
        _reach(settings.database_url, say)
        yield settings.database_url
        return
    cluster = open_cluster(settings.state_dir, server_account(os.getuid()))
    sizes = sized_for(memory_bytes(), shutil.disk_usage(cluster.state).free)
    process = _start_or_find(_Start(cluster, binaries, {**_OPTIONS, **sizes, **options}, say))
    owner = os.getpid()
    try:
        yield cluster.conninfo()
    finally:
        if process is not None and os.getpid() == owner:
            _stop(process)


def _reach(url: str, say: Say) -> None:
    """Wait for a server that says it is about to start or recovers; one that is silent is refused."""
    waiting = _Waiting(say, _RECOVERING)
    while pq.PGconn.ping(url.encode()) == pq.Ping.REJECT:
        waiting.a_moment()
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.Error as reason:
        raise NotReady(
            f"The database of BONDFIRE_DATABASE_URL cannot be reached: {str(reason).strip()}",
            next_step="Start that server, correct the URL, or unset it to use the embedded PostgreSQL.",
            code="database_unreachable",
        ) from None


@dataclass(frozen=True)
class _Start:
    """What is to be started, and who is told."""

    cluster: Cluster
    binaries: Binaries | None
    options: Mapping[str, str]
    say: Say


def _start_or_find(start: _Start) -> "subprocess.Popen[bytes] | None":
    """Start the server and return its process, or None when another process runs it already."""
    cluster = start.cluster
    waiting = _Waiting(start.say, "Waiting for the PostgreSQL of another bondfire process to start or stop.")
    while True:
        lock = _take_lock(cluster)
        if lock is not None:
            try:
                return _start(start, lock)
            finally:
                os.close(lock)
        if _answers(cluster):
            return None
        waiting.a_moment()


def _take_lock(cluster: Cluster) -> int | None:
    lock = os.open(cluster.lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _start(start: _Start, lock: int) -> "subprocess.Popen[bytes]":
    cluster = start.cluster
    found = start.binaries or find_postgres_binaries(cluster.major())
    usable = open_to(found, cluster.account, cluster.state)
    if cluster.major() is None:
        start.say(f"Making a new database with PostgreSQL {usable.major} in {cluster.data}.")
        make_data(cluster, usable, lambda command: _launch(cluster, command, lock).wait(PATIENCE_S))
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    process = _launch(cluster, _server_command(start, usable), lock)
    try:
        _wait_until_ready(cluster, process, start.say)
    except BaseException:
        _stop(process)
        raise
    return process


def _server_command(start: _Start, binaries: Binaries) -> list[str]:
    cluster = start.cluster
    options = [word for name, value in start.options.items() for word in ("-c", f"{name}={value}")]
    return [str(binaries.folder / "postgres"), "-D", str(cluster.data), "-k", str(cluster.sockets), *options]


def _launch(cluster: Cluster, command: list[str], lock: int) -> "subprocess.Popen[bytes]":
    """Run a program as the server's user, holding the lock, out of reach of Ctrl-C, ended by our end."""
    account = cluster.account
    too_long = cluster.log.exists() and cluster.log.stat().st_size > _MAX_LOG_BYTES
    flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND | (os.O_TRUNC if too_long else 0)
    log = os.open(cluster.log, flags, 0o600)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))
    }
    try:
        with warnings.catch_warnings():
            # Python 3.12 warns of forks beside threads; ours makes two system calls, prepared before.
            warnings.simplefilter("ignore", DeprecationWarning)
            return subprocess.Popen(  # noqa: S603 - the program is the one we found
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd="/",
                umask=0o077,
                pass_fds=[lock],
                start_new_session=True,
                preexec_fn=_bound_to_parent(),  # noqa: PLW1509 - see above
                user=account.uid if account.drops else None,
                group=account.gid if account.drops else None,
                extra_groups=[] if account.drops else None,
            )
    finally:
        os.close(log)


def _bound_to_parent() -> Callable[[], None] | None:
    """What a child does before it becomes PostgreSQL: ask Linux for SIGINT when its parent dies.

    Python runs it after the ids were dropped, which would clear it. macOS has no such wish: there a
    server left behind by `kill -9` is found and used by the next process.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return bind


class _Waiting:
    """Polls with growing pauses up to `PATIENCE_S`, and says once why it takes long."""

    def __init__(self, say: Say, why: str) -> None:
        self.say: Say | None = say
        self.why = why
        self.began = time.monotonic()
        self.pause = 0.01

    def a_moment(self) -> None:
        passed = time.monotonic() - self.began
        if passed > PATIENCE_S:
            raise NotReady(
                f"PostgreSQL did not become ready within {PATIENCE_S:.0f} seconds.",
                next_step="Look into the log of the server; starting again goes on from there.",
                code="database_unreachable",
            )
        if self.say and passed > _LOUD_AFTER_S:
            self.say(self.why)
            self.say = None
        time.sleep(self.pause)
        self.pause = min(self.pause * 1.3, 0.5)


def _wait_until_ready(cluster: Cluster, process: "subprocess.Popen[bytes]", say: Say) -> None:
    waiting = _Waiting(say, _RECOVERING)
    while not _answers(cluster, "postgres"):
        if process.poll() is not None:
            raise NotReady(
                f"PostgreSQL did not start: {cluster.last_words()}",
                next_step=f"Read {cluster.log}; the data are untouched in {cluster.data}.",
                code="no_postgres",
            )
        waiting.a_moment()
    with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as conn:
        there = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if there is None:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _answers(cluster: Cluster, database: str = DATABASE) -> bool:
    try:
        psycopg.connect(cluster.conninfo(database), connect_timeout=10).close()
    except psycopg.OperationalError as reason:
        if "authentication failed" in str(reason) or "no password supplied" in str(reason):
            raise NotReady(
                f"The password in {cluster.passfile} does not open the database in {cluster.data}.",
                next_step="Put the original pgpass file back; it was made together with the data.",
                code="database_unreachable",
            ) from None
        return False
    return True


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask for an orderly stop; insist after a minute (recovery then has more to do, and loses nothing)."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait(_STOP_S)
