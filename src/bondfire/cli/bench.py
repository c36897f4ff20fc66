"""`bondfire bench`: measures this machine; ratios are taken in one run, so that they travel."""

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

from bondfire.cli.endings import Stopped
from bondfire.cli.options import AsJson
from bondfire.cli.output import print_json, say, show, table

Out = Annotated[
    Path | None, Parameter(help="Also write a page with the results, the command and the machine.")
]

MEANING: Final = {
    "simulate_seconds": "the whole Online Retail history (22,190 events) in memory, one process",
    "simulate_events_per_second": "the same as a rate",
    "accrual_events_per_second": "decided and durably written by one process, 1,000 events a transaction",
    "naive_events_per_second": "the same, one transaction an event",
    "accrual_vs_naive": "how many times faster batches are",
    "pgbench_tps": "TPC-B-like transactions a second of pgbench, same server, a client a core",
    "accrual_vs_pgbench": "events a second over those",
    "cel_vs_handwritten": "speed of a compiled condition over the same written in Python (1: as fast)",
    "cel_vs_cel_expr_python": "speed of a compiled condition over Google's package",
}


def bench(*, out: Out = None, as_json: AsJson = False) -> None:
    """Measure this machine, and print ratios taken in the same run.

    Takes about a minute and uses a PostgreSQL of its own that is removed afterwards; no data of yours are
    touched.

    Example: bondfire bench --out docs/benchmarks.md
    """
    try:
        results = _measure()
    except KeyboardInterrupt:
        raise Stopped("The server of the benchmark and its data are removed.") from None
    machine = _machine()
    if out is not None:
        out.write_text(_page(results, machine), encoding="utf-8")
    if as_json:
        print_json({**results, "machine": machine})
    else:
        rows = [[name, _shown(value), MEANING[name]] for name, value in results.items()]
        show(table("Measured in one run on this machine", ["what", "value", "meaning"], rows, left=3))


def _measure() -> dict[str, float | None]:
    from bondfire.cli import measures

    say("Reading the history ...")
    program, events = measures.gift_shop()
    say("Simulating it ...")
    simulated = measures.simulate_seconds(program, events)
    with measures.scratch_server() as dsn:
        say("Writing it durably ...")
        written = len(events) / measures.accrual_seconds(dsn, "batches", events, batch=1_000)
        say("Writing a part of it one by one ...")
        some = measures.naive_events(events)
        naive = len(some) / measures.accrual_seconds(dsn, "naive", some, batch=1)
        say("Running pgbench ...")
        tps = measures.pgbench_tps(dsn, os.cpu_count() or 1)
    say("Judging conditions ...")
    compiled, google = measures.cel_seconds(), measures.google_seconds()
    return {
        "simulate_seconds": simulated,
        "simulate_events_per_second": len(events) / simulated,
        "accrual_events_per_second": written,
        "naive_events_per_second": naive,
        "accrual_vs_naive": written / naive,
        "pgbench_tps": tps,
        "accrual_vs_pgbench": written / tps if tps else None,
        "cel_vs_handwritten": measures.handwritten_seconds() / compiled,
        "cel_vs_cel_expr_python": google / compiled if google else None,
    }


def _machine() -> dict[str, Any]:
    from bondfire.db import find_postgres_binaries

    postgres = find_postgres_binaries()
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "postgresql": f"{postgres.major} ({postgres.origin})",
        "system": f"{platform.system()} {platform.machine()}",
        "measured_on": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def _shown(value: float | None) -> str:
    if value is None:
        return "not there"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _page(results: Mapping[str, float | None], machine: Mapping[str, Any]) -> str:
    where = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in machine.items())
    rows = "\n".join(f"| `{name}` | {_shown(value)} | {MEANING[name]} |" for name, value in results.items())
    return (
        "# Benchmarks\n\nWritten by `bondfire bench --out docs/benchmarks.md`. Absolute numbers are this "
        f"machine's; the ratios were taken in the same run.\n\nMachine: {where}.\n\n"
        f"| what | value | meaning |\n|---|---:|---|\n{rows}\n"
    )
