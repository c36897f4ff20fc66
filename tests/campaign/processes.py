"""The processes of a campaign: each can be killed at any moment and is started again, as supervisors do."""

import os
import signal
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any, Protocol, Self

from api.serving import launch, told_by
from bondfire.db import connect, migrate, retrying, running_server
from bondfire.settings import Settings
from campaign.clients import Doors

BACKENDS = """
SELECT pid, backend_type = 'client backend' AND state <> 'idle' FROM pg_stat_activity
WHERE pid <> pg_backend_pid() ORDER BY pid
"""


class Victim(Protocol):
    """What can be killed.

    Attributes:
        name: what it is.
    """

    @property
    def name(self) -> str: ...

    def ready(self) -> None:
        """Wait until it is at work."""

    def kill(self) -> bool:
        """End it by SIGKILL and see to it that it comes back; False when it was gone already."""


class Database:
    """A PostgreSQL of our own with `fsync` on. Linux ends it with the thread that starts it: the main one."""

    name = "postmaster"

    def __init__(self, folder: Path) -> None:
        self._settings = Settings(state_dir=folder / "state")
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self._start()
        migrate(self.dsn)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def _start(self) -> None:
        self.dsn = self._running.enter_context(running_server(self._settings))

    def ready(self) -> None:
        """It answered when it was started."""

    def kill(self) -> bool:
        """Kill the postmaster; its children live on until they see it, and then it recovers."""
        pid_file = self._settings.state_dir / "postgresql" / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        self._running.close()
        self._start()
        return True


class Backend:
    """One process of the server, which then ends all others and recovers by itself."""

    name = "backend"

    def __init__(self, database: Database, chance: Random) -> None:
        self._database = database
        self._chance = chance

    def ready(self) -> None:
        """Wait until the server has recovered from the last one."""
        retrying(self._backends, attempts=12)

    def kill(self) -> bool:
        """Nearly always one that is at work for us, sometimes one of the server's own."""
        backends = retrying(self._backends, attempts=12)
        busy = [pid for pid, is_busy in backends if is_busy]
        everybody = [pid for pid, _ in backends]
        try:
            os.kill(
                self._chance.choice(busy if busy and self._chance.random() < 0.8 else everybody),
                signal.SIGKILL,
            )
        except ProcessLookupError:
            return False
        return True

    def _backends(self) -> list[tuple[int, bool]]:
        with connect(self._database.dsn) as conn:
            return conn.execute(BACKENDS).fetchall()


class Command:
    """A command of bondfire under a supervisor: it is up, or on its way.

    Attributes:
        log: what it said on stderr, all its lives after one another.
    """

    name = ""

    def __init__(self, database: Database, log: Path, threads: ThreadPoolExecutor) -> None:
        self.log = log
        self._database = database
        self._threads = threads
        self._coming: Future[subprocess.Popen[str]] = threads.submit(self._come)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._coming.exception() is None:
            self._let_go(self._coming.result())

    def _come(self) -> "subprocess.Popen[str]":
        """Start it until it is ready; what it may say instead is that the database is not there now."""
        while True:
            process = self._launch()
            refusal = self._refusal(process)
            if refusal is None:
                return process
            self._let_go(process)
            assert refusal.get("code") == "database_unreachable", f"{refusal} {self.log.read_text()}"

    def _launch(self) -> "subprocess.Popen[str]":
        raise NotImplementedError

    def _refusal(self, process: "subprocess.Popen[str]") -> dict[str, Any] | None:
        """Wait until it is ready, or says why not."""
        raise NotImplementedError

    def ready(self) -> None:
        """Wait until it is up, and see that it has not ended by itself."""
        process = self._coming.result()
        if process.poll() is not None:
            self._let_go(process)
            raise AssertionError(f"the {self.name} ended by itself: {self.log.read_text()}")

    def kill(self) -> bool:
        """Kill it; it comes back while the rest goes on."""
        self.ready()
        process = self._coming.result()
        process.kill()
        self._gone()
        self._let_go(process)
        self._coming = self._threads.submit(self._come)
        return True

    def _gone(self) -> None:
        """Tell whoever looks for it."""

    def end(self) -> int:
        """Ask it to end, and how it did."""
        self.ready()
        process = self._coming.result()
        process.send_signal(signal.SIGTERM)
        process.wait()
        return process.returncode

    def _let_go(self, process: "subprocess.Popen[str]") -> None:
        """End it if it still lives, and keep what it said."""
        process.kill()
        process.wait()
        if process.stderr is not None and not process.stderr.closed:
            with self.log.open("a") as log:
                log.write(process.stderr.read())
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


class Server(Command):
    """`bondfire serve`, and the door by which clients find it."""

    name = "server"

    def __init__(self, database: Database, log: Path, threads: ThreadPoolExecutor, doors: Doors) -> None:
        self._doors = doors
        self._url = ""
        super().__init__(database, log, threads)

    def _launch(self) -> "subprocess.Popen[str]":
        with self.log.open("a") as log:
            words = ("serve", "--port", "0", "--json")
            return launch(self._database.dsn, self.log.parent, *words, stderr=log)

    def _refusal(self, process: "subprocess.Popen[str]") -> dict[str, Any] | None:
        told = told_by(process)
        if "url" not in told:
            return told
        self._url = told["url"]
        self._doors.open(self._url)
        return None

    def _gone(self) -> None:
        self._doors.close(self._url)


class Worker(Command):
    """`bondfire worker`, which looks all the time."""

    name = "worker"

    def _launch(self) -> "subprocess.Popen[str]":
        words = ("worker", "--every", "0.02", "--json")
        return launch(self._database.dsn, self.log.parent, *words, stderr=subprocess.PIPE)

    def _refusal(self, process: "subprocess.Popen[str]") -> dict[str, Any] | None:
        assert process.stderr is not None
        if any(line.startswith("Looking") for line in process.stderr):
            return None
        return told_by(process)
