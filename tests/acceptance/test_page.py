"""The published page says which tests prove which cases."""

from acceptance.page import CASES, TESTS, page, proofs

PUBLISHED = TESTS.parent / "docs" / "reference" / "acceptance.md"


def test_the_published_page_is_fresh() -> None:
    assert PUBLISHED.read_text() == page(), "run `make generate`"


def test_a_test_is_named_after_cases_that_there_are() -> None:
    known = CASES.read_text()
    assert [proof for proof in proofs() if any(f"- {case} " not in known for case in proof.cases)] == []


def test_a_case_is_listed_with_its_tests_and_one_without_says_so() -> None:
    listed = page()
    proven = {case for proof in proofs() for case in proof.cases}
    cases = [line.split()[1] for line in CASES.read_text().splitlines() if line.startswith("- ")]

    assert "- **R2** The same return delivered again" in listed
    assert "`test_r2_l14_the_same_event_again_has_no_effect_and_the_first_answer`" in listed
    assert listed.count("not yet proven by a test") == len([case for case in cases if case not in proven])
