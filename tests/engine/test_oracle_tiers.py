"""Tiers against their oracle: at least 30,000 random steps without one difference."""

from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from engine.oracle_tiers import Rules
from engine.play_tiers import TierPlay
from engine.test_oracle import SETTINGS

FEWEST = 8_000
"""Steps of each machine."""
MONEY, DAYS = (0, 300, 900), (0, 3, 8)


class Years(TierPlay):
    ladders: ClassVar = {
        "plain": Rules("unit", "calendar_year", MONEY),
        "gentle": Rules("spend", "calendar_year", MONEY, grace=20, one_step=True),
        "visits": Rules("visits", "membership_year", DAYS, grace=15),
        "value": Rules("value", "membership_year", MONEY, on="order.placed", one_step=True),
        "ever": Rules("spend", "lifetime", MONEY),
    }


class Rolling(TierPlay):
    ladders: ClassVar = {
        "month": Rules("spend", "rolling", MONEY, length=30),
        "steps": Rules("unit", "rolling", MONEY, length=45, one_step=True),
        "grace": Rules("value", "rolling", MONEY, on="order.placed", length=90, grace=10),
        "days": Rules("visits", "rolling", DAYS, length=60, grace=5, one_step=True),
    }


class PeriodEnds(TierPlay):
    ladders: ClassVar = {
        "year": Rules("spend", "calendar_year", MONEY, waits=True),
        "member": Rules("unit", "membership_year", MONEY, waits=True, grace=40, one_step=True),
        "runs": Rules("value", "tier_year", DAYS, on="run.finished", waits=True, grace=12),
    }


class TierYears(TierPlay):
    """What cannot come back: a return leads to the day on which a tier would have been reached without it."""

    ladders: ClassVar = {
        "runs": Rules("value", "tier_year", (0, 40, 100), on="run.finished"),
        "steps": Rules("visits", "tier_year", DAYS, on="run.finished", grace=30, one_step=True),
    }


@pytest.mark.parametrize("machine", [Years, Rolling, PeriodEnds, TierYears])
def test_tiers_are_as_the_oracle_says(machine: type[TierPlay]) -> None:
    run_state_machine_as_test(machine, settings=settings(SETTINGS, max_examples=200))
    assert machine.steps >= FEWEST, f"only {machine.steps} steps were taken"
    assert machine.moves * 20 >= machine.steps, f"only {machine.moves} tiers changed"
