"""`kill -9` of API server, worker and PostgreSQL at random points under load: nothing is lost or doubled."""

import os
import sys

import pytest

from campaign.campaign import campaign
from db.scratch import scratch_folder

KILLS = int(os.environ.get("CRASH_KILLS", "64"))
SEEDS = [int(os.environ["CRASH_SEED"])] if "CRASH_SEED" in os.environ else [20260105, 20260106]


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_acknowledged_is_lost_or_doubled_whoever_is_killed(seed: int) -> None:
    """The long form is `make crash KILLS=1000`."""
    with scratch_folder() as folder:
        killed = campaign(folder, seed=seed, kills=KILLS // len(SEEDS), say=sys.stdout.write)

    assert killed.keys() == {"server", "worker", "postmaster", "backend"}
