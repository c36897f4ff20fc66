"""The CEL specification's own test cases, through the compiled function and through the interpreter."""

from pathlib import Path

import pytest

from rules.conformance import ALSO, CORE, cases_of, failure_of

CORE_CASES = 1092


@pytest.mark.parametrize("file", [*CORE, *ALSO])
def test_every_case_of_a_core_file_agrees_with_the_specification(corpora: Path, file: str) -> None:
    failures = [failure for case in cases_of(corpora, file) if (failure := failure_of(case))]

    assert failures == []


def test_the_core_files_have_no_fewer_cases_than_were_promised(corpora: Path) -> None:
    assert sum(len(cases_of(corpora, file)) for file in CORE) >= CORE_CASES
