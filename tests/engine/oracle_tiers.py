"""A small, slow and obviously right model of one ladder of tiers; it shares no code with the engine.

It walks from midnight to midnight and adds up everything anew each time. Amounts are fractions, days are
dates of Berlin, tiers are their ranks.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from engine.oracle import BERLIN, NOTHING, day_of

DAY = timedelta(days=1)
Days = dict[date, Fraction]


def anniversary(first: date, year: int) -> date:
    return date(year, 2, 28) if (first.month, first.day) == (2, 29) and year % 4 else first.replace(year=year)


def year_since(first: date, day: date) -> date:
    """The first day of the year, counted from anniversaries, that holds a day."""
    begins = anniversary(first, day.year)
    return begins if begins <= day else anniversary(first, day.year - 1)


@dataclass(frozen=True)
class Rules:
    """What the document says of a ladder: its window, thresholds and how it moves."""

    by: str
    window: str
    thresholds: tuple[int, ...]
    on: str = ""
    grace: int = 0
    length: int = 0
    waits: bool = False
    one_step: bool = False


@dataclass
class Ladder:
    """One member on one ladder."""

    rules: Rules
    joined: date
    today: date
    counted: Days = field(default_factory=dict)
    visits: dict[date, int] = field(default_factory=dict)
    rank: int = 0
    since: datetime | None = None
    falls_on: date | None = None
    grants: dict[int, datetime] = field(default_factory=dict)

    def seen(self, now: datetime) -> int:
        """The tier that everybody sees."""
        return max([self.rank, *(rank for rank, until in self.grants.items() if now < until)])

    def withdrawn(self, rank: int) -> None:
        del self.grants[rank]

    def passes(self, until: date) -> None:
        while self.today < until:
            self.today += DAY
            if self.falls_on == self.today:
                self.falls_on = None
                self.fall()
            if self.is_judged():
                self.judge()

    def is_judged(self) -> bool:
        """Whether the midnight at which today begins is one at which the tier is judged."""
        if self.rules.window == "calendar_year":
            return (self.today.month, self.today.day) == (1, 1)
        if self.rules.window == "membership_year":
            return year_since(self.joined, self.today) == self.today
        if self.rules.window == "tier_year":
            return self.held_from() < self.today == year_since(self.held_from(), self.today)
        if self.rules.window == "lifetime" or self.falls_on or self.rolling(self.today) >= self.needed():
            return False
        was_earned = self.rolling(self.today - DAY) >= self.needed()
        held_until = self.held_from() + timedelta(days=self.rules.length)
        return was_earned or not self.rules.one_step or self.today >= held_until

    def held_from(self) -> date:
        return day_of(self.since) if self.since else self.joined

    def needed(self) -> int:
        return self.rules.thresholds[self.rank]

    def judge(self) -> None:
        earned = self.earned(kept=False)
        if self.rules.waits and earned > self.rank:
            self.rise(earned, datetime(self.today.year, self.today.month, self.today.day, tzinfo=BERLIN))
            self.falls_on = None
        elif earned < self.rank and self.falls_on is None:
            self.falls_on = self.today + self.rules.grace * DAY if self.rules.grace else None
            if self.falls_on is None:
                self.fall()

    def fall(self) -> None:
        earned = self.earned(kept=True)
        if earned < self.rank:
            midnight = datetime(self.today.year, self.today.month, self.today.day, tzinfo=BERLIN)
            self.rise(max(earned, self.rank - 1) if self.rules.one_step else earned, midnight)

    def rise(self, rank: int, now: datetime) -> None:
        self.rank, self.since = rank, now

    def counts(self, day: date, amount: Fraction, now: datetime, *, may_lower: bool = False) -> None:
        before = self.earned(kept=False)
        self.counted[day] = self.counted.get(day, NOTHING) + amount
        after = self.earned(kept=False)
        if after > self.rank or (may_lower and after < min(before, self.rank)):
            self.rise(after, now)
        if self.earned(kept=True) >= self.rank:
            self.falls_on = None

    def visited(self, day: date, events: int, now: datetime, *, may_lower: bool = False) -> None:
        before = self.visits.get(day, 0)
        self.visits[day] = before + events
        if (before > 0) != (self.visits[day] > 0):
            self.counts(day, Fraction(events), now, may_lower=may_lower)

    def earned(self, *, kept: bool) -> int:
        """The tier that is earned today; `kept`: what the running period has earned so far keeps it too."""
        best = max(self.sums(running=kept or not self.rules.waits))
        return max(rank for rank, needed in enumerate(self.rules.thresholds) if needed <= max(best, NOTHING))

    def sums(self, *, running: bool) -> list[Fraction]:
        window, today = self.rules.window, self.today
        if window == "lifetime":
            return [sum(self.counted.values(), NOTHING)]
        if window == "rolling":
            return [self.rolling(today)]
        if window == "tier_year":
            return [self.tier_year(), *([self.last_twelve_months(today)] if running else [])]
        first = date(2000, 1, 1) if window == "calendar_year" else self.joined
        this = year_since(first, today)
        last = year_since(first, this - DAY)
        return [self.between(last, this), *([self.between(this, date.max)] if running else [])]

    def rolling(self, today: date) -> Fraction:
        return sum((n for day, n in self.counted.items() if day + self.rules.length * DAY > today), NOTHING)

    def last_twelve_months(self, today: date) -> Fraction:
        return sum((n for day, n in self.counted.items() if anniversary(day, day.year + 1) > today), NOTHING)

    def tier_year(self) -> Fraction:
        """What counted in the tier year before; in the first one, in the year up to the day of the rise."""
        first = self.held_from()
        this = year_since(first, self.today)
        if this == first:
            return sum(
                (n for day, n in self.counted.items() if day <= first < anniversary(day, day.year + 1)),
                NOTHING,
            )
        last = year_since(first, this - DAY)
        is_midnight = self.since is not None and self.since.astimezone(BERLIN).hour == 0
        return self.between(last + DAY if last == first and not is_midnight else last, this)

    def between(self, start: date, end: date) -> Fraction:
        return sum((amount for day, amount in self.counted.items() if start <= day < end), NOTHING)
