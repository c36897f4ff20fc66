"""Folders meet at their front doors, and the doors open fast."""

import ast
import json
import subprocess
import sys

from house.source import Import, Module, folders, imports_of, module_of, product

HEAVY = ("alembic", "fastapi", "pyarrow", "sqlalchemy", "starlette", "uvicorn")
ARE_HEAVY = {"api"}
ASK_WHAT_GETS_IMPORTED = """
import importlib, json, sys
found = {}
for name in sys.argv[2:]:
    before = set(sys.modules)
    importlib.import_module(name)
    found[name] = sorted({m.split(".")[0] for m in set(sys.modules) - before} & set(sys.argv[1].split(",")))
print(json.dumps({name: heavy for name, heavy in found.items() if heavy}))
"""


def doors_of(modules: tuple[Module, ...]) -> dict[str, set[str]]:
    """What each folder gives: the names in the `__all__` of its front door."""
    doors = {}
    for module in modules:
        if module.name == "__init__" and module.path.count("/") == 3:
            doors[f"bondfire.{module.folder}"] = _exported(module.tree)
    return doors


def _exported(tree: ast.Module) -> set[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def side_entrances(modules: tuple[Module, ...], doors: dict[str, set[str]]) -> list[str]:
    """Imports that go past another folder's front door, or take what it does not give."""
    return [
        f"{module.path}:{line.line} {complaint}"
        for module in modules
        for line in imports_of(module)
        if (complaint := _past_the_door(module, line, doors))
    ]


def _past_the_door(module: Module, line: Import, doors: dict[str, set[str]]) -> str:
    door = ".".join(line.module.split(".")[:2])
    if door not in doors or door == f"bondfire.{module.folder}":
        return ""
    if line.module != door:
        return f"imports {line.module}; take it from {door}"
    hidden = sorted(set(line.names) - doors[door])
    return f"takes {', '.join(hidden)} from {door}, which does not give it" if hidden else ""


def test_other_folders_enter_by_the_front_door() -> None:
    assert side_entrances(product(), doors_of(product())) == []


def test_front_doors_import_no_heavy_library() -> None:
    doors = [f"bondfire.{name}" for name in folders() if name not in ARE_HEAVY]
    answer = subprocess.run(
        [sys.executable, "-c", ASK_WHAT_GETS_IMPORTED, ",".join(HEAVY), *doors],
        capture_output=True,
        check=False,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {}


def test_the_check_finds_side_entrances() -> None:
    bad = module_of(
        '"""Bad."""\nfrom bondfire.rules.parse import parse\n'
        "from bondfire.rules import hidden, compile_rule\n"
        "def f() -> None:\n    import bondfire.rules.parse\n"
        "from bondfire.ledger import store\nfrom . import lots\n"
    )
    assert side_entrances((bad,), {"bondfire.rules": {"compile_rule"}, "bondfire.ledger": set()}) == [
        "src/bondfire/ledger/model.py:2 imports bondfire.rules.parse; take it from bondfire.rules",
        "src/bondfire/ledger/model.py:3 takes hidden from bondfire.rules, which does not give it",
        "src/bondfire/ledger/model.py:5 imports bondfire.rules.parse; take it from bondfire.rules",
    ]
