"""What is held for a person."""

from datetime import datetime
from uuid import UUID

from bondfire.db import Connection
from bondfire.programs import Brand
from bondfire.review import store
from bondfire.review.model import HeldAward


def held_awards(
    conn: Connection, brand: Brand, *, after: tuple[datetime, UUID, int] | None = None, limit: int = 100
) -> list[HeldAward]:
    """Awards that a person has to decide about, the oldest first; as far as the journal was read."""
    return store.held_awards(conn, brand.id, after=after, most=limit)
