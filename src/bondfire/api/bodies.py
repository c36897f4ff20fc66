"""Request bodies that are read by us and not by the framework: exact numbers, our own messages."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request


async def _raw_body(request: Request) -> bytes:
    return await request.body()


RawBody = Annotated[bytes, Depends(_raw_body)]
"""The body as it came; `LimitBody` has already read it, so this waits for nothing."""


def takes(description: str, contents: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """How the OpenAPI document describes a raw body: its media types, each with schema and examples."""
    return {"requestBody": {"description": description, "required": True, "content": dict(contents)}}
