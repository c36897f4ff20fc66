"""What a programme says, as types: units, tiers, earn rules, caps, returns; and which version is valid when.

Everything here is frozen and already checked: a `Program` that exists can be decided with. The
document it is read from is described in `docs/reference/program.md` and by the published JSON Schema.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from bondfire.events import Catalogue
from bondfire.kit import EPOCH, End, Period, Rounding, end_of
from bondfire.rules import Expression

CapWindow = Literal["event", "day", "rolling_24h", "week", "month", "membership_year", "lifetime"]
TierWindow = Literal["calendar_year", "membership_year", "lifetime"]
Clock = Literal["wall", "events"]
Clawback = Literal["allow_negative", "clamp", "pending_only"]


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long an amount lives once it is available.

    Attributes:
        after: calendar time it lives.
        end: rounded to the end of this unit of the calendar in the programme's time zone, or None.
        start: counted from when it became available (default) or from when it was earned.
    """

    after: Period
    end: End | None = None
    start: Literal["available", "earned"] = "available"


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted: points to spend, or a status amount that only qualifies for tiers.

    Attributes:
        decimals: digits after the point, 0 to 6; an award is rounded to them.
        qualifying: a status unit: it counts for tiers and can never be spent.
        pending: how long an award waits (return period) before it can be spent.
        expiry: when an award ends, or None for never.
    """

    name: str
    decimals: int = 0
    qualifying: bool = False
    pending: Period | None = None
    expiry: Expiry | None = None

    def expires_at(self, *, earned_at: datetime, available_at: datetime, zone: ZoneInfo) -> datetime | None:
        """The first instant at which an award is gone (L4), or None for never (L7, L9)."""
        if self.expiry is None:
            return None
        start = available_at if self.expiry.start == "available" else earned_at
        expires_at = self.expiry.after.after(start, zone)
        return end_of(self.expiry.end, expires_at, zone) if self.expiry.end else expires_at


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of a tier set; `threshold` itself is in (T3)."""

    name: str
    threshold: Decimal
    benefits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TierSet:
    """A ladder of tiers over what is earned in one unit within a window.

    Upgrades happen at once. When a window closes, the tier becomes the one earned in it; a fall waits
    for the grace period. A `lifetime` window never closes.

    Attributes:
        tiers: ascending by threshold.
    """

    name: str
    unit: str
    window: TierWindow
    tiers: tuple[Tier, ...]
    grace: Period = Period()

    def earned_by(self, amount: Decimal) -> Tier | None:
        """The highest tier whose threshold the amount reaches."""
        reached = [tier for tier in self.tiers if tier.threshold <= amount]
        return reached[-1] if reached else None

    def rank(self, tier: str | None) -> int:
        """Position of a tier, 0 for the lowest; -1 for none or one that no longer exists."""
        return next((rank for rank, known in enumerate(self.tiers) if known.name == tier), -1)

    def benefits_between(self, before: str | None, after: str | None) -> tuple[str, ...]:
        """What each tier passed on the way up gives, the lowest first, each once (T4)."""
        passed = self.tiers[self.rank(before) + 1 : self.rank(after) + 1]
        return tuple(dict.fromkeys(benefit for tier in passed for benefit in tier.benefits))


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on what one rule gives one member in a unit within a window (U4 to U6).

    Attributes:
        counts: `final` limits the points given; `base` limits them before the multiplier.
        over: `clip` gives what is left; `nothing` gives nothing when the award does not fit whole.
        week_starts: 0 Monday to 6 Sunday, for a weekly window.
    """

    unit: str
    limit: Decimal
    window: CapWindow
    counts: Literal["final", "base"] = "final"
    over: Literal["clip", "nothing"] = "clip"
    week_starts: int = 0


@dataclass(frozen=True, slots=True)
class Award:
    """How much of a unit a rule gives: an expression over the event, or over each `line` and added up."""

    unit: str
    amount: Expression
    per_line: bool = False


@dataclass(frozen=True, slots=True)
class EarnRule:
    """When something is earned and how much.

    Attributes:
        on: the event type.
        when: condition over `event` and `member`; None is always.
        lines: condition over `line`: which lines count in per-line awards; None is every earning line.
        multiplier: factor on the award, applied before the cap (U4); never negative.
        rounding, rounded: how, and whether each line or the order is rounded (U1).
        group: of an exclusive group only the first rule that applies gives anything.
        stackable: False: gives only when nothing else has been given, and then nothing else follows.
        priority: higher first; ties by id, so the order of writing never matters (U8).
        starts_at, ends_at: half-open interval, UTC.
        position: line and column of the rule in the document.
    """

    id: str
    on: str
    awards: tuple[Award, ...]
    when: Expression | None = None
    lines: Expression | None = None
    multiplier: Expression | None = None
    caps: tuple[Cap, ...] = ()
    rounding: Rounding = "down"
    rounded: Literal["order", "line"] = "order"
    group: str | None = None
    stackable: bool = True
    priority: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    position: tuple[int, int] = (1, 1)

    def runs_at(self, moment: datetime) -> bool:
        """Whether the schedule of the rule holds `moment`."""
        return (self.starts_at is None or self.starts_at <= moment) and (
            self.ends_at is None or moment < self.ends_at
        )


@dataclass(frozen=True, slots=True)
class Returns:
    """What a return takes back.

    Attributes:
        clawback: `allow_negative` leaves a debt that the next points pay; `clamp` writes the rest off;
            `pending_only` takes only what is still pending (R10).
        window: how far back a return that names no order is matched (R18).
    """

    clawback: Clawback = "allow_negative"
    window: Period = Period(days=100)


@dataclass(frozen=True, slots=True)
class Earning:
    """What of an order earns.

    Attributes:
        excluded_kinds: line kinds that neither earn nor are clawed back (R14).
        paid_with_points: `after`: the part of an order paid with points earns nothing (U3);
            it never counts towards a tier, whatever is set here (T2).
    """

    excluded_kinds: frozenset[str] = frozenset({"shipping", "deposit", "tax", "gift_card"})
    paid_with_points: Literal["after", "before"] = "after"


@dataclass(frozen=True, slots=True)
class Books:
    """When an accounting month closes: so long after its end; what comes later is posted then (L16)."""

    close_after: Period = Period(days=10)


@dataclass(frozen=True, slots=True)
class Program:
    """A whole programme, checked.

    Attributes:
        rules: all earn rules, highest priority first, ties by id.
        grace_after_return: how long points live that come back after their expiry (R11).
        enrolment: `automatic`: the first event makes a member; `on_join`: only `member.joined` does.
        document: the text it was read from.
        digest: SHA-256 of the canonical document, hex.
    """

    name: str
    brand: str
    zone: ZoneInfo
    currency: str
    units: Mapping[str, Unit]
    tier_sets: Mapping[str, TierSet]
    rules: tuple[EarnRule, ...]
    catalogue: Catalogue
    returns: Returns = Returns()
    earning: Earning = Earning()
    books: Books = Books()
    grace_after_return: Period = Period(days=14)
    enrolment: Literal["automatic", "on_join"] = "automatic"
    document: str = ""
    digest: str = ""
    rules_on: Mapping[str, tuple[EarnRule, ...]] = field(init=False)

    def __post_init__(self) -> None:
        by_type: dict[str, tuple[EarnRule, ...]] = {}
        for rule in self.rules:
            by_type[rule.on] = (*by_type.get(rule.on, ()), rule)
        object.__setattr__(self, "rules_on", by_type)


@dataclass(frozen=True, slots=True)
class Version:
    """One published state of a programme and from when it is valid."""

    number: int
    valid_from: datetime
    program: Program


@dataclass(frozen=True, slots=True)
class Timeline:
    """The versions of one brand's programme, ascending; the first is valid from the beginning of time."""

    versions: tuple[Version, ...]

    def at(self, moment: datetime) -> Version:
        """The version that decides what happens at `moment`."""
        following = bisect_right(self.versions, moment, key=lambda version: version.valid_from)
        return self.versions[max(0, following - 1)]

    def number(self, number: int) -> Version:
        """The version with this number: decisions are undone by the version that made them."""
        return next(version for version in self.versions if version.number == number)

    def up_to(self, number: int | None) -> "Timeline":
        """The versions up to this number: what was published then. None is all of them."""
        if number is None or number >= self.newest.number:
            return self
        return Timeline(tuple(version for version in self.versions if version.number <= number))

    @property
    def newest(self) -> Version:
        """The version published last."""
        return self.versions[-1]


def timeline_of(program: Program) -> Timeline:
    """The timeline of a programme that has one version, as for a simulation."""
    return Timeline((Version(1, EPOCH, program),))


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose programme it is, and what time it is there.

    Attributes:
        clock: `wall`: now is now; `events`: a history or a sandbox, its time is what its events say.
        clock_at: the time of a brand that lives by its events; None before the first.
    """

    id: int
    name: str
    clock: Clock
    clock_at: datetime | None = None

    @property
    def brand_id(self) -> int:
        """The number in the tables, by the name that the columns have."""
        return self.id

    def time(self, wall_clock: datetime) -> datetime:
        """What time it is for this brand."""
        return wall_clock if self.clock == "wall" else self.clock_at or EPOCH


@dataclass(frozen=True, slots=True)
class Published:
    """What is recorded about one published version.

    Attributes:
        digest: SHA-256 of the canonical document, hex; layout and comments do not change it.
    """

    number: int
    valid_from: datetime
    published_at: datetime
    published_by: str
    digest: str
    document: str
