"""Where a member stands in a tier set, and how they got there."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

ChangeWhy = Literal["earned", "window_closed", "returned", "granted", "grant_ended", "withdrawn", "merged"]


class TierChange(msgspec.Struct, frozen=True, gc=False):
    """A member moved between tiers of a set.

    Attributes:
        benefits: of a rise: what each tier passed gives, the lowest first (T4).
    """

    tier_set: str
    before: str | None
    after: str | None
    at: datetime
    why: ChangeWhy
    benefits: tuple[str, ...] = ()

    @property
    def is_rise(self) -> bool:
        """Whether the member rose; what takes effect by itself only ever falls."""
        return self.why in {"earned", "granted", "merged"}


class TierGrant(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A tier that somebody gave until a day (T7).

    Attributes:
        until: the first instant at which it is over.
        note: why, and who decided it.
    """

    tier: str
    until: datetime
    note: str


class Standing(msgspec.Struct, gc=False, array_like=True):
    """Where a member stands in one tier set; only ever added to at its end.

    Attributes:
        tier: as everybody sees it: the earned one, or a higher one that was granted.
        credits: what counts, by the first instant of the window it counts in, or of its day (see `TierSet`).
        closes_at: when the tier is judged next: the end of the running window, or the day on which less than
            the tier needs is left in a rolling one; None for never.
        falls_at: when a pending fall takes place, None for none.
        history: every change: when, and the tier from then on.
        since: when the earned tier was reached, where tier years or rolling windows count from there.
        visits: by the first instant of a day, how many events made it a visit.
        grants: tiers that were granted and are not over, by their end; then `earned` is the tier beside them.
    """

    tier: str | None
    credits: dict[datetime, Decimal]
    closes_at: datetime | None
    falls_at: datetime | None
    history: list[tuple[datetime, str | None]]
    since: datetime | None = None
    visits: dict[datetime, int] | None = None
    grants: tuple[TierGrant, ...] = ()
    earned: str | None = None

    @property
    def held(self) -> str | None:
        """The tier that was earned and is still held."""
        return self.earned if self.grants else self.tier

    @property
    def tier_since(self) -> datetime:
        """From when the earned tier is held; EPOCH for ever."""
        return self.since or self.history[-1][0]
