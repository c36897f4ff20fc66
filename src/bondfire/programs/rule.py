"""What a rule is, as types, and the rules about one type of event, ready to be asked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from bondfire.kit import Rounding, rounder
from bondfire.programs.boards import Board
from bondfire.programs.funds import Funding
from bondfire.programs.ladder import TierSet
from bondfire.programs.limits import Cap
from bondfire.rules import Expression, Hit, fuse


@dataclass(frozen=True, slots=True)
class Award:
    """How much of a unit a rule gives: an expression over the event, or over each `line` and added up.

    Attributes:
        caps: the limits of its rule on this unit.
        rounded: rounds an amount to the unit as the rule says; `cut`: down, as what a cap leaves.
        funding: the budget that pays it, if there is one.
        is_limited: whether caps or a budget may leave less of it.
    """

    unit: str
    amount: Expression
    per_line: bool = False
    caps: tuple[Cap, ...] = ()
    rounded: Callable[[Decimal], Decimal] = field(default=rounder(0), repr=False, compare=False)
    cut: Callable[[Decimal], Decimal] = field(default=rounder(0), repr=False, compare=False)
    funding: Funding | None = None
    is_limited: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_limited", bool(self.caps) or self.funding is not None)


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

    @property
    def is_plain(self) -> bool:
        """Whether what it gives is just the value of its amounts, rounded and capped."""
        return self.multiplier is None and not any(award.per_line for award in self.awards)

    @property
    def is_scheduled(self) -> bool:
        """Whether there is a time at which it does not run."""
        return self.starts_at is not None or self.ends_at is not None

    def runs_at(self, moment: datetime) -> bool:
        """Whether the schedule of the rule holds `moment`."""
        return (self.starts_at is None or self.starts_at <= moment) and (
            self.ends_at is None or moment < self.ends_at
        )


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """The rules about one type of event, ready to be asked.

    Attributes:
        rules: in the order in which they are asked.
        which: the places of those whose condition holds, with the amounts of plain rules (see `fuse`).
        free: for each of them, whether it gives whenever its condition holds, whatever the others do.
        member_parts: what of the member they read, such as `tiers` and `wallets`.
        reads_lines: whether they look at the lines of an order.
        reads_reference: whether they look at who the event is about.
    """

    rules: tuple[EarnRule, ...]
    which: Callable[[Mapping[str, object]], list[Hit]]
    free: tuple[bool, ...]
    member_parts: frozenset[str]
    reads_lines: bool
    reads_reference: bool


def rule_set(rules: tuple[EarnRule, ...], beside: Sequence[Expression] = ()) -> RuleSet:
    """Make the rules about one type of event ready; `beside` are expressions that look at it with them."""
    expressions = [*beside]
    expressions += [each for rule in rules for each in (rule.when, rule.lines, rule.multiplier) if each]
    expressions += [award.amount for rule in rules for award in rule.awards]
    paths = {path for each in expressions for path in each.paths}
    steps = {path.split(".")[1] for path in paths if path.startswith("member.")}
    whole = {"id", "joined_at", "tiers", "wallets", "attributes"} if "member" in paths else set()
    all_stack = all(rule.stackable for rule in rules)
    return RuleSet(
        rules,
        fuse([(rule.when, [award.amount for award in rule.awards if rule.is_plain]) for rule in rules]),
        tuple(all_stack and rule.group is None and not rule.is_scheduled for rule in rules),
        frozenset(steps | whole),
        reads_lines=any(path == "event" or path.startswith(("event.lines", "line")) for path in paths),
        reads_reference=bool(paths & {"event", "event.member"}),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Counting:
    """The tier sets that count events of one type, and what their values read of it."""

    tier_sets: tuple[TierSet, ...]
    rules: RuleSet


@dataclass(frozen=True, slots=True, eq=False)
class Scoring:
    """The leaderboards that count events of one type, and what their values read of it."""

    boards: tuple[Board, ...]
    rules: RuleSet


def values_of(on: str, counted: Iterable[TierSet | Board]) -> RuleSet:
    """The values that count of one type of event, ready to be looked at."""
    values = [(each.name, each.value) for each in counted if each.value is not None]
    return rule_set(tuple(EarnRule(name, on, (Award("", value),)) for name, value in values))
