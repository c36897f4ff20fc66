"""`bondfire webhooks`: endpoints that hear what was decided; what was sent to them, and sending it again."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter
from cyclopts.validators import Number

from bondfire.cli import webhook_deliveries
from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import print_json, show, show_time, table
from bondfire.kit import parse_id, show_id

if TYPE_CHECKING:
    from bondfire.webhooks import Endpoint

webhooks = App(
    name="webhooks",
    help="Make endpoints that hear what is decided, and send again.",
    help_epilogue="Example: bondfire webhooks add https://shop.example/hooks --brand corner-cafe",
    help_format="plaintext",
)
webhooks.command(webhook_deliveries.list_some, name="deliveries")
webhooks.command(webhook_deliveries.show_one, name="delivery")
webhooks.command(webhook_deliveries.resend)

EndpointId = Annotated[str, Parameter(help="Its id: ep_...")]
Types = Annotated[
    list[str] | None,
    Parameter(
        name="--type",
        negative=(),
        help="What it hears; give it several times. points.posted, tier.reached, tier.lost, reward.changed, "
        "return.parked, return.unmatched; everything without it.",
    ),
]


@webhooks.command
def add(
    url: Annotated[str, Parameter(help="Where to post to; https, in a public network.")],
    /,
    *,
    brand: BrandName,
    types: Types = None,
    description: Annotated[str, Parameter(help="For people.")] = "",
    allow_private: Annotated[
        bool, Parameter(negative=(), help="It may lie in a private network and speak plain HTTP.")
    ] = False,
    from_beginning: Annotated[
        bool,
        Parameter(negative=(), help="It hears everything that ever happened, not only what happens now."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make an endpoint and print its secret, this once.

    Example: bondfire webhooks add https://shop.example/hooks --brand corner-cafe --type points.posted
    """
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named
    from bondfire.webhooks import RANDOM_BYTES, NewEndpoint, create_endpoint

    wanted = NewEndpoint(url, types or (), description, allow_private, from_beginning)
    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        endpoint, secret = create_endpoint(
            conn,
            brand_named(conn, brand),
            wanted,
            is_operator=True,
            created_at=datetime.now(UTC),
            random=secrets.token_bytes(RANDOM_BYTES),
        )
    _print_secret(endpoint, secret, as_json=as_json)


@webhooks.command(name="list")
def list_all(*, brand: BrandName, as_json: AsJson = False) -> None:
    """List the endpoints of a brand.

    Example: bondfire webhooks list --brand corner-cafe
    """
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named
    from bondfire.webhooks import list_endpoints

    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        found = list_endpoints(conn, brand_named(conn, brand))
    if as_json:
        print_json({"endpoints": [endpoint_dict(one) for one in found]})
        return
    rows = [
        [show_id("ep", one.id), one.url, " ".join(one.types) or "everything", _state(one)] for one in found
    ]
    show(table(f"Endpoints of {brand}", ["id", "url", "hears", "state"], rows, left=4))


@webhooks.command(name="show")
def show_one(endpoint_id: EndpointId, /, *, brand: BrandName, as_json: AsJson = False) -> None:
    """Show an endpoint and what is left to do for it.

    Example: bondfire webhooks show ep_7f4k2v6q3znh5x2c4y6a7b3d2e --brand corner-cafe
    """
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named
    from bondfire.webhooks import read_endpoint

    with open_database() as dsn, connect(dsn) as conn, transaction(conn, snapshot=True):
        view = read_endpoint(conn, brand_named(conn, brand), parse_id("ep", endpoint_id))
    left = {"waiting": view.waiting, "waiting_since": view.waiting_since, "behind": view.behind}
    told = {**endpoint_dict(view.endpoint), **left}
    if as_json:
        print_json(told)
        return
    rows = [
        [name.replace("_", " "), " ".join(value) if isinstance(value, list) else value]
        for name, value in told.items()
        if value not in (None, "")
    ]
    show(table(f"Endpoint {endpoint_id}", ["", ""], rows, left=2))


