"""Other processes that use the embedded server, and its end."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bondfire.settings import Settings

Spawn = Callable[[str, Settings], "subprocess.Popen[str]"]

_PRELUDE = """
import signal, sys
from pathlib import Path
from bondfire.db import connect, migrate, running_server
from bondfire.settings import Settings
settings = Settings(state_dir=Path(sys.argv[1]), database_url=sys.argv[2] or None)
"""


@contextmanager
def spawning() -> Iterator[Spawn]:
    """A function that runs Python code, which finds `settings` defined, in another process."""
    with ExitStack() as stack:

        def run(code: str, settings: Settings) -> "subprocess.Popen[str]":
            process = subprocess.Popen(
                [sys.executable, "-c", _PRELUDE + code, str(settings.state_dir), settings.database_url or ""],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield run


def wait_until_gone(state: Path) -> None:
    """Until no process of the server is left; they hold this lock as long as they live."""
    lock = state / "postgresql.lock"
    if lock.exists():
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
