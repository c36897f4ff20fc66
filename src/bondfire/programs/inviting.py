"""What a programme says of members who invite others and of creators, as types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from bondfire.kit import Period

REFERRAL_RULES: Final = {"referrer": "referral/referrer", "referred": "referral/referred"}
"""Under which rule the entries of either side stand."""
CODE_IN_LINK: Final = "{code}"
LimitWindow = Literal["month", "membership_year", "lifetime"]


@dataclass(frozen=True, slots=True)
class Doubts:
    """When a referral is held for a person.

    Attributes:
        same_person: the two share a member, an e-mail address, a telephone number or a card.
        ring: so many steps up the chain of who invited whom a member must not meet themselves; 0: no matter.
        sign_ups: more members than this, invited by one within `within`, are a burst.
    """

    same_person: bool = True
    ring: int = 5
    sign_ups: int = 10
    within: Period = Period(days=1)


@dataclass(frozen=True, slots=True)
class Creators:
    """How orders that a tracked code has brought are credited.

    Attributes:
        after: how long the order has to be kept.
        commission: the share of its money that the report says is owed.
    """

    after: Period = Period(days=14)
    commission: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Referrals:
    """What is given when a member brings another.

    Attributes:
        awards: units and amounts for the `referrer` and for the `referred`.
        minimum: what the first order has to come to. within: how soon after joining.
        after: how long the order has to be kept; then both are paid.
        limits: how many rewards one referrer gets, by window.
        link: the address that members give away, with `CODE_IN_LINK` in the place of their code; "" for none.
    """

    awards: Mapping[str, tuple[tuple[str, Decimal], ...]]
    minimum: Decimal = Decimal(0)
    within: Period = Period(days=90)
    after: Period = Period(days=14)
    limits: Mapping[LimitWindow, int] = field(default_factory=dict)
    doubts: Doubts = Doubts()
    link: str = ""