@webhooks.command
def change(
    endpoint_id: EndpointId,
    /,
    *,
    brand: BrandName,
    url: Annotated[str | None, Parameter(help="Another address.")] = None,
    types: Types = None,
    description: Annotated[str | None, Parameter(help="For people.")] = None,
    active: Annotated[
        bool | None,
        Parameter(name="--on", negative="--off", help="Switch it on or off; on, it hears what it missed."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change an endpoint: its address, what it hears, whether it is on.

    Example: bondfire webhooks change ep_7f4k2v6q3znh5x2c4y6a7b3d2e --brand corner-cafe --on
    """
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named
    from bondfire.webhooks import Change, change_endpoint

    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        changed = change_endpoint(
            conn,
            brand_named(conn, brand),
            parse_id("ep", endpoint_id),
            Change(url, types, description, active),
            is_operator=True,
            changed_at=datetime.now(UTC),
        )
    _print_endpoint(changed, as_json=as_json)


@webhooks.command
def rotate(
    endpoint_id: EndpointId,
    /,
    *,
    brand: BrandName,
    overlap_hours: Annotated[
        int,
        Parameter(
            validator=Number(gte=0, lte=168),
            help="So long both secrets sign; 0 when somebody else knows the old one.",
        ),
    ] = 24,
    as_json: AsJson = False,
) -> None:
    """Give an endpoint a new secret and print it, this once; for a while the old one signs too.

    Example: bondfire webhooks rotate ep_7f4k2v6q3znh5x2c4y6a7b3d2e --brand corner-cafe
    """
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named
    from bondfire.webhooks import SECRET_BYTES, rotate_secret

    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        endpoint, secret = rotate_secret(
            conn,
            brand_named(conn, brand),
            parse_id("ep", endpoint_id),
            overlap=timedelta(hours=overlap_hours),
            rotated_at=datetime.now(UTC),
            random=secrets.token_bytes(SECRET_BYTES),
        )
    _print_secret(endpoint, secret, as_json=as_json)


@webhooks.command
def remove(endpoint_id: EndpointId, /, *, brand: BrandName, as_json: AsJson = False) -> None:
    """Remove an endpoint for ever; what waits for it goes too.

    Example: bondfire webhooks remove ep_7f4k2v6q3znh5x2c4y6a7b3d2e --brand corner-cafe
    """
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named
    from bondfire.webhooks import remove_endpoint

    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        owner = brand_named(conn, brand)
        removed = remove_endpoint(conn, owner, parse_id("ep", endpoint_id), removed_at=datetime.now(UTC))
    _print_endpoint(removed, as_json=as_json)


@webhooks.command(name="test")
def try_one(endpoint_id: EndpointId, /, *, brand: BrandName, as_json: AsJson = False) -> int:
    """Send a message of the type webhook.test now, and say what the receiver answered.

    Example: bondfire webhooks test ep_7f4k2v6q3znh5x2c4y6a7b3d2e --brand corner-cafe
    """
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named
    from bondfire.webhooks import ID_BYTES, HttpGateway, prepare_trial

    random, now = secrets.token_bytes(ID_BYTES), datetime.now(UTC)
    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        owner, number = brand_named(conn, brand), parse_id("ep", endpoint_id)
        webhook_id, message = prepare_trial(conn, owner, number, now=now, random=random)
    answer = HttpGateway().post(message)
    if as_json:
        told = {"webhook_id": webhook_id, "delivered": answer.is_success, **answer._asdict()}
        print_json({name: value for name, value in told.items() if name != "retry_after"})
    else:
        said = f"HTTP {answer.status}" if answer.status else answer.error
        print(f"{message.url}: {said} after {answer.took_ms} ms. {answer.text}".rstrip())
    return 0 if answer.is_success else 1


def endpoint_dict(endpoint: "Endpoint") -> dict[str, Any]:
    """An endpoint for JSON output; never its secret."""
    health = endpoint.health
    return {
        "id": show_id("ep", endpoint.id),
        "url": endpoint.url,
        "types": list(endpoint.types),
        "description": endpoint.description,
        "allow_private": endpoint.may_private,
        "state": health.state,
        "reason": health.reason or None,
        "state_at": health.state_at,
        "created_at": endpoint.created_at,
        "previous_secret_until": endpoint.previous_until,
        "failing_since": health.failing_since,
        "rests_until": health.rests_until,
    }


def _print_secret(endpoint: "Endpoint", secret: str, *, as_json: bool) -> None:
    if as_json:
        print_json({**endpoint_dict(endpoint), "secret": secret})
        return
    print(secret)
    print(f"This is shown once: it signs what {endpoint.url} hears as {show_id('ep', endpoint.id)}.")
    if endpoint.previous_until is not None:
        print(f"The old one signs too until {show_time(endpoint.previous_until)} UTC.")


def _print_endpoint(endpoint: "Endpoint", *, as_json: bool) -> None:
    if as_json:
        print_json(endpoint_dict(endpoint))
    else:
        print(f"{endpoint.url} ({show_id('ep', endpoint.id)}) is {_state(endpoint)}.")


def _state(endpoint: "Endpoint") -> str:
    health = endpoint.health
    words = {"by_hand": "by hand", "gone": "it answered 410 Gone", "failing": "it took nothing for days"}
    why = f" since {show_time(health.state_at)}: {words[health.reason]}" if health.state == "disabled" else ""
    return f"{health.state}{why}"
