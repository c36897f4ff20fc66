"""By which name a member is asked for, and what is said when nobody goes by it."""

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Path, Query
from pydantic import AfterValidator

from bondfire.api.addresses import named
from bondfire.api.house import Caller
from bondfire.db import Connection
from bondfire.engine import UnknownMember
from bondfire.errors import NotFound
from bondfire.kit import parse_id
from bondfire.members import accounts_of, find_member
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
Account = Annotated[
    str | None,
    Query(
        description="An account that became part of the member's (`formerly`): what came under that one.",
        examples=["mem_7f4k2v6q3znh5x2c4y6a7b3d2e"],
    ),
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


def account_of(conn: Connection, caller: Caller, member_id: UUID, account: str | None) -> UUID:
    """The member's own account, or one that became part of it.

    Raises:
        BadInput: it is no id.
        NotFound: `unknown_account`: it never became part of the member's.
    """
    if account is None:
        return member_id
    found = parse_id("mem", account)
    if found not in accounts_of(conn, caller.brand, member_id):
        raise NotFound(
            f"{account[:60]} is no account of this member.",
            next_step="Take one of `formerly` of the member.",
            code="unknown_account",
        )
    return found


def unknown_member(caller: Caller, member: str) -> NotFound:
    """The refusal for a name that nobody has joined under."""
    return NotFound(
        f"Nobody has joined {caller.brand.name} as {member[:80]!r}.",
        next_step="Check the reference; a member is known from their first event or from joining.",
        code="unknown_member",
    )
