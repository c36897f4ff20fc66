"""Lint, types and contracts hold; and the contracts break when somebody breaks them."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from house.source import ROOT

BIN = Path(sys.executable).parent


def run(tool: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BIN / tool, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def storeys() -> list[str]:
    """All names in the layers of the contract."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(one for one in document["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    return [name for layer in contract["layers"] for name in re.findall(r"\w+", layer)]


def house_of_stubs(folder: Path) -> Path:
    """A package with every folder of the house, each with a pure model and a store, under our contracts."""
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    package = folder / "bondfire"
    for name in storeys():
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").write_text('"""Stub."""\n')
        (package / name / "model.py").write_text('"""Stub."""\n')
        (package / name / "store.py").write_text(
            '"""Stub."""\nimport psycopg\nimport sqlalchemy\nimport alembic\n'
        )
    (package / "__init__.py").write_text('"""Stub."""\n')
    return package


@pytest.mark.tool
@pytest.mark.parametrize(
    "command",
    [("ruff", "format", "--check", "."), ("ruff", "check", "."), ("mypy",), ("lint-imports",)],
    ids=" ".join,
)
def test_the_tools_have_nothing_to_say(command: tuple[str, ...]) -> None:
    answer = run(*command)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_contracts_hold_in_an_honest_house(tmp_path: Path) -> None:
    house_of_stubs(tmp_path)
    answer = run("lint-imports", "--no-cache", cwd=tmp_path)
    assert "0 broken" in answer.stdout, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("ledger/lots.py", "from bondfire.engine import model", "Call down"),
        ("api/routes.py", "from bondfire.cli import main", "Call down"),
        ("assistant/__init__.py", "", "Call down"),
        ("ledger/model.py", "from bondfire.ledger import store", "Models are pure"),
        ("ledger/model.py", "from time import time", "Models are pure"),
        ("ledger/model.py", "import os", "Models are pure"),
        ("ledger/queries.py", "from psycopg import Connection", "SQL only in stores"),
        ("doors/shopify.py", "from bondfire.db import store", "Doors translate"),
    ],
)
def test_the_contracts_break_for_a_bad_import(tmp_path: Path, module: str, line: str, contract: str) -> None:
    package = house_of_stubs(tmp_path)
    (package / module).parent.mkdir(exist_ok=True)
    (package / module).write_text(f'"""Stub."""\n{line}\n')
    answer = run("lint-imports", "--no-cache", cwd=tmp_path)
    assert re.search(rf"^{contract}.* BROKEN$", answer.stdout, re.MULTILINE), answer.stdout + answer.stderr


def test_the_contracts_break_for_a_circle(tmp_path: Path) -> None:
    package = house_of_stubs(tmp_path)
    (package / "ledger" / "a.py").write_text('"""Stub."""\nfrom bondfire.ledger import b\n')
    (package / "ledger" / "b.py").write_text('"""Stub."""\nfrom bondfire.ledger import a\n')
    answer = run("lint-imports", "--no-cache", cwd=tmp_path)
    assert "No circles between siblings BROKEN" in answer.stdout, answer.stdout + answer.stderr
