"""What can be asked of rejects: which there are."""

from uuid import UUID

from bondfire.db import Connection
from bondfire.deliveries.rejects import store
from bondfire.deliveries.rejects.model import Place, Reject
from bondfire.errors import NotFound
from bondfire.kit import show_id


def list_rejects(conn: Connection, brand_id: int, *, after: Place | None, most: int) -> list[Reject]:
    """Rejects of a brand, the newest first."""
    return store.page(conn, brand_id, after, most=most)


def find_reject(conn: Connection, brand_id: int, reject_id: UUID) -> Reject:
    """One reject.

    Raises:
        NotFound: it was taken, dropped, or never there.
    """
    reject = store.one(conn, brand_id, reject_id)
    if reject is None:
        raise NotFound(
            f"There is no reject {show_id('rej', reject_id)}.",
            next_step="List them; it may have been taken or deleted meanwhile.",
            code="unknown_reject",
        )
    return reject
