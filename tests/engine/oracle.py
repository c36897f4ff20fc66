"""A small, slow and obviously right model of one member's books; it shares no code with the ledger.

Points have a waiting time and a life that ends with a day; status neither waits nor ends. Numbers are
fractions, lists are searched from end to end. What orders do to the books is in `oracle_orders`.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
CENT, MICRO, NOTHING = Fraction(1, 100), Fraction(1, 1_000_000), Fraction(0)
FIGURES = ("issued", "active", "pending", "held", "debt", "spent", "expired", "clawed_back", "written_off")
GRACE_DAYS = 14


def days_after(moment: datetime, days: int) -> datetime:
    local = moment.astimezone(BERLIN).replace(tzinfo=None) + timedelta(days=days)
    return local.replace(tzinfo=BERLIN).astimezone(UTC)


def day_of(moment: datetime) -> date:
    return moment.astimezone(BERLIN).date()


def end_of_day(moment: datetime) -> datetime:
    following = day_of(moment) + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=BERLIN).astimezone(UTC)


def down(amount: Fraction, step: Fraction) -> Fraction:
    return floor(amount / step) * step


def shared(total: Fraction, weights: list[Fraction], step: Fraction) -> list[Fraction]:
    """The largest remainders get the steps that rounding down leaves over; ties go to the earlier."""
    if not any(weights):
        return [total] + [NOTHING] * (len(weights) - 1)
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [down(share, step) for share in exact]
    while sum(parts) < total:
        lacking = [share - part for share, part in zip(exact, parts, strict=True)]
        parts[lacking.index(max(lacking))] += step
    return parts


@dataclass
class Lot:
    number: int
    unit: str
    earned: datetime
    left: Fraction
    available: datetime
    expires: datetime
    pending: bool = False
    slides: bool = False
    lapsed: Fraction = NOTHING


@dataclass
class Grant:
    """What a purchase gave: a lot, and the share of each line in it; `capped` if the daily cap counts it."""

    lot: Lot
    shares: list[Fraction]
    capped: bool = False
    lapsed: Fraction = NOTHING
    back: list[Fraction] = field(default_factory=list)


@dataclass
class Hold:
    """Points set aside until a moment, and of which lots."""

    event: str
    order: str
    until: datetime
    parts: list[tuple[Lot, Fraction]]

    @property
    def left(self) -> Fraction:
        return sum((part for _, part in self.parts), NOTHING)


@dataclass(frozen=True)
class Terms:
    """The programme: what a return takes and within how many days, how many days points wait and live,
    the daily cap, the smallest amount of points, what a euro earns, whether orders keep its points alive.
    """

    policy: str
    window: int
    waits: int
    lives: int
    limit: Fraction
    step: Fraction = Fraction(1)
    rate: Fraction = Fraction(1)
    slides: bool = False


class Books:
    """Wallets, lots and time."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.now: datetime = NEVER
        self.at: datetime = NEVER
        self.sums = {unit: dict.fromkeys(FIGURES, NOTHING) for unit in ("points", "status")}
        self.lots: list[Lot] = []
        self.holds: list[Hold] = []

    def passes(self, until: datetime) -> None:
        while True:
            ending = min(self.holds, key=lambda one: (one.until, one.event), default=None)
            due = [
                (lot.available if lot.pending else lot.expires, not lot.pending, lot.number)
                for lot in self.lots
                if lot.left
            ]
            if ending and ending.until <= until and not any(at <= ending.until for at, _, _ in due):
                self.let_go(ending, ending.left, ending.until)
                continue
            at, is_expiry, number = min(due, default=(NEVER, False, 0))
            if at > until or at == NEVER:
                break
            lot = self.lots[number - 1]
            self.move(
                lot, "active" if is_expiry else "pending", "expired" if is_expiry else "active", lot.left
            )
            lot.pending = False
            if is_expiry:
                lot.left, lot.lapsed = NOTHING, lot.lapsed + lot.left
            self.pay_debt(lot)
        self.now = max(self.now, until)

    def let_go(self, hold: Hold, amount: Fraction, at: datetime) -> None:
        """What was held last goes first."""
        for lot, part in reversed(self.part_of(hold, amount, last=True)):
            self.give_back(lot, part, "held", at)

    def part_of(self, hold: Hold, amount: Fraction, *, last: bool) -> list[tuple[Lot, Fraction]]:
        """So much of a hold, which holds it no more."""
        keep = hold.left - amount
        first: list[tuple[Lot, Fraction]] = []
        rest: list[tuple[Lot, Fraction]] = []
        room = keep if last else amount
        for lot, part in hold.parts:
            inside = min(part, room)
            room -= inside
            first += [(lot, inside)] if inside else []
            rest += [(lot, part - inside)] if part > inside else []
        taken, hold.parts = (rest, first) if last else (first, rest)
        self.holds = [one for one in self.holds if one.parts]
        return taken

    def give_back(self, lot: Lot, amount: Fraction, source: str, at: datetime) -> None:
        if lot.expires <= at:
            lot.expires, lot.slides = days_after(at, GRACE_DAYS), False
        lot.left += amount
        self.move(lot, source, "active", amount)
        self.pay_debt(lot)

    def move(self, lot: Lot, source: str, target: str, amount: Fraction) -> None:
        self.sums[lot.unit][source] -= amount
        self.sums[lot.unit][target] += amount

    def pay_debt(self, lot: Lot) -> None:
        paid = min(self.sums[lot.unit]["debt"], lot.left)
        lot.left -= paid
        self.sums[lot.unit]["active"] -= paid
        self.sums[lot.unit]["debt"] -= paid

    def earn(self, unit: str, amount: Fraction, waits: int) -> Lot:
        available = days_after(self.at, waits if unit == "points" else 0)
        expires = end_of_day(days_after(available, self.terms.lives)) if unit == "points" else NEVER
        lot = Lot(len(self.lots) + 1, unit, self.at, amount, available, expires)
        self.lots.append(lot)
        self.sums[unit]["issued"] += amount
        if expires <= self.now:
            self.sums[unit]["expired"] += amount
            lot.left, lot.lapsed = NOTHING, amount
        elif available > self.now:
            self.sums[unit]["pending"] += amount
            lot.pending = True
        else:
            self.sums[unit]["active"] += amount
            self.pay_debt(lot)
        return lot

    def slide(self, ends: datetime) -> None:
        """Move the end of every lot that slides and has not ended, held and spent ones too."""
        alive = [lot for lot in self.lots if lot.slides and lot.expires > self.now]
        ends = max([ends, *(lot.expires for lot in alive)])
        for lot in alive:
            lot.expires = ends

    def open_lots(self, unit: str) -> list[Lot]:
        mine = [lot for lot in self.lots if lot.unit == unit and lot.left]
        return sorted(mine, key=lambda lot: (lot.expires, lot.earned, lot.number))

    def take(self, unit: str, amount: Fraction, target: str) -> list[tuple[Lot, Fraction]]:
        parts = []
        for lot in self.open_lots(unit):
            part = NOTHING if lot.pending else min(lot.left, amount)
            if part:
                lot.left, amount = lot.left - part, amount - part
                self.move(lot, "active", target, part)
                parts.append((lot, part))
        return parts

    def take_back(self, grant: Grant, amount: Fraction) -> None:
        lot, sums = grant.lot, self.sums[grant.lot.unit]
        pending_only = self.terms.policy == "pending_only" and lot.unit == "points"
        own = min(amount, lot.left) if lot.pending or not pending_only else NOTHING
        lot.left -= own
        self.move(lot, "pending" if lot.pending else "active", "clawed_back", own)
        lapsed = min(amount - own, lot.lapsed - grant.lapsed)
        grant.lapsed += lapsed
        rest = amount - own - lapsed
        if pending_only:
            return
        rest -= sum(part for _, part in self.take(lot.unit, min(rest, sums["active"]), "clawed_back"))
        if self.terms.policy == "clamp":
            sums["written_off"] += rest
        else:
            sums["debt"] += rest
            sums["clawed_back"] += rest
