"""Whom a decision is about: the member's id, never the reference that a person can be found by."""

from functools import lru_cache
from uuid import UUID

from bondfire.kit import show_id


@lru_cache(maxsize=100_000)
def shown_member(member_id: UUID) -> str:
    """The member's id as people and the journal see it; making one costs 8 us, so they are kept."""
    return show_id("mem", member_id)
