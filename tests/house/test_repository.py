"""What a stranger meets first: the README, working links, no trace of somebody's machine."""

import re
import tomllib

import pytest

import bondfire
from house.source import PACKAGE, ROOT, folders, tracked_files

REGISTRIES = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "deb." + "debian.org",
    "crates" + ".io",
)
MACHINE_PATHS = ("/" + "work/", "/" + "root/", "/" + "tmp/")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def text_of(name: str) -> str:
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def traces(name: str, text: str) -> list[str]:
    """Registry hosts anywhere; machine paths outside the tests, which may speak of them."""
    words = REGISTRIES if name.startswith("tests/") else (*REGISTRIES, *MACHINE_PATHS)
    return [f"{name} names {word}" for word in words if word in text]


def broken_links(name: str, text: str) -> list[str]:
    folder = (ROOT / name).parent
    return [f"{name} links to {target}" for target in LINK.findall(text) if not (folder / target).exists()]


def undocumented_targets(makefile: str) -> list[str]:
    """Targets of the Makefile that `make` would not show."""
    return [
        name
        for name in re.findall(r"^\.PHONY: (\w+)", makefile, re.MULTILINE)
        if not re.search(rf"^{name}:.*## \S", makefile, re.MULTILINE)
    ]


def test_no_file_names_a_registry_or_somebodys_machine() -> None:
    assert [trace for name in tracked_files() for trace in traces(name, text_of(name))] == []


def test_the_two_commands_stand_on_the_first_screen() -> None:
    first_screen = "\n".join(text_of("README.md").splitlines()[:20])
    assert "make demo" in first_screen
    assert "make test" in first_screen


@pytest.mark.parametrize("name", [name for name in tracked_files() if name.endswith(".md")])
def test_links_between_documents_work(name: str) -> None:
    assert broken_links(name, text_of(name)) == []


def test_every_folder_stands_in_the_architectures_table() -> None:
    text = text_of("ARCHITECTURE.md")
    table = text[text.index("## Storeys") : text.index("## One purchase")]
    assert {name for name in folders() if f"`{name}`" not in table} == set()


def test_every_file_of_the_purchase_that_the_architecture_follows_exists() -> None:
    named = re.findall(r"^\d\. `([\w/]+\.py)`", text_of("ARCHITECTURE.md"), re.MULTILINE)
    assert 5 <= len(named) <= 8
    assert [name for name in named if not (PACKAGE / name).exists()] == []


def test_every_make_target_is_shown_by_make() -> None:
    assert undocumented_targets(text_of("Makefile")) == []


def test_the_version_is_the_same_everywhere() -> None:
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    assert bondfire.__version__ == version
    assert f"## [{version}]" in text_of("CHANGELOG.md")


def test_the_checks_find_traces_broken_links_and_silent_targets() -> None:
    host = "https://" + REGISTRIES[0]
    assert traces("docs/x.md", f"see {host} and {MACHINE_PATHS[0]}main") == [
        f"docs/x.md names {REGISTRIES[0]}",
        f"docs/x.md names {MACHINE_PATHS[0]}",
    ]
    assert traces("tests/x.py", MACHINE_PATHS[2]) == []
    assert broken_links("docs/x.md", "[a](nowhere.md) [b](#c) [d](https://example.org)") == [
        "docs/x.md links to nowhere.md"
    ]
    assert undocumented_targets(".PHONY: a\na: b ## says\n.PHONY: c\nc:\n") == ["c"]
