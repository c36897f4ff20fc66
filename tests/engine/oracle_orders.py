"""What orders, returns, spendings and corrections do to the books of `oracle`; just as slow and plain."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction

from engine.oracle import (
    MICRO,
    NEVER,
    NOTHING,
    Books,
    Grant,
    Hold,
    Lot,
    Terms,
    day_of,
    days_after,
    down,
    end_of_day,
    shared,
)

THRESHOLDS = (0, 300, 1000)


class Refused(Exception):
    """What the event asks for cannot be; its text is the code."""


@dataclass
class Line:
    sku: str
    amount: Fraction
    earns: bool = True
    bonus: bool = False
    back: Fraction = NOTHING

    @property
    def left(self) -> Fraction:
        return self.amount - self.back


@dataclass
class Purchase:
    number: str
    at: datetime
    lines: list[Line]
    grants: list[Grant] = field(default_factory=list)
    is_touched: bool = False

    @property
    def left(self) -> Fraction:
        return sum((line.left for line in self.lines), NOTHING)


@dataclass
class Spending:
    event: str
    order: str
    at: datetime
    parts: list[tuple[Lot, Fraction]]
    restored: Fraction = NOTHING

    @property
    def left(self) -> Fraction:
        return sum((part for _, part in self.parts), NOTHING) - self.restored


@dataclass
class Back:
    """What a return gives back: articles, else a value, else everything."""

    lines: list[tuple[str, Fraction]]
    total: Fraction | None


Shares = list[tuple[Purchase, Line, Fraction]]


class Oracle(Books):
    """One member."""

    def __init__(self, terms: Terms) -> None:
        super().__init__(terms)
        self.recorded = NEVER
        self.purchases: dict[str, Purchase] = {}
        self.parked: dict[str, list[Back]] = {}
        self.spendings: list[Spending] = []
        self.used: dict[date, Fraction] = {}
        self.credits = NOTHING
        self.tiers: list[tuple[datetime, int]] = [(datetime.min.replace(tzinfo=UTC), 0)]

    def happens(self, at: datetime, recorded: datetime, act: Callable[[], str | None]) -> str:
        """Time passes, then the act is tried: its outcome, or the code of its refusal."""
        if self.is_member:
            self.passes(max(self.now, recorded))
        self.at, self.recorded = at, recorded
        try:
            return act() or "accepted"
        except Refused as refusal:
            return str(refusal)

    @property
    def is_member(self) -> bool:
        return self.now != NEVER

    def admit(self) -> None:
        """Whoever buys or brings something back is a member from then on."""
        if not self.is_member:
            self.now = self.recorded

    def place(self, number: str, lines: list[Line], paid: Fraction) -> None:
        self.admit()
        if number in self.purchases:
            raise Refused("order_exists")
        purchase = self.purchases[number] = Purchase(number, self.at, lines)
        by_points = shared(paid, [max(line.amount, NOTHING) for line in lines], MICRO)
        net = [line.amount - part for line, part in zip(lines, by_points, strict=True)]
        if any(line.earns for line in lines):
            self.award(purchase, net)
        for back in self.parked.pop(number, []):
            try:
                self.settle(purchase, back)
            except Refused:
                continue
        if self.terms.slides:
            self.slide(end_of_day(days_after(self.at, self.terms.lives)))

    def award(self, purchase: Purchase, net: list[Fraction]) -> None:
        """The rules base (capped), bonus (double in the second tier) and steps (status), in this order."""
        earning = [i for i, line in enumerate(purchase.lines) if line.earns]
        total = max(NOTHING, sum((net[i] for i in earning), NOTHING))
        money = [max(net[i], NOTHING) for i in earning]
        doubled = [2 * max(net[i], NOTHING) if purchase.lines[i].bonus else NOTHING for i in earning]
        factor = 2 if self.tier_at(self.at) >= 1 else 1
        used, step = self.used.get(day_of(self.at), NOTHING), self.terms.step
        base = min(down(total * self.terms.rate, step), max(NOTHING, self.terms.limit - used))
        self.used[day_of(self.at)] = used + base
        for rule, unit, amount, weights, rounded in (
            ("base", "points", base, money, step),
            ("bonus", "points", down(sum(doubled, NOTHING) * factor, step), doubled, step),
            ("steps", "status", down(total, Fraction(1)), money, Fraction(1)),
        ):
            if amount:
                shares = [NOTHING] * len(net)
                for i, share in zip(earning, shared(amount, weights, rounded), strict=True):
                    shares[i] = share
                lot = self.earn(unit, amount, self.terms.waits)
                if rule == "base" and self.terms.slides and lot.expires > self.now:
                    lot.slides = True
                    self.slide(lot.expires)
                purchase.grants.append(Grant(lot, shares, rule == "base", back=[NOTHING] * len(net)))
            if rule == "steps":
                self.credit(amount, may_lower=False)

    def credit(self, amount: Fraction, *, may_lower: bool) -> None:
        before, tier = self.deserved, self.tiers[-1][1]
        self.credits += amount
        if self.deserved > tier or (may_lower and self.deserved < min(before, tier)):
            self.tiers.append((self.now, self.deserved))

    @property
    def deserved(self) -> int:
        return max(rank for rank, threshold in enumerate(THRESHOLDS) if threshold <= self.credits)

    def tier_at(self, moment: datetime) -> int:
        return [tier for since, tier in self.tiers if since <= moment][-1]

    def come_back(self, number: str, back: Back) -> str | None:
        """A return that names its order."""
        self.admit()
        if number not in self.purchases:
            self.parked.setdefault(number, []).append(back)
            return "parked"
        self.settle(self.purchases[number], back)
        return None

    def settle(self, purchase: Purchase, back: Back) -> None:
        if back.lines and (len(purchase.lines) > 1 or purchase.lines[0].sku):
            self.take_all_back(self.by_article(purchase, back.lines))
        else:
            self.take_all_back(self.by_value(purchase, purchase.left if back.total is None else back.total))

    def by_article(self, purchase: Purchase, lines: list[tuple[str, Fraction]]) -> Shares:
        shares: Shares = []
        left = [line.left for line in purchase.lines]
        for sku, amount in lines:
            asked = amount
            for place, line in enumerate(purchase.lines):
                same_sign = left[place] * asked > 0
                part = min(abs(asked), abs(left[place])) * (1 if asked > 0 else -1)
                if line.sku == sku and same_sign:
                    shares.append((purchase, line, part))
                    left[place] -= part
                    asked -= part
            if asked:
                raise Refused("return_too_large")
        if sum(part for _, _, part in shares) > purchase.left:
            raise Refused("return_too_large")
        return shares

    def by_value(self, purchase: Purchase, total: Fraction) -> Shares:
        if total > purchase.left:
            raise Refused("return_too_large")
        if total == purchase.left:
            return [(purchase, line, line.left) for line in purchase.lines]
        parts = shared(total, [max(line.left, NOTHING) for line in purchase.lines], MICRO)
        return [(purchase, line, part) for line, part in zip(purchase.lines, parts, strict=True)]

    def come_back_unnamed(self, back: Back) -> str | None:
        """A return that names no order: the latest purchases of the articles, else of the value."""
        self.admit()
        recent = [
            one
            for one in sorted(self.purchases.values(), key=lambda one: (one.at, one.number), reverse=True)
            if one.at <= self.at < days_after(one.at, self.terms.window)
        ]
        shares: Shares = []
        missing = False
        for sku, amount in back.lines:
            asked = amount
            for purchase in recent:
                for line in purchase.lines:
                    of_line = sum(part for _, other, part in shares if other is line)
                    of_whole = sum(part for other, _, part in shares if other is purchase)
                    part = min(asked, line.left - of_line, purchase.left - of_whole)
                    if sku and line.sku == sku and part > 0:
                        shares.append((purchase, line, part))
                        asked -= part
            missing = missing or asked > 0
        same_value = [one for one in recent if one.left == back.total]
        if not shares and same_value:
            missing, shares = False, self.by_value(same_value[0], same_value[0].left)
        self.take_all_back(shares)
        return "unmatched" if missing or not shares else None

    def take_all_back(self, shares: Shares) -> None:
        for number in dict.fromkeys(purchase.number for purchase, _, _ in shares):
            purchase = self.purchases[number]
            for _, line, part in (share for share in shares if share[0] is purchase):
                line.back += part
            purchase.is_touched = True
            for spending in self.newest_first(one for one in self.spendings if one.order == number):
                self.give_back_paid(purchase, spending)
            for grant in purchase.grants:
                self.take_grant_back(purchase, grant)

    def take_grant_back(self, purchase: Purchase, grant: Grant) -> None:
        whole = not any(line.left for line in purchase.lines)
        step = self.terms.step if grant.lot.unit == "points" else Fraction(1)
        amount = NOTHING
        for place, line in enumerate(purchase.lines):
            due = NOTHING
            if whole or (line.amount and not line.left):
                due = grant.shares[place]
            elif line.amount:
                due = down(grant.shares[place] * line.back / line.amount, step)
            amount += due - grant.back[place]
            grant.back[place] = due
        if amount and grant.capped:
            self.used[day_of(purchase.at)] = max(NOTHING, self.used[day_of(purchase.at)] - amount)
        if amount:
            self.take_back(grant, amount)
        if amount and grant.lot.unit == "status":
            self.credit(-amount, may_lower=self.at < days_after(purchase.at, self.terms.window))

    def spend(self, event: str, order: str, amount: Fraction) -> None:
        if not self.is_member:
            raise Refused("unknown_member")
        if amount > self.sums["points"]["active"]:
            raise Refused("not_enough")
        self.paid(Spending(event, order, self.at, self.take("points", amount, "spent")))

    def paid(self, spending: Spending) -> None:
        self.spendings.append(spending)
        purchase = self.purchases.get(spending.order)
        if purchase and purchase.is_touched:
            self.give_back_paid(purchase, spending)

    def give_back_paid(self, purchase: Purchase, spending: Spending) -> None:
        """So much of what paid an order comes back as has come back of the order."""
        amount = sum((part for _, part in spending.parts), NOTHING)
        whole = sum((line.amount for line in purchase.lines), NOTHING)
        back = sum((line.back for line in purchase.lines), NOTHING)
        due = amount
        if any(line.left for line in purchase.lines):
            due = (
                down(amount * min(back / whole, Fraction(1)), self.terms.step)
                if back > 0 and whole > 0
                else NOTHING
            )
        if due > spending.restored:
            self.restore_lots(spending, due - spending.restored)

    def newest_first(self, spendings: Iterable[Spending]) -> list[Spending]:
        return sorted(spendings, key=lambda one: (one.at, one.event), reverse=True)

    def hold(self, event: str, order: str, amount: Fraction, until: datetime) -> None:
        if not self.is_member:
            raise Refused("unknown_member")
        if until <= self.now:
            raise Refused("hold_over")
        if amount > self.sums["points"]["active"]:
            raise Refused("not_enough")
        self.holds.append(Hold(event, order, until, self.take("points", amount, "held")))

    def held(self, name: str, amount: Fraction | None) -> tuple[Hold, Fraction]:
        if not self.is_member:
            raise Refused("unknown_member")
        found = [one for one in self.holds if one.event == name]
        if not found or (amount or NOTHING) > found[0].left:
            raise Refused("no_hold")
        return found[0], found[0].left if amount is None else amount

    def capture(self, event: str, name: str, amount: Fraction | None) -> None:
        hold, amount = self.held(name, amount)
        parts = self.part_of(hold, amount, last=False)
        for lot, part in parts:
            self.move(lot, "held", "spent", part)
        self.paid(Spending(event, hold.order, self.at, parts))

    def release(self, name: str, amount: Fraction | None) -> None:
        hold, amount = self.held(name, amount)
        self.let_go(hold, amount, self.now)

    def restore(self, spending: str, order: str, amount: Fraction) -> None:
        if not self.is_member:
            raise Refused("unknown_member")
        meant = [s for s in self.spendings if spending in ("", s.event) and order in ("", s.order)]
        if amount > sum(s.left for s in meant):
            raise Refused("nothing_to_restore")
        for one in self.newest_first(meant):
            part = min(amount, one.left)
            amount -= part
            self.restore_lots(one, part)

    def restore_lots(self, spending: Spending, amount: Fraction) -> None:
        """What was taken last goes back first."""
        undone, spending.restored = spending.restored, spending.restored + amount
        for lot, taken in reversed(spending.parts):
            skipped = min(undone, taken)
            part = min(amount, taken - skipped)
            undone, amount = undone - skipped, amount - part
            if part:
                self.give_back(lot, part, "spent", self.now)

    def adjust(self, amount: Fraction) -> None:
        if not self.is_member:
            raise Refused("unknown_member")
        if amount > 0:
            self.earn("points", amount, 0)
        elif -amount > self.sums["points"]["active"]:
            raise Refused("not_enough")
        else:
            self.take("points", -amount, "clawed_back")
