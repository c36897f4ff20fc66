"""A slow and obviously right model of challenges: it keeps every event and counts all again, day by day."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from engine.oracle import day_of, days_after

STEPS = {"worlds": [3], "first": [2, 4], "spree": [200], "week": [150], "faithful": [2, 4], "talk": [2]}
STEPS |= {"large": [2], "critic": [2]}
ONCE = {"first", "large"}
OF_REVIEWS = {"critic", "talk"}
OF_ORDERS = set(STEPS) - {"critic"}
JOKERS = 1


@dataclass
class Bought:
    """An order: amount and category of each line, and what of it came back."""

    at: datetime
    lines: list[tuple[Fraction, str]]
    back: set[int] = field(default_factory=set)

    @property
    def left(self) -> list[tuple[Fraction, str]]:
        return [line for place, line in enumerate(self.lines) if place not in self.back]

    @property
    def total(self) -> Fraction:
        return sum((amount for amount, _ in self.left), Fraction(0))


@dataclass
class Goals:
    """One member's orders and reviews, and what they amount to.

    `given` is how many steps were rewarded: what is new never takes any back; what goes takes back what it
    had brought. An order that goes can lead to a longer streak, by another joker; that is rewarded when the
    next order comes, for only what counts for a challenge rewards.
    """

    orders: dict[str, Bought] = field(default_factory=dict)
    reviews: dict[str, datetime] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STEPS, 0))
    final: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STEPS, 0))

    def more(self, names: set[str]) -> None:
        for name in sorted(names):
            reached = self.steps_reached(name)
            if reached < self.given[name]:
                self.final[name] = self.given[name]
            self.given[name] = max(self.given[name], reached)

    def less(self, before: dict[str, int]) -> None:
        for name in STEPS:
            reached = self.steps_reached(name)
            if reached < before[name]:
                self.given[name] = min(self.given[name], max(reached, self.final[name]))

    def all_reached(self) -> dict[str, int]:
        return {name: self.steps_reached(name) for name in STEPS}

    def steps_reached(self, name: str) -> int:
        runs, best, _ = self.runs(name)
        if name in ONCE and runs:
            return len(STEPS[name])
        return runs * len(STEPS[name]) + sum(step <= best for step in STEPS[name])

    def level(self, name: str, now: datetime) -> Fraction:
        """How much counts now."""
        runs, best, rest = self.runs(name)
        if name in ONCE and runs:
            return Fraction(STEPS[name][-1])
        if name in {"first", "spree", "large", "critic"}:
            return best
        if name == "faithful":
            return self.streak_at(now)
        if name == "talk":
            return Fraction(any(now < days_after(at, 5) for at, _ in rest))
        lives = {"worlds": 9, "week": 7}[name]
        return self.measure(name, [one for one in rest if now < days_after(one[0], lives)])

    def runs(self, name: str) -> tuple[int, Fraction, list[tuple[datetime, object]]]:
        """How often it was done, the most since then, and what counted since then."""
        if name == "faithful":
            return self.streak_runs()
        if name == "talk":
            return self.talk_runs()
        marks, target = self.marks(name), STEPS[name][-1]
        if name in {"first", "spree", "large", "critic"}:
            whole = self.measure(name, marks)
            done = int(whole // target)
            return done, whole - done * target, marks
        lives = {"worlds": 9, "week": 7}[name]
        done, best, rest = 0, Fraction(0), list[tuple[datetime, object]]()
        for mark in marks:
            rest.append(mark)
            level = self.measure(name, [one for one in rest if mark[0] < days_after(one[0], lives)])
            best = max(best, level)
            if level >= target:
                done, best, rest = done + 1, Fraction(0), []
        return done, best, rest

    def measure(self, name: str, marks: list[tuple[datetime, object]]) -> Fraction:
        if name in {"worlds", "first"}:
            return Fraction(len({what for _, what in marks}))
        if name in {"spree", "week"}:
            return sum((Fraction(str(amount)) for _, amount in marks), Fraction(0))
        return Fraction(len(marks))

    def marks(self, name: str) -> list[tuple[datetime, object]]:
        """What counts, in the order in which it happened."""
        orders = [one for one in self.orders.values() if one.left]
        found: list[tuple[datetime, object]] = []
        if name in {"worlds", "first"}:
            found = [(one.at, word) for one in orders for word in {word for _, word in one.left}]
        elif name in {"spree", "week"}:
            found = [(one.at, one.total) for one in orders]
        elif name == "large":
            found = [(one.at, "") for one in orders if one.total >= 50]
        elif name == "critic":
            found = [(at, "") for at in self.reviews.values()]
        return sorted(found)

    def talk_runs(self) -> tuple[int, Fraction, list[tuple[datetime, object]]]:
        """An order, then a review within five days; at one instant neither is after the other."""
        orders = [(one.at, 1, "order") for one in self.orders.values() if one.left]
        events = sorted([*orders, *((at, 0, "review") for at in self.reviews.values())])
        done, rest, ever = 0, list[tuple[datetime, object]](), False
        for at, _, kind in events:
            if kind == "order":
                rest.append((at, kind))
                ever = True
            elif any(at < days_after(begun, 5) for begun, _ in rest):
                done, rest, ever = done + 1, [], False
        return done, Fraction(ever), rest

    def streak_runs(self) -> tuple[int, Fraction, list[tuple[datetime, object]]]:
        active = {day_of(one.at) for one in self.orders.values() if one.left}
        done, best, length, _ = _walked(active, max(active, default=date.min))
        return done, Fraction(max(best, length)), []

    def streak_at(self, now: datetime) -> Fraction:
        """Walked on through yesterday; today can still become a day of it."""
        active = {day_of(one.at) for one in self.orders.values() if one.left}
        last = max([*active, day_of(now) - timedelta(days=1)])
        return Fraction(_walked(active, last)[2]) if active else Fraction(0)


def _walked(active: set[date], until: date) -> tuple[int, int, int, int]:
    """Every calendar day from the first on: how often four were reached, the most, the run, its jokers."""
    done, best, length, jokers = 0, 0, 0, JOKERS
    day = min(active, default=until)
    while active and day <= until:
        if day in active:
            length += 1
            best = max(best, length)
            if length == STEPS["faithful"][-1]:
                done, best, length, jokers = done + 1, 0, 0, JOKERS
        elif length:
            jokers -= 1
            if jokers < 0:
                length, jokers = 0, JOKERS
        day += timedelta(days=1)
    return done, best, length, jokers
