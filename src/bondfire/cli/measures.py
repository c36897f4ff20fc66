"""What `bondfire bench` measures: the engine in memory, the journal on disk, conditions."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from timeit import repeat
from typing import Any, Final

from bondfire.db import connect, find_postgres_binaries, migrate, running_server, transaction
from bondfire.events import Event
from bondfire.examples import example_program, read_online_retail
from bondfire.journal import import_events
from bondfire.programs import Program, ensure_brand, load_program, load_timeline, publish_program
from bondfire.rules import INT, STRING, Environment, compile_expression
from bondfire.settings import Settings
from bondfire.simulation import simulate

CONDITION: Final = "total >= 10 && tier in ['velvet', 'lantern'] && visits > 3"
_VALUES: Final = {"total": 42, "tier": "lantern", "visits": 7}
_NAIVE_EVENTS: Final = 2_000
_PGBENCH_S: Final = 10
_REPEATS: Final = 5
_LOOPS: Final = 20_000


def gift_shop() -> tuple[Program, list[Event]]:
    """The programme of the demo and its whole history, read before anything is measured."""
    program = load_program(example_program("gift_shop"))
    return program, list(read_online_retail().events(program.catalogue))


def simulate_seconds(program: Program, events: Sequence[Event]) -> float:
    """How long the history takes in memory, in one process."""
    began = time.perf_counter()
    simulate(program, events)
    return time.perf_counter() - began


@contextmanager
def scratch_server() -> Iterator[str]:
    """A PostgreSQL of its own with fresh data on disk, settings as in production; gone afterwards."""
    with TemporaryDirectory(prefix="bondfire-bench-", ignore_cleanup_errors=True) as folder:
        state = Path(folder)
        state.chmod(0o711)
        with running_server(Settings(state_dir=state)) as dsn:
            migrate(dsn)
            yield dsn


def accrual_seconds(dsn: str, brand: str, events: Sequence[Event], *, batch: int) -> float:
    """How long events take to be decided and durably written by one process, in batches."""
    document = re.sub(r"(?m)^brand: .*$", f"brand: {brand}", example_program("gift_shop"))
    now = datetime.now(UTC)
    with connect(dsn) as conn, transaction(conn):
        owner = ensure_brand(conn, brand, "events", created_at=now)
        publish_program(conn, owner.id, document, published_at=now, published_by="bondfire bench")
        timeline = load_timeline(conn, owner.id)
    began = time.perf_counter()
    import_events(dsn, owner, timeline, events, batch=batch)
    return time.perf_counter() - began


def naive_events(events: Sequence[Event]) -> Sequence[Event]:
    """So many of the events as one transaction each can be waited for."""
    return events[:_NAIVE_EVENTS]


def pgbench_tps(dsn: str, clients: int) -> float | None:
    """Transactions a second of PostgreSQL's own TPC-B-like benchmark on the same server; None without it."""
    program = find_postgres_binaries().folder / "pgbench"
    if not program.exists():
        return None
    scale = max(10, clients)
    for words in (
        ["-i", "-q", "-s", str(scale)],
        ["-n", "-M", "prepared", "-c", str(clients), "-j", str(clients), "-T", str(_PGBENCH_S)],
    ):
        ended = subprocess.run(  # noqa: S603 - the program beside the server's own
            [program, *words, dsn], capture_output=True, text=True, check=False
        )
        if ended.returncode:
            return None
    found = re.search(r"tps = ([\d.]+)", ended.stdout)
    return float(found[1]) if found else None


def cel_seconds() -> float:
    """How long one condition takes compiled."""
    environment = Environment({"total": INT, "tier": STRING, "visits": INT})
    evaluate = compile_expression(CONDITION, environment).evaluate
    return _each(lambda: evaluate(_VALUES))


def handwritten_seconds() -> float:
    """How long the same condition takes written in Python."""

    def evaluate(row: Mapping[str, Any]) -> bool:
        return bool(row["total"] >= 10 and row["tier"] in ("velvet", "lantern") and row["visits"] > 3)

    return _each(lambda: evaluate(_VALUES))


def google_seconds() -> float | None:
    """How long the same condition takes in Google's cel-expr-python; None when it is not installed."""
    try:
        cel = import_module("cel_expr_python.cel")
    except ImportError:
        return None
    names = {"total": cel.Type.INT, "tier": cel.Type.STRING, "visits": cel.Type.INT}
    compiled = cel.NewEnv(variables=names).compile(CONDITION)
    return _each(lambda: compiled.eval(data=_VALUES).plain_value())


def _each(act: Callable[[], object]) -> float:
    return min(repeat(act, repeat=_REPEATS, number=_LOOPS)) / _LOOPS
