"""`bondfire bench`: measures this machine; ratios are taken in one run, so that they travel."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter

from bondfire.cli.endings import Stopped
from bondfire.cli.options import AsJson
from bondfire.cli.output import print_json, say, show, table

if TYPE_CHECKING:
    from bondfire.benchmarks import Measured, Share

Out = Annotated[
    Path | None, Parameter(help="Also write a page with the results, the command and the machine.")
]
Short = Annotated[
    bool, Parameter(negative=(), help="Short windows and 20,000 members, to see that nothing is far off.")
]
Insights = Annotated[
    bool, Parameter(negative=(), help="Only the models of repeat buying, beside lifetimes; without a server.")
]
Cases = Annotated[
    Path | None, Parameter(help="cases.json of CEL's specification; the share that passes is told with it.")
]


def bench(
    *,
    short: Short = False,
    insights: Insights = False,
    cases: Cases = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Measure this machine beside the yardsticks of others, in one run.

    Takes about ten minutes (one with --short) and uses a PostgreSQL of its own that is removed afterwards;
    no data of yours are touched. Let nothing else run meanwhile.

    Example: bondfire bench --out docs/benchmarks.md
    """
    if insights:
        _bench_insights(short=short, as_json=as_json)
        return
    from bondfire.benchmarks import SHORT, WHOLE, measure

    known = json.loads(cases.read_text(encoding="utf-8")) if cases else []
    try:
        measured = measure(SHORT if short else WHOLE, now=datetime.now(UTC), cases=known, say=say)
    except KeyboardInterrupt:
        raise Stopped("The server of the benchmark and its data are removed.") from None
    if out is not None:
        out.write_text(_page(measured, short=short), encoding="utf-8")
    if as_json:
        print_json(measured.figures)
    else:
        show(table("Measured in one run on this machine", _HEADS, _rows(measured.figures), left=4))
        show(table("Where the time of an event goes", _SHARES, _share_rows(measured.shares), left=2))


def _bench_insights(*, short: bool, as_json: bool) -> None:
    from bondfire.benchmarks import measure_insights

    sizes, purchases = ((2_357,), 100_000) if short else ((23_570, 1_000_000), 10_000_000)
    found = measure_insights(sizes, purchases, say=say)
    if as_json:
        print_json({"comparisons": [{**one._asdict(), "ratio": one.ratio} for one in found]})
        return
    rows = [
        [
            *(one.what, f"{one.size:,}", f"{one.ours:.4f}", f"{one.theirs:.4f}"),
            *(f"{one.ratio:.1f}", f">= {one.goal:g}"),
        ]
        for one in found
    ]
    heads = ["what", "of", "CPU seconds", "lifetimes", "times as fast", "goal"]
    show(table("The models of repeat buying, in one run on this machine", heads, rows))


_HEADS: Final = ["what", "value", "goal", "meaning"]
_SHARES: Final = ["what", "where", "µs"]
_LEAST_SHOWN_US: Final = 1


def _rows(figures: Mapping[str, float | None]) -> list[list[str]]:
    from bondfire.benchmarks import GOALS

    return [
        [key, _shown(figures.get(key)), f"{'<=' if goal.is_most else '>='} {goal.bound:,g}", goal.meaning]
        for key, goal in GOALS.items()
    ]


def _share_rows(shares: "Sequence[Share]") -> list[list[str]]:
    return [
        [what, where, f"{microseconds:,.0f}"]
        for what, where, microseconds in shares
        if microseconds >= _LEAST_SHOWN_US
    ]


def _shown(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _machine() -> dict[str, Any]:
    from bondfire.db import find_postgres_binaries

    postgres = find_postgres_binaries()
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "postgresql": f"{postgres.major} ({postgres.origin})",
        "system": f"{platform.system()} {platform.machine()}",
        "measured on": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def _page(measured: "Measured", *, short: bool) -> str:
    where = ", ".join(f"{name} {value}" for name, value in _machine().items())
    rows = "\n".join(
        f"| `{key}` | {value} | {goal} | {meaning} |" for key, value, goal, meaning in _rows(measured.figures)
    )
    shares = "\n".join(f"| {' | '.join(row)} |" for row in _share_rows(measured.shares))
    curve = "\n".join(
        f"| {rules:,} | {challenges} | {microseconds:,.0f} |"
        for (rules, challenges), microseconds in measured.curve.items()
    )
    command = f"bondfire bench{' --short' if short else ''} --out docs/benchmarks.md"
    return (
        f"# Benchmarks\n\nWritten by `{command}`; ratios are medians of what was measured in turns in one "
        f"run.\n\nMachine: {where}.\n\n| what | value | goal | meaning |\n|---|---:|---:|---|\n{rows}\n\n"
        "## Where the time goes\n\n"
        "Of an event, in microseconds: `durable` is one writer alone, its time by folder (what C code takes "
        "counts where it is called) beside the processor time of PostgreSQL's processes; of HTTP the "
        f"processor time of each process.\n\n| what | where | µs |\n|---|---|---:|\n{shares}\n\n"
        "## A decision by the numbers of rules and challenges\n\n"
        f"| rules | challenges | µs |\n|---:|---:|---:|\n{curve}\n"
    )
