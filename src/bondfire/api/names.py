"""By which name a member is asked for, and what is said when nobody goes by it."""

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Path
from pydantic import AfterValidator

from bondfire.api.addresses import named
from bondfire.api.house import Caller
from bondfire.db import Connection
from bondfire.engine import UnknownMember
from bondfire.errors import NotFound
from bondfire.members import find_member
from bondfire.programs import Timeline

T = TypeVar("T")

Member = Annotated[
    str,
    Path(
        description="A reference (`c-17`), another reference that is an alias, or an id (`mem_...`).",
        examples=["c-17"],
    ),
    AfterValidator(named),
]
EventId = Annotated[
    str, Path(description="The sender's id of it.", examples=["ord-1001"]), AfterValidator(named)
]


def about_member(caller: Caller, member: str, query: Callable[[Connection, Timeline, UUID], T]) -> T:
    """Ask something about a member by the name they were asked for.

    Raises:
        NotFound: `unknown_member`: nobody has joined under this name.
    """

    def act(conn: Connection) -> T:
        timeline, member_id = caller.timeline(conn), find_member(conn, caller.brand, member)
        try:
            return query(conn, timeline, member_id)
        except UnknownMember:
            raise unknown_member(caller, member) from None

    return caller.read(act)


def unknown_member(caller: Caller, member: str) -> NotFound:
    """The refusal for a name that nobody has joined under."""
    return NotFound(
        f"Nobody has joined {caller.brand.name} as {member[:80]!r}.",
        next_step="Check the reference; a member is known from their first event or from joining.",
        code="unknown_member",
    )
