"""Every choice that carries weight is written down: decisions, dependencies, the lock."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from house.source import ROOT, imports_of, product

DECISIONS = ROOT / "docs" / "decisions"
DEPENDENCIES = DECISIONS / "0003-dependencies.md"
SECTIONS = ("## Context", "## Decision", "## Consequences")
LOCKS = {
    "requirements.txt": ("run", "postgres", "build"),
    "requirements-dev.txt": ("run", "postgres", "build", "dev"),
}


def declared() -> dict[str, list[Requirement]]:
    """The requirements of pyproject.toml by group."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {
        "run": document["project"]["dependencies"],
        **document["project"]["optional-dependencies"],
        **document["dependency-groups"],
    }
    return {name: [Requirement(line) for line in lines] for name, lines in groups.items()}


def reasons(text: str) -> dict[str, str]:
    """Package and reason of each row `| package | reason |`."""
    rows = re.findall(r"^\| `([\w.-]+)` \| (.*?) \|$", text, re.MULTILINE)
    return {canonicalize_name(name): reason.strip() for name, reason in rows}


def pins(lock: str) -> dict[str, str]:
    """Version of each package in a lock; a pin without a hash counts as none."""
    found = re.findall(
        r"^([a-z0-9][\w.-]*)==([^\s;]+)(?: ;[^\\\n]*)? \\\n {4}--hash=sha256:", lock, re.MULTILINE
    )
    return {canonicalize_name(name): version for name, version in found}


def unlocked(requirements: list[Requirement], locked: dict[str, str]) -> list[str]:
    """Requirements that the lock does not meet."""
    return [
        str(one)
        for one in requirements
        if not one.specifier.contains(locked.get(canonicalize_name(one.name), "0"), prereleases=True)
    ]


def test_every_dependency_has_its_reason_and_every_reason_its_dependency() -> None:
    names = {canonicalize_name(one.name) for group in declared().values() for one in group}
    given = reasons(DEPENDENCIES.read_text(encoding="utf-8"))
    assert names - set(given) == set()
    assert set(given) - names == set()


def test_what_the_product_imports_it_declares() -> None:
    names = {canonicalize_name(one.name) for group in ("run", "postgres") for one in declared()[group]}
    distributions = packages_distributions()
    imported = {line.module.split(".")[0] for module in product() for line in imports_of(module)}
    foreign = {
        name: {canonicalize_name(each) for each in distributions.get(name, [name])}
        for name in imported - sys.stdlib_module_names - {"bondfire", "__future__"}
    }
    assert {name for name, packages in foreign.items() if not packages & names} == set()


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_meets_what_is_declared(name: str) -> None:
    locked = pins((ROOT / name).read_text(encoding="utf-8"))
    assert [line for group in LOCKS[name] for line in unlocked(declared()[group], locked)] == []


def test_both_locks_hold_the_same_versions() -> None:
    run, develop = (pins((ROOT / name).read_text(encoding="utf-8")) for name in LOCKS)
    assert run.items() <= develop.items()


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_the_lock_is_pinned_and_hashed_and_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(pins(text)) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))
    assert "://" not in text
    assert not re.search(r"^--", text, re.MULTILINE)


@pytest.mark.parametrize("page", sorted(DECISIONS.glob("*.md")), ids=lambda page: page.name)
def test_a_decision_says_context_decision_and_consequences(page: object) -> None:
    text = (DECISIONS / str(page)).read_text(encoding="utf-8")
    assert [section for section in SECTIONS if section not in text] == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(page.name[:4]) for page in sorted(DECISIONS.glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_checks_find_a_missing_hash_and_an_unmet_requirement() -> None:
    lock = 'a-b==1.2 ; sys_platform != "win32" \\\n    --hash=sha256:00\nc==3\n'
    assert pins(lock) == {"a-b": "1.2"}
    assert unlocked([Requirement("A_b>=1"), Requirement("a-b>=2"), Requirement("c")], pins(lock)) == [
        "a-b>=2"
    ]
    assert reasons("| `A_b` | it counts |\n| c | no code marks |") == {"a-b": "it counts"}
