"""Write the reference of the built-in events: a page for people, a JSON Schema for programs.

`python -m bondfire.events.reference docs/reference` writes both; a test says whether they are fresh.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bondfire.events.builtin import HEADER
from bondfire.events.catalogue import CATALOGUE, Catalogue
from bondfire.events.currencies import MOST_DECIMALS
from bondfire.events.fields import INT64, EventType, Field

_INTRODUCTION = """\
# Events

What customers do, as bondfire takes it. This page is made from the catalogue (`make generate`); the same as a
JSON Schema is [schemas/event.json](schemas/event.json). A programme declares further types and attributes.

One event is one JSON object; a file has one a line (NDJSON), or is a JSON array or a
table (CSV, Excel, Parquet).

```json
{"id": "ord-1001", "type": "order.placed", "source": "shop", "member": "c-17",
 "occurred_at": "2026-03-29T01:59:59+01:00", "order": "1001", "currency": "EUR", "total": "119.80",
 "lines": [{"sku": "A1", "quantity": 2, "amount": "119.80", "categories": ["shoes"]}]}
```

- **Amounts** are decimal strings (`"119.80"`) or JSON numbers, which are read exactly as they are written.
  Money has at most the decimals of its currency (EUR 2, JPY 0, KWD 3); nothing is beyond 10^15.
- **Times** are RFC 3339 with an offset, from 1900 to 9000. **Texts** are well-formed Unicode without NUL.
- **Unknown fields are refused**, with the nearest name that is known; so is a key that is there twice.
- **Null** means that the field is not there. In attributes and in a programme's own events it is a value
  of its own, which rules can tell from a missing one.
- **derived** fields are always there when rules look: bondfire fills them in when they are not sent.
- **personal** texts are kept apart from the journal; rules see their length, never their words.
- The same `id` from the same `source` for the same `member` is the same event: sent again it has no
  further effect, with other contents it is a conflict.
- **Limits**: 1,000 lines an order, 100 items in other lists, 200 characters in a text where nothing else
  is said, a million bytes a line of a file.
- **Cost** is what the event costs the member. An award for a `free` one needs a cap.

## Files

`bondfire import` and `bondfire simulate` read `.ndjson`, `.jsonl`, `.json`, `.csv` (each also `.gz`),
`.xlsx` and `.parquet`. A row that is wrong is set aside with its number, field and reason, and the others
go on; an import that was stopped, or killed, goes on where it was when it is run again, and its file of
rejects is complete. `--dry-run` only says what is wrong.

In a table each column is a field. An empty cell means that the field is not there; `lines` holds JSON, a
list of words may be written `shoes|sale`, and a dot reaches into a record (`attributes.city`). A table
with names of its own is read through a column map, `--map`:

```yaml
columns: {id: Invoice, member: Card, occurred_at: When, total: Value}  # field: column; others are not read
constants: {type: order.placed, source: till, currency: EUR}           # the same in each row
timezone: Europe/Berlin       # of times without an offset
negative: order.returned      # the type of rows whose total is below zero
sheet: March                  # of a workbook; the first that is not hidden without it
```

