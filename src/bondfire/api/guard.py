"""Who is let in: the API key of a request, its rate and scope, and the brand it opens."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bondfire.access import Key, RateLimited, Scope, require
from bondfire.api.house import Caller, House
from bondfire.api.parameters import check_parameters
from bondfire.api.visits import Visit, visit_of
from bondfire.db import Connection
from bondfire.programs import Brand, brand_numbered

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


def admitted(house: House, visit: Visit, token: str) -> Caller | None:
    """Let a request in without asking the database; None when it must be asked (`admit`).

    A raw ASGI route calls this on the event loop, and `admit` in a thread when it gives None. Whoever
    sends too much is turned away here already, before the database learns of it.

    Raises:
        NotAuthenticated: no key, or one that is not known, was revoked or has expired.
        RateLimited: more came than the key or its brand may send.
    """
    key = house.keys.recall(token, now=house.now())
    if key is None:
        return None
    _enter(house, visit, key)
    brand = visit.brand = house.brands.get(key.brand_id)
    return None if brand is None else Caller(house, key, brand, visit)


def admit(house: House, visit: Visit, token: str) -> Caller:
    """Let a request in that `admitted` did not know enough of; raises as it does."""

    def look_up(conn: Connection) -> tuple[Key, Brand]:
        key = visit.key or house.keys.authenticate(conn, token, now=house.now())
        return key, brand_numbered(conn, key.brand_id)

    key, brand = house.transact(look_up)
    if visit.key is None:
        _enter(house, visit, key)
    visit.brand = brand
    if brand.clock == "wall":
        house.brands[brand.id] = brand
    return Caller(house, key, brand, visit)


async def let_in(house: House, visit: Visit, token: str) -> Caller:
    """Let a request in, from the event loop; raises as `admitted`."""
    found = admitted(house, visit, token)
    return await run_in_threadpool(admit, house, visit, token) if found is None else found


def _enter(house: House, visit: Visit, key: Key) -> None:
    visit.key = key
    try:
        visit.allowance = house.rates.enter(key.key_id, key.brand_id, key.rate, now=house.now())
    except RateLimited as refusal:
        visit.allowance = refusal.allowance
        house.metrics.limited.labels(refusal.policy).inc()
        raise


def allowed(scope: Scope) -> Callable[..., Awaitable[Caller]]:
    """A dependency that lets in keys with this scope.

    Raises (when it runs):
        NotAuthenticated, RateLimited: as `admitted`.
        NotAllowed: the key lacks the scope.
        BadInput: the query has a parameter that the route does not know.
    """

    async def caller(
        request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Security(_KEY)]
    ) -> Caller:
        token = sent.credentials if sent else ""
        found = await let_in(house_of(request), visit_of(request.scope), token)
        require(found.key, scope)
        check_parameters(request)
        return found

    return caller


MayReadMembers = Annotated[Caller, Depends(allowed("members:read"))]
MayWriteMembers = Annotated[Caller, Depends(allowed("members:write"))]
MayDecideReviews = Annotated[Caller, Depends(allowed("reviews:write"))]
MayReadEvents = Annotated[Caller, Depends(allowed("events:read"))]
MayWriteEvents = Annotated[Caller, Depends(allowed("events:write"))]
MayReadPrograms = Annotated[Caller, Depends(allowed("programs:read"))]
MayWritePrograms = Annotated[Caller, Depends(allowed("programs:write"))]
MayReadWebhooks = Annotated[Caller, Depends(allowed("webhooks:read"))]
MayWriteWebhooks = Annotated[Caller, Depends(allowed("webhooks:write"))]
MayReadRewards = Annotated[Caller, Depends(allowed("rewards:read"))]
MayWriteRewards = Annotated[Caller, Depends(allowed("rewards:write"))]
MayReadFinance = Annotated[Caller, Depends(allowed("finance:read"))]
MayWriteKeys = Annotated[Caller, Depends(allowed("keys:write"))]
