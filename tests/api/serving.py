"""A real server process over a database, for tests that need sockets and signals."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

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


def launch(
    dsn: str, state: Path, *words: str, stderr: int | IO[Any] = subprocess.DEVNULL, **settings: object
) -> "subprocess.Popen[str]":
    """`bondfire ...` as a process of its own.

    Args:
        dsn: a migrated database.
        state: a folder of its own.
        words: the command line.
        stderr: where its log goes.
        settings: such as `rate_key_per_minute=60`.
    """
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {f"BONDFIRE_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.Popen(
        [sys.executable, "-m", "bondfire.cli", *words],
        env={
            **known,
            "PYTHONPATH": str(SOURCES),
            "BONDFIRE_DATABASE_URL": dsn,
            "BONDFIRE_STATE_DIR": str(state),
            "BONDFIRE_LOG_LEVEL": "error",
            **own,
        },
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def told_by(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """The first JSON object that it prints: where it serves, or why it does not; empty if it just ended."""
    assert process.stdout is not None
    said = ""
    while line := process.stdout.readline():
        said += line
        try:
            told: dict[str, Any] = json.loads(said)
        except ValueError:
            continue
        return told
    return {}


@contextmanager
def serving(dsn: str, state: Path, **settings: Any) -> Iterator[Server]:
    """A server that answers; ended with the block. The arguments are those of `launch`."""
    process = launch(dsn, state, "serve", "--port", "0", "--json", **settings)
    try:
        told = told_by(process)
        assert "url" in told, f"the server ended before it answered: {told}"
        yield Server(process, told["url"])
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
