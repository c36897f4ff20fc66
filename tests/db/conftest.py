"""Folders for throw-away servers, and other processes of ours."""

import os
from collections.abc import Iterator

import pytest

from bondfire.settings import Settings
from db.processes import Spawn, spawning, wait_until_gone
from db.scratch import scratch_folder


@pytest.fixture
def settings() -> Iterator[Settings]:
    """A state folder that the server's user can reach, also when the tests run as root."""
    with scratch_folder() as folder:
        yield Settings(state_dir=folder / "state")
        wait_until_gone(folder / "state")


@pytest.fixture
def spawn(settings: Settings) -> Iterator[Spawn]:
    """Runs Python code in other processes, each killed at the end of the test if it still lives."""
    with spawning() as run:
        yield run


@pytest.fixture
def as_root() -> None:
    """Some dangers exist for root only."""
    if os.getuid() != 0:
        pytest.skip("LOUD: not root; CI runs this test as root")
