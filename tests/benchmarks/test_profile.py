"""Where the time of an event goes."""

import os

from bondfire.benchmarks.profile import Stopwatch, family_of, sampled, with_children
from bondfire.benchmarks.workload import PROGRAM
from bondfire.programs import load_program


def test_time_is_counted_where_our_code_spends_it() -> None:
    found = sampled(lambda: [load_program(PROGRAM) for _ in range(10)])

    assert found["programs"] > found["elsewhere"]
    assert found["rules"] > 0
    assert "engine" not in found


def test_each_process_is_told_what_it_took() -> None:
    watch = Stopwatch("it", {"ours": [os.getpid()], "nobody's": []})
    assert sum(range(20_000_000)) > 0
    ours, nobodys = watch.shares(events=10)

    assert (ours.what, ours.where) == ("it", "ours")
    assert ours.microseconds > nobodys.microseconds == 0


def test_a_family_is_a_parent_with_its_children() -> None:
    assert os.getpid() in family_of(os.getpid())
    assert with_children(os.getpid())[0] == os.getpid()
