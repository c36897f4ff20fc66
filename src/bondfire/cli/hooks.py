"""`bondfire hooks`: at which addresses shops may deliver, and with which secrets they sign."""

import secrets
import sys
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import print_json, show, show_time, table

if TYPE_CHECKING:
    from bondfire.deliveries import Hook

hooks = App(
    name="hooks",
    help="Add, list and revoke endpoints for the webhooks of shops.",
    help_epilogue="Example: bondfire hooks add --brand corner-cafe --shop shopify --name shop-de",
    help_format="plaintext",
)

HookName = Annotated[str, Parameter(name="--name", help="Its name, which is the source of its events.")]


@hooks.command
def add(
    *,
    brand: BrandName,
    shop: Annotated[str, Parameter(help="shopify, woocommerce or stripe.")],
    name: HookName,
    prefix: Annotated[
        str,
        Parameter(help="Put before the shop's numbers of customers and orders, where shops count alike."),
    ] = "",
    secret_file: Annotated[
        Path | None,
        Parameter(help="A file with the secret; without it, it is asked for, or read from stdin."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add an endpoint, or a second secret to one that is there, and print its address.

    The secret is the one with which the shop signs: it is kept as it is, for we have to sign with it too.

    Example: bondfire hooks add --brand corner-cafe --shop shopify --name shop-de --secret-file secret.txt
    """
    from bondfire.db import connect, transaction
    from bondfire.deliveries import HOOK_RANDOM_BYTES, add_hook
    from bondfire.programs import brand_named

    secret = _secret(secret_file)
    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        hook = add_hook(
            conn,
            brand_named(conn, brand).id,
            shop=shop,
            name=name,
            secret=secret,
            prefix=prefix,
            added_at=datetime.now(UTC),
            random=secrets.token_bytes(HOOK_RANDOM_BYTES),
        )
    if as_json:
        print_json(hook_dict(hook))
    else:
        print(hook.path)
        print(f"{hook.name!r} takes what {hook.shop} signs; secrets: {_marks(hook)}.")


@hooks.command(name="list")
def list_all(*, brand: BrandName, as_json: AsJson = False) -> None:
    """List the endpoints of a brand, the revoked ones too; never a secret, only marks of them.

    Example: bondfire hooks list --brand corner-cafe
    """
    from bondfire.db import connect, transaction
    from bondfire.deliveries import list_hooks
    from bondfire.programs import brand_named

    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        found = list_hooks(conn, brand_named(conn, brand).id)
    if as_json:
        print_json({"hooks": [hook_dict(hook) for hook in found]})
        return
    rows = [
        [hook.name, hook.path, hook.prefix, _marks(hook), show_time(hook.created_at), _until(hook)]
        for hook in found
    ]
    columns = ["name", "address", "prefix", "secrets", "made", "revoked"]
    show(table(f"Endpoints of {brand}", columns, rows, left=6))


@hooks.command
def revoke(
    name: Annotated[str, Parameter(help="Its name.")],
    /,
    *,
    brand: BrandName,
    secret: Annotated[str, Parameter(help="Only this one of its two secrets, by its mark.")] = "",
    as_json: AsJson = False,
) -> None:
    """Close an endpoint for ever and forget its secrets, or forget one of its two secrets.

    Example: bondfire hooks revoke shop-de --brand corner-cafe --secret 1f0a77c2
    """
    from bondfire.db import connect, transaction
    from bondfire.deliveries import revoke_hook
    from bondfire.programs import brand_named

    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        owner = brand_named(conn, brand)
        hook = revoke_hook(conn, owner.id, name, mark=secret, revoked_at=datetime.now(UTC))
    if as_json:
        print_json(hook_dict(hook))
    elif secret:
        print(f"{hook.name!r} takes nothing any more that was signed with {secret}.")
    else:
        print(f"{hook.name!r} takes nothing any more.")


def hook_dict(hook: "Hook") -> dict[str, Any]:
    """An endpoint for JSON output; never a secret."""
    return {
        "name": hook.name,
        "shop": hook.shop,
        "path": hook.path,
        "prefix": hook.prefix,
        "secrets": [{"mark": one.mark, "added_at": one.added_at} for one in hook.secrets],
        "created_at": hook.created_at,
        "revoked_at": hook.revoked_at,
    }


def _secret(file: Path | None) -> str:
    """The secret from where no list of processes and no history of a shell shows it."""
    if file is not None:
        return file.read_text(encoding="utf-8")
    return getpass("Secret: ") if sys.stdin.isatty() else sys.stdin.readline()


def _marks(hook: "Hook") -> str:
    return ", ".join(one.mark for one in hook.secrets)


def _until(hook: "Hook") -> str:
    return show_time(hook.revoked_at) if hook.revoked_at else ""
