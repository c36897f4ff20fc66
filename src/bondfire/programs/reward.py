"""What a reward is, as types: its price, who may have it, how many there are, and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from bondfire.kit import Period
from bondfire.programs.limits import Cap
from bondfire.rules import Expression

RewardKind = Literal["event", "access", "content", "upgrade", "article", "donation", "partner", "voucher"]
NoShow = Literal["keep", "give_back"]

EXCLUSIVE: Final[Mapping[RewardKind, int]] = {
    "event": 0,
    "access": 0,
    "content": 0,
    "upgrade": 1,
    "article": 2,
    "donation": 2,
    "partner": 3,
    "voucher": 3,
}
"""The order of a catalogue: what money cannot buy, recognition, things and causes, and money off last."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A tier that a reward gives: for so long, or until a moment."""

    tier_set: str
    tier: str
    lasts: Period | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Articles that whoever has the reward may buy before others: a half-open interval, UTC."""

    skus: frozenset[str]
    opens_at: datetime
    closes_at: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether it is open."""
        return self.opens_at <= moment < self.closes_at


@dataclass(frozen=True, slots=True)
class Reward:
    """Something members can get for their points.

    Attributes:
        price: how much of which unit, what costs nothing left out. money: what is paid beside it, at the
            shop, in the programme's currency.
        when: condition over `member`; None is always. tier_set, tier: only members of this tier or a higher
            one; "" for everybody.
        limits: how many one member may have, within windows.
        starts_at, ends_at: half-open interval in which it can be had, UTC.
        stock: how many there are in all, or seats; None for any number.
        waiting_list: whether members can wait for one that comes free.
        takes_place_at: when an event begins; None where nobody said so.
        no_show: whether the price of a seat that stayed empty is kept or given back.
        upgrade, window: what it gives; None for none. content: what it unlocks, "" for nothing.
        partner: whose codes it gives out, "" for nobody's. recipient: whom a donation is for.
        tags: words that are compared with what members prefer.
    """

    name: str
    kind: RewardKind = "article"
    price: tuple[tuple[str, Decimal], ...] = ()
    money: Decimal = Decimal(0)
    when: Expression | None = None
    tier_set: str = ""
    tier: str = ""
    limits: tuple[Cap, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    stock: int | None = None
    waiting_list: bool = False
    takes_place_at: datetime | None = None
    no_show: NoShow = "keep"
    upgrade: Upgrade | None = None
    window: Window | None = None
    content: str = ""
    partner: str = ""
    recipient: str = ""
    tags: frozenset[str] = frozenset()

    @property
    def is_shared(self) -> bool:
        """Whether members compete for it, so that one must be claimed before it is given."""
        return self.stock is not None or bool(self.partner)

    def runs_at(self, moment: datetime) -> bool:
        """Whether it can be had at `moment`."""
        return (self.starts_at is None or self.starts_at <= moment) and (
            self.ends_at is None or moment < self.ends_at
        )
