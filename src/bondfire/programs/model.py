"""What a programme says, as types: units, earn rules, caps, returns; its tiers are in `ladder`.

Everything here is frozen and already checked: a `Program` that exists can be decided with. The
document it is read from is described in `docs/reference/program.md` and by the published JSON Schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bondfire.events import Catalogue
from bondfire.kit import Day, End, Period, day_of, end_of
from bondfire.programs.boards import Board, boards_by
from bondfire.programs.discounts import Coupon, conditions_about, issues_by_type
from bondfire.programs.exchange import Rates
from bondfire.programs.funds import Budget, budgets_by_type
from bondfire.programs.goals import Challenge, GoalSet, expressions_about, goal_sets
from bondfire.programs.inviting import Creators, Referrals
from bondfire.programs.ladder import TierSet
from bondfire.programs.limits import Cap, Spending
from bondfire.programs.odds import Game
from bondfire.programs.reward import Reward
from bondfire.programs.rule import Counting, EarnRule, RuleSet, Scoring, rule_set, values_of
from bondfire.programs.velocity import Review

Clawback = Literal["allow_negative", "clamp", "pending_only"]
Terms = tuple[datetime, datetime | None]
"""When an award can be spent, and when it is gone."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long an amount lives once it is available.

    Attributes:
        after: calendar time it lives.
        end: rounded to the end of this unit of the calendar in the programme's time zone, or None.
        start: counted from when it became available (default) or from when it was earned.
        prolonged_by: event types that move the end of the lots that `sliding_rules` made (L11): those have
            one end, as far away as that of what would be earned now.
    """

    after: Period
    end: End | None = None
    start: Literal["available", "earned"] = "available"
    prolonged_by: tuple[str, ...] = ()
    sliding_rules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Transfers:
    """How members may send a unit to each other (L17).

    Attributes:
        most: how much at most in one transfer, or None for any amount.
        per_month: how much one member may send in a calendar month, or None for any amount.
    """

    most: Decimal | None = None
    per_month: Cap | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted: points to spend, or a status amount that only qualifies for tiers.

    Attributes:
        decimals: digits after the point, 0 to 6; an award is rounded to them.
        qualifying: a status unit: it counts for tiers and can never be spent.
        pending: how long an award waits (return period) before it can be spent.
        expiry: when an award ends, or None for never.
        transfers: how members may send it to each other, or None: not at all.
        spending: what limits paying with it at the till; None for nothing.
        value: the stand-alone selling price of one, in the programme's currency; None when none is declared.
        redemption: the share that is expected to be spent in the end; None: estimated from the history.
        by_day: what is known of awards earned on a day.
    """

    name: str
    decimals: int = 0
    qualifying: bool = False
    pending: Period | None = None
    expiry: Expiry | None = None
    transfers: Transfers | None = None
    value: Decimal | None = None
    redemption: Decimal | None = None
    spending: Spending | None = None
    by_day: dict[date, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_plain(self) -> bool:
        """Whether its awards can be spent at once and for ever."""
        return self.pending is None and self.expiry is None

    def terms(self, earned_at: datetime, day: Day, zone: ZoneInfo) -> Terms:
        """When an award can be spent and when it is gone; `day` is the local day it is earned on."""
        known = self.by_day.get(day.date)
        if known is None:
            known = self.by_day[day.date] = self._terms_on(day, zone)
        if not known:
            available_at = self.pending.after(earned_at, zone) if self.pending else earned_at
            return available_at, self.expires_at(earned_at=earned_at, available_at=available_at, zone=zone)
        waits, ends_at, lives = known
        return earned_at + waits, ends_at if lives is None else earned_at + lives

    def _terms_on(
        self, day: Day, zone: ZoneInfo
    ) -> tuple[timedelta, datetime | None, timedelta | None] | tuple[()]:
        """The same for every moment of a day: how long an award waits, when it ends or how long it lives.

        Nothing where the clocks change on a day that is involved.
        """
        waits = self.pending.shift(day, zone) if self.pending else timedelta(0)
        if waits is None or self.expiry is None:
            return () if waits is None else (waits, None, None)
        start = day_of(day.start + waits, zone) if self.expiry.start == "available" else day
        lives = self.expiry.after.shift(start, zone)
        if lives is None:
            return ()
        lives += start.start - day.start
        ends_at = end_of(self.expiry.end, day.start + lives, zone) if self.expiry.end else None
        return waits, ends_at, None if self.expiry.end else lives

    def expires_at(self, *, earned_at: datetime, available_at: datetime, zone: ZoneInfo) -> datetime | None:
        """The first instant at which an award is gone (L4), or None for never (L7, L9)."""
        if self.expiry is None:
            return None
        start = available_at if self.expiry.start == "available" else earned_at
        expires_at = self.expiry.after.after(start, zone)
        return end_of(self.expiry.end, expires_at, zone) if self.expiry.end else expires_at


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
class Pooling:
    """What members may do who spend together, as a household or a company (G2).

    Attributes:
        members: how many there can be.
        pooled: whether a new group spends from all of them; else each from their own until it is switched on.
        spend_per_month: how much of a unit one of them may spend in a calendar month; others without end.
    """

    members: int
    pooled: bool = True
    spend_per_month: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Program:
    """A whole programme, checked.

    Attributes:
        rules: all earn rules, highest priority first, ties by id. challenges, coupons, budgets, boards,
            games: by name.
        exchange: what other currencies are worth, by currency.
        grace_after_return: how long points live that come back after their expiry (R11).
        approval_above: how much of a unit one person may correct at once; more needs a second (L21).
        enrolment: `automatic`: the first event makes a member; `on_join`: only `member.joined` does.
        rewards: by name. preferences: the attributes that order the catalogue for a member.
        referrals: what is given when a member brings another; None: nothing.
        creators: how orders are credited to creators; None: not at all.
        review: what a person looks at first.
        groups: what `household` and `company` may do; a kind that is not there cannot be founded.
        document: the text it was read from.
        digest: SHA-256 of the canonical document, hex.
        conditions: what the conditions of rewards read, by reward.
        rules_on: the rules by the type of event they are about; a type that only challenges or coupons
            look at has a set without rules. `challenges_on`: the challenges; `tier_sets_of`: the tier sets by
            unit; `counting`: those that count events, by their type; `prolonged_by`: the units whose sliding
            ends a type of event moves; `issues_on`: the coupons that a type of event may bring;
            `basket_sight`: what coupons read of a basket and its member; `budgets_on`: the budgets that may
            pay for a type of event; `boards_of`: the leaderboards by unit; `scoring`: those that count
            events, by their type.
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
    approval_above: Mapping[str, Decimal] = field(default_factory=dict)
    enrolment: Literal["automatic", "on_join"] = "automatic"
    challenges: Mapping[str, Challenge] = field(default_factory=dict)
    rewards: Mapping[str, Reward] = field(default_factory=dict)
    preferences: tuple[str, ...] = ()
    referrals: Referrals | None = None
    creators: Creators | None = None
    review: Review = field(default_factory=Review)
    coupons: Mapping[str, Coupon] = field(default_factory=dict)
    exchange: Mapping[str, Rates] = field(default_factory=dict)
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    boards: Mapping[str, Board] = field(default_factory=dict)
    games: Mapping[str, Game] = field(default_factory=dict)
    groups: Mapping[str, Pooling] = field(default_factory=dict)
    document: str = ""
    digest: str = ""
    conditions: Mapping[str, RuleSet] = field(init=False, compare=False)
    rules_on: Mapping[str, RuleSet] = field(init=False, compare=False)
    challenges_on: Mapping[str, GoalSet] = field(init=False, compare=False)
    tier_sets_of: Mapping[str, tuple[TierSet, ...]] = field(init=False, compare=False)
    counting: Mapping[str, Counting] = field(init=False, compare=False)
    prolonged_by: Mapping[str, tuple[str, ...]] = field(init=False, compare=False)
    issues_on: Mapping[str, tuple[Coupon, ...]] = field(init=False, compare=False)
    basket_sight: RuleSet = field(init=False, compare=False)
    budgets_on: Mapping[str, tuple[Budget, ...]] = field(init=False, compare=False)
    boards_of: Mapping[str, tuple[Board, ...]] = field(init=False, compare=False)
    scoring: Mapping[str, Scoring] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        sets = self.tier_sets.values()
        of_unit = {unit: tuple(each for each in sets if each.unit == unit) for unit in self.units}
        object.__setattr__(self, "tier_sets_of", of_unit)
        of_type = {
            on: tuple(each for each in sets if each.on == on) for on in {one.on for one in sets} - {""}
        }
        counting = {on: Counting(of_type[on], values_of(on, of_type[on])) for on in sorted(of_type)}
        object.__setattr__(self, "counting", counting)
        when = {name: one.when for name, one in self.rewards.items() if one.when is not None}
        conditions = {name: rule_set((), [each]) for name, each in when.items()}
        object.__setattr__(self, "conditions", conditions)
        prolonged: dict[str, tuple[str, ...]] = {}
        for name, unit in self.units.items():
            for on in unit.expiry.prolonged_by if unit.expiry else ():
                prolonged[on] = (*prolonged.get(on, ()), name)
        object.__setattr__(self, "prolonged_by", prolonged)
        by_type: dict[str, tuple[EarnRule, ...]] = {}
        for rule in self.rules:
            by_type[rule.on] = (*by_type.get(rule.on, ()), rule)
        challenges_on = goal_sets(self.challenges)
        object.__setattr__(self, "challenges_on", challenges_on)
        issues_on = issues_by_type(self.coupons)
        object.__setattr__(self, "issues_on", issues_on)
        read = [each for name in self.coupons for each in self.coupons[name].expressions]
        object.__setattr__(self, "basket_sight", rule_set((), read))
        rules_on = {
            on: rule_set(
                by_type.get(on, ()),
                expressions_about(challenges_on.get(on), on) + conditions_about(issues_on.get(on, ())),
            )
            for on in by_type | challenges_on | issues_on
        }
        object.__setattr__(self, "rules_on", rules_on)
        paid = [(rule.on, offer.funding) for rule in self.rules for offer in rule.awards]
        for on, goals in challenges_on.items():
            paid += [(on, funding) for goal in goals.challenges for funding in goal.funding.values()]
        object.__setattr__(self, "budgets_on", budgets_by_type(paid))
        boards = [self.boards[name] for name in sorted(self.boards)]
        object.__setattr__(self, "boards_of", boards_by(boards, lambda board: board.unit))
        counted = boards_by(boards, lambda board: board.on)
        scoring = {on: Scoring(some, values_of(on, some)) for on, some in counted.items()}
        object.__setattr__(self, "scoring", scoring)
