"""What a member has of rewards: held, waited for, taken, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

import msgspec

from bondfire.ledger import LotPart

RewardStatus = Literal["held", "waiting", "taken", "used", "missed", "cancelled", "released", "ended"]

MOST_OPEN: Final = 50
"""So many are held or waited for at once at most, and so many of the rest are remembered: they are part of
the state, which must not grow without end (L20). The journal has them all."""

Parts = list[tuple[str, list[LotPart]]]
"""By unit, what is set aside of which lot."""


class RewardPayment(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Some of a redemption was taken.

    Attributes:
        spent: the keys of the spendings that paid for it; none where it was free.
    """

    at: datetime
    quantity: int
    spent: list[tuple[str, str]] = []


class Redeemed(msgspec.Struct, gc=False, array_like=True):
    """One redemption of a reward; only ever added to at its end.

    Attributes:
        source, event: which event redeemed, held or awaited it; two systems may use the same id.
        at: when. version: the programme version that says what the reward is.
        status: `held` and `waiting` are open, `released` and `ended` came to nothing; the rest was taken.
        open: how many are still held or waited for, until `until`, with `parts` of its price set aside.
        payments: what was taken of it.
        order: the order it belongs to. code: the id of the code that was given out. "" for none.
        ends_at: when what it gives ends: an upgrade, early access; None for never or nothing.
    """

    source: str
    event: str
    reward: str
    at: datetime
    version: int
    status: RewardStatus
    open: int = 0
    until: datetime | None = None
    parts: Parts = []
    payments: list[RewardPayment] = []
    order: str = ""
    code: str = ""
    ends_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What a member's redemptions are told apart by."""
        return self.source, self.event

    @property
    def taken(self) -> int:
        """How many were taken."""
        return sum(payment.quantity for payment in self.payments)

    @property
    def is_open(self) -> bool:
        """Whether it is held or waited for."""
        return self.status in {"held", "waiting"}


def redemption_named(rewards: Sequence[Redeemed], source: str, name: str) -> Redeemed | None:
    """The redemption of this id: that of the source itself, else the only one of others."""
    named = [one for one in rewards if one.event == name]
    own = [one for one in named if one.source == source]
    found = own or named
    return found[0] if len(found) == 1 else None


def open_of(rewards: Sequence[Redeemed], reward: str) -> int:
    """How many of a reward are held or waited for."""
    return sum(one.open for one in rewards if one.reward == reward)


def next_reward_due(rewards: Sequence[Redeemed]) -> Redeemed | None:
    """What is open and ends next, of those that end together the first by source and id."""
    ending = [(one.until, one.key, place) for place, one in enumerate(rewards) if one.until is not None]
    return rewards[min(ending)[2]] if ending else None


def remember(rewards: list[Redeemed], redeemed: Redeemed) -> None:
    """Add a redemption; of those that are not open the oldest is forgotten when there are too many."""
    rewards.append(redeemed)
    forget_closed(rewards)


def forget_closed(rewards: list[Redeemed]) -> None:
    """Of those that are not open, forget the first ones that are too many."""
    closed = [one for one in rewards if not one.is_open]
    for one in closed[:-MOST_OPEN]:
        rewards.remove(one)


def spendings_of(rewards: Sequence[Redeemed], source: str, name: str) -> list[tuple[str, str]]:
    """The keys of what paid for the redemption of this id."""
    found = redemption_named(rewards, source, name)
    return [key for payment in found.payments for key in payment.spent] if found else []


def price_of(price: Sequence[tuple[str, Decimal]], quantity: int) -> list[tuple[str, Decimal]]:
    """What so many cost."""
    return [(unit, amount * quantity) for unit, amount in price]
