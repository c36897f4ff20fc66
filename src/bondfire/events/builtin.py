"""The built-in event types, their fields and how the fields of one event must fit together."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bondfire.events.accounts import OF_ACCOUNTS
from bondfire.events.completing import (
    complete_adjusted,
    complete_granted,
    complete_held,
    complete_placed,
    complete_returned,
)
from bondfire.events.contests import CONTESTS
from bondfire.events.fields import LONG, EventType, Field
from bondfire.events.ordering import ORDER, ORDER_PLACED, ORDER_RETURNED
from bondfire.events.referring import BROUGHT_EVENTS, REFERRER
from bondfire.events.rewards import REWARD_TYPES

HEADER: Final[Mapping[str, Field]] = {
    "id": Field(
        "string",
        "The sender's id of the event; the same id from the same source is the same event.",
        "required",
    ),
    "type": Field("string", "A name of this catalogue.", "required"),
    "source": Field("string", "Which system sent it.", "derived", length=100, default="api"),
    "member": Field(
        "string",
        "The member's reference: a customer, card or account number; used as sent, without blanks around it.",
        "required",
        name=True,
    ),
    "occurred_at": Field("time", "When it happened, RFC 3339 with an offset.", "required"),
}


_UNIT: Final = Field("string", "A unit of the programme, such as points.", "required", length=100)
_POINTS: Final = Field("decimal", "How many points, above zero.", "required", zero=False)
_TOTAL: Final[Mapping[str, Field]] = {
    "order_total": Field("decimal", "What the order costs; needed where points may pay only a share of it.")
}
_HOLD: Final = Field("string", "The id of the points.held event.", "required")

_DECIDED: Final[Mapping[str, Field]] = {
    "reason": Field("string", "Why.", "required", length=1000),
    "actor": Field("string", "Who decided it.", "required"),
}


def _personal_text(name: str, doc: str) -> dict[str, Field]:
    """A free text and its length, so that a rule can ask for a long review without seeing it."""
    return {
        name: Field("string", doc, length=LONG, empty=True, personal=True),
        f"{name}_length": Field(
            "integer",
            f"How many characters {name} has; counted when it is sent.",
            "derived",
            minimum=0,
            maximum=LONG,
            default=0,
        ),
    }


_REVIEW: Final[Mapping[str, Field]] = {
    "rating": Field("integer", "Stars, 1 to 5.", "required", minimum=1, maximum=5),
    "order": replace(ORDER, doc="The order that is reviewed."),
    "sku": Field("string", "The article that is reviewed."),
    **_personal_text("text", "What the member wrote."),
}
_GONE: Final = Field("string", presence="required")
_REMOVED: Final[Mapping[str, Field]] = {
    "sent_by": Field("string", "The source of that event; the one of this event when not sent.", length=100),
    "reason": Field("string", "Why.", length=1000, empty=True),
}
_ATTRIBUTES: Final = Field(
    "record", "Attributes that the programme declares; null says that there is no value.", size=100
)

NAMING: Final[Mapping[str, str]] = {
    "points.sent": "to",
    "referral.completed": "referred",
    "member.joined": "referrer",
    "member.referred": "referrer",
}
"""By type, the field that may name another member; in the journal that member's id stands in its place."""
ERASED_BECAUSE: Final = ("asked", "retention", "authority")

_ANY_NUMBER: Final = 1_000_000
"""A transfer may take from as many lots as a member has."""
_PARCELS: Final = Field(
    "records",
    "The parts of the sender's lots.",
    "required",
    size=_ANY_NUMBER,
    fields={
        "lot": Field("integer", "The lot's number with the sender.", "required", minimum=1),
        "amount": replace(_POINTS, doc="How much of it."),
        "earned_at": Field("time", "When it was earned.", "required"),
        "expires_at": Field("time", "When it is gone; never when not there."),
    },
)
_TIER: Final[Mapping[str, Field]] = {
    "tier_set": Field("string", "A tier set of the programme.", "required", length=100),
    "tier": Field("string", "A tier of it.", "required", length=100),
}


