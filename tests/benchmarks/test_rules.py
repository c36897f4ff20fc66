"""What a decision costs by the numbers of rules and challenges."""

from datetime import UTC, datetime

from bondfire.benchmarks.rules import SIZES, curve, program_of
from bondfire.programs import load_program

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_programmes_have_as_many_rules_and_challenges_as_they_say() -> None:
    programs = [load_program(program_of(*size)) for size in SIZES]

    assert [(len(one.rules_on["order.placed"].rules), len(one.challenges)) for one in programs] == [*SIZES]


def test_every_size_is_measured() -> None:
    assert {size: microseconds > 0 for size, microseconds in curve(BEGIN).items()} == dict.fromkeys(
        SIZES, True
    )
