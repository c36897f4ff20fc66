"""What can be asked of coupons: the batches of codes, and what a member has."""

from bondfire.coupons import store
from bondfire.coupons.model import Batch
from bondfire.db import Connection
from bondfire.programs import Brand


def list_batches(conn: Connection, brand: Brand, *, after: str = "", limit: int = 500) -> list[Batch]:
    """Batches by name, behind a name, and what became of their codes."""
    return store.batches(conn, brand.id, after=after, limit=limit)
