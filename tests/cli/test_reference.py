"""The published references are what the code says."""

from pathlib import Path

from bondfire.cli.reference import write_reference

PUBLISHED = Path(__file__).parents[2] / "docs" / "reference"


def test_the_references_are_fresh(tmp_path: Path) -> None:
    for path in write_reference(tmp_path):
        published = (PUBLISHED / path.name).read_text(encoding="utf-8")
        assert published == path.read_text(encoding="utf-8"), "run `make generate`"
