"""What can be done to endpoints: make one, give it a second secret, take one away, close it."""

from datetime import datetime

from bondfire.db import Connection
from bondfire.deliveries.hooks import store
from bondfire.deliveries.hooks.model import (
    MOST_SECRETS,
    Hook,
    check_hook_name,
    check_prefix,
    check_secret,
    check_shop,
    mark_of,
    new_hook_id,
)
from bondfire.errors import Conflict, NotFound


def add_hook(
    conn: Connection,
    brand_id: int,
    *,
    shop: str,
    name: str,
    secret: str,
    prefix: str = "",
    added_at: datetime,
    random: bytes,
) -> Hook:
    """Make an endpoint; for one that is there already, add a second secret beside the first.

    Args:
        conn: in a transaction of the caller's.
        brand_id: whose events come through it.
        shop: which kind of shop delivers.
        name: the source of its events. After it was revoked the name may be used again, and should be for
            the same shop: then what is delivered again is known again.
        secret: as the shop shows it.
        prefix: goes before the shop's numbers of customers and orders.
        added_at: aware time.
        random: `HOOK_RANDOM_BYTES` from a cryptographic source.

    Raises:
        BadInput: a name, prefix, secret or kind of shop that cannot be.
        Conflict: the name is another shop's, or two secrets are in use already.
    """
    kind, text = check_shop(shop), check_secret(secret)
    hook = store.lock_hook_in_use(conn, brand_id, check_hook_name(name))
    if hook is None:
        hook = Hook(new_hook_id(random), brand_id, kind, name, check_prefix(prefix), added_at, None)
        store.insert_hook(conn, hook)
    elif hook.shop != kind or prefix not in {"", hook.prefix}:
        raise Conflict(
            f"The endpoint {name} is there, for {hook.shop} with the prefix {hook.prefix!r}.",
            next_step="Choose another name, or revoke it first.",
            code="hook_exists",
        )
    marks = {one.mark for one in hook.secrets}
    if mark_of(text) not in marks and len(marks) >= MOST_SECRETS:
        raise Conflict(
            f"The endpoint {name} has {MOST_SECRETS} secrets already.",
            next_step=f"Revoke the older one first: {hook.secrets[0].mark}.",
            code="too_many_secrets",
        )
    store.insert_secret(conn, hook.hook_id, text, added_at=added_at)
    return _again(conn, hook)


def revoke_hook(conn: Connection, brand_id: int, name: str, *, mark: str = "", revoked_at: datetime) -> Hook:
    """Close an endpoint for ever and forget its secrets; or, with a mark, forget one of its two.

    Raises:
        NotFound: no endpoint of that name is in use, or it has no such secret.
        Conflict: it is the only secret.
    """
    hook = store.lock_hook_in_use(conn, brand_id, name)
    if hook is None:
        raise NotFound(
            f"This brand has no endpoint {name[:60]!r} in use.",
            next_step="List them: bondfire hooks list.",
            code="unknown_hook",
        )
    if not mark:
        store.mark_revoked(conn, hook.hook_id, revoked_at)
        return _again(conn, hook)
    if mark in {one.mark for one in hook.secrets} and len(hook.secrets) == 1:
        raise Conflict(
            f"{mark} is the only secret of {name}.",
            next_step="Add the new one first, or revoke the endpoint.",
            code="last_secret",
        )
    if not store.delete_secret(conn, hook.hook_id, mark):
        raise NotFound(
            f"{name} has no secret {mark[:20]!r}.",
            next_step=f"It has {', '.join(one.mark for one in hook.secrets)}.",
            code="unknown_secret",
        )
    return _again(conn, hook)


def _again(conn: Connection, hook: Hook) -> Hook:
    found = store.hook_by_id(conn, hook.hook_id)
    assert found is not None  # noqa: S101 - it is locked by us
    return found
