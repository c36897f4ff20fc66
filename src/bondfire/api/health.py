"""Is it alive, can it work, and what does it count? For those who supervise it; no API key is needed."""

from hmac import compare_digest
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from bondfire.api.guard import house_of
from bondfire.api.house import House
from bondfire.api.parameters import check_parameters
from bondfire.api.problems import UnknownRoute, problem
from bondfire.db import HEAD
from bondfire.errors import NotAuthenticated


async def _known_parameters(request: Request) -> None:
    check_parameters(request)


router = APIRouter(tags=["health"], dependencies=[Depends(_known_parameters)])


class Health(BaseModel):
    """The process answers."""

    status: Literal["alive"]


class Readiness(BaseModel):
    """The database answers, is safe, and has the schema this bondfire knows."""

    status: Literal["ready"]
    schema_version: str


@router.get("/health", responses=problem())
def health() -> Health:
    """Say whether the process is alive; nothing about the database."""
    return Health(status="alive")


@router.get("/ready", responses=problem(503))
def ready(house: Annotated[House, Depends(house_of)]) -> Readiness:
    """Say whether it can work: the database answers, loses nothing, and has the right schema."""
    house.check()
    return Readiness(status="ready", schema_version=HEAD)


@router.get("/metrics", include_in_schema=False)
def metrics(house: Annotated[House, Depends(house_of)], request: Request) -> Response:
    """What this process has counted, as Prometheus reads it; only for who has the token of the settings."""
    token = house.terms.metrics_token
    if token is None:
        raise UnknownRoute(
            "There is nothing at /metrics.", next_step="Set BONDFIRE_METRICS_TOKEN to open it."
        )
    sent = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not compare_digest(sent.encode(), token.encode()):
        raise NotAuthenticated(
            "The metrics need the token of BONDFIRE_METRICS_TOKEN.",
            next_step="Send it as: Authorization: Bearer ...",
            code="bad_metrics_token",
        )
    page, media_type = house.metrics.render(request.headers.get("accept", ""))
    return Response(page, media_type=media_type)
