"""The OpenAPI document promises what the API does."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api.conftest import Door
from bondfire.api import openapi_document
from bondfire.api.examples import ORDER, RETURN, SPENDING
from bondfire.events import CATALOGUE, parse_event

DOCUMENT = openapi_document()
AS_CSV = {"/v1/finance/journal"}
OPEN = {"/health", "/ready"}
SIGNED = {"/v1/webhooks/{shop}/{endpoint}"}
"""Whoever knows the secret has signed the body; there is no key."""
BY_WRITE_KEY = {
    f"/v1/{name}" for name in ("batch", "import", "track", "identify", "page", "screen", "group", "alias")
}
BY_PATH = {"/v1/projects/{write_key}/settings"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of every operation."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def schema_of(path: str, method: str, status: str) -> Draft202012Validator:
    """What a route promises to answer."""
    (content,) = DOCUMENT["paths"][path][method]["responses"][status]["content"].values()
    return Draft202012Validator({**content["schema"], "components": DOCUMENT["components"]})


@pytest.mark.parametrize(("path", "method", "operation"), list(operations()))
def test_every_operation_is_named_explained_and_guarded(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    answers = operation["responses"]

    assert operation["operationId"].isidentifier()
    assert operation["summary"]
    assert operation["description"]
    if path in OPEN:
        assert "security" not in operation
    elif path in SIGNED | BY_PATH:
        assert "security" not in operation
        assert {"401", "503"} <= answers.keys()
    elif path in BY_WRITE_KEY:
        assert operation["security"] == [{"WriteKey": []}]
        assert {"400", "401", "403", "503"} <= answers.keys()
    else:
        assert operation["security"] == [{"ApiKey": []}]
        assert {"401", "403", "422", "503"} <= answers.keys()
    told = "text/csv" if path in AS_CSV else "application/json"
    for status, answer in answers.items():
        assert set(answer["content"]) == {"application/problem+json" if status >= "4" else told}, status


def test_names_are_unique_and_references_lead_somewhere() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    schemas = DOCUMENT["components"]["schemas"]

    assert len(names) == len(set(names))
    assert {reference.split("/")[-1] for reference in references(DOCUMENT)} <= schemas.keys()
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def references(node: Any) -> Iterator[str]:
    """Every $ref in the document."""
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "$ref" and isinstance(value, str))
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_examples_of_events_are_events() -> None:
    content = DOCUMENT["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/json"]

    for example in content["examples"].values():
        assert Draft202012Validator(content["schema"]).is_valid(example["value"])
        assert parse_event(example["value"], CATALOGUE).id == example["value"]["id"]


def test_answers_keep_the_promises_of_the_document(cafe: Door) -> None:
    headers = cafe.key("admin")

    for path, method, asked in (
        ("/v1/events", "post", {"json": ORDER}),
        ("/v1/events/batch", "post", {"json": [ORDER, RETURN, {}]}),
        ("/v1/events/{event}", "get", {"params": {"member": "c-17", "source": "shop"}}),
        ("/v1/members/{member}", "get", {}),
        ("/v1/members/{member}/entries", "get", {}),
        ("/v1/members", "get", {}),
        ("/v1/members/{member}/events", "get", {}),
        ("/v1/members/{member}/lots", "get", {"params": {"unit": "beans"}}),
        ("/v1/members/{member}/tiers", "get", {}),
        ("/v1/members/{member}/challenges", "get", {}),
        ("/v1/members/{member}/profile", "put", {"json": {"name": "Ann"}}),
        ("/v1/members/{member}/profile", "get", {}),
        ("/v1/members/{member}/aliases", "put", {"json": {"kind": "card", "value": "7004"}}),
        ("/v1/members/{member}/aliases", "get", {}),
        ("/v1/members/{member}/consents", "get", {}),
        ("/v1/keys", "get", {}),
        ("/v1/programs", "get", {}),
        ("/v1/reports/totals", "get", {}),
        ("/v1/reports/tiers", "get", {}),
        ("/v1/returns/unmatched", "get", {}),
    ):
        answer = cafe.client.request(
            method, path.format(member="c-17", event="ord-1001"), headers=headers, **asked
        )
        assert answer.status_code == 200, answer.text
        schema_of(path, method, "200").validate(answer.json())


def test_problems_keep_the_promise_too(cafe: Door) -> None:
    headers = cafe.key("admin")
    for path, method, status, asked in (
        ("/v1/events", "post", "422", {"content": b"{"}),
        ("/v1/members/{member}", "get", "404", {}),
        ("/v1/events", "post", "404", {"json": {**SPENDING, "unit": "beans"}}),
    ):
        answer = cafe.client.request(method, path.replace("{member}", "x"), headers=headers, **asked)
        assert str(answer.status_code) == status
        schema_of(path, method, status).validate(answer.json())
