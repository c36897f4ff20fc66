"""The core has no clock, no chance and no binary floats; nobody commits but the edge."""

import ast
from collections.abc import Iterator

from house.source import Module, imports_of, module_of, product

CORE = {"rules", "programs", "ledger", "events", "doors", "engine", "journal", "deliveries", "finance", "kit"}
EXACT = {"ledger", "engine", "journal", "programs", "events", "doors", "deliveries", "finance"}
EDGE = {"api", "cli", "db"}
CLOCK_OR_CHANCE = {"random", "secrets", "time"}
CLOCK_CALLS = {"now", "today", "utcnow", "uuid1", "uuid4", "uuid6", "uuid7", "urandom", "getrandbits"}


def clocks_and_chance(modules: tuple[Module, ...]) -> list[str]:
    """Where the core asks for the time or for luck: both are passed in instead."""
    return [
        f"{module.path}:{line} {what}"
        for module in modules
        if module.folder in CORE
        for line, what in (*_impure_imports(module), *_impure_calls(module))
    ]


def _impure_imports(module: Module) -> Iterator[tuple[int, str]]:
    for line in imports_of(module):
        if line.module in CLOCK_OR_CHANCE:
            yield line.line, f"imports {line.module}"


def _impure_calls(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _called(node) in CLOCK_CALLS:
            yield node.lineno, f"calls {ast.unparse(node.func)}"


def _called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return "" if isinstance(function.value, ast.Name) and function.value.id == "self" else function.attr
    return function.id if isinstance(function, ast.Name) and function.id.startswith("uuid") else ""


def binary_floats(modules: tuple[Module, ...]) -> list[str]:
    """Float literals and float() in folders that count value."""
    return [
        f"{module.path}:{node.lineno} {ast.unparse(node)}"
        for module in modules
        if module.folder in EXACT
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant | ast.Call) and _is_float(node)
    ]


def _is_float(node: ast.Constant | ast.Call) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    return isinstance(node.func, ast.Name) and node.func.id == "float"


def commits_below_the_edge(modules: tuple[Module, ...]) -> list[str]:
    """Calls of `.commit()` or `.rollback()` in actions, queries, stores and models."""
    return [
        f"{module.path}:{node.lineno} {ast.unparse(node)}"
        for module in modules
        if module.folder not in EDGE and module.name in {"actions", "queries", "store", "model"}
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]


def test_the_core_asks_for_no_time_and_no_luck() -> None:
    assert clocks_and_chance(product()) == []


def test_value_is_never_a_binary_float() -> None:
    assert binary_floats(product()) == []


def test_actions_and_stores_never_commit() -> None:
    assert commits_below_the_edge(product()) == []


def test_the_checks_find_clocks_floats_and_commits() -> None:
    bad = module_of(
        "import random\nfrom time import monotonic\nwhen = datetime.now(UTC)\nkey = uuid4()\n"
        "rate = 0.5\nshare = float(total)\nconnection.commit()\n"
    )
    assert [text.split(" ", 1)[1] for text in clocks_and_chance((bad,))] == [
        "imports random",
        "imports time",
        "calls datetime.now",
        "calls uuid4",
    ]
    assert [text.split(" ", 1)[1] for text in binary_floats((bad,))] == ["0.5", "float(total)"]
    assert len(commits_below_the_edge((bad,))) == 1


def test_a_name_or_annotation_of_float_is_no_float() -> None:
    good = module_of("def is_double(value: object) -> bool:\n    return isinstance(value, float)\n")
    assert binary_floats((good,)) == []
