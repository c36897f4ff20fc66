"""Who may call Segment's routes: an API key, sent as a write key in any of the ways its clients do."""

from typing import Annotated, Final, NamedTuple

from fastapi import Request, Security
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from starlette.exceptions import HTTPException

from bondfire.access import Key, authenticate, require
from bondfire.api.house import House
from bondfire.db import Connection
from bondfire.errors import NotAuthenticated
from bondfire.programs import Brand, brand_numbered


class Writer(NamedTuple):
    """Whose calls they are, and whether anybody could have made them: a key in a page is no secret."""

    brand: Brand
    is_public: bool


class _WriteKey(HTTPBasic):
    """Basic authorisation whose mistakes are ours to answer."""

    async def __call__(self, request: Request) -> HTTPBasicCredentials | None:  # type: ignore[override]
        """What was sent; None for nothing, and for what is no Basic authorisation."""
        try:
            return await super().__call__(request)
        except HTTPException:
            return None


_KEY: Final = _WriteKey(
    scheme_name="WriteKey",
    description="A whole API key (bf_...) as the user name, the password left empty; with events:write from "
    "a server, with events:browser from a page. Segment's clients call it the write key.",
    auto_error=False,
)
SentKey = Annotated[HTTPBasicCredentials | None, Security(_KEY)]


def writer_of(house: House, token: str) -> Writer:
    """The brand that a write key opens.

    Raises:
        NotAuthenticated: none, or one that is not known or was revoked.
        NotAllowed: its scopes do not include sending events.
    """
    if not token:
        raise NotAuthenticated(
            "No write key was sent.",
            next_step="Give the client an API key (bf_...) as its write key.",
            code="no_key",
        )

    def look_up(conn: Connection) -> Writer:
        key = authenticate(conn, token)
        is_public = not _may_write(key)
        if is_public:
            require(key, "events:browser")
        return Writer(brand_numbered(conn, key.brand_id), is_public)

    return house.transact(look_up)


def _may_write(key: Key) -> bool:
    return not key.scopes.isdisjoint({"events:write", "admin"})
