"""Good Python is short: functions, files, parameters."""

import ast
from statistics import median, quantiles

from house.source import Module, module_of, product, suite

LONGEST_FUNCTION = 60
LONGEST_FILE = 400
LONGEST_TEST_FILE = 500


def function_lengths(modules: tuple[Module, ...]) -> dict[str, int]:
    """Lines of each function, its decorators and docstring not counted."""
    return {
        f"{module.path}:{node.lineno} {node.name}": _body_lines(node)
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def long_files(modules: tuple[Module, ...], limit: int) -> list[str]:
    """Files with more lines than the limit."""
    return [
        f"{module.path} has {lines} lines; split it by verb or noun (limit {limit})"
        for module in modules
        if (lines := len(module.text.splitlines())) > limit
    ]


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = function_lengths((*product(), *suite()))
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_half_of_all_functions_have_at_most_ten_lines() -> None:
    lengths = list(function_lengths(product()).values())
    assert median(lengths) <= 10
    assert quantiles(lengths, n=10)[-1] <= 35


def test_no_file_is_too_long() -> None:
    assert long_files(product(), LONGEST_FILE) + long_files(suite(), LONGEST_TEST_FILE) == []


def test_no_file_is_empty() -> None:
    assert [module.path for module in (*product(), *suite()) if not module.tree.body] == []


def test_the_check_finds_a_long_function_and_a_long_file() -> None:
    bad = module_of('def f() -> None:\n    """Say it.\n\n    More."""\n' + "    x = 1\n" * 70)
    assert list(function_lengths((bad,)).values()) == [71]
    assert long_files((bad,), 50) == [
        "src/bondfire/ledger/model.py has 74 lines; split it by verb or noun (limit 50)"
    ]
