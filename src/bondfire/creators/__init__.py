"""Creators who speak of the brand: tracked codes, orders that these bring, content, and what is owed for it.

Owns: codes by creator and campaign, which order came by which code, submissions and their state, the money
report. Does not own: what a creator earns in units and which tier they reach (programs, engine: rules and
tier sets look at `creator.credited` and `content.approved`), payment. Invariants: an order is credited once,
with what was left when it could no longer come back, and never to who bought it; content is decided once, by
a person with a reason; actions never commit.
"""

from bondfire.creators.actions import ContentVerdict, decide_content, give_tracked_code, merge_creators
from bondfire.creators.model import Brought, Content, TrackedCode
from bondfire.creators.queries import (
    as_csv,
    brought_by_codes,
    commission_on,
    list_codes,
    waiting_content,
)
from bondfire.creators.reactions import follow_creators

__all__ = [
    "Brought",
    "Content",
    "ContentVerdict",
    "TrackedCode",
    "as_csv",
    "brought_by_codes",
    "commission_on",
    "decide_content",
    "follow_creators",
    "give_tracked_code",
    "list_codes",
    "merge_creators",
    "waiting_content",
]
