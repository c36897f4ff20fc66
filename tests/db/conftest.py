"""Folders for throw-away servers, and other processes of ours."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bondfire.settings import Settings

Spawn = Callable[[str, Settings], "subprocess.Popen[str]"]
"""Runs Python code in another process; it finds `settings` defined."""

_PRELUDE = """
import signal, sys
from pathlib import Path
from bondfire.db import connect, migrate, running_server
from bondfire.settings import Settings
settings = Settings(state_dir=Path(sys.argv[1]), database_url=sys.argv[2] or None)
"""


@pytest.fixture
def settings() -> Iterator[Settings]:
    """A state folder that the server's user can reach, also when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="bondfire-test-"))
    folder.chmod(0o711)
    yield Settings(state_dir=folder / "state")
    shutil.rmtree(folder)


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    """Other processes, each killed at the end of the test if it still lives."""
    with ExitStack() as stack:

        def run(code: str, settings: Settings) -> "subprocess.Popen[str]":
            process = subprocess.Popen(
                [sys.executable, "-c", _PRELUDE + code, str(settings.state_dir), settings.database_url or ""],
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            stack.callback(process.communicate)
            stack.callback(process.kill)
            return process

        yield run


@pytest.fixture
def as_root() -> None:
    """Some dangers exist for root only."""
    if os.getuid() != 0:
        pytest.skip("LOUD: not root; CI runs this test as root")
