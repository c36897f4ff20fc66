"""What `bondfire bench` says: every figure of the goals, and how much of each is reached."""

import pytest

from bondfire.benchmarks import GOALS

KEYS = (
    *("accrual_vs_pgbench", "accrual_vs_naive", "wal_bytes_per_event", "http_batch_vs_pgbench"),
    *("http_single_vs_pgbench", "http_single_p99_ms", "till_p50_ms", "till_p99_ms", "cel_vs_handwritten"),
    *("cel_vs_best_package", "cel_conformance", "replay_vs_accrual", "cold_batch_ratio"),
    *("batch_route_vs_fastapi", "growth_members", "first_event_seconds"),
)


def test_the_goals_are_those_that_were_promised() -> None:
    assert tuple(GOALS) == KEYS


@pytest.mark.parametrize(
    ("key", "value", "share"),
    [("accrual_vs_pgbench", 4, 0.5), ("accrual_vs_pgbench", 16, 2), ("till_p50_ms", 16, 0.5)],
)
def test_a_share_of_one_is_the_goal_whichever_way_it_points(key: str, value: float, share: float) -> None:
    assert GOALS[key].share(value) == share
