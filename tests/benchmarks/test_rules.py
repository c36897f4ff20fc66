"""What a decision costs by the number of rules."""

from datetime import UTC, datetime

from bondfire.benchmarks.rules import RULES, curve, program_of
from bondfire.programs import load_program

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_programmes_have_as_many_rules_as_they_say() -> None:
    assert [len(load_program(program_of(rules)).rules_on["order.placed"].rules) for rules in RULES] == [
        *RULES
    ]


def test_every_number_of_rules_is_measured() -> None:
    assert {rules: microseconds > 0 for rules, microseconds in curve(BEGIN).items()} == dict.fromkeys(
        RULES, True
    )
