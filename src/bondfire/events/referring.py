"""The built-in event types about members who invite others, and about what a person decides."""

from dataclasses import replace
from typing import Final

from bondfire.events.fields import EventType, Field

REFERRER: Final = Field(
    "string", "Who invited the member: their reference, or their referral code.", name=True
)
_REFERRED: Final = Field("string", "The id of the member who was invited.", "required")
_DECIDED: Final = {
    "reason": Field("string", "Why.", "required", length=1000),
    "actor": Field("string", "Who decided it.", "required"),
}

_LOT: Final = {"lot": Field("integer", "The number of the lot with the member.", "required", minimum=1)}
REVIEW_EVENTS: Final = (
    EventType("award.released", "A person let go what was earned beyond a limit.", _LOT | _DECIDED, own=True),
    EventType("award.taken_back", "A person took it back.", _LOT | _DECIDED, own=True),
)
REFERRAL_EVENTS: Final = (
    EventType(
        "member.referred",
        "A member says who invited them; the first to be named counts, and only before the first order.",
        {"referrer": replace(REFERRER, presence="required")},
        "effort",
    ),
    EventType(
        "referral.checked",
        "A referral was looked at: with a reason it is held for a person, without one it may be paid.",
        {
            "reasons": Field("strings", "What speaks against paying it by itself.", "required"),
        },
        own=True,
    ),
    EventType("referral.approved", "A person let a held referral be paid.", _DECIDED, own=True),
    EventType("referral.rejected", "A person decided that a referral is not paid.", _DECIDED, own=True),
    EventType(
        "referral.rewarded",
        "Somebody whom the member invited has bought and kept it: the member's part of the reward.",
        {
            "referred": _REFERRED,
            "version": Field("integer", "The programme version that says how much.", "required", minimum=1),
        },
        own=True,
    ),
)
