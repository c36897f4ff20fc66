"""A real server process over a database, for tests that need sockets and signals."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src"


@dataclass
class Server:
    """`bondfire serve` as a process of its own."""

    process: "subprocess.Popen[str]"
    url: str

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(dsn: str, state: Path, **settings: object) -> Iterator[Server]:
    """A server that answers; ended with the block.

    Args:
        dsn: a migrated database.
        state: a folder of its own.
        settings: such as `rate_key_per_minute=60`.
    """
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {f"BONDFIRE_{name.upper()}": str(value) for name, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "bondfire.cli", "serve", "--port", "0", "--json"],
        env={
            **known,
            "PYTHONPATH": str(SOURCES),
            "BONDFIRE_DATABASE_URL": dsn,
            "BONDFIRE_STATE_DIR": str(state),
            "BONDFIRE_LOG_LEVEL": "error",
            **own,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        while not said.rstrip().endswith("}"):
            line = process.stdout.readline()
            assert line, "the server ended before it answered"
            said += line
        yield Server(process, json.loads(said)["url"])
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
