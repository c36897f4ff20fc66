"""A PostgreSQL to measure on, and what PostgreSQL's own benchmark makes of it."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bondfire.benchmarks.workload import BRAND, PROGRAM
from bondfire.db import connect, find_postgres_binaries, migrate, running_server, transaction
from bondfire.programs import Brand, Timeline, ensure_brand, load_timeline, publish_program
from bondfire.settings import Settings

_SCALE: Final = "10"
_CLIENTS: Final = "8"


@contextmanager
def scratch_server() -> Iterator[str]:
    """A PostgreSQL of its own with fresh data on disk, settings as in production; gone afterwards."""
    with TemporaryDirectory(prefix="bondfire-bench-", ignore_cleanup_errors=True) as folder:
        state = Path(folder)
        state.chmod(0o711)
        with running_server(Settings(state_dir=state)) as dsn:
            migrate(dsn)
            yield dsn


def publish(dsn: str, *, now: datetime, brand: str = BRAND) -> tuple[Brand, Timeline]:
    """A brand with the programme of the benchmark."""
    with connect(dsn) as conn, transaction(conn):
        owner = ensure_brand(conn, brand, "wall", created_at=now)
        document = PROGRAM.replace(f"brand: {BRAND}\n", f"brand: {brand}\n")
        publish_program(conn, owner.id, document, published_at=now, published_by="bondfire bench")
        return owner, load_timeline(conn, owner.id)


def has_pgbench() -> bool:
    """Whether the server's own benchmark came with it."""
    return _pgbench().exists()


def fill_pgbench(dsn: str) -> None:
    """Make the tables of pgbench, at scale 10."""
    _run("-i", "-q", "-s", _SCALE, dsn)


def pgbench_tps(dsn: str, seconds: int) -> float:
    """Transactions a second of the TPC-B-like benchmark, eight clients, prepared statements."""
    words = ["-n", "-M", "prepared", "-c", _CLIENTS, "-j", "2", "-T", str(seconds), dsn]
    found = re.search(r"tps = ([\d.]+)", _run(*words))
    assert found is not None  # noqa: S101 - it says so whenever it ends well
    return float(found[1])


def _pgbench() -> Path:
    return find_postgres_binaries().folder / "pgbench"


def _run(*words: str) -> str:
    ended = subprocess.run([_pgbench(), *words], capture_output=True, text=True, check=True)  # noqa: S603
    return ended.stdout
