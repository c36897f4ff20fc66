"""`bondfire keys`: who may use the API, and what for."""

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import print_json, show, show_time, table

if TYPE_CHECKING:
    from bondfire.access import Key

keys = App(
    name="keys",
    help="Add, list and revoke API keys.",
    help_epilogue='Example: bondfire keys add --brand corner-cafe --name "till 3" --scope events:write',
    help_format="plaintext",
)

Scopes = Annotated[
    list[str],
    Parameter(
        name="--scope",
        negative=(),
        help="What it is good for; give it several times. events, members or programs, each with :read or "
        ":write, or admin; or events:browser, for a key that stands in a web page.",
    ),
]


@keys.command
def add(
    *,
    brand: BrandName,
    scope: Scopes,
    name: Annotated[str, Parameter(help="Who uses it, for people.")],
    as_json: AsJson = False,
) -> None:
    """Add a key and print its token, this once: it is kept as a hash only.

    Example: bondfire keys add --brand corner-cafe --name "till 3" --scope events:write
    """
    from bondfire.access import RANDOM_BYTES, create_key
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named

    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        key, token = create_key(
            conn,
            brand_named(conn, brand).id,
            scope,
            name,
            created_at=datetime.now(UTC),
            random=secrets.token_bytes(RANDOM_BYTES),
        )
    if as_json:
        print_json({**key_dict(key), "token": token})
    else:
        print(token)
        print(f"This is shown once. {key.name!r} may: {', '.join(sorted(key.scopes))}.")


@keys.command(name="list")
def list_all(*, brand: BrandName, as_json: AsJson = False) -> None:
    """List the keys of a brand, the revoked ones too.

    Example: bondfire keys list --brand corner-cafe
    """
    from bondfire.access import list_keys
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named

    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        found = list_keys(conn, brand_named(conn, brand).id)
    if as_json:
        print_json({"keys": [key_dict(key) for key in found]})
        return
    rows = [
        [key.key_id, key.name, " ".join(sorted(key.scopes)), show_time(key.created_at), _until(key)]
        for key in found
    ]
    show(table(f"Keys of {brand}", ["id", "name", "scopes", "made", "revoked"], rows, left=5))


@keys.command
def revoke(
    key_id: Annotated[str, Parameter(help="Its id: the part of the token between the underscores.")],
    /,
    *,
    brand: BrandName,
    as_json: AsJson = False,
) -> None:
    """Revoke a key for ever; doing it again changes nothing.

    Example: bondfire keys revoke 7f4k2v6q3znh5x2c --brand corner-cafe
    """
    from bondfire.access import revoke_key
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named

    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        owner = brand_named(conn, brand)
        key = revoke_key(conn, owner.id, key_id, revoked_at=datetime.now(UTC))
    if as_json:
        print_json(key_dict(key))
    else:
        print(f"{key.name!r} opens nothing any more.")


def key_dict(key: "Key") -> dict[str, Any]:
    """A key for JSON output; never its secret."""
    return {
        "key_id": key.key_id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }


def _until(key: "Key") -> str:
    return show_time(key.revoked_at) if key.revoked_at else ""
