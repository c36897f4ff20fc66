"""What can be asked of endpoints: which there are, and who may deliver at one."""

from typing import NamedTuple

from bondfire.db import Connection
from bondfire.deliveries.hooks import store
from bondfire.deliveries.hooks.model import Hook
from bondfire.errors import NotFound


class OpenHook(NamedTuple):
    """An endpoint that takes deliveries, and the secrets that they must be signed with."""

    hook: Hook
    secrets: list[str]


def list_hooks(conn: Connection, brand_id: int) -> list[Hook]:
    """All endpoints of a brand, the oldest first, the revoked ones too."""
    return store.hooks_of_brand(conn, brand_id)


def open_hook(conn: Connection, shop: str, hook_id: str) -> OpenHook:
    """The endpoint at an address.

    Raises:
        NotFound: there is none, it was revoked, or it is another shop's.
    """
    hook = store.hook_by_id(conn, hook_id) if hook_id.isalnum() else None
    if hook is None or hook.shop != shop or hook.revoked_at is not None:
        raise NotFound(
            "There is no endpoint in use at this address.",
            next_step="Copy the address from: bondfire hooks list.",
            code="unknown_hook",
        )
    return OpenHook(hook, store.secrets_of_hook(conn, hook_id))
