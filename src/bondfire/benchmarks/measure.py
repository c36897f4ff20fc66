"""Measures everything in one run; what is compared is measured in turns and meets the same weather."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from math import isnan, nan
from statistics import median
from typing import Any, Final, NamedTuple

from bondfire.benchmarks import conditions, rules
from bondfire.benchmarks.doors import Server, served
from bondfire.benchmarks.profile import Share, Stopwatch, family_of, sampled, with_children
from bondfire.benchmarks.server import fill_pgbench, has_pgbench, pgbench_tps, publish, scratch_server
from bondfire.benchmarks.store import wal_bytes
from bondfire.benchmarks.workload import PROGRAM, orders
from bondfire.benchmarks.writers import WRITERS, Writers, writers
from bondfire.db import connect, transaction
from bondfire.events import Event, parse_event
from bondfire.journal import import_events
from bondfire.programs import load_program
from bondfire.rules import conformance
from bondfire.simulation import simulate


class Scale(NamedTuple):
    """How long, and with how many.

    Attributes:
        rounds: of which each ratio's median is taken.
        members: of the brand; one with `FEW` is measured for comparison.
        accrual, pgbench, http, naive, till: seconds of a window.
    """

    rounds: int
    members: int
    accrual: float
    pgbench: int
    http: float
    naive: float
    till: float


WHOLE: Final = Scale(3, 1_000_000, 20, 10, 10, 5, 20)
SHORT: Final = Scale(1, 20_000, 3, 3, 3, 2, 4)

Say = Callable[[str], None]
Figures = dict[str, float | None]


class Measured(NamedTuple):
    """What was found.

    Attributes:
        figures: by the keys of `GOALS`; None for what cannot be measured here.
        shares: where the time went.
        curve: microseconds of a decision by the numbers of rules and challenges.
    """

    figures: Figures
    shares: list[Share]
    curve: dict[tuple[int, int], float]


FEW: Final = 10_000
_BATCH: Final = 1_000


def measure(scale: Scale, *, now: datetime, cases: Sequence[dict[str, Any]], say: Say) -> Measured:
    """Measure everything.

    Args:
        scale: how long.
        now: when it is; events are placed before it.
        cases: of CEL's specification, as `cases.json` has them.
        say: told what is being done.
    """
    from bondfire.benchmarks import reading

    begin = now - timedelta(days=1)
    say("Starting with an empty folder ...")
    figures: Figures = {"first_event_seconds": _first_event_seconds(begin)}
    with scratch_server() as dsn:
        figures["cold_batch_ratio"] = _cold_batch_ratio(dsn, begin)
        if has_pgbench():
            fill_pgbench(dsn)
        say(f"Making {scale.members:,} members ...")
        with (
            writers(dsn, scale.members, begin=begin) as many,
            writers(dsn, FEW, begin=begin, brand="few") as few,
        ):
            many.populate()
            few.populate()
            with served(dsn, scale.members, begin=begin) as server:
                figures |= _durable(dsn, scale, begin, writers_of=(many, few), server=server, say=say)
                say("Looking where the time goes ...")
                shares = _shares(dsn, scale, begin, server)
    say("Judging conditions ...")
    figures |= {
        "cel_vs_handwritten": conditions.vs_handwritten(),
        "cel_vs_best_package": conditions.vs_packages(),
        "cel_conformance": conformance(cases) if cases else None,
        "batch_route_vs_fastapi": reading.vs_fastapi(begin),
    }
    return Measured(figures, shares, rules.curve(begin))


def _durable(
    dsn: str, scale: Scale, begin: datetime, *, writers_of: tuple[Writers, Writers], server: Server, say: Say
) -> Figures:
    """What is measured beside pgbench, round by round."""
    from bondfire.benchmarks.naive.store import Naive

    many, few = writers_of
    naive = Naive(dsn)
    found: dict[str, list[float]] = {}

    def note(**values: float) -> None:
        for name, value in values.items():
            found.setdefault(name, []).append(value)

    for number in range(scale.rounds):
        say(f"Round {number + 1} of {scale.rounds} ...")
        tps = pgbench_tps(dsn, scale.pgbench) if has_pgbench() else nan
        before = _wal(dsn)
        written = many.write(scale.accrual)
        note(wal_bytes_per_event=(_wal(dsn) - before) / written.events)
        some = list(islice(orders(_few(), f"naive{number}", begin=begin), 5_000))
        one_by_one = naive.rate(some, scale.naive)
        note(accrual_vs_pgbench=written.rate / tps, accrual_vs_naive=written.rate / one_by_one)
        note(growth_members=few.write(scale.accrual / 4).rate / many.write(scale.accrual / 4).rate)
        note(replay_vs_accrual=_replay_rate(begin) / (written.rate / WRITERS))
        batch = server.send(rows=_BATCH, connections=6, seconds=scale.http)
        single = server.send(rows=1, connections=256, seconds=scale.http)
        note(http_batch_vs_pgbench=batch.rate / tps, http_single_vs_pgbench=single.rate / tps)
        note(http_single_p99_ms=single.percentile(0.99))
        till = server.send(rows=1, connections=1, seconds=scale.till, pause=0.1)
        note(till_p50_ms=till.percentile(0.5), till_p99_ms=till.percentile(0.99))
    naive.close()
    medians = {name: median(values) for name, values in found.items()}
    return {name: None if isnan(value) else value for name, value in medians.items()}


def _shares(dsn: str, scale: Scale, begin: datetime, server: Server) -> list[Share]:
    """Where the time goes of what is far from its goal; one writer alone, then the server with its doors."""
    with connect(dsn) as conn:
        postgres = family_of(conn.info.backend_pid)
    shares = _shares_of_a_writer(dsn, scale, begin, postgres)
    for what, rows, connections in (("HTTP, batches", _BATCH, 6), ("HTTP, one by one", 1, 256)):
        watch = Stopwatch(what, {"server": with_children(server.pid), "PostgreSQL": postgres})
        sent = server.send(rows=rows, connections=connections, seconds=scale.http)
        shares += watch.shares(sent.events)
        shares.append(Share(what, "load generator", sent.processor_seconds / sent.events * 1e6))
    return shares


def _shares_of_a_writer(dsn: str, scale: Scale, begin: datetime, postgres: Sequence[int]) -> list[Share]:
    owner, timeline = publish(dsn, now=begin)
    catalogue = timeline.newest.program.catalogue
    members = [str(number) for number in range(scale.members)]
    raw = islice(orders(members, "profile", begin=begin), 20 * _BATCH)
    events = [parse_event(one, catalogue) for one in raw]
    watch, began = Stopwatch("durable", {"PostgreSQL": postgres}), time.perf_counter()
    found = sampled(lambda: import_events(dsn, owner, timeline, events))
    passed = (time.perf_counter() - began) / len(events) * 1e6
    places = [Share("durable", place, passed * n / found.total()) for place, n in found.most_common()]
    return watch.shares(len(events)) + places


def _few() -> list[str]:
    return [str(number) for number in range(FEW)]


def _wal(dsn: str) -> int:
    with connect(dsn) as conn, transaction(conn):
        return wal_bytes(conn)


def _replay_rate(begin: datetime) -> float:
    """Events a second of one core that decides the same kind of history in memory."""
    program = load_program(PROGRAM)
    some = islice(orders(_few(), "replay", begin=begin), 20_000)
    events = [parse_event(raw, program.catalogue) for raw in some]
    began = time.process_time()
    simulate(program, events)
    return len(events) / (time.process_time() - began)


def _cold_batch_ratio(dsn: str, begin: datetime) -> float:
    """The first batch of a brand over the median of later ones, on tables that nobody analysed."""
    owner, timeline = publish(dsn, now=begin, brand="cold")
    catalogue = timeline.newest.program.catalogue
    raw = orders([str(number) for number in range(100_000)], "cold", begin=begin)
    times = []
    for _ in range(9):
        events: list[Event] = [parse_event(one, catalogue) for one in islice(raw, _BATCH)]
        began = time.perf_counter()
        import_events(dsn, owner, timeline, events)
        times.append(time.perf_counter() - began)
    return times[0] / median(times[4:])


def _first_event_seconds(begin: datetime) -> float:
    """A server made from nothing, a schema, a programme, and one event."""
    began = time.perf_counter()
    with scratch_server() as dsn:
        owner, timeline = publish(dsn, now=begin)
        raw = next(orders(["c-1"], "first", begin=begin))
        done = import_events(dsn, owner, timeline, [parse_event(raw, timeline.newest.program.catalogue)])
        assert done.outcomes == {"accepted": 1}  # noqa: S101 - else nothing was measured
        return time.perf_counter() - began
