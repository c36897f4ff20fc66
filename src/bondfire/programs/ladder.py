"""A ladder of tiers: what counts for it, over which time, and how a member climbs and falls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from bondfire.kit import Period
from bondfire.rules import Expression

TierWindow = Literal["calendar_year", "membership_year", "tier_year", "rolling", "lifetime"]
TierBy = Literal["unit", "spend", "visits", "value"]
TierUpgrade = Literal["at_once", "period_end"]
TierFall = Literal["to_earned", "one_step"]


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of a tier set; `threshold` itself is in (T3)."""

    name: str
    threshold: Decimal
    benefits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TierSet:
    """A ladder of tiers over what counts within a window.

    Upgrades happen at once or when the period ends. When a window closes, the tier becomes the one earned in
    it; a fall waits for the grace period. A `lifetime` window never closes.

    Attributes:
        unit: the unit whose earnings count, "" when something else does.
        tiers: ascending by threshold; `ranks` their positions.
        by: what counts: what is earned of a unit, the money of orders, days with an event, a value of each.
        on: the event type that counts, "" for a unit; `value`: what one such event counts, None for a day.
        length: of a rolling window.
        upgrade: whether a rise waits for the end of the period in which it was earned.
        fall: down to the tier that was earned, or one step at a time.
        no_falls_before: the announced date; what would fall earlier falls then (T6).
        is_daily: what counts is kept by day, for windows that begin on any day.
        is_plain: nothing but a threshold within one window of the calendar can move a member up.
    """

    name: str
    unit: str
    window: TierWindow
    tiers: tuple[Tier, ...]
    grace: Period = Period()
    by: TierBy = "unit"
    on: str = ""
    value: Expression | None = None
    length: Period = Period(months=12)
    upgrade: TierUpgrade = "at_once"
    fall: TierFall = "to_earned"
    no_falls_before: datetime | None = None
    ranks: Mapping[str | None, int] = field(init=False, repr=False, compare=False)
    is_daily: bool = field(init=False, repr=False, compare=False)
    is_plain: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranks", {tier.name: rank for rank, tier in enumerate(self.tiers)})
        object.__setattr__(self, "is_daily", self.window in {"tier_year", "rolling"})
        object.__setattr__(self, "is_plain", not self.is_daily and self.upgrade == "at_once")

    def earned_by(self, amount: Decimal) -> Tier | None:
        """The highest tier whose threshold the amount reaches."""
        reached = [tier for tier in self.tiers if tier.threshold <= amount]
        return reached[-1] if reached else None

    def highest(self, *tiers: str | None) -> str | None:
        """The highest of some tiers."""
        return max(tiers, key=self.rank)

    def landing(self, tier: str | None, earned: str | None) -> str | None:
        """Where somebody lands who falls from a tier and has earned a lower one."""
        below = self.rank(tier) - 1
        if self.fall == "to_earned" or self.rank(earned) >= below:
            return earned
        return self.tiers[below].name

    def rank(self, tier: str | None) -> int:
        """Position of a tier, 0 for the lowest; -1 for none or one that no longer exists."""
        return self.ranks.get(tier, -1)

    def benefits_between(self, before: str | None, after: str | None) -> tuple[str, ...]:
        """What each tier passed on the way up gives, the lowest first, each once (T4)."""
        passed = self.tiers[self.rank(before) + 1 : self.rank(after) + 1]
        return tuple(dict.fromkeys(benefit for tier in passed for benefit in tier.benefits))
