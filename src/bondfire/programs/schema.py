"""The published JSON Schema of the programme document, made from the shapes its reader uses."""

from typing import Any

from bondfire.programs.document import DOCUMENT


def program_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the document, with a description of every key.

    It knows the shape; names that refer to each other, expressions and reachability are judged by
    `check_program` only.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:bondfire:program",
        "title": "bondfire programme",
        **DOCUMENT.schema(),
    }
