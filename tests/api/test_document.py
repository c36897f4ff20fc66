"""Schemathesis sends what the OpenAPI document allows and forbids, and finds no answer it does not name."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from api.conftest import CAFE
from api.serving import serving
from bondfire.access import RANDOM_BYTES, create_key
from bondfire.api import openapi_document
from bondfire.api.examples import ORDER, RETURN, SPENDING
from bondfire.db import connect, transaction
from bondfire.programs import ensure_brand, publish_program

EXAMPLES: Final = int(os.environ.get("DOCUMENT_EXAMPLES", "20"))
"""For each operation; `make fuzz` takes more."""

CHECKS: Final = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    allow_header_conformance,
    unsupported_method,
    ignored_auth,
]
schemathesis.serializer.alias("application/x-ndjson", "text/plain")
DOCUMENT: Final = schemathesis.openapi.from_dict(openapi_document())
ALSO_AN_EVENT: Final = "/v1/events/batch"
"""GET reads the event whose id is `batch` there, so `Allow` rightly names more than the document does."""


class Place(NamedTuple):
    """A real server over a café's database, and a key for everything."""

    url: str
    headers: dict[str, str]


@pytest.fixture(scope="module")
def place(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A café with a member who has bought, returned and spent."""
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    with connect(shared_database) as conn, transaction(conn):
        brand = ensure_brand(conn, "corner-cafe", "wall", created_at=now)
        document = CAFE.format(brand=brand.name)
        publish_program(conn, brand.id, document, published_at=now, published_by="test")
        _, token = create_key(conn, brand.id, ["admin"], "test", created_at=now, random=bytes(RANDOM_BYTES))
    with serving(shared_database, tmp_path_factory.mktemp("state")) as server:
        headers = {"Authorization": f"Bearer {token}"}
        for event in (ORDER, RETURN, {**SPENDING, "unit": "beans"}):
            assert httpx2.post(f"{server.url}/v1/events", json=event, headers=headers).status_code == 200
        yield Place(server.url, headers)


@DOCUMENT.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_names(case: schemathesis.Case[Any], place: Place) -> None:
    checks = [one for one in CHECKS if not (case.path == ALSO_AN_EVENT and one is allow_header_conformance)]

    case.call_and_validate(base_url=place.url, headers=place.headers, checks=checks)
