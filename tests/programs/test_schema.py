"""The published schema and the reference say what the reader does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bondfire.examples import EXAMPLES, example_program
from bondfire.kit import format_amount
from bondfire.programs import check_program, program_schema
from bondfire.programs.reader import as_plain, read_document
from programs.documents import DOCUMENT, SKETCH, problems_of, rule, section

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
VALIDATOR = Draft202012Validator(program_schema())
DOCUMENTS = {"sketch": SKETCH, "small": DOCUMENT} | {name: example_program(name) for name in EXAMPLES}

WRONG_SHAPES = {
    "unknown key of the document": section("campaigns: {}\n"),
    "unknown key of a unit": DOCUMENT.replace("{qualifying: true}", "{qualifyin: true}"),
    "unknown key of an expiry": DOCUMENT.replace("round:", "rounds:"),
    "unknown key of a tier set": DOCUMENT.replace("window:", "windows:"),
    "unknown key of a tier": DOCUMENT.replace("{from: 100}", "{from: 100, benefit: x}"),
    "unknown key of a rule": rule("whn: true"),
    "unknown key of a cap": rule("cap: {points: 5, per: day, ovr: clip}"),
    "unknown key of a round": rule("round: {too: up}"),
    "unknown key of returns": section("returns: {clawbak: clamp}\n"),
    "unknown key of earning": section("earning: {exclud: [tax]}\n"),
    "unknown key of books": section("books: {close: 1 day}\n"),
    "unknown key of restored": section("restored: {graze: 1 day}\n"),
    "unknown key of an event type": section("events: {a.b: {costs: free}}\n"),
    "unknown key of a field": section("events: {a.b: {fields: {c: {kind: string, must: true}}}}\n"),
    "unknown key of member": section("member: {attribute: {}}\n"),
    "unknown key of a challenge": SKETCH.replace("badge:", "bagde:"),
    "unknown key of a reward": SKETCH.replace("seats:", "seat:"),
    "unknown word": rule("cap: {points: 5, per: dya}"),
    "a word where a number belongs": rule("priority: high"),
    "a number where a word belongs": rule("group: [a]"),
    "no period": section("books: {close_after: 5}\n"),
    "no units": DOCUMENT.replace("units:", "books:", 1),
    "no award": DOCUMENT.replace("award:", "when:"),
    "an empty award": DOCUMENT.replace("{points: floor(event.total), status: floor(event.total)}", "{}"),
    "a reserved name": DOCUMENT.replace("status: {qualifying", "in: {qualifying"),
    "a name that is none": DOCUMENT.replace("  base:", "  Base Rule:"),
    "a negative threshold": DOCUMENT.replace("from: 100", "from: -100"),
    "a number as a name": rule("group: 7"),
    "too many rules": DOCUMENT
    + "".join(f"  r{number}: {{on: order.placed, award: {{points: 1}}}}\n" for number in range(1_000)),
    "a date with an offset": rule("starts: 2026-12-01T10:00Z"),
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_right_document_fits_the_schema(document: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(as_plain(read_document(document)))] == []


@pytest.mark.parametrize("document", WRONG_SHAPES.values(), ids=WRONG_SHAPES.keys())
def test_reader_and_schema_refuse_the_same_shapes(document: str) -> None:
    assert problems_of(document)
    assert not VALIDATOR.is_valid(as_plain(read_document(document)))


@given(st.data())
def test_whatever_is_written_anywhere_never_crashes_and_is_judged_alike(data: st.DataObject) -> None:
    document = as_plain(read_document(data.draw(st.sampled_from([SKETCH, *map(example_program, EXAMPLES)]))))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(paths_of(document))))
        document = with_value(document, path, data.draw(st.sampled_from(STRANGE)))
    report = check_program(json.dumps(document, default=format_amount, indent=1))
    if report.program:
        assert [error.message for error in VALIDATOR.iter_errors(document)] == []


def test_the_published_schema_is_fresh() -> None:
    published = json.loads((REFERENCE / "program.schema.json").read_text(encoding="utf-8"))
    assert published == program_schema(), "run: make generate"


def test_the_schema_is_one_and_describes_every_key() -> None:
    Draft202012Validator.check_schema(program_schema())
    silent = [name for name, about in keys_of(program_schema()) if len(about) < 5]
    assert silent == []


def test_the_reference_names_every_key_and_every_word() -> None:
    text = (REFERENCE / "program.md").read_text(encoding="utf-8")
    keys = {name for name, _ in keys_of(program_schema())}
    words = {word for word in words_of(program_schema()) if isinstance(word, str)}
    assert sorted(name for name in keys | words if f"`{name}`" not in text) == []


def test_every_example_of_the_reference_is_right() -> None:
    text = (REFERENCE / "program.md").read_text(encoding="utf-8")
    examples = [part.split("```")[0] for part in text.split("```yaml\n")[1:]]
    for example in examples:
        assert problems_of(completed(example)) == (), example
    shown = "\n".join(examples)
    assert sorted(name for name, _ in keys_of(program_schema()) if f"{name}:" not in shown) == []


STRANGE: tuple[Any, ...] = (
    *(None, [], {}, "", 5, -1, 10**30, True, "x", [1], [[]], [None], {"a": 1}, {"points": None}),
    *("event.total", "0 days", "9999 years", "1e9", "\u2028", "fire", "points", "order.returned"),
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in inner:
        yield (*path, key)
        yield from paths_of(held, (*path, key))


def with_value(value: Any, path: tuple[Any, ...], strange: Any) -> Any:
    """The document with something else there."""
    if not path:
        return strange
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = with_value(changed[path[0]], path[1:], strange)
    return changed


def completed(example: str) -> str:
    """An example of the reference as a whole document: what it leaves out is taken from the sketch."""
    present = {line.split(":")[0] for line in example.splitlines() if line and line[0].isalpha()}
    missing: list[str] = []
    for line in SKETCH.splitlines(keepends=True):
        if line[0].isalpha():
            keep = line.split(":")[0] not in present | {"challenges", "rewards"}
        if keep:
            missing.append(line)
    return example + "".join(missing)


def keys_of(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every key of the schema with its description."""
    for name, shape in schema.get("properties", {}).items():
        yield name, shape.get("description", "")
        yield from keys_of(shape)
    for inner in (schema.get("additionalProperties"), schema.get("items"), *schema.get("anyOf", ())):
        if isinstance(inner, dict):
            yield from keys_of(inner)


def words_of(schema: dict[str, Any]) -> Iterator[object]:
    """Every word that stands in a choice."""
    yield from schema.get("enum", ())
    for inner in schema.get("properties", {}).values():
        yield from words_of(inner)
    for inner in (schema.get("additionalProperties"), schema.get("items"), *schema.get("anyOf", ())):
        if isinstance(inner, dict):
            yield from words_of(inner)
