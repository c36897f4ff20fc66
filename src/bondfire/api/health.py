"""Is it alive, and can it work? For load balancers and supervisors; no key is needed."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from bondfire.api.guard import house_of
from bondfire.api.house import House
from bondfire.api.problems import problem
from bondfire.db import HEAD

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The process answers."""

    status: Literal["alive"]


class Readiness(BaseModel):
    """The database answers, is safe, and has the schema this bondfire knows."""

    status: Literal["ready"]
    schema_version: str


@router.get("/health")
def health() -> Health:
    """Say whether the process is alive; nothing about the database."""
    return Health(status="alive")


@router.get("/ready", responses=problem(503))
def ready(house: Annotated[House, Depends(house_of)]) -> Readiness:
    """Say whether it can work: the database answers, loses nothing, and has the right schema."""
    house.check()
    return Readiness(status="ready", schema_version=HEAD)