_DECLARED: Final = (
    EventType("order.placed", "A member bought something.", ORDER_PLACED, "money", complete_placed),
    EventType(
        "order.returned", "Articles came back or were refunded.", ORDER_RETURNED, "free", complete_returned
    ),
    EventType(
        "order.cancelled",
        "A whole order was cancelled.",
        {
            "order": replace(ORDER, presence="required"),
            "reason": Field("string", "Why.", length=1000, empty=True),
        },
    ),
    EventType(
        "points.spent",
        "A member paid with points or redeemed them.",
        {
            "unit": _UNIT,
            "amount": _POINTS,
            "order": replace(ORDER, doc="The order that was paid."),
            **_TOTAL,
        },
    ),
    EventType(
        "points.held",
        "Points are set aside for a payment: captured or released later, let go by themselves at the end.",
        {
            "unit": _UNIT,
            "amount": _POINTS,
            "until": Field(
                "time",
                "When the hold ends by itself, at most a year later; RFC 3339 with an offset.",
                "required",
            ),
            "order": replace(ORDER, doc="The order that will be paid."),
            **_TOTAL,
        },
        complete=complete_held,
    ),
    EventType(
        "points.captured",
        "Held points are spent; what is not captured stays held.",
        {
            "hold": _HOLD,
            "amount": replace(
                _POINTS, doc="How many points; all that are held when not sent.", presence="optional"
            ),
            "order": replace(ORDER, doc="The order that was paid; that of the hold when not sent."),
        },
    ),
    EventType(
        "points.released",
        "Held points are not needed and can be spent again.",
        {
            "hold": _HOLD,
            "amount": replace(
                _POINTS, doc="How many points; all that are held when not sent.", presence="optional"
            ),
        },
    ),
    EventType(
        "points.restored",
        "Spent points are given back, for instance because a redemption failed.",
        {
            "unit": _UNIT,
            "amount": _POINTS,
            "order": replace(ORDER, doc="The order that had been paid."),
            "spend": Field("string", "The id of the points.spent event that is undone."),
        },
    ),
    EventType(
        "points.adjusted",
        "A person corrects a wallet, with a reason and a name.",
        {
            "unit": _UNIT,
            "amount": replace(_POINTS, doc="How many points; below zero takes them away.", negative=True),
            **_DECIDED,
            "approver": Field(
                "string", "Who approved it, somebody else; needed above the programme's limit."
            ),
        },
        complete=complete_adjusted,
    ),
    EventType(
        "points.sent",
        "A member sends points to another; the programme says which units may be sent, and how much.",
        {
            "unit": _UNIT,
            "amount": _POINTS,
            "to": Field("string", "The reference of the member who gets them.", "required", name=True),
        },
    ),
    EventType(
        "points.received",
        "What another member sent has come.",
        {
            "unit": _UNIT,
            "amount": _POINTS,
            "from": Field("string", "The id of the member who sent them.", "required"),
            "parcels": _PARCELS,
        },
        own=True,
    ),
    EventType(
        "points.sent_back",
        "What was sent could not be received and is back in the lots that it came from.",
        {
            "unit": _UNIT,
            "amount": _POINTS,
            "to": Field("string", "The id of the member who should have got them.", "required"),
            "parcels": _PARCELS,
            "reason": Field("string", "The code of the refusal.", "required"),
        },
        own=True,
    ),
    EventType(
        "tier.granted",
        "A person or a partner gives a tier until a day: a status match, an apology.",
        {
            **_TIER,
            "until": Field("time", "When it ends; the earned tier is back from then on.", "required"),
            **_DECIDED,
        },
        complete=complete_granted,
    ),
    EventType("tier.withdrawn", "A tier that was granted ends now.", {**_TIER, **_DECIDED}),
    EventType(
        "member.joined",
        "A member joined the programme.",
        {"attributes": _ATTRIBUTES, "referrer": REFERRER},
        "effort",
    ),
    EventType(
        "member.updated",
        "What is known of a member changed.",
        {"attributes": replace(_ATTRIBUTES, presence="required")},
    ),
    EventType(
        "member.erased",
        "A person was erased: what is personal is gone; what was earned and spent stays, under an id.",
        {
            "reason": Field(
                "enum",
                "They asked, it was kept long enough, or an authority said so.",
                "required",
                values=ERASED_BECAUSE,
            ),
            "actor": Field("string", "The name of the key or command that did it.", "required"),
        },
        own=True,
    ),
    *BROUGHT_EVENTS,
    EventType("review.submitted", "A member reviewed an order or an article.", _REVIEW, "effort"),
    EventType(
        "survey.answered",
        "A member answered a survey.",
        {
            "survey": Field("string", "The survey's name.", "required"),
            "score": Field("integer", "The answer, 0 to 10.", "required", minimum=0, maximum=10),
            "question": Field("string", "The question, when the survey has several."),
            **_personal_text("comment", "What the member added."),
        },
        "effort",
    ),
    EventType(
        "referral.completed",
        "Somebody whom the member invited became a customer.",
        {
            "referred": Field("string", "The reference of the new member.", "required"),
            "order": replace(ORDER, doc="The first order of the new member."),
        },
        "effort",
    ),
    EventType(
        "page.viewed",
        "A member looked at a page.",
        {
            "url": Field("string", "The page's address.", length=2000),
            "page": Field("string", "The page's name."),
            "category": Field("string", "What the page is about."),
        },
    ),
    EventType(
        "app.installed",
        "A member installed an app.",
        {
            "platform": Field("string", "Such as ios or android.", "required"),
            "app": Field("string", "The app's name."),
        },
    ),
    EventType(
        "social.followed",
        "A member follows the brand.",
        {
            "network": Field("string", "The social network.", "required"),
            "account": Field("string", "The brand's account there."),
        },
    ),
    EventType(
        "post.published",
        "A member published something about the brand.",
        {
            "channel": Field("string", "Where it was published."),
            "url": Field("string", "The post's address.", length=2000),
            **_personal_text("text", "What the member wrote."),
        },
    ),
    EventType(
        "review.removed",
        "A review is gone: what it earned and how it counted is taken back.",
        {"review": replace(_GONE, doc="The id of the review.submitted event."), **_REMOVED},
    ),
    EventType(
        "post.removed",
        "A post is gone: what it earned and how it counted is taken back.",
        {"post": replace(_GONE, doc="The id of the post.published event."), **_REMOVED},
    ),
    EventType(
        "challenge.joined",
        "A member takes part in a challenge that asks for it; what happens from then on counts.",
        {"challenge": Field("string", "The challenge's name.", "required")},
    ),
    *REWARD_TYPES,
    *CONTESTS,
    *OF_ACCOUNTS,
)

BUILT_IN: Final[Mapping[str, EventType]] = {
    declared.name: replace(declared, fields={**HEADER, **declared.fields}) for declared in _DECLARED
}
"""The types that every programme has, by name."""
