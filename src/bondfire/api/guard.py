"""Who is let in: the API key of a request, its scope, and the brand it opens."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bondfire.access import Scope, authenticate, require
from bondfire.api.house import Caller, House
from bondfire.db import Connection
from bondfire.programs import brand_numbered

_KEY: Final = HTTPBearer(
    scheme_name="ApiKey",
    bearerFormat="bf_<id>_<secret>",
    description="An API key of the brand; `bondfire keys add` and `bondfire demo` print one.",
    auto_error=False,
)


def house_of(request: Request) -> House:
    """The house this application was made for."""
    house = request.app.state.house
    assert isinstance(house, House)  # noqa: S101 - create_app put it there
    return house


def allowed(scope: Scope) -> Callable[..., Caller]:
    """A dependency that lets in keys with this scope.

    Raises (when it runs):
        NotAuthenticated: no key, or one that is not known or was revoked.
        NotAllowed: the key lacks the scope.
    """

    def caller(
        house: Annotated[House, Depends(house_of)],
        sent: Annotated[HTTPAuthorizationCredentials | None, Security(_KEY)],
    ) -> Caller:
        def look_up(conn: Connection) -> Caller:
            key = authenticate(conn, sent.credentials if sent else "")
            require(key, scope)
            return Caller(house, key, brand_numbered(conn, key.brand_id))

        return house.transact(look_up)

    return caller


MayReadMembers = Annotated[Caller, Depends(allowed("members:read"))]
MayWriteMembers = Annotated[Caller, Depends(allowed("members:write"))]
MayReadEvents = Annotated[Caller, Depends(allowed("events:read"))]
MayWriteEvents = Annotated[Caller, Depends(allowed("events:write"))]
MayReadPrograms = Annotated[Caller, Depends(allowed("programs:read"))]
MayWritePrograms = Annotated[Caller, Depends(allowed("programs:write"))]
