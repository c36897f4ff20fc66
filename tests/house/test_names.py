"""Every room has a job in its name, and says on its first line what it is for."""

import ast
from pathlib import PurePosixPath

from house.source import Module, module_of, product, suite, tracked_files

NO_JOB = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "service",
    "services",
    "manager",
    "managers",
}
FOLDER_DOCSTRING = ("owns:", "does not own:", "invariant")


def names_without_a_job(paths: tuple[str, ...]) -> list[str]:
    """Files and folders whose name says nothing."""
    return [path for path in paths if NO_JOB & {part.split(".")[0] for part in PurePosixPath(path).parts}]


def silent_modules(modules: tuple[Module, ...]) -> list[str]:
    """Modules that do not begin with a docstring on line 1."""
    return [module.path for module in modules if not _speaks_on_line_one(module)]


def _speaks_on_line_one(module: Module) -> bool:
    docstring = ast.get_docstring(module.tree)
    return bool(docstring) and module.tree.body[0].lineno == 1


def poor_front_doors(modules: tuple[Module, ...]) -> list[str]:
    """Front doors that do not say what the folder owns, or do not list what they give."""
    complaints = []
    for module in modules:
        if module.name != "__init__" or module.path.count("/") != 3:
            continue
        docstring = (ast.get_docstring(module.tree) or "").lower()
        complaints += [f"{module.path}: no '{word}'" for word in FOLDER_DOCSTRING if word not in docstring]
        if not _assigns_all(module.tree):
            complaints.append(f"{module.path}: no __all__")
    return complaints


def _assigns_all(tree: ast.Module) -> bool:
    return any(
        isinstance(target, ast.Name) and target.id == "__all__"
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
    )


def test_no_room_is_without_a_job_in_its_name() -> None:
    assert names_without_a_job(tracked_files()) == []


def test_every_module_says_on_line_one_what_it_is_for() -> None:
    assert silent_modules((*product(), *suite())) == []


def test_every_front_door_says_what_the_folder_owns() -> None:
    assert poor_front_doors(product()) == []


def test_the_checks_find_bad_names_and_silent_doors() -> None:
    assert names_without_a_job(("src/bondfire/utils.py", "src/bondfire/common/x.py", "src/a/commons.py")) == [
        "src/bondfire/utils.py",
        "src/bondfire/common/x.py",
    ]
    silent = module_of("import os\n", "src/bondfire/ledger/__init__.py")
    assert silent_modules((silent,)) == ["src/bondfire/ledger/__init__.py"]
    assert len(poor_front_doors((silent,))) == 4
