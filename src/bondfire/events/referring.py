"""The built-in event types about members who invite others, creators, and what a person decides."""

from dataclasses import replace
from typing import Final

from bondfire.events.fields import LONG, EventType, Field

REFERRER: Final = Field(
    "string", "Who invited the member: their reference, or their referral code.", name=True
)
_REFERRED: Final = Field("string", "The id of the member who was invited.", "required")
_DECIDED: Final = {
    "reason": Field("string", "Why.", "required", length=1000),
    "actor": Field("string", "Who decided it.", "required"),
}

_LOT: Final = {"lot": Field("integer", "The number of the lot with the member.", "required", minimum=1)}
_REVIEW_EVENTS: Final = (
    EventType("award.released", "A person let go what was earned beyond a limit.", _LOT | _DECIDED, own=True),
    EventType("award.taken_back", "A person took it back.", _LOT | _DECIDED, own=True),
)
AUTHENTICITY: Final = ("own_experience", "gifted", "paid")
CODE_OF_ORDER: Final = Field("string", "The tracked code of the creator who brought the order.", length=60)
_CAMPAIGN: Final = Field("string", "The campaign it is for.", length=60)
_AUTHENTIC: Final = Field(
    "enum",
    "What it rests on, as the creator says: their own experience, a gift, or pay.",
    "required",
    values=AUTHENTICITY,
)
_REVIEWED: Final = {
    "content": Field("string", "The id of the content.submitted event.", "required"),
    "authenticity": _AUTHENTIC,
    "campaign": _CAMPAIGN,
    **_DECIDED,
}
_CREATOR_EVENTS: Final = (
    EventType(
        "content.submitted",
        "A creator submits what they have published about the brand; a person approves or rejects it.",
        {
            "url": Field("string", "Its address.", "required", length=2000),
            "authenticity": _AUTHENTIC,
            "campaign": _CAMPAIGN,
            "text": Field("string", "What it says.", length=LONG, empty=True, personal=True),
        },
        "effort",
    ),
    EventType(
        "content.approved", "A person approved what a creator submitted.", _REVIEWED, "effort", own=True
    ),
    EventType("content.rejected", "A person rejected what a creator submitted.", _REVIEWED, own=True),
    EventType(
        "creator.credited",
        "An order that a creator's code had brought was kept.",
        {
            "buyer": Field("string", "The id of the member who bought.", "required"),
            "order": Field("string", "The order's number.", "required"),
            "code": Field("string", "The tracked code.", "required", length=60),
            "campaign": replace(_CAMPAIGN, presence="required"),
            "total": Field("decimal", "What was left of it when it could no longer come back.", "required"),
            "currency": Field("string", "ISO 4217 code.", "required", length=3),
        },
        "effort",
        own=True,
    ),
)
_REFERRAL_EVENTS: Final = (
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
BROUGHT_EVENTS: Final = (*_REFERRAL_EVENTS, *_REVIEW_EVENTS, *_CREATOR_EVENTS)
"""All of them, in the order in which they are listed."""
