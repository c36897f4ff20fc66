"""Writes the JSON Schema of each payload that receivers read.

`python -m bondfire.webhooks.reference docs/reference` writes them; a test says whether they are fresh.
"""

import json
import sys
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from bondfire.webhooks.payloads import SHAPES


def payload_schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema (2020-12) of each type's payload; further fields may come, so none is forbidden."""
    return {_type_of(shape): _schema_of(shape) for shape in SHAPES}


def _type_of(shape: type[msgspec.Struct]) -> str:
    (name,) = get_args(get_type_hints(shape)["type"])
    return str(name)


def _schema_of(shape: type[msgspec.Struct]) -> dict[str, Any]:
    (reference,), components = msgspec.json.schema_components([shape], ref_template="#/$defs/{name}")
    top = components.pop(reference["$ref"].rpartition("/")[2])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **top,
        "title": _type_of(shape),
        "$defs": components,
    }


def write_reference(folder: Path) -> list[Path]:
    """Write the schemas into a folder; the paths written."""
    target = folder / "schemas" / "webhooks"
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in payload_schemas().items():
        path = target / f"{name}.json"
        path.write_text(json.dumps(schema, indent=1) + "\n", encoding="utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    write_reference(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))
