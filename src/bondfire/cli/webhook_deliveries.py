"""The part of `bondfire webhooks` about what was sent: deliveries, one delivery, sending again."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from bondfire.cli.endings import Usage
from bondfire.cli.house import open_database
from bondfire.cli.options import AT_LEAST_ONE, AsJson, BrandName
from bondfire.cli.output import count, print_json, show, show_time, table
from bondfire.kit import parse_id, parse_time, show_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from bondfire.db import Connection
    from bondfire.programs import Brand
    from bondfire.webhooks import Delivery, DeliveryView

OfEndpoint = Annotated[str | None, Parameter(name="--endpoint", help="Of this endpoint only: ep_...")]
OfMember = Annotated[str | None, Parameter(name="--member", help="Of this member only.")]
State = Annotated[
    Literal["waiting", "delivered", "given_up"] | None, Parameter(help="Only those in this state.")
]


def list_some(
    *,
    brand: BrandName,
    endpoint: OfEndpoint = None,
    member: OfMember = None,
    state: State = None,
    type_: Annotated[str | None, Parameter(name="--type", help="Only those of this type.")] = None,
    limit: Annotated[int, Parameter(validator=AT_LEAST_ONE, help="How many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what was sent or waits, the newest first.

    Example: bondfire webhooks deliveries --brand corner-cafe --state given_up
    """
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named
    from bondfire.webhooks import Which, list_deliveries

    with open_database() as dsn, connect(dsn) as conn, transaction(conn, snapshot=True):
        owner = brand_named(conn, brand)
        which = Which(_endpoint_id(endpoint), _member_id(conn, owner, member), state, type_)
        found = list_deliveries(conn, owner, which, limit=limit)
    if as_json:
        print_json({"deliveries": [delivery_dict(one) for one in found]})
        return
    rows = [
        [
            one.shown_id,
            one.type,
            show_id("mem", one.member_id),
            show_time(one.created_at),
            one.state,
            one.attempts,
        ]
        for one in found
    ]
    show(table(f"Deliveries of {brand}", ["id", "type", "member", "made", "state", "attempts"], rows, left=5))


def show_one(
    delivery_id: Annotated[str, Parameter(help="Its webhook-id: msg_...")],
    /,
    *,
    brand: BrandName,
    as_json: AsJson = False,
) -> None:
    """Show a delivery with its payload and what was answered to each attempt.

    Example: bondfire webhooks delivery msg_7f4k2v6q3znh5x2c4y6a7b3d2e --brand corner-cafe
    """
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named
    from bondfire.webhooks import read_delivery

    with open_database() as dsn, connect(dsn) as conn, transaction(conn, snapshot=True):
        view = read_delivery(conn, brand_named(conn, brand), parse_id("msg", delivery_id))
    if as_json:
        print_json(view_dict(view))
        return
    one = view.delivery
    waits = f", next attempt {show_time(view.next_attempt_at)} UTC" if view.next_attempt_at else ""
    print(f"{one.shown_id} for {show_id('ep', one.endpoint_id)}: {one.state}{waits}")
    print(json.dumps(json.loads(view.payload), indent=2, ensure_ascii=False))
    rows = [
        [made.number, show_time(made.attempted_at), made.status or made.error, made.answer, made.took_ms]
        for made in view.attempts
    ]
    show(table("Attempts", ["", "at", "answer", "text", "ms"], rows, left=4))


def resend(
    delivery_id: Annotated[str | None, Parameter(help="One delivery: msg_...")] = None,
    /,
    *,
    brand: BrandName,
    endpoint: OfEndpoint = None,
    member: OfMember = None,
    since: Annotated[str | None, Parameter(help="Made since then, RFC 3339.")] = None,
    as_json: AsJson = False,
) -> None:
    """Send again: one delivery, everything of a member, or everything of an endpoint since a time.

    The worker sends it, in the order of each member; webhook-ids stay the same.

    Example: bondfire webhooks resend --brand corner-cafe --endpoint ep_... --since 2026-03-01T00:00:00Z
    """
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named
    from bondfire.webhooks import resend_delivery

    others = (endpoint, member, since)
    if (delivery_id is None) == (others == (None, None, None)):
        raise Usage("Name one delivery, or say of whom.", next_step="See: bondfire webhooks resend --help")
    with open_database() as dsn, connect(dsn) as conn:
        if delivery_id is None:
            resent = sum(_resend_pages(conn, brand, endpoint=endpoint, member=member, since=since))
        else:
            with transaction(conn):
                owner, number = brand_named(conn, brand), parse_id("msg", delivery_id)
                resend_delivery(conn, owner, number, now=datetime.now(UTC))
            resent = 1
    if as_json:
        print_json({"resent": resent})
    else:
        print(f"{count(resent, 'message')} will be sent again, by the worker.")


def _resend_pages(
    conn: "Connection", brand: str, *, endpoint: str | None, member: str | None, since: str | None
) -> "Iterator[int]":
    """Send again page by page, each committed; how many of each."""
    from bondfire.db import transaction
    from bondfire.programs import brand_named
    from bondfire.webhooks import resend_deliveries

    made_since = None if since is None else parse_time(since, "since")
    place, goes_on = None, True
    while goes_on:
        with transaction(conn):
            owner = brand_named(conn, brand)
            resent, place = resend_deliveries(
                conn,
                owner,
                endpoint_id=_endpoint_id(endpoint),
                member_id=_member_id(conn, owner, member),
                since=made_since,
                now=datetime.now(UTC),
                after=place,
            )
        yield resent
        goes_on = place is not None


def _endpoint_id(shown: str | None) -> "UUID | None":
    return None if shown is None else parse_id("ep", shown)


def _member_id(conn: "Connection", brand: "Brand", reference: str | None) -> "UUID | None":
    from bondfire.members import find_member

    return None if reference is None else find_member(conn, brand, reference)


def delivery_dict(delivery: "Delivery") -> dict[str, Any]:
    """A delivery for JSON output."""
    return {
        "id": delivery.shown_id,
        "endpoint": show_id("ep", delivery.endpoint_id),
        "type": delivery.type,
        "member_id": show_id("mem", delivery.member_id),
        "occurred_at": delivery.occurred_at,
        "created_at": delivery.created_at,
        "state": delivery.state,
        "attempt_count": delivery.attempts,
        "done_at": delivery.done_at,
    }


def view_dict(view: "DeliveryView") -> dict[str, Any]:
    """A delivery with its payload and attempts, for JSON output."""
    return {
        **delivery_dict(view.delivery),
        "next_attempt_at": view.next_attempt_at,
        "payload": json.loads(view.payload),
        "attempts": [made._asdict() for made in view.attempts],
    }
