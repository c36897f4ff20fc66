"""What a member did and has, as far as a later decision may have to look at it."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from bondfire.events import Event
from bondfire.ledger import ZERO, LotPart, Wallet


class Granted(msgspec.Struct, gc=False):
    """One award of a purchase, split over its lines so that a return knows what each line earned (U1).

    Attributes:
        lines: the award of each line; they add up to the award.
        returned: what earlier returns took back of each line.
        lapsed: what earlier returns found already expired.
    """

    rule: str
    unit: str
    lot: int
    entry: int
    lines: list[Decimal]
    returned: list[Decimal]
    lapsed: Decimal = ZERO


Counted = dict[str, list[tuple[str, Decimal]]]
"""How an event counted, by challenge: the value, action or "" of each mark, and its amount."""


BudgetKey = tuple[str, datetime]
"""A budget and the first instant of one of its windows."""


class Placed(msgspec.Struct, frozen=True, gc=False):
    """An order as it was placed: enough to make a `Purchase` of it when something comes back.

    So is a review or a post, which can be removed.

    Attributes:
        version: the programme version that decided.
        lots: the numbers of the lots its awards made.
        member: what the rules saw of the member then.
        joined_at: from when the member's years are counted.
        used: by lot, what an award used of caps on its base; only where there are such caps.
        counted: how it counted for challenges.
        counts: whether it counted at all; an order from before the member joined does not.
    """

    event: Event
    version: int
    lots: range
    member: dict[str, Any]
    joined_at: datetime
    used: dict[int, Decimal]
    counted: Counted = {}
    counts: bool = True


class PurchaseLine(msgspec.Struct, gc=False):
    """One line of an order and how much money of it came back."""

    sku: str
    amount: Decimal
    returned: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """What can still be returned."""
        return self.amount - self.returned


class TierCredit(msgspec.Struct, gc=False):
    """What a purchase counted for a tier set, split over its lines as an award is (R8).

    Attributes:
        lines: what each line counted; of a visit it is one day in all.
        returned: what earlier returns took back of each line.
    """

    tier_set: str
    lines: list[Decimal]
    returned: list[Decimal]


class CapUse(msgspec.Struct, frozen=True, gc=False):
    """What a purchase used up of a cap, to be given back with it (R15)."""

    cap: str
    moment: datetime
    amount: Decimal


class Seat(msgspec.Struct, gc=False, array_like=True):
    """A member's place on a leaderboard.

    Attributes:
        is_shown: what they chose; None: as the programme says.
        days: of one that counts visits: the days of the running period, and by how many events.
    """

    is_shown: bool | None = None
    days: dict[datetime, int] = {}


class Played(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """How often a member has played a game in the period that began at a moment."""

    moment: datetime
    number: int


class Score(msgspec.Struct, frozen=True, gc=False):
    """What a decision counts for a leaderboard.

    Attributes:
        moment: the first instant of the period.
        amount: how much; below zero it counts no more, 0 only says how the member is there now.
        segment: with whom they are compared, "" for everybody or for who is nowhere.
        is_shown: whether they take part.
    """

    board: str
    moment: datetime
    amount: Decimal
    segment: str
    is_shown: bool


class Purchase(msgspec.Struct, gc=False, omit_defaults=True):
    """An order and the decision it is pinned to: all a return needs, whatever changes later (R5 to R7).

    Made of what was `Placed` when a return first looks at it; `returns` counts those that took something.
    `counted` is how the rest of it still counts for challenges, `tier_credits` what it counted for tier sets
    by itself, beside the units it earned, `scores` the same for leaderboards.
    """

    order: str
    event: str
    occurred_at: datetime
    version: int
    lines: list[PurchaseLine]
    granted: list[Granted]
    cap_uses: list[CapUse]
    returns: int = 0
    counted: Counted = {}
    tier_credits: list[TierCredit] = []
    scores: list[TierCredit] = []

    @property
    def left(self) -> Decimal:
        """How much money of the order can still be returned."""
        return sum((line.left for line in self.lines), ZERO)


class Redemption(msgspec.Struct, gc=False):
    """A spending and which lot paid what, so that it can be undone (L2, R11).

    Attributes:
        source, event: which event it was; two systems may use the same id.
    """

    source: str
    event: str
    unit: str
    order: str
    occurred_at: datetime
    parts: list[LotPart]
    restored: Decimal = ZERO

    @property
    def key(self) -> tuple[str, str]:
        """What a member's redemptions are told apart by."""
        return self.source, self.event

    @property
    def amount(self) -> Decimal:
        """How much was paid."""
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def left(self) -> Decimal:
        """How much can still be restored."""
        return self.amount - self.restored


class Hold(msgspec.Struct, gc=False, array_like=True):
    """Points set aside for a payment that is under way (L6).

    Attributes:
        source, event: which event it was; two systems may use the same id.
        until: at this very instant what is still held is let go.
        parts: what is still held of which lot, in the order in which it is captured.
    """

    source: str
    event: str
    unit: str
    order: str
    until: datetime
    parts: list[LotPart]

    @property
    def key(self) -> tuple[str, str]:
        """What a member's holds are told apart by."""
        return self.source, self.event

    @property
    def left(self) -> Decimal:
        """How much is still held."""
        return sum((part.amount for part in self.parts), ZERO)


class ReturnedLine(msgspec.Struct, frozen=True, gc=False):
    """One line that came back."""

    sku: str
    amount: Decimal


class Parked(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A return that came before its purchase (R16).

    Attributes:
        cancels: whether it is a cancellation, where the programme has coupons.
        currency: of its amounts, where the programme exchanges currencies and it was sent.
    """

    event: str
    occurred_at: datetime
    lines: tuple[ReturnedLine, ...]
    total: Decimal | None
    cancels: bool = False
    currency: str = ""


class HeldCoupon(msgspec.Struct, gc=False, array_like=True):
    """A coupon of a member; only ever added to at its end.

    Attributes:
        got_at: since when; `ends_at`: it cannot be used from this very instant on, None: as the coupon says.
        used_by: the order that used it, "" while it can be used; `worth`: the discount that it gave then, in
            the programme's currency.
        origin: what brought it (see `origin_of`), "" of what stays although that came back.
        version: the programme version that gave it.
        is_claimed: whether it was used before, so that it counts no more when it is used again.
    """

    coupon: str
    got_at: datetime
    ends_at: datetime | None = None
    used_by: str = ""
    worth: Decimal = ZERO
    origin: str = ""
    version: int = 0
    is_claimed: bool = False


class CouponCount(msgspec.Struct, gc=False, array_like=True):
    """How often a member got a coupon of a name, and how often they used one."""

    issued: int = 0
    used: int = 0


class Former(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An account that was merged into this one (G1).

    Attributes:
        lots: by how much the numbers of its lots are higher here.
        joined_at: when they had joined under it.
        wallets: by unit, what is left of its balances: what it ever got and what became of that.
    """

    member_id: UUID
    lots: int
    joined_at: datetime
    wallets: dict[str, Wallet] = {}


class Brought(msgspec.Struct, gc=False):
    """What somebody who is being merged had placed and published, under the numbers of their own lots."""

    placed: dict[str, Placed] = {}
    published: dict[tuple[str, str], Placed] = {}
    removed: set[tuple[str, str]] = set()


class CapUsed(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """How much of a cap was used at a moment (for calendar windows: at their first instant)."""

    moment: datetime
    amount: Decimal