**Excel**: the first row with a cell is the header, and columns without a name are not read. A number
counts with the 15 digits that Excel keeps of it, so 0.1 + 0.2 is 0.3; a longer one, such as a card's, is
refused unless the cell is text. Excel's dates have no offset, so they need a `timezone`. A formula counts
with the value that was saved with it, an error such as #N/A is rejected. Of merged cells the first has
the value; hidden rows count like others. `.xls`, workbooks with a password and those of more than 500 MB
unpacked are refused: save them as `.xlsx`, or as CSV.
"""


def reference_page(catalogue: Catalogue) -> str:
    """The catalogue as a page of Markdown."""
    return "\n".join([_INTRODUCTION, "## Every event", "", *_table(HEADER), *_sections(catalogue)]) + "\n"


def _sections(catalogue: Catalogue) -> Iterator[str]:
    for declared in catalogue.types.values():
        own = {name: spec for name, spec in declared.fields.items() if name not in HEADER}
        said = (
            "Only bondfire itself says this; it cannot be sent."
            if declared.own
            else f"Cost: {declared.cost}."
        )
        yield f"\n## {declared.name}\n\n{declared.doc} {said}\n"
        yield from _table(own)
        for name, spec in own.items():
            if spec.fields:
                yield f"\nEach of `{name}`:\n"
                yield from _table(spec.fields)


def _table(fields: Mapping[str, Field]) -> Iterator[str]:
    yield "| field | kind | presence | meaning |"
    yield "|---|---|---|---|"
    for name, spec in fields.items():
        personal = ", personal" if spec.personal else ""
        presence = "bondfire's own" if spec.own else f"{spec.presence}{personal}"
        yield f"| `{name}` | {_kind_in_words(spec)} | {presence} | {spec.doc} |"


def _kind_in_words(spec: Field) -> str:
    match spec.kind:
        case "decimal":
            decimals = "the currency's decimals" if spec.decimals is None else f"{spec.decimals} decimals"
            sign = "any sign" if spec.negative else "not below 0" if spec.zero else "above 0"
            return f"decimal, {decimals}, {sign}"
        case "integer" if spec.maximum < INT64:
            return f"integer, {spec.minimum} to {spec.maximum}"
        case "enum":
            return ", ".join(spec.values)
        case "string":
            return f"text, {spec.length} characters"
        case "strings":
            return f"list of texts, {spec.size} at most"
        case "records":
            return f"list of objects, {spec.size} at most"
        case "record":
            return "object"
        case _:
            return spec.kind


def event_schema(catalogue: Catalogue) -> dict[str, object]:
    """The catalogue as a JSON Schema (2020-12); what fields mean together is beyond it."""
    types = [declared for declared in catalogue.types.values() if not declared.own]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "bondfire event",
        "type": "object",
        "required": [name for name, spec in HEADER.items() if spec.presence == "required"],
        "properties": {"type": {"enum": [declared.name for declared in types]}},
        "oneOf": [_type_schema(declared) for declared in types],
    }


def _type_schema(declared: EventType) -> dict[str, object]:
    schema = _object_schema(declared.fields)
    properties = schema["properties"]
    if isinstance(properties, dict):
        properties["type"] = {"const": declared.name}
    return {"title": declared.name, "description": declared.doc, **schema}


def _object_schema(fields: Mapping[str, Field]) -> dict[str, object]:
    return {
        "type": "object",
        "required": [name for name, spec in fields.items() if spec.presence == "required"],
        "properties": {name: _described(spec) for name, spec in fields.items() if not spec.own},
        "additionalProperties": False,
    }


def _described(spec: Field) -> dict[str, object]:
    schema = _field_schema(spec)
    if spec.presence != "required":
        schema = {"anyOf": [schema, {"type": "null"}]}
    return {"description": spec.doc, **schema}


def _field_schema(spec: Field) -> dict[str, object]:
    match spec.kind:
        case "decimal":
            return _amount_schema(spec)
        case "integer":
            return {"type": "integer", "minimum": spec.minimum, "maximum": spec.maximum}
        case "enum":
            return {"enum": list(spec.values)}
        case "strings":
            return {"type": "array", "items": _text_schema(spec), "maxItems": spec.size}
        case "records":
            return {"type": "array", "items": _object_schema(spec.fields), "maxItems": spec.size}
        case "record":
            return _object_schema(spec.fields)
        case "map":
            return {"type": "object", "additionalProperties": _text_schema(spec), "maxProperties": spec.size}
        case "string":
            return _text_schema(spec)
        case _:
            return dict(_PLAIN[spec.kind])


_PLAIN: Final[Mapping[str, Mapping[str, object]]] = {
    "boolean": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
}


def _text_schema(spec: Field) -> dict[str, object]:
    return {"type": "string", "minLength": 0 if spec.empty else 1, "maxLength": spec.length}


def _amount_schema(spec: Field) -> dict[str, object]:
    decimals = MOST_DECIMALS if spec.decimals is None else spec.decimals
    sign = "-?" if spec.negative else ""
    pattern = rf"^{sign}\d{{1,16}}(\.\d{{1,{decimals}}}0*)?$"
    number: dict[str, object] = {"type": "number"} if spec.negative else {"type": "number", "minimum": 0}
    return {"anyOf": [{"type": "string", "pattern": pattern}, number]}


def write_reference(folder: Path) -> list[Path]:
    """Write the page and the schema into a folder; gives their paths."""
    texts = {
        folder / "events.md": reference_page(CATALOGUE),
        folder / "schemas" / "event.json": json.dumps(event_schema(CATALOGUE), indent=1) + "\n",
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts)


if __name__ == "__main__":
    write_reference(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))
