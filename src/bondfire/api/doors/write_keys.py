"""Who may call Segment's routes: an API key, sent as a write key in any of the ways its clients do."""

from typing import Annotated, Final, NamedTuple

from fastapi import Request, Security
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from starlette.exceptions import HTTPException

from bondfire.access import require
from bondfire.api.guard import admit, admitted
from bondfire.api.house import Caller, House
from bondfire.api.visits import Visit
from bondfire.errors import NotAuthenticated


class Writer(NamedTuple):
    """Whose calls they are, and whether anybody could have made them: a key in a page is no secret."""

    caller: Caller
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


def writer_of(house: House, visit: Visit, token: str) -> Writer:
    """Let in whoever has a write key.

    Raises:
        NotAuthenticated: none, or one that is not known, was revoked or has expired.
        NotAllowed: its scopes do not include sending events.
        RateLimited: more came than the key or its brand may send.
    """
    if not token:
        raise NotAuthenticated(
            "No write key was sent.",
            next_step="Give the client an API key (bf_...) as its write key.",
            code="no_key",
        )
    caller = admitted(house, visit, token) or admit(house, visit, token)
    is_public = caller.key.scopes.isdisjoint({"events:write", "admin"})
    if is_public:
        require(caller.key, "events:browser")
    return Writer(caller, is_public)
