"""A database that recovers is waited for, one that goes away is told as that and not as a fault of ours."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from psycopg import pq

from bondfire.db import connect, migrate, running_server, transaction
from bondfire.events import CATALOGUE, parse_event
from bondfire.journal import first_due, process_events
from bondfire.programs import Brand, brand_named, ensure_brand, load_timeline, publish_program
from bondfire.settings import Settings
from cli.conftest import Shell
from cli.test_serve import url_of
from db.processes import spawning
from db.scratch import scratch_folder

STARTING = """
with running_server(settings, options={"hot_standby": "off"}):
    print("ready", flush=True)
    signal.pause()
"""


@pytest.fixture
def own() -> Iterator[Settings]:
    """Where a PostgreSQL of the test's own is, which it may kill."""
    with scratch_folder() as folder:
        yield Settings(state_dir=folder / "state")


def postmaster(settings: Settings) -> int:
    """The server's first process."""
    return int((settings.state_dir / "postgresql" / "postmaster.pid").read_text().split()[0])


def bring_due(dsn: str, program: Path, order: str) -> Brand:
    """An order of three weeks ago, recorded then, whose points nobody has released yet."""
    then = datetime.now(UTC) - timedelta(days=21)
    raw = {"type": "order.placed", "id": order, "source": "shop", "member": order, "currency": "EUR"}
    raw |= {"occurred_at": then.isoformat(), "order": order, "total": "10.00"}
    with connect(dsn) as conn, transaction(conn):
        brand = ensure_brand(conn, "corner-cafe", "wall", created_at=then)
        publish_program(conn, brand.id, program.read_bytes(), published_at=then, published_by="test")
        event = parse_event(raw, CATALOGUE, recorded_at=then)
        process_events(conn, brand, load_timeline(conn, brand.id), [event])
    return brand


def wait_until_done(dsn: str, brand: Brand, working: "subprocess.Popen[str]") -> None:
    """Until the worker has done all that is due."""
    with connect(dsn) as conn:
        while (due := first_due(conn, brand)) is not None and due < datetime.now(UTC):
            assert working.poll() is None, "the worker ended"
            conn.rollback()


def test_the_worker_outlives_the_death_of_the_database(shell: Shell, own: Settings, program: Path) -> None:
    """Given a worker at work, when PostgreSQL is killed and comes back, then it goes on with what is due."""
    with running_server(own) as dsn:
        migrate(dsn)
        shell.environment["BONDFIRE_DATABASE_URL"] = dsn
        brand = bring_due(dsn, program, "before")
        working = shell.start("worker", "--every", "0.05")
        assert working.stderr is not None
        assert working.stderr.readline().startswith("Looking")
        wait_until_done(dsn, brand, working)
        os.kill(postmaster(own), signal.SIGKILL)
        said = working.stderr.readline()

    with running_server(own) as dsn:
        bring_due(dsn, program, "after")
        wait_until_done(dsn, brand, working)
        working.send_signal(signal.SIGTERM)
        _, err = working.communicate(timeout=60)

    assert said.startswith("The database does not answer. Nothing is lost")
    assert (working.returncode, err) == (
        130,
        "\nStopped. What was due for 2 members is done, 0 messages delivered.\n",
    )


@contextmanager
def recovering(own: Settings, dsn: str) -> Iterator[Callable[[], None]]:
    """A server that recovers and takes no connections, until the function given is called."""
    data = own.state_dir / "postgresql"
    (data / "standby.signal").touch()
    with spawning() as spawn:
        starting = spawn(STARTING, own)
        while pq.PGconn.ping(dsn.encode()) != pq.Ping.REJECT:
            pass

        def recover() -> None:
            (data / "promote").touch()
            os.kill(postmaster(own), signal.SIGUSR1)
            assert starting.stdout is not None
            assert starting.stdout.readline() == "ready\n"

        yield recover


def test_the_api_is_served_once_the_database_has_recovered(shell: Shell, own: Settings) -> None:
    with running_server(own) as dsn:
        migrate(dsn)
    shell.environment["BONDFIRE_DATABASE_URL"] = dsn

    with recovering(own, dsn) as recover:
        serving = shell.start("serve", "--port", "0", "--json")
        assert serving.stderr is not None
        said = serving.stderr.readline()
        recover()
        url = url_of(serving)
        ready = httpx2.get(f"{url}/ready")
        serving.send_signal(signal.SIGTERM)
        serving.communicate(timeout=60)

    assert said == "PostgreSQL recovers from a crash; this can take some minutes.\n"
    assert (ready.status_code, serving.returncode) == (200, 0)


@pytest.mark.parametrize("command", ["serve", "worker", "import"])
def test_a_database_that_is_not_there_is_refused(shell: Shell, events: Path, command: str) -> None:
    shell.environment["BONDFIRE_DATABASE_URL"] = "postgresql://shop:hush@127.0.0.1:1/shop"
    words = [events, "--brand", "corner-cafe"] if command == "import" else []

    ended = shell.run(command, *words, "--json")

    assert (ended.code, ended.json["code"], ended.err) == (1, "database_unreachable", "")
    assert "hush" not in ended.out


def test_a_command_whose_database_goes_away_says_so(shell: Shell, database: str, program: Path) -> None:
    """Given a publication that waits for its brand, when its connection is cut, then nothing is published."""
    shell.run("publish", program)
    program.write_text(re.sub("14 days", "15 days", program.read_text()))
    with connect(database) as holder:
        holder.execute("SELECT 1 FROM brand FOR UPDATE")
        publishing = shell.start("publish", program, "--json")
        waits = "SELECT pid FROM pg_locks WHERE NOT granted"
        while not (waiting := holder.execute(waits).fetchone()):
            pass
        holder.execute("SELECT pg_terminate_backend(%s)", [waiting[0]])
        out, err = publishing.communicate(timeout=60)
        holder.rollback()
        brand = brand_named(holder, "corner-cafe")
        assert len(load_timeline(holder, brand.id).versions) == 1

    assert publishing.returncode == 1
    assert '"code": "database_unreachable"' in out
    assert "should not have happened" not in out + err
    assert err == ""
