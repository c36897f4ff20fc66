"""The page for people names every code, every list and every metric there is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from api.conftest import Door
from bondfire.access import SCOPES
from bondfire.api import openapi_document
from bondfire.cli.worker_metrics import WorkerMetrics

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
ANSWERED = (
    "access",
    "api",
    "coupons",
    "deliveries",
    "doors",
    "idempotency",
    "journal",
    "ledger",
    "engine",
    "finance",
    "games",
    "members",
    "kit",
    "leaderboards",
    "webhooks",
)
SOMETIMES = {
    "events": {"bad_catalogue", "bad_csv", "bad_file", "missing_column", "no_such_file", "unknown_column"}
    | {"bad_cell", "unknown_format", "wrong_cells"},
    "programs": {"unknown_brand"},
    "db": {"bad_state_dir", "database_unreachable", "no_account", "no_postgres"},
}
"""Folders that the command line uses too, and their codes which only it can meet."""

ONLY_ON_THE_COMMAND_LINE = {"bad_expiry", "bad_rate", "bad_scope", "worker_lost"} | {
    *("bad_name", "bad_prefix", "bad_secret", "bad_shop", "hook_exists", "last_secret"),
    *("too_many_secrets", "unknown_secret"),
}


def codes_in(folder: str) -> Iterator[str]:
    """Every `code = "..."` of a class and `code="..."` of a call."""
    for path in (ROOT / "src" / "bondfire" / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.keyword) and node.arg == "code"
            assigned = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code"
            value = node.value if isinstance(node, ast.keyword | ast.Assign) else None
            if (named or assigned) and isinstance(value, ast.Constant) and value.value:
                yield str(value.value)


def codes_of_page() -> set[str]:
    table = PAGE[PAGE.index("| status | code |") : PAGE.index("## To run it")]
    return {
        code
        for row in re.findall(r"^\| \d+ \| (.*?) \|", table, re.MULTILINE)
        for code in re.findall(r"`(\w+)`", row)
    }


@pytest.mark.parametrize("folder", [*ANSWERED, *SOMETIMES])
def test_every_code_that_can_be_answered_stands_on_the_page(folder: str) -> None:
    never = SOMETIMES.get(folder, set()) | ONLY_ON_THE_COMMAND_LINE

    assert set(codes_in(folder)) - never - codes_of_page() == set()


def test_the_page_names_no_code_that_is_gone() -> None:
    there = {code for folder in (*ANSWERED, *SOMETIMES, ".") for code in codes_in(folder)}

    assert codes_of_page() - there == set()


def test_the_page_names_every_list_and_scope() -> None:
    paged = {
        path
        for path, methods in openapi_document()["paths"].items()
        if any(one["name"] == "cursor" for one in methods.get("get", {}).get("parameters", ()))
    }

    assert paged == {
        found.partition("?")[0] for found in re.findall(r"^\| `GET (/v1\S*)` \|", PAGE, re.MULTILINE)
    }
    assert set(re.findall(r"`(\w+:(?:read|write|browser)|admin)`", PAGE)) >= SCOPES


def test_the_page_names_every_metric(door: Door) -> None:
    metrics = door.client.app.state.house.metrics  # type: ignore[attr-defined] # the application's own
    page = metrics.render("")[0].decode() + generate_latest(WorkerMetrics().registry).decode()
    there = set(re.findall(r"^# TYPE (\w+) ", page, re.MULTILINE))
    named = set(re.findall(r"`(bondfire_\w+)`", PAGE))

    assert {name for name in there if not name.endswith("_created")} == named
