"""`bondfire bench` as a user runs it: every figure of the goals, measured for a moment."""

import json
import re
from pathlib import Path

from bondfire.benchmarks import GOALS
from cli.conftest import Shell

GATE = 0.6
"""So much of a goal has to be reached in short windows on a machine where others work too."""

NOT_YET = frozenset(
    {
        "accrual_vs_pgbench",
        "accrual_vs_naive",
        "http_batch_vs_pgbench",
        "http_single_vs_pgbench",
        "http_single_p99_ms",
        "cel_vs_best_package",
        "replay_vs_accrual",
        "batch_route_vs_fastapi",
    }
)
"""Goals that are missed by more than the gate allows, or nearly; docs/benchmarks.md says by how much."""

NEEDS_QUIET = frozenset({"till_p50_ms", "till_p99_ms"})
"""Milliseconds, which the tests beside this one change; no ratio evens that out."""


def test_every_figure_is_measured_and_most_of_each_goal_that_was_reached_is_held(
    shell: Shell, corpora: Path, tmp_path: Path
) -> None:
    cases, page = corpora / "cel-spec" / "cases.json", tmp_path / "page.md"
    ended = shell.run("bench", "--short", "--json", "--cases", str(cases), "--out", str(page), patience_s=400)
    figures = json.loads(ended.out)

    assert tuple(sorted(figures)) == tuple(sorted(GOALS))
    shares = {key: GOALS[key].share(value) for key, value in figures.items()}
    held = {key: share for key, share in shares.items() if key not in NOT_YET | NEEDS_QUIET}
    assert {key: share for key, share in held.items() if share < GATE} == {}
    told = page.read_text()
    assert all(f"| `{key}` |" in told for key in GOALS)
    assert {"durable", "HTTP, batches", "HTTP, one by one"} <= set(
        re.findall(r"^\| ([^|`]+) \|", told, re.MULTILINE)
    )
