"""The built-in event types about rewards: one that anybody may send, and those that bondfire itself says."""

from typing import Final

from bondfire.events.fields import EventType, Field

MOST_AT_ONCE: Final = 100
"""So many of one reward at once."""

_REWARD: Final = Field("string", "A reward of the programme.", "required", length=100)
_QUANTITY: Final = Field("integer", "How many.", "derived", minimum=1, maximum=MOST_AT_ONCE, default=1)
_PART: Final = Field("integer", "How many of them; all when not sent.", minimum=1, maximum=MOST_AT_ONCE)
_PAID: Final = Field("decimal", "The money that was paid for it; needed where the price names money.")
_ORDER: Final = Field("string", "The order's number in the shop, if it belongs to one.")
_NAMED: Final = Field("string", "The id of the event that redeemed it.", "required")
_UNTIL: Final = Field("time", "When it ends by itself.", "required")
_CODE: Final = Field("string", "The id of the code that was given out; never the code.")
_GRANTED: Final = Field(
    "boolean", "Whether bondfire has claimed what is limited; from anybody else it means nothing."
)
_TAKEN: Final = {"reward": _REWARD, "quantity": _QUANTITY, "order": _ORDER, "granted": _GRANTED}
_WHY: Final = {
    "reason": Field("string", "Why.", "required", length=1000),
    "actor": Field("string", "Who decided it.", "required"),
}

REWARD_TYPES: Final = (
    EventType(
        "reward.redeemed",
        "A member got a reward and paid its price. What has a stock or seats is redeemed through "
        "POST /v1/members/{member}/redemptions, which claims one of it first.",
        {**_TAKEN, "paid": _PAID, "code": _CODE},
    ),
    EventType(
        "reward.held",
        "A reward is set aside with its price: captured or released later, at the latest when it ends.",
        {**_TAKEN, "until": _UNTIL},
        own=True,
    ),
    EventType(
        "reward.captured",
        "A reward that was held is taken, all of it or a part; the rest stays held.",
        {"redemption": _NAMED, "quantity": _PART, "paid": _PAID, "code": _CODE, "order": _ORDER},
        own=True,
    ),
    EventType(
        "reward.released",
        "A reward that was held, or waited for, is not wanted any more, all of it or a part.",
        {"redemption": _NAMED, "quantity": _PART},
        own=True,
    ),
    EventType(
        "reward.awaited",
        "A member waits for a seat that comes free, with its price set aside.",
        {"reward": _REWARD, "quantity": _QUANTITY, "until": _UNTIL},
        own=True,
    ),
    EventType(
        "reward.moved_up", "A seat came free for a member who waited.", {"redemption": _NAMED}, own=True
    ),
    EventType(
        "reward.cancelled",
        "A reward that was redeemed goes back: its price is given back, what it gave ends.",
        {"redemption": _NAMED, **_WHY},
        own=True,
    ),
    EventType(
        "reward.used",
        "A ticket was checked in, or a voucher used; once.",
        {"redemption": _NAMED, "order": _ORDER},
        "effort",
        own=True,
    ),
    EventType(
        "reward.missed", "A member who had a seat did not come.", {"redemption": _NAMED, **_WHY}, own=True
    ),
)
