"""Limits on what one member may get or pay, as types."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

CapWindow = Literal["event", "hour", "day", "rolling_24h", "week", "month", "membership_year", "lifetime"]


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on what one rule gives one member in a unit within a window (U4 to U6).

    Attributes:
        unit: the unit; "" where things are counted: rewards, or payments.
        counts: `final` limits the points given; `base` limits them before the multiplier.
        over: `clip` gives what is left; `nothing` gives nothing when the award does not fit whole.
        week_starts: 0 Monday to 6 Sunday, for a weekly window.
        key: what its use is remembered under; a changed limit keeps the use so far.
    """

    unit: str
    limit: Decimal
    window: CapWindow
    counts: Literal["final", "base"] = "final"
    over: Literal["clip", "nothing"] = "clip"
    week_starts: int = 0
    key: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Spending:
    """How a unit may be spent at the till (U15).

    Attributes:
        least, most: of one payment; None for any amount.
        multiple: a payment is a multiple of it; None for any amount.
        share: the part of an order that it may pay, with `worth`: what one pays, in the programme's currency.
        tier_set, tier: only members of this tier or a higher one; "" for everybody.
        limits: how often one member may pay with it.
    """

    least: Decimal | None = None
    most: Decimal | None = None
    multiple: Decimal | None = None
    share: Decimal | None = None
    worth: Decimal | None = None
    tier_set: str = ""
    tier: str = ""
    limits: tuple[Cap, ...] = ()
