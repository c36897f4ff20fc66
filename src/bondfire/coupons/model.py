"""Codes and baskets as types."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec

from bondfire.events import Event


class Basket(NamedTuple):
    """What somebody is about to buy.

    Attributes:
        order: the order that it would be, before discounts.
        coupons: codes as typed, and ids of coupons that the member has.
    """

    order: Event
    coupons: Sequence[str] = ()


class Code(NamedTuple):
    """A code as it is kept.

    Attributes:
        hashed: of the plain code.
        batch: what it was made or imported with.
        member_id: whose alone it is, or None for whoever has it.
        most, uses: how often it may be used (None is without end), and how often it was.
    """

    hashed: bytes
    coupon: str
    batch: str
    member_id: UUID | None
    most: int | None
    uses: int
    expires_at: datetime | None
    revoked_at: datetime | None

    def opens_for(self, accounts: Collection[UUID], now: datetime) -> bool:
        """Whether who has these accounts, an unknown one none, may use it now; every part is looked at."""
        is_theirs = (self.member_id is None) | (self.member_id in accounts)
        is_left = (self.most is None) | (self.uses < (self.most or 0))
        is_alive = (self.revoked_at is None) & (self.expires_at is None or now < self.expires_at)
        return is_theirs & is_left & is_alive


class Refusal(NamedTuple):
    """Why a coupon gives nothing."""

    code: str
    message: str
    next_step: str


class Claim(NamedTuple):
    """What was sent for a coupon, and what it is.

    Attributes:
        sent: a code, or the id of a coupon that the member has.
        id, coupon: under which the member has it, and its name; "" where nothing is known or told.
        hashed: of a code that has to be claimed; None of what the member has. `code`: the code's id.
        is_claimed: whether it counts no more for the coupon's total.
    """

    sent: str
    id: str = ""
    coupon: str = ""
    hashed: bytes | None = None
    code: str = ""
    is_claimed: bool = False
    refusal: Refusal | None = None


class Offered(NamedTuple):
    """What became of a claim.

    Attributes:
        lines: what it takes off, by the place of the line.
        refusal: why it gives nothing; None where it gives something.
    """

    claim: Claim
    lines: dict[int, Decimal]
    refusal: Refusal | None

    @property
    def discount(self) -> Decimal:
        """All that it takes off."""
        return sum(self.lines.values(), Decimal(0))


class Priced(NamedTuple):
    """A basket with its discounts.

    Attributes:
        offered: what became of each claim, in the order in which they were sent.
        before, after: what each line costs.
    """

    offered: list[Offered]
    before: list[Decimal]
    after: list[Decimal]

    @property
    def discount(self) -> Decimal:
        """All that is taken off."""
        return sum(self.before, Decimal(0)) - sum(self.after, Decimal(0))


class Batch(msgspec.Struct, frozen=True):
    """Codes that were made or imported together.

    Attributes:
        codes, used, revoked: how many there are, and of how many that is so; `uses`: how often any was used.
    """

    batch: str
    coupon: str
    created_at: datetime
    codes: int
    used: int
    uses: int
    revoked: int
