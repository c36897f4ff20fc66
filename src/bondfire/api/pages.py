"""Pages of lists: one shape for all, and cursors that hold a place, so that inserts move nothing."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Final, TypeVar

import msgspec
from fastapi import Query
from pydantic import BaseModel, Field

from bondfire.errors import BadInput

MOST_ITEMS: Final = 500

Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS, description="How many items at most.")]
Cursor = Annotated[
    str | None,
    Query(max_length=2_000, description="The `next_cursor` of the page before; without it the first page."),
]
"""Longer than any of ours: base64 makes 1,067 characters of a name of 200, each of four bytes."""
Number = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Text = Annotated[str, msgspec.Meta(pattern="^[^\\0]*$")]
"""In a place: without the zero character, which no text in PostgreSQL can hold."""


class RowPlace(msgspec.Struct, array_like=True):
    """Where a row stands in its list; each list has its own kind, with its own tag."""


class Page(BaseModel):
    """A part of a list; its items stand under the name of what they are."""

    next_cursor: str | None = Field(description="For the next page; null at the end.")
    limit: int = Field(description="How many items at most.", examples=[50])


P = TypeVar("P", bound=RowPlace)
T = TypeVar("T")


def write_cursor(place: RowPlace) -> str:
    """A place as a text that means nothing to anybody else."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_cursor(text: str | None, kind: type[P]) -> P | None:
    """The place that `write_cursor` wrote; None for the first page.

    Raises:
        BadInput: `bad_cursor`: it was made for another list, or by nobody here.
    """
    if text is None:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=kind)
    except (binascii.Error, ValueError):
        raise BadInput(
            "The cursor is none of this list.",
            next_step="Send the next_cursor of the page before, unchanged, to the same list; or none.",
            code="bad_cursor",
        ) from None


def cut(rows: Sequence[T], limit: int) -> tuple[Sequence[T], T | None]:
    """The rows of a page, of which one more was read, and the last of them if others follow."""
    return rows[:limit], rows[limit - 1] if len(rows) > limit else None
