"""The CEL specification's own test cases, through the compiled function and through the interpreter."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bondfire.rules import conformance
from bondfire.rules.conformance import ALSO, CORE, Row, cases_of, failure_of

CORE_CASES = 1092


@pytest.fixture(scope="module")
def rows(corpora: Path) -> Sequence[Row]:
    """All cases of the specification."""
    found: list[Row] = json.loads((corpora / "cel-spec" / "cases.json").read_text())
    return found


@pytest.mark.parametrize("file", [*CORE, *ALSO])
def test_every_case_of_a_core_file_agrees_with_the_specification(rows: Sequence[Row], file: str) -> None:
    failures = [failure for case in cases_of(rows, file) if (failure := failure_of(case))]

    assert failures == []


def test_the_core_files_have_no_fewer_cases_than_were_promised(rows: Sequence[Row]) -> None:
    assert sum(len(cases_of(rows, file)) for file in CORE) >= CORE_CASES


def test_the_share_that_passes_counts_what_fails(rows: Sequence[Row]) -> None:
    wrong = [{**row, "result": ["value", ["string_value", "never"]]} for row in rows[:100]]

    assert conformance(rows) == 1
    assert 0 < conformance([*rows, *wrong]) < 1
