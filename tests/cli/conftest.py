"""Runs the command line as a user does: as a process of its own, or in this one where that is enough."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from bondfire.cli.app import run

SOURCES = Path(__file__).parents[2] / "src"


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        """The one JSON object on stdout."""
        found = msgspec.json.decode(self.out)
        assert isinstance(found, dict)
        return found


Command = Callable[..., Ended]


@pytest.fixture
def bondfire(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in this process: `bondfire("check", path)`."""

    def act(*words: object) -> Ended:
        capsys.readouterr()
        code = run([str(word) for word in words])
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return act


@pytest.fixture
def installed(database: str, bondfire: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command in this process with a fresh database."""
    monkeypatch.setenv("BONDFIRE_DATABASE_URL", database)
    return bondfire


@dataclass(frozen=True)
class Shell:
    """Starts commands as processes of their own, with a fresh database."""

    environment: dict[str, str]

    def start(self, *words: object, stdin: bool = False) -> "subprocess.Popen[str]":
        """A running command; its output is read by the test, which may write what it asks for."""
        return self._popen("-m", "bondfire.cli", *map(str, words), stdin=stdin)

    def run(self, *words: object, patience_s: int = 120) -> Ended:
        """A command from start to end."""
        return _to_the_end(self.start(*words), patience_s)

    def python(self, source: str, *words: str) -> Ended:
        """A few lines of Python from start to end."""
        return _to_the_end(self._popen("-c", source, *words))

    def _popen(self, *words: str, stdin: bool = False) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *words],
            env=self.environment,
            stdin=subprocess.PIPE if stdin else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def _to_the_end(process: "subprocess.Popen[str]", patience_s: int = 120) -> Ended:
    out, err = process.communicate(timeout=patience_s)
    return Ended(process.returncode, out, err)


@pytest.fixture
def shell(database: str, tmp_path: Path) -> Shell:
    """Commands as processes, with a fresh database and a state folder of their own."""
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return Shell(
        {
            **known,
            "PYTHONPATH": str(SOURCES),
            "BONDFIRE_DATABASE_URL": database,
            "BONDFIRE_STATE_DIR": str(tmp_path / "state"),
        }
    )


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A small programme as a file."""
    path = tmp_path / "cafe.yaml"
    path.write_text(
        """\
program: corner-cafe
brand: corner-cafe
timezone: Europe/Berlin
currency: EUR
units:
  beans: {pending: 14 days, expires: {after: 12 months}}
  status: {qualifying: true}
tier_sets:
  club:
    unit: status
    window: calendar_year
    tiers: {basic: {from: 0}, gold: {from: 100}}
earn:
  base:
    on: order.placed
    award: {beans: floor(event.total), status: floor(event.total)}
"""
    )
    return path


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """A member's story: an order, a return, a spending that is too large; and a row that cannot be read."""
    path = tmp_path / "events.ndjson"
    shop = {"source": "shop", "member": "c-17", "currency": "EUR"}
    told = [
        {**shop, "id": "o-1", "type": "order.placed", "occurred_at": "2026-03-29T01:59:59+01:00"}
        | {"order": "1001", "total": "119.80"},
        {**shop, "id": "o-2", "type": "order.plced", "occurred_at": "2026-03-30T10:00:00+02:00"}
        | {"total": "9.80"},
        {**shop, "id": "r-1", "type": "order.returned", "occurred_at": "2026-04-02T10:00:00+02:00"}
        | {"order": "1001", "total": "59.90"},
        {"id": "s-1", "type": "points.spent", "source": "till", "member": "c-17"}
        | {"occurred_at": "2026-04-20T12:00:00+02:00", "unit": "beans", "amount": "600"},
    ]
    path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in told))
    return path
