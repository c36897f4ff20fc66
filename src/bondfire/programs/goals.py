"""What a challenge is, as types: what counts towards it, how much is needed, and what each step gives."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from bondfire.kit import Period
from bondfire.programs.funds import Funding
from bondfire.rules import Expression, Hit, fuse

GoalKind = Literal["count", "sum", "distinct", "sequence", "streak"]
StreakUnit = Literal["day", "week"]

MARKS_KEPT: Final = 100
"""So many marks of one challenge are remembered of a member (L20); where a mark is one value, day or step,
a goal cannot ask for more."""
LONGEST_STREAK: Final = 366


@dataclass(frozen=True, slots=True)
class Action:
    """What counts.

    Attributes:
        on: the event type.
        when: condition over `event` and `member`; None is always.
        value: the amount of a sum, or what is counted only once; None where the event itself counts.
    """

    on: str
    when: Expression | None = None
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What is given when so much is reached.

    Attributes:
        at: how much.
        awards: units and amounts.
        badge: kept for ever by whoever got it once; None for none.
    """

    at: Decimal
    awards: tuple[tuple[str, Decimal], ...] = ()
    badge: str | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """A goal that members reach over time.

    Attributes:
        kind: counts events, adds up a sum, counts different values, waits for actions one after the other, or
            counts days or weeks in a row.
        actions: what counts; several only of a sequence, in their order.
        steps: what is given on the way and, last, at the target; ascending.
        within: all of it within such a time; None for ever.
        only: the values that count, of a set to be collected; empty is any.
        streak: days or weeks, in the programme's time zone; `week_starts`: 0 Monday to 6 Sunday.
        jokers: so many missed days (or weeks) of a streak are bridged.
        most: how often it can be done; None is without end.
        opt_in: only who joined it takes part, from then on.
        starts_at, ends_at: half-open interval, UTC.
        funding: the budget that pays what it gives, by unit.
    """

    name: str
    kind: GoalKind
    actions: tuple[Action, ...]
    steps: tuple[Step, ...]
    within: Period | None = None
    only: frozenset[str] = frozenset()
    streak: StreakUnit = "day"
    week_starts: int = 0
    jokers: int = 0
    most: int | None = 1
    opt_in: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    funding: Mapping[str, Funding] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """What stands in the entries of what it gives; no rule of the programme can have that name."""
        return f"{RULE_PREFIX}{self.name}"

    @property
    def target(self) -> Decimal:
        """How much is needed to have done it."""
        return self.steps[-1].at

    @property
    def folds(self) -> bool:
        """Whether it does not matter when something happened, only how much of it did."""
        if self.kind == "distinct":
            return self.within is None and self.most == 1
        return self.kind in {"count", "sum"} and self.within is None

    @property
    def marks_kept(self) -> int:
        """How many marks are remembered; a streak is as long as its days."""
        return max(MARKS_KEPT, int(self.target)) if self.kind == "streak" else MARKS_KEPT

    @property
    def goal(self) -> tuple[object, ...]:
        """What members were promised: once published, it stays."""
        counted = tuple((one.on, one.value.source if one.value else "") for one in self.actions)
        at = tuple(step.at for step in self.steps)
        runs = (self.within, self.only, self.streak, self.week_starts, self.jokers, self.most, self.opt_in)
        return (self.kind, counted, at, *runs)

    def runs_at(self, moment: datetime) -> bool:
        """Whether its schedule holds `moment`."""
        return (self.starts_at is None or self.starts_at <= moment) and (
            self.ends_at is None or moment < self.ends_at
        )


RULE_PREFIX: Final = "challenge/"


@dataclass(frozen=True, slots=True, eq=False)
class GoalSet:
    """The challenges that look at one type of event, by name, ready to be asked.

    Attributes:
        challenges: all of them.
        asked: for each of their actions of this type the challenge it is of; `which`: whose condition holds
            (see `fuse`).
    """

    challenges: tuple[Challenge, ...]
    asked: tuple[Challenge, ...]
    which: Callable[[Mapping[str, object]], list[Hit]]

    def looking_at(self, seen: Mapping[str, object]) -> Iterator[Challenge]:
        """Those for which an event counts, or whose condition has no value."""
        last = None
        for hit in self.which(seen):
            challenge = self.asked[hit[0] if hit[0] >= 0 else ~hit[0]]
            if challenge is not last:
                last = challenge
                yield challenge


def goal_sets(challenges: Mapping[str, Challenge]) -> dict[str, GoalSet]:
    """The challenges that look at each type of event."""
    return {on: _goal_set(ones, on) for on, ones in _by_type(challenges).items()}


def _goal_set(challenges: tuple[Challenge, ...], on: str) -> GoalSet:
    asked = [(one, action.when) for one in challenges for action in one.actions if action.on == on]
    return GoalSet(challenges, tuple(one for one, _ in asked), fuse([(when, ()) for _, when in asked]))


def _by_type(challenges: Mapping[str, Challenge]) -> dict[str, tuple[Challenge, ...]]:
    by_type: dict[str, tuple[Challenge, ...]] = {}
    for name in sorted(challenges):
        for on in dict.fromkeys(action.on for action in challenges[name].actions):
            by_type[on] = (*by_type.get(on, ()), challenges[name])
    return by_type


def expressions_about(goals: GoalSet | None, on: str) -> list[Expression]:
    """Every expression of these challenges that looks at this type of event."""
    challenges = goals.challenges if goals else ()
    actions = [action for one in challenges for action in one.actions if action.on == on]
    return [each for action in actions for each in (action.when, action.value) if each]
