"""Tests are hard: no patches, no sleeps, no luck."""

import ast

from house.source import Module, imports_of, module_of, suite

SLEEPS = {"sleep"}
PATCHES = {"patch", "setattr"}
PATCHING_MODULES = {"unittest.mock", "mock", "pytest_mock"}


def soft_spots(modules: tuple[Module, ...]) -> list[str]:
    """Patches, sleeps and marks that let a failure pass."""
    found = []
    for module in modules:
        found += [
            f"{module.path}:{line.line} imports {line.module}"
            for line in imports_of(module)
            if line.module in PATCHING_MODULES or (line.module == "time" and SLEEPS & set(line.names))
        ]
        found += [
            f"{module.path}:{node.lineno} {ast.unparse(node)}"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Attribute) and _is_soft(node)
        ]
    return found


def _is_soft(node: ast.Attribute) -> bool:
    owner = ast.unparse(node.value)
    if owner == "monkeypatch":
        return node.attr in {"setattr", "setitem", "delattr"}
    return (owner in {"mock", "mocker"} and node.attr in PATCHES) or (
        owner in {"time", "asyncio"} and node.attr in SLEEPS
    )


def test_tests_are_not_soft() -> None:
    assert soft_spots(suite()) == []


def test_the_check_finds_patches_and_sleeps() -> None:
    bad = module_of(
        "from unittest.mock import patch\nimport time\nfrom time import sleep\ntime.sleep(1)\n"
        "monkeypatch.setattr(a, 'b', 1)\nmonkeypatch.setenv('A', 'b')\n",
        "tests/ledger/test_lots.py",
    )
    assert [text.split(":")[1] for text in soft_spots((bad,))] == [
        "1 imports unittest.mock",
        "3 imports time",
        "4 time.sleep",
        "5 monkeypatch.setattr",
    ]
