"""What bondfire says of accounts that become one: event types that nobody can send."""

from collections.abc import Mapping
from typing import Final

from bondfire.events.fields import EventType, Field

MERGED_BECAUSE: Final = ("duplicate", "asked", "replaced")
_ANY_LENGTH: Final = 2**30
"""An estate holds every lot that an account ever had."""
_OTHER: Final = Field("string", "The id of the other account.", "required")
_MERGE: Final[Mapping[str, Field]] = {
    "reason": Field(
        "enum",
        "Two accounts by mistake, the person asked for it, or a card was replaced.",
        "required",
        values=MERGED_BECAUSE,
    ),
    "actor": Field("string", "The name of the key or command that did it.", "required"),
}

OF_ACCOUNTS: Final = (
    EventType(
        "member.merged",
        "The account became part of another; all that it held went there.",
        {"into": _OTHER, **_MERGE},
        own=True,
    ),
    EventType(
        "member.absorbed",
        "Another account of the same person became part of this one, with all that it held.",
        {
            "from": _OTHER,
            **_MERGE,
            "estate": Field("string", "What came over, as JSON.", "required", length=_ANY_LENGTH),
        },
        own=True,
    ),
)
