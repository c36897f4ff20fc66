"""Programmes: check a document, publish it, and read what was published."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from bondfire.api.bodies import RawBody, takes
from bondfire.api.changes import IdempotencyKey, change
from bondfire.api.guard import MayReadPrograms, MayWritePrograms
from bondfire.api.house import Caller
from bondfire.api.pages import Cursor, Limit, Number, Page, RowPlace, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.db import Connection
from bondfire.errors import NotFound
from bondfire.kit import EPOCH, parse_time
from bondfire.programs import Published, check_program, list_versions, publish_program

router = APIRouter(prefix="/v1/programs", tags=["programs"])

_EXAMPLE: Final = """\
program: corner-cafe
brand: corner-cafe
timezone: Europe/Berlin
currency: EUR
units:
  beans:
    expires: {after: 12 months, round: end_of_month}
earn:
  drinks:
    on: order.placed
    award: {beans: floor(event.total)}
"""
_DOCUMENT: Final[dict[str, Any]] = takes(
    "A programme in YAML or JSON, described by docs/reference/program.md.",
    {
        "application/yaml": {"schema": {"type": "string"}, "example": _EXAMPLE},
        "application/json": {"schema": {"type": "object"}},
    },
)


class Place(BaseModel):
    """Something to say about one place of a document."""

    line: int
    column: int
    where: str = Field(description="The key it is about, such as `earn.base.cap`.")
    code: str
    message: str
    next_step: str


class Checked(BaseModel):
    """What was found in a document; it can be published when there are no problems."""

    ok: bool
    problems: list[Place]
    warnings: list[Place]
    notes: list[Place]


class ProgramVersion(BaseModel):
    """One published version."""

    version: int = Field(examples=[1])
    valid_from: datetime | None = Field(description="From when it decides; null: since ever.")
    published_at: datetime
    published_by: str = Field(examples=["key shop"])
    digest: str = Field(description="SHA-256 of the document; layout and comments do not change it.")


class ProgramDocument(ProgramVersion):
    """One published version with its document."""

    document: str = Field(examples=[_EXAMPLE])


class VersionsPage(Page):
    """What was published, the oldest first."""

    versions: list[ProgramVersion]


class VersionPlace(RowPlace, tag="versions"):
    """The number of a version."""

    number: Number


@router.post("/check", responses=problems(), openapi_extra=_DOCUMENT)
def check_program_document(_caller: MayReadPrograms, body: RawBody) -> Checked:
    """Say everything that is wrong with a document, without publishing it."""
    return Checked.model_validate(check_program(body, name="document").as_dict())


@router.post(
    "", status_code=201, responses=problems(404, 409), openapi_extra=_DOCUMENT, response_model=ProgramVersion
)
def publish_program_document(
    caller: MayWritePrograms,
    body: RawBody,
    valid_from: Annotated[
        str | None, Query(description="From when it decides, RFC 3339; the brand's present without it.")
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Publish a document as the newest version; the same document again changes nothing."""
    starts = parse_time(valid_from, "valid_from") if valid_from is not None else None

    def act(conn: Connection) -> ProgramVersion:
        version = publish_program(
            conn,
            caller.brand.id,
            body,
            published_at=caller.house.now(),
            published_by=f"key {caller.key.name}",
            valid_from=starts,
            name="document",
        )
        return ProgramVersion(**_header(_published(conn, caller, version.number)))

    return change(caller, act, idempotency_key, status=201)


@router.get("", responses=problems())
def list_program_versions(caller: MayReadPrograms, cursor: Cursor = None, limit: Limit = 100) -> VersionsPage:
    """List what was published, the oldest first."""
    after = read_cursor(cursor, VersionPlace)
    published = caller.read(lambda conn: list_versions(conn, caller.brand.id))
    page, last = cut([each for each in published if after is None or each.number > after.number], limit)
    return VersionsPage(
        versions=[ProgramVersion(**_header(each)) for each in page],
        next_cursor=write_cursor(VersionPlace(last.number)) if last else None,
        limit=limit,
    )


@router.get("/{version:int}", responses=problems(404))
def read_program_version(
    caller: MayReadPrograms, version: Annotated[int, Path(ge=1, description="Its number, from 1.")]
) -> ProgramDocument:
    """Read one published version with its document."""
    found = caller.read(lambda conn: _published(conn, caller, version))
    return ProgramDocument(**_header(found), document=found.document)


def _published(conn: Connection, caller: Caller, number: int) -> Published:
    published = list_versions(conn, caller.brand.id)
    found = next((each for each in published if each.number == number), None)
    if found is None:
        raise NotFound(
            f"{caller.brand.name} has no programme version {number}.",
            next_step=f"The newest is {published[-1].number}." if published else "Publish one first.",
            code="no_version",
        )
    return found


def _header(published: Published) -> dict[str, Any]:
    return {
        "version": published.number,
        "valid_from": None if published.valid_from == EPOCH else published.valid_from,
        "published_at": published.published_at,
        "published_by": published.published_by,
        "digest": published.digest,
    }
