"""The acceptance page: each case, and the tests that prove it. `python -m acceptance.page docs/reference`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

TESTS: Final = Path(__file__).parents[1]
CASES: Final = Path(__file__).with_name("cases.md")
_CASE: Final = re.compile(r"- ([A-Z]\d+) (.+)")
_TEST: Final = re.compile(r"^(?:async )?def (test_((?:[rlutgcf]\d+_)+)\w+)\(", re.MULTILINE)


class Proof(NamedTuple):
    """A test, and the cases that it proves."""

    test: str
    file: str
    cases: tuple[str, ...]


def proofs() -> Iterator[Proof]:
    """Every test that is named after cases."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for name, cases in _TEST.findall(path.read_text(encoding="utf-8")):
            file = path.relative_to(TESTS.parent).as_posix()
            yield Proof(name, file, tuple(case.upper() for case in cases.rstrip("_").split("_")))


def page() -> str:
    """The list of cases with the tests of each; what has none says so."""
    by_case: dict[str, list[Proof]] = {}
    for proof in proofs():
        for case in proof.cases:
            by_case.setdefault(case, []).append(proof)
    lines = [
        "<!-- Made by `make generate` from tests/acceptance/cases.md and the names of tests; do not edit. -->"
    ]
    for line in CASES.read_text(encoding="utf-8").splitlines():
        told = _CASE.fullmatch(line)
        lines += _told(told[1], told[2], by_case.get(told[1], [])) if told else [line]
    return "\n".join(lines) + "\n"


def _told(case: str, rule: str, found: list[Proof]) -> list[str]:
    tests = [f"  - [`{proof.test}`](../../{proof.file})" for proof in found]
    return [f"- **{case}** {rule}", *(tests or ["  - not yet proven by a test"])]


def main() -> None:
    """Write `acceptance.md` into the folder that is named."""
    (Path(sys.argv[1]) / "acceptance.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
