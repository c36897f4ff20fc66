"""`bondfire keys`: who may use the API, and what for."""

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from bondfire.cli.endings import Usage
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
        help="What it is good for; give it several times. events, members, programs or webhooks, each with "
        ":read or :write, finance:read, keys:write, or admin; or events:browser, for a key that stands in a "
        "web page.",
    ),
]
Expires = Annotated[
    str | None,
    Parameter(help="From when on it opens nothing, such as 2027-01-01T00:00:00Z; never without it."),
]
PerMinute = Annotated[
    int | None,
    Parameter(
        name="--rate",
        help="Requests and events a minute that it may send, 0 for no limit; as every key without it.",
    ),
]
Burst = Annotated[
    int | None,
    Parameter(help="How many it may send at once, with --rate; as many as in a minute without it."),
]


@keys.command
def add(
    *,
    brand: BrandName,
    scope: Scopes,
    name: Annotated[str, Parameter(help="Who uses it, for people.")],
    expires: Expires = None,
    rate: PerMinute = None,
    burst: Burst = None,
    as_json: AsJson = False,
) -> None:
    """Add a key and print its token, this once: it is kept as a hash only.

    Example: bondfire keys add --brand corner-cafe --name "till 3" --scope events:write --rate 6000
    """
    from bondfire.access import RANDOM_BYTES, check_rate, create_key
    from bondfire.db import connect, transaction
    from bondfire.kit import parse_time
    from bondfire.programs import brand_named

    if burst is not None and rate is None:
        raise Usage("--burst says how much of a --rate may come at once.", next_step="Give --rate too.")
    own = check_rate(rate, burst) if rate is not None else None
    expires_at = parse_time(expires, "--expires") if expires is not None else None

    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        key, token = create_key(
            conn,
            brand_named(conn, brand).id,
            scope,
            name,
            created_at=datetime.now(UTC),
            random=secrets.token_bytes(RANDOM_BYTES),
            expires_at=expires_at,
            rate=own,
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
    columns = ["id", "name", "scopes", "made", "last used", "ends", "a minute"]
    show(table(f"Keys of {brand}", columns, [_row(key) for key in found], left=6))


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
        "expires_at": key.expires_at,
        "last_used_on": key.last_used_on,
        "rate": {"per_minute": key.rate.per_minute, "burst": key.rate.burst} if key.rate else None,
    }


def _row(key: "Key") -> list[object]:
    return [
        key.key_id,
        key.name,
        " ".join(sorted(key.scopes)),
        show_time(key.created_at),
        key.last_used_on,
        _end_of(key),
        key.rate.per_minute if key.rate else None,
    ]


def _end_of(key: "Key") -> str:
    if key.revoked_at is not None:
        return f"revoked {show_time(key.revoked_at)}"
    return f"expires {show_time(key.expires_at)}" if key.expires_at is not None else ""
