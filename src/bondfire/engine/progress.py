"""How far a member is with a challenge: what is remembered of it, and what that amounts to.

Progress is a function of the marks that are remembered and of nothing else, so neither late events nor
returns need a case of their own: a mark is put in or taken out, and everything is worked out again.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import dropwhile
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from bondfire.kit import EPOCH, Day, day_of, local_midnight, window_on
from bondfire.ledger import ZERO
from bondfire.programs import Challenge

_NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
REWARDS_KEPT: Final = 16
"""So many of the latest rewards of a challenge can be taken back; what was given before them stays."""


class Mark(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Something that counted.

    Attributes:
        moment: when it happened; of a streak the first instant of the day or week; EPOCH where it does not
            matter when.
        what: the value that is counted once, the place of the action in a sequence, "" for the rest.
        amount: how much; of a value or a day by how many events.
    """

    moment: datetime
    what: str
    amount: Decimal


class Reward(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What was given for one step.

    Attributes:
        number: counts the steps of a challenge from 1, run after run.
        version: the programme version that gave it.
        parts: unit, amount and lot of each award.
    """

    number: int
    version: int
    parts: list[tuple[str, Decimal, int]]


class Progress(msgspec.Struct, gc=False, array_like=True):
    """What is remembered of one challenge of a member: bounded, however long they take part (L20).

    Attributes:
        marks: what counted, ascending by moment; where only the amount matters, one for each value.
        given: how many steps were rewarded, run after run; `final`: so many of them stay for ever.
        runs: how often it was done by marks that are no longer remembered.
        rewards: the latest.
        joined_at: from when it counts for who had to join.
        due_at: when time alone next changes something.
    """

    marks: list[Mark] = []
    given: int = 0
    final: int = 0
    runs: int = 0
    rewards: list[Reward] = []
    joined_at: datetime | None = None
    due_at: datetime | None = None


class Walk:
    """The marks of a challenge gone through in their order.

    Attributes:
        runs: how often it was done. best: the most that was reached since it was done last.
        jokers: how many are left.
        first_end: the number of marks up to the end of the first run, 0 when there is none.
    """

    def __init__(self, challenge: Challenge, progress: Progress, zone: ZoneInfo) -> None:
        self._challenge = challenge
        self._zone = zone
        self._marks = progress.marks
        self._open: deque[Mark] = deque()
        self._front_end = EPOCH
        self._ends: dict[datetime, datetime] = {}
        self._chains: dict[int, datetime] = {}
        self._seen: dict[str, int] = {}
        self._total = ZERO
        self._length, self._last = 0, 0
        self.jokers = challenge.jokers
        self.runs, self.best, self.first_end = progress.runs, ZERO, 0
        if challenge.folds:
            self._fold(progress.marks)
        else:
            self._go(progress.marks)

    def _fold(self, marks: Sequence[Mark]) -> None:
        """Only the amount matters."""
        challenge, target = self._challenge, self._challenge.target
        is_distinct = challenge.kind == "distinct"
        total = Decimal(len(marks)) if is_distinct else sum((one.amount for one in marks), ZERO)
        times = int(total // target)
        self.runs = times if challenge.most is None else min(times, challenge.most)
        self.best = total - self.runs * target

    def _go(self, marks: Sequence[Mark]) -> None:
        challenge = self._challenge
        take = {"sequence": self._follow, "streak": self._continue}.get(challenge.kind, self._collect)
        for place, mark in enumerate(_in_order(challenge, marks), start=1):
            if self.is_over:
                return
            level = take(mark)
            self.best = max(self.best, level)
            if level >= challenge.target:
                self.runs, self.best = self.runs + 1, ZERO
                self._open.clear()
                self._chains.clear()
                self._seen.clear()
                self._total, self._length, self.jokers = ZERO, 0, challenge.jokers
                self.first_end = self.first_end or place

    @property
    def rewards(self) -> int:
        """How many steps have been reached, run after run."""
        challenge = self._challenge
        if challenge.most is not None and self.runs >= challenge.most:
            return challenge.most * len(challenge.steps)
        on_the_way = sum(1 for step in challenge.steps if step.at <= self.best)
        return self.runs * len(challenge.steps) + on_the_way

    @property
    def is_over(self) -> bool:
        """Whether it was done as often as it can be."""
        return self._challenge.most is not None and self.runs >= self._challenge.most

    def level(self, now: datetime) -> Decimal:
        """How much of the target counts at a moment."""
        challenge = self._challenge
        if self.is_over:
            return challenge.target
        if challenge.folds:
            return self.best
        if challenge.kind == "streak":
            return ZERO if self.missed(now) > self.jokers else Decimal(self._length)
        if challenge.kind == "sequence":
            return Decimal(max((place + 1 for place, end in self._chains.items() if now < end), default=0))
        counting = self._counting(now)
        if challenge.kind == "distinct":
            return Decimal(len({mark.what for mark in counting}))
        return sum((mark.amount for mark in counting), ZERO)

    def _counting(self, now: datetime) -> list[Mark]:
        """Those of the open run whose time is not over; nothing counts shorter than what came before it."""
        return list(dropwhile(lambda mark: self._end(mark.moment) <= now, self._open))

    def values(self, now: datetime) -> list[str]:
        """The different values that count at a moment."""
        if self._challenge.kind != "distinct" or self.is_over:
            return []
        if self._challenge.folds:
            return [mark.what for mark in self._marks]
        return sorted({mark.what for mark in self._counting(now)})

    def jokers_left(self, now: datetime) -> int:
        """How many missed days (or weeks) can still be bridged; all of them once a streak is broken."""
        left = self.jokers - self.missed(now)
        return left if left >= 0 else self._challenge.jokers

    def missed(self, now: datetime) -> int:
        """How many whole days (or weeks) of a running streak have gone by since its last."""
        if not self._length:
            return 0
        return max(0, self._unit_of(day_of(now, self._zone)) - self._last - 1)

    def lapses_at(self, now: datetime) -> datetime | None:
        """When nothing of it counts any more unless more happens; None for never."""
        if self.is_over or not self.level(now):
            return None
        if self._challenge.kind == "streak":
            return self._start_of(self._last + self.jokers + 2)
        if self._challenge.within is None:
            return None
        if self._challenge.kind == "sequence":
            return max(self._chains.values())
        counting = self._counting(now)
        return max(self._end(counting[0].moment), self._end(counting[-1].moment))

    def due_at(self, now: datetime) -> datetime | None:
        """When time alone next changes something: a joker is used, all that counts lapses, or it ends."""
        if self.is_over or not self.level(now):
            return None
        lapses_at, ends_at = self.lapses_at(now), self._challenge.ends_at
        if self._challenge.kind == "streak":
            units = range(self._last + 2, self._last + self.jokers + 3)
            lapses_at = next(moment for moment in map(self._start_of, units) if moment > now)
        moments = [moment for moment in (lapses_at, ends_at) if moment is not None and moment > now]
        return min(moments, default=None)

    def _end(self, moment: datetime) -> datetime:
        """The first instant at which what happened then counts no more."""
        within, ends = self._challenge.within, self._ends
        if within is None:
            return _NEVER
        end = ends.get(moment)
        if end is None:
            end = ends[moment] = within.after(moment, self._zone)
        return end

    def _collect(self, mark: Mark) -> Decimal:
        """Counts, sums and different values: what lies within the time that ends now."""
        seen, still = self._seen, self._open
        while still and self._front_end <= mark.moment:
            gone = still.popleft()
            self._total -= gone.amount
            seen[gone.what] -= 1
            if not seen[gone.what]:
                del seen[gone.what]
            self._front_end = self._end(still[0].moment) if still else EPOCH
        if not still:
            self._front_end = self._end(mark.moment)
        still.append(mark)
        self._total += mark.amount
        seen[mark.what] = seen.get(mark.what, 0) + 1
        return Decimal(len(seen)) if self._challenge.kind == "distinct" else self._total

    def _follow(self, mark: Mark) -> Decimal:
        """A sequence: for each action when the time is over of the chain up to it that lasts longest."""
        place, chains = int(mark.what), self._chains
        for over in [known for known, end in chains.items() if end <= mark.moment]:
            del chains[over]
        if place == 0:
            chains[0] = self._end(mark.moment)
        elif place - 1 in chains:
            chains[place] = max(chains[place - 1], chains.get(place, EPOCH))
        return Decimal(max(chains, default=-1) + 1)

    def _continue(self, mark: Mark) -> Decimal:
        """A streak: the next day (or week), or one that is reached with jokers."""
        unit = self._unit_of(day_of(mark.moment, self._zone))
        gap = unit - self._last - 1 if self._length else 0
        if gap > self.jokers:
            self._length, self.jokers = 0, self._challenge.jokers
        else:
            self.jokers -= gap
        self._length, self._last = self._length + 1, unit
        return Decimal(self._length)

    def _unit_of(self, day: Day) -> int:
        """The number of a local day, or of its week."""
        number = day.date.toordinal()
        return number if self._challenge.streak == "day" else (number - 1 - self._challenge.week_starts) // 7

    def _start_of(self, unit: int) -> datetime:
        number = unit if self._challenge.streak == "day" else unit * 7 + 1 + self._challenge.week_starts
        return local_midnight(date.fromordinal(number), self._zone)


def _in_order(challenge: Challenge, marks: Sequence[Mark]) -> Sequence[Mark]:
    """In the order in which they count; one instant is not after itself, so later actions come first."""
    if challenge.kind != "sequence":
        return marks
    return sorted(marks, key=lambda mark: (mark.moment, -int(mark.what)))


def moment_of(challenge: Challenge, happened_at: datetime, zone: ZoneInfo) -> datetime:
    """The moment of the mark of what happened then: of a streak the beginning of the day or week."""
    if challenge.folds:
        return EPOCH
    if challenge.kind != "streak":
        return happened_at
    day = day_of(happened_at, zone)
    return window_on(challenge.streak, day, zone, since=happened_at, week_starts=challenge.week_starts)


def add_mark(challenge: Challenge, progress: Progress, mark: Mark, zone: ZoneInfo) -> bool:
    """Remember a mark; False when it is one value more than can be remembered."""
    marks = progress.marks
    if _adds_up(challenge):
        place = _place_of(marks, mark)
        if place is not None:
            marks[place] = Mark(mark.moment, mark.what, marks[place].amount + mark.amount)
            return True
        if challenge.folds and len(marks) >= challenge.marks_kept:
            return False
    insort(marks, mark, key=_order_of)
    if len(marks) > challenge.marks_kept:
        _forget(challenge, progress, zone)
    return True


def remove_mark(challenge: Challenge, progress: Progress, mark: Mark) -> bool:
    """Take out what an event had marked; False when it is no longer remembered."""
    marks = progress.marks
    if not _adds_up(challenge):
        if mark not in marks:
            return False
        marks.remove(mark)
        return True
    place = _place_of(marks, mark)
    if place is None:
        return False
    left = marks.pop(place).amount - mark.amount
    if left > 0:
        insort(marks, Mark(mark.moment, mark.what, left), key=_order_of)
    return True


def _adds_up(challenge: Challenge) -> bool:
    """Whether marks of one value, or of one day of a streak, are one mark."""
    return challenge.folds or challenge.kind == "streak"


def _place_of(marks: list[Mark], mark: Mark) -> int | None:
    """Where a mark of the same moment and value is."""
    same = (mark.moment, mark.what)
    place = bisect_left(marks, same, key=lambda one: (one.moment, one.what))
    return place if place < len(marks) and (marks[place].moment, marks[place].what) == same else None


def _forget(challenge: Challenge, progress: Progress, zone: ZoneInfo) -> None:
    """Make room: the first run that was done, else the oldest mark; a sum keeps it in the one after it."""
    marks, walk = progress.marks, Walk(challenge, progress, zone)
    if walk.first_end:
        del marks[: walk.first_end]
        progress.runs += 1
        progress.final = max(progress.final, progress.runs * len(challenge.steps))
        return
    oldest = marks.pop(0)
    if challenge.kind == "sum":
        marks[0] = Mark(marks[0].moment, marks[0].what, marks[0].amount + oldest.amount)
    elif challenge.kind == "distinct":
        _keep_value(marks, oldest)


def _keep_value(marks: list[Mark], oldest: Mark) -> None:
    """Rather forget a value that came again than one that did not."""
    if any(one.what == oldest.what for one in marks):
        return
    seen: set[str] = set()
    for place in range(len(marks) - 1, -1, -1):
        if marks[place].what in seen:
            del marks[place]
            marks.insert(0, oldest)
            return
        seen.add(marks[place].what)


def _order_of(mark: Mark) -> tuple[datetime, str, Decimal]:
    """By time; at one instant by value and amount, so that it does not matter who came first."""
    return mark.moment, mark.what, mark.amount
