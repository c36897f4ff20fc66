"""`bondfire publish`: makes a document the newest version of a brand's programme."""

import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from bondfire.cli.check import ProgramFile, read_document
from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson
from bondfire.cli.output import print_json, show_time

if TYPE_CHECKING:
    from bondfire.db import Connection
    from bondfire.programs import Brand, Clock

BrandOfDocument = Annotated[str | None, Parameter(help="The brand; the one in the document without it.")]
ClockChoice = Annotated[
    Literal["wall", "events"] | None,
    Parameter(
        help="For a new brand: wall, it lives now; or events, a history whose time is what its events say."
    ),
]
Publisher = Annotated[str | None, Parameter(help="Who publishes, for people; your login name without it.")]
ValidFrom = Annotated[
    str | None, Parameter(help="From when it decides (RFC 3339); the brand's present without it.")
]


def publish(
    program: ProgramFile,
    /,
    *,
    brand: BrandOfDocument = None,
    clock: ClockChoice = None,
    by: Publisher = None,
    valid_from: ValidFrom = None,
    as_json: AsJson = False,
) -> None:
    """Publish a new version of a brand's programme.

    The brand is made if it is not there. The same document again changes nothing; what was decided by an
    earlier version stays.

    Example: bondfire publish summer.yaml --by ann
    """
    from bondfire.db import connect, transaction
    from bondfire.kit import EPOCH, parse_time
    from bondfire.programs import load_program, newest_version, publish_program

    text = read_document(program)
    checked = load_program(text, name=str(program))
    starts = parse_time(valid_from, "--valid-from") if valid_from is not None else None
    now = datetime.now(UTC)
    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        owner = _brand(conn, brand or checked.brand, clock, created_at=now)
        before = newest_version(conn, owner.id)
        version = publish_program(
            conn,
            owner.id,
            text,
            published_at=now,
            published_by=by or getpass.getuser(),
            valid_from=starts,
            name=str(program),
        )
    began = None if version.valid_from == EPOCH else version.valid_from
    changed = version.number != before
    if as_json:
        print_json({"brand": owner.name, "version": version.number, "valid_from": began, "changed": changed})
    elif changed:
        since = f"from {show_time(began)} UTC on" if began else "since ever"
        print(f"{checked.name} is version {version.number} of {owner.name}, valid {since}.")
    else:
        print(f"{checked.name} is version {version.number} of {owner.name} already; nothing changed.")


def _brand(conn: "Connection", name: str, clock: "Clock | None", *, created_at: datetime) -> "Brand":
    """The brand of this name; a new one lives by the wall clock unless told otherwise."""
    from bondfire.programs import brand_named, ensure_brand, list_brands

    if clock is None and any(brand.name == name for brand in list_brands(conn)):
        return brand_named(conn, name)
    return ensure_brand(conn, name, clock or "wall", created_at=created_at)
