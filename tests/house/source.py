"""The source tree as the house tests read it: files, syntax trees and imports."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "bondfire"
TESTS = ROOT / "tests"


class Module(NamedTuple):
    """One Python file: its path from the root of the repository, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def folder(self) -> str:
        """The noun it belongs to: `ledger` for src/bondfire/ledger/store.py, empty above the folders."""
        parts = Path(self.path).parts
        return parts[2] if len(parts) > 3 else ""

    @property
    def name(self) -> str:
        """The file without its ending: `store`."""
        return Path(self.path).stem


class Import(NamedTuple):
    """One imported module, the names taken from it (none for a plain import), and the line."""

    module: str
    names: tuple[str, ...]
    line: int


def module_of(text: str, path: str = "src/bondfire/ledger/model.py") -> Module:
    """A module made of text, for the tests of the checks themselves."""
    return Module(path, text, ast.parse(text))


@cache
def product() -> tuple[Module, ...]:
    """Every module of the product."""
    return tuple(_read(PACKAGE))


@cache
def suite() -> tuple[Module, ...]:
    """Every module of the tests."""
    return tuple(_read(TESTS))


def folders() -> list[str]:
    """The nouns that exist."""
    return sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def _read(top: Path) -> Iterator[Module]:
    for path in sorted(top.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        yield Module(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


def imports_of(module: Module) -> Iterator[Import]:
    """Every import, also those inside functions."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, (), node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield Import(_absolute(node, module), tuple(alias.name for alias in node.names), node.lineno)


def _absolute(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    package = [*Path(module.path).with_suffix("").parts[1:-1]]
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, node.module] if node.module else package)


@cache
def tracked_files() -> tuple[str, ...]:
    """What git knows; without git (an unpacked archive) every file that is not hidden."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout
        return tuple(name for name in listing.split("\0") if name and (ROOT / name).is_file())
    except (OSError, subprocess.CalledProcessError):
        paths = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        return tuple(
            path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts)
        )
