"""Coupons as types: what one takes off a basket, when it applies, and when somebody gets one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from bondfire.kit import Period
from bondfire.rules import Expression

DiscountKind = Literal["amount", "percent", "free_item", "cheapest_free"]
GivenBack = Literal["never", "cancelled", "returned"]

MOST_COUPONS: Final = 20
"""So many coupons of one basket are looked at."""


@dataclass(frozen=True, slots=True)
class Discount:
    """What a coupon takes off.

    Attributes:
        kind: a fixed amount, a share, whole articles, or the cheapest of several.
        amount: money in the programme's currency, or per cent.
        most: how much money at most; None for no limit.
        sku, category: the article that is free; one of the two.
        free, of: so many of each so many articles are free; of free articles `free` is how many in all.
        lines: condition over `line`: which lines it looks at; None is every product.
    """

    kind: DiscountKind
    amount: Decimal = Decimal(0)
    most: Decimal | None = None
    sku: str = ""
    category: str = ""
    free: int = 1
    of: int = 1
    lines: Expression | None = None

    @property
    def reads_money(self) -> bool:
        """Whether it names an amount of the programme's currency."""
        return self.kind == "amount" or self.most is not None


@dataclass(frozen=True, slots=True)
class Issue:
    """When a member gets the coupon.

    Attributes:
        on, when: the event that brings it, and a condition over `event` and `member`; None is always.
        most: how often one member gets it in all; None is without end.
    """

    on: str
    when: Expression | None = None
    most: int | None = 1


@dataclass(frozen=True, slots=True)
class Coupon:
    """A discount that somebody may claim.

    Attributes:
        when: condition over `event`, the basket as the order it would be, and `member`.
        minimum: what the basket must cost before all discounts, in the programme's currency.
        group: of an exclusive group only the first coupon gives anything.
        stackable: False: gives only when no other coupon does.
        priority: higher first; ties by name, so the order in which coupons are sent never matters.
        total, per_member: how often it can be used by everybody and by one member; None is without end.
        valid: how long a member has what was issued; None is until the coupon ends.
        issue: when members get one, or None: there are only codes.
        given_back: a member gets back what a cancelled (or also a wholly returned) order had used.
        starts_at, ends_at: half-open interval, UTC, in which it can be used.
    """

    name: str
    discount: Discount
    when: Expression | None = None
    minimum: Decimal = Decimal(0)
    group: str | None = None
    stackable: bool = True
    priority: int = 0
    total: int | None = None
    per_member: int | None = None
    valid: Period | None = None
    issue: Issue | None = None
    given_back: GivenBack = "cancelled"
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def rank(self) -> tuple[int, str]:
        """Where it stands among those of a basket."""
        return -self.priority, self.name

    @property
    def expressions(self) -> list[Expression]:
        """What it asks of a basket and its member."""
        return [each for each in (self.when, self.discount.lines) if each]

    @property
    def reads_money(self) -> bool:
        """Whether it names an amount of the programme's currency."""
        return self.discount.reads_money or self.minimum > 0

    def runs_at(self, moment: datetime) -> bool:
        """Whether its schedule holds `moment`."""
        return (self.starts_at is None or self.starts_at <= moment) and (
            self.ends_at is None or moment < self.ends_at
        )


def issues_by_type(coupons: Mapping[str, Coupon]) -> dict[str, tuple[Coupon, ...]]:
    """The coupons that each type of event may bring, by name."""
    by_type: dict[str, tuple[Coupon, ...]] = {}
    for name in sorted(coupons):
        issue = coupons[name].issue
        if issue is not None:
            by_type[issue.on] = (*by_type.get(issue.on, ()), coupons[name])
    return by_type


def conditions_about(coupons: tuple[Coupon, ...]) -> list[Expression]:
    """What is asked of an event that may bring these coupons."""
    return [one.issue.when for one in coupons if one.issue and one.issue.when]
