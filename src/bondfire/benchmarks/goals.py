"""What is measured, and what each figure should be: ratios of one run, so that they travel."""

from typing import Final, NamedTuple


class Goal(NamedTuple):
    """What a figure should be.

    Attributes:
        bound: at least this, or at most.
        is_most: whether it is the most that it may be.
        meaning: what it says.
    """

    bound: float
    is_most: bool
    meaning: str

    def share(self, value: float) -> float:
        """How much of the goal is reached; 1 and more: all of it."""
        return self.bound / value if self.is_most else value / self.bound


def _least(bound: float, meaning: str) -> Goal:
    return Goal(bound, is_most=False, meaning=meaning)


def _most(bound: float, meaning: str) -> Goal:
    return Goal(bound, is_most=True, meaning=meaning)


GOALS: Final[dict[str, Goal]] = {
    "accrual_vs_pgbench": _least(
        8,
        "durable events a second of two writers, batches of 1,000, over pgbench TPC-B (scale 10, 8 clients)",
    ),
    "accrual_vs_naive": _least(60, "the same over one transaction of an ORM for each event"),
    "wal_bytes_per_event": _most(1_500, "write-ahead log of it"),
    "http_batch_vs_pgbench": _least(6, "NDJSON of 1,000 over HTTP, load generator included, over pgbench"),
    "http_single_vs_pgbench": _least(3, "single durable decisions over 256 connections, over pgbench"),
    "http_single_p99_ms": _most(100, "99 of 100 of them take at most so many milliseconds"),
    "till_p50_ms": _most(8, "one decision at ten a second on a quiet system: half take at most so many ms"),
    "till_p99_ms": _most(25, "and 99 of 100"),
    "cel_vs_handwritten": _most(1.3, "time of a compiled condition over the same in Python"),
    "cel_vs_best_package": _least(
        5, "geometric mean over 20 conditions: time of the fastest package over ours"
    ),
    "cel_conformance": _least(1.0, "share of the core cases of CEL's specification"),
    "replay_vs_accrual": _least(8, "exact replay in memory over durable accrual, per second of a core"),
    "cold_batch_ratio": _most(2, "a batch on tables never analysed over one when warm"),
    "batch_route_vs_fastapi": _least(
        7, "1,000 events read and validated: time of a plain FastAPI route over ours"
    ),
    "growth_members": _most(1.3, "cost of an event with all members over that with 10,000 of them"),
    "first_event_seconds": _most(3, "from an empty folder to the first event accepted"),
}
