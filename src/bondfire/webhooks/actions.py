"""What can be done: endpoints are made, changed, given new secrets, removed."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from bondfire.db import Connection
from bondfire.errors import BadInput, Conflict, NotAllowed
from bondfire.journal import buckets_with_news
from bondfire.kit import BUCKETS
from bondfire.programs import Brand
from bondfire.webhooks.addresses import check_url
from bondfire.webhooks.endpoints import store as endpoints
from bondfire.webhooks.model import (
    ID_BYTES,
    LONGEST_OVERLAP,
    MOST_ENDPOINTS,
    SECRET_BYTES,
    Endpoint,
    Health,
    check_description,
    check_types,
    new_secret,
    show_secret,
)
from bondfire.webhooks.queries import (
    list_endpoints,
    unknown_endpoint,
)

RANDOM_BYTES: Final = ID_BYTES + SECRET_BYTES
"""How much randomness an endpoint is made of."""


class NewEndpoint(NamedTuple):
    """What is asked for.

    Attributes:
        types: what it hears; empty for everything.
        may_private: whether it may lie in a private network and speak plain HTTP; an operator's to give.
        from_beginning: whether it hears everything that ever happened, or only what happens from now on.
    """

    url: str
    types: Collection[str] = ()
    description: str = ""
    may_private: bool = False
    from_beginning: bool = False


class Change(NamedTuple):
    """What of an endpoint changes; None for what stays."""

    url: str | None = None
    types: Collection[str] | None = None
    description: str | None = None
    is_active: bool | None = None


def create_endpoint(
    conn: Connection,
    brand: Brand,
    wanted: NewEndpoint,
    *,
    is_operator: bool,
    created_at: datetime,
    random: bytes,
) -> tuple[Endpoint, str]:
    """Make an endpoint.

    Args:
        conn: in a transaction.
        brand: whose announcements it hears.
        wanted: what it shall be.
        is_operator: whether the one who asks answers for this installation's network.
        created_at: the time.
        random: `RANDOM_BYTES` bytes from `secrets.token_bytes`.

    Returns:
        The endpoint, and its secret: shown this once, it cannot be had again.

    Raises:
        BadInput: `bad_url`, `private_target`, `needs_tls`, `unknown_type`.
        Conflict: `too_many_endpoints`.
        NotAllowed: `operator_only`: a private network, and the one who asks is no operator.
    """
    _check_operator(may_private=wanted.may_private, is_operator=is_operator)
    endpoint = Endpoint(
        id=UUID(bytes=random[:ID_BYTES]),
        brand_id=brand.id,
        url=check_url(wanted.url, may_private=wanted.may_private),
        description=check_description(wanted.description),
        types=check_types(wanted.types),
        may_private=wanted.may_private,
        created_at=created_at,
        previous_until=None,
        health=Health("active", "", created_at),
    )
    secret = new_secret(random[ID_BYTES:])
    endpoints.lock_brand(conn, brand.id)
    if len(list_endpoints(conn, brand)) >= MOST_ENDPOINTS:
        raise Conflict(
            f"{brand.name} has {MOST_ENDPOINTS} endpoints, and more are not possible.",
            next_step="Remove one that is not needed.",
            code="too_many_endpoints",
        )
    endpoints.insert_endpoint(conn, endpoint, secret)
    if not wanted.from_beginning:
        ends = buckets_with_news(conn, brand, dict.fromkeys(range(BUCKETS), 0))
        endpoints.open_positions(conn, endpoint, ends)
    return endpoint, show_secret(secret)


def _check_operator(*, may_private: bool, is_operator: bool) -> None:
    if may_private and not is_operator:
        raise NotAllowed(
            "Only an operator may let an endpoint lie in a private network, or say where there.",
            next_step="Use a key with 'admin', or the command line: bondfire webhooks add --allow-private.",
            code="operator_only",
        )


def change_endpoint(
    conn: Connection,
    brand: Brand,
    endpoint_id: UUID,
    change: Change,
    *,
    is_operator: bool,
    changed_at: datetime,
) -> Endpoint:
    """Change an endpoint; what it hears changes for what is announced from now on.

    Disabled, it keeps its place in the journal; active again, it goes on there and hears what it missed.

    Raises:
        BadInput: as of `create_endpoint`.
        NotAllowed: `operator_only`: the address of one that may lie in a private network.
        NotFound: `unknown_endpoint`.
    """
    endpoint = _locked(conn, brand, endpoint_id)
    if change.url is not None and change.url != endpoint.url:
        _check_operator(may_private=endpoint.may_private, is_operator=is_operator)
    changed = msgspec.structs.replace(
        endpoint,
        url=endpoint.url if change.url is None else check_url(change.url, may_private=endpoint.may_private),
        types=endpoint.types if change.types is None else check_types(change.types),
        description=(
            endpoint.description if change.description is None else check_description(change.description)
        ),
        health=_health_of(endpoint, change, changed_at),
    )
    endpoints.change_endpoint(conn, changed)
    endpoints.change_health(conn, changed, changed.health)
    return changed


def _health_of(endpoint: Endpoint, change: Change, changed_at: datetime) -> Health:
    """Switched on, or with another address, an endpoint is as good as new."""
    health = endpoint.health
    if change.is_active is False:
        return health if health.state == "disabled" else Health("disabled", "by_hand", changed_at)
    if change.is_active and health.state == "disabled":
        return Health("active", "", changed_at)
    if change.url is not None and change.url != endpoint.url:
        return Health(health.state, health.reason, health.state_at)
    return health


def rotate_secret(
    conn: Connection,
    brand: Brand,
    endpoint_id: UUID,
    *,
    overlap: timedelta,
    rotated_at: datetime,
    random: bytes,
) -> tuple[Endpoint, str]:
    """Give an endpoint a new secret; the one it has signs too until the overlap is over.

    Args:
        conn: in a transaction.
        brand: whose endpoint.
        endpoint_id: which.
        overlap: how long both sign; nothing for a secret that somebody else knows.
        rotated_at: the time.
        random: `SECRET_BYTES` bytes from `secrets.token_bytes`.

    Returns:
        The endpoint, and its secret: shown this once.

    Raises:
        BadInput: an overlap below nothing or beyond a week.
        NotFound: `unknown_endpoint`.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise BadInput(
            "The overlap is from 0 to 168 hours.",
            next_step="24 hours are enough for most; 0 when somebody else knows the secret.",
        )
    endpoint, secret = _locked(conn, brand, endpoint_id), new_secret(random)
    until = rotated_at + overlap if overlap else None
    endpoints.rotate(conn, endpoint, secret, until=until)
    return msgspec.structs.replace(endpoint, previous_until=until), show_secret(secret)


def remove_endpoint(conn: Connection, brand: Brand, endpoint_id: UUID, *, removed_at: datetime) -> Endpoint:
    """Remove an endpoint for ever: nothing more is sent, and what waits for it goes.

    Raises:
        NotFound: `unknown_endpoint`.
    """
    endpoint = _locked(conn, brand, endpoint_id)
    removed = msgspec.structs.replace(endpoint, health=Health("removed", "by_hand", removed_at))
    endpoints.change_health(conn, removed, removed.health)
    return removed


def _locked(conn: Connection, brand: Brand, endpoint_id: UUID) -> Endpoint:
    found = endpoints.lock_endpoints(conn, brand.id, [endpoint_id])
    if endpoint_id not in found:
        raise unknown_endpoint(brand, endpoint_id)
    return found[endpoint_id]
