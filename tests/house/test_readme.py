"""The README's tour can be typed: its commands run, over the events it shows."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from house.source import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ \.venv/bin/bondfire (\S.*)$", README, re.MULTILINE)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def tour(tmp_path: Path) -> Path:
    """A folder as a reader of the README has it: the checkout's files, and the events saved."""
    (tmp_path / "src").symlink_to(ROOT / "src")
    (tmp_path / "events.ndjson").write_text(blocks("json")[0], encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_tour_runs(command: str, tour: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "bondfire.cli", *command.split()],
        cwd=tour,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    if "--json" in command:
        told = json.loads(answer.stdout)
        assert told["members"]["c-17"]["wallets"]["points"]["spent"] == "60"
        assert told["program"]["points"] == {
            "issued": "171",
            "spent": "60",
            "expired": "66",
            "clawed_back": "45",
            "written_off": "0",
        }
        assert told["refused"] == []
