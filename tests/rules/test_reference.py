"""The page about CEL says what is true."""

import json
import re
from pathlib import Path

from bondfire.rules.conformance import ALSO, CORE, cases_of
from bondfire.rules.functions import OVERLOADS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "cel.md").read_text()


def test_the_page_names_every_function() -> None:
    missing = [name for name in OVERLOADS if name[0].isalpha() and f"{name}(" not in PAGE]

    assert missing == []


def test_the_page_names_every_code() -> None:
    sources = (Path(__file__).parents[2] / "src" / "bondfire" / "rules").glob("*.py")
    codes = {code for path in sources for code in re.findall(r'code="(\w+)"', path.read_text())}

    assert [code for code in sorted(codes) if f"`{code}`" not in PAGE] == []


def test_the_page_counts_the_cases_of_the_specification(corpora: Path) -> None:
    rows = json.loads((corpora / "cel-spec" / "cases.json").read_text())
    counted = {file: len(cases_of(rows, file)) for file in (*CORE, *ALSO)}

    assert f"<!-- core -->{sum(counted[file] for file in CORE)}<!-- /core -->" in PAGE
    assert f"| `macros2` (two variables) | 46 | {counted['macros2']} |" in PAGE
    assert f"| `string_ext` | 216 | {counted['string_ext']}: all but" in PAGE
