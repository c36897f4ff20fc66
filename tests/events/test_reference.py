"""The published reference says what the catalogue says."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bondfire.events import CATALOGUE
from bondfire.events.reference import event_schema, write_reference
from events.makers import line, parsed, raw

PUBLISHED = Path(__file__).parents[2] / "docs" / "reference"


def test_the_published_reference_is_fresh(tmp_path: Path) -> None:
    for path in write_reference(tmp_path):
        published = PUBLISHED / path.relative_to(tmp_path)
        assert published.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), (
            "run `make generate`"
        )


@pytest.mark.parametrize(
    "sent",
    [
        raw(lines=[line()]),
        raw("order.returned", order=None, lines=[line("5", quantity="2.5", kind=None)]),
        raw("points.adjusted"),
        raw("review.submitted", text="", sku=None),
        raw("member.joined"),
    ],
)
def test_the_schema_accepts_what_the_parser_accepts(sent: dict[str, object]) -> None:
    parsed(sent)
    assert list(Draft202012Validator(event_schema(CATALOGUE)).iter_errors(sent)) == []


@pytest.mark.parametrize(
    "sent",
    [
        raw("order.plased"),
        raw(total="-5"),
        raw(total="1.23456"),
        raw(colour="red"),
        raw("review.submitted", rating=6),
        raw(lines=[line(kind="tip")]),
        raw(id=""),
    ],
)
def test_the_schema_refuses_what_the_parser_refuses(sent: dict[str, object]) -> None:
    assert not Draft202012Validator(event_schema(CATALOGUE)).is_valid(sent)
