"""Programmes and histories made up from a seed: every switch of the document, everything a member can do."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from acceptance.makers import HEAD, MEMBER, Raw

BEGIN: Final = datetime(2026, 1, 1, 9, tzinfo=UTC)
CATEGORIES: Final = ("shoes", "books", "new")
WINDOWS: Final = ("event", "day", "rolling_24h", "week", "month", "membership_year", "lifetime")
CONDITIONS: Final = (
    "event.total >= 20.00",
    "'shoes' in event.categories",
    "member.tiers.club == 'mid' || member.tiers.club == 'top'",
    "member.wallets.points < 500",
    "event.total / (event.total - 40.00) > 1.00",
)
AMOUNTS: Final = ("floor(event.total)", "event.total * 0.7", "3", "event.total - 10.00")
FACTORS: Final = ("2", "1.5", "member.tiers.club == 'low' ? 1 : 2", "event.total > 60.00 ? 0.5 : 1.0")
GOALS: Final = (
    "on: order.placed, target: {few}",
    "on: order.placed, sum: event.total, target: {many}",
    "on: order.placed, count_distinct: event.categories, target: 3",
    "on: order.placed, count_distinct: event.categories, of: [shoes, books], within: 20 days",
    "on: order.placed, streak: day, jokers: 1, target: {few}",
    "on: order.placed, target: {few}, within: 10 days, repeat: true",
)


def document(seed: int, *, brand: str = "kaminrot") -> str:
    """A programme that `bondfire check` accepts; the same seed makes the same."""
    pick = Random(seed)
    lines = [HEAD.replace("kaminrot", brand), "units:", f"  points: {_unit(pick)}"]
    lines += ["  status: {qualifying: true}"]
    ladder = _ladder(pick)
    lines += ["tier_sets:", f"  club: {ladder}"]
    lines += ["earn:", *(f"  r{number}: {_rule(pick)}" for number in range(pick.randint(1, 5)))]
    lines += ["  steps: {on: order.placed, award: {status: floor(event.total)}}"]
    if "points" in ladder:
        lines += ["  open: {on: order.placed, award: {points: 1}}"]
    if pick.random() < 0.5:
        lines += ["challenges:", *(f"  c{number}: {_goal(pick)}" for number in range(pick.randint(1, 3)))]
    lines.append(f"earning: {{paid_with_points: {pick.choice(('after', 'before'))}}}")
    policy = pick.choice(("allow_negative", "allow_negative", "clamp", "pending_only"))
    lines.append(f"returns: {{clawback: {policy}, window: {pick.choice((20, 100, 400))} days}}")
    return "\n".join(lines) + "\n"


def _unit(pick: Random) -> str:
    parts = [f"decimals: {pick.choice((0, 0, 2))}"]
    waits = pick.choice((0, 0, 5, 30))
    if waits:
        parts.append(f"pending: {waits} days")
    if pick.random() < 0.6:
        kept = ", prolonged: {by: [order.placed], rules: [r0]}" if pick.random() < 0.3 else ""
        ends = pick.choice(("", ", round: end_of_day", ", round: end_of_month"))
        parts.append(f"expires: {{after: {pick.choice((40, 90, 400))} days{ends}{kept}}}")
    return "{" + ", ".join(parts) + "}"


def _ladder(pick: Random) -> str:
    counts = pick.choice(("unit: status", "unit: status", "unit: points", "by: spend", "by: visits"))
    low, high = (2, 5) if counts == "by: visits" else (100, 300)
    window = pick.choice(("calendar_year", "membership_year", "tier_year", "rolling", "lifetime"))
    length = ", length: 2 months" if window == "rolling" else ""
    extra = pick.choice(("", "", ", grace: 10 days", ", fall: one_step"))
    if window == "lifetime":
        extra = ""
    tiers = f"{{low: {{from: 0}}, mid: {{from: {low}}}, top: {{from: {high}}}}}"
    return f"{{{counts}, window: {window}{length}{extra}, tiers: {tiers}}}"


def _rule(pick: Random) -> str:
    parts = ["on: order.placed"]
    if pick.random() < 0.5:
        parts.append(f'when: "{pick.choice(CONDITIONS)}"')
    per_line = pick.random() < 0.25
    if per_line:
        parts += ["lines: \"'new' in line.categories\"", "award: {points: line.amount * 2}"]
    else:
        parts.append(f"award: {{points: {pick.choice(AMOUNTS)}}}")
    if pick.random() < 0.3:
        parts.append(f'multiplier: "{pick.choice(FACTORS)}"')
    if pick.random() < 0.4:
        counts, over = pick.choice(("final", "base")), pick.choice(("clip", "clip", "nothing"))
        limit, per = pick.choice((30, 100, 300)), pick.choice(WINDOWS)
        parts.append(f"cap: {{points: {limit}, per: {per}, counts: {counts}, over: {over}}}")
    if pick.random() < 0.3:
        to, per = (
            pick.choice(("down", "half_up", "half_even", "up")),
            pick.choice(("order", "line")) if per_line else "order",
        )
        parts.append(f"round: {{to: {to}, per: {per}}}")
    if pick.random() < 0.2:
        parts.append("group: promotion")
    if pick.random() < 0.1:
        parts.append("stackable: false")
    return "{" + ", ".join([*parts, f"priority: {pick.randint(0, 2)}"]) + "}"


def _goal(pick: Random) -> str:
    goal = pick.choice(GOALS).format(few=pick.randint(2, 4), many=pick.choice((100, 250)))
    badge = pick.choice(("", f", badge: b{pick.randint(1, 2)}"))
    return f"{{{goal}, award: {{points: {pick.choice((5, 50))}}}{badge}}}"


class Life:
    """One member's history, made up step by step."""

    def __init__(self, pick: Random, member: str = MEMBER) -> None:
        self.pick = pick
        self.member = member
        self.hours = 0
        self.placed = 0
        self.holds: list[str] = []
        self.events: list[Raw] = []

    def lives(self, steps: int) -> list[Raw]:
        """So many events, in the order in which they come; some are told late."""
        self.happens("member.joined", "join", {})
        for number in range(steps):
            self.hours += self.pick.choice((0, 1, 24, 24, 100, 400))
            kind, fields = self._anything(f"e{number}")
            self.happens(kind, f"e{number}", fields, late=self.pick.choice((0, 0, 0, 0, 30)))
        return self.events

    def happens(self, kind: str, name: str, fields: Raw, *, late: int = 0) -> Raw:
        """Add an event at the present hour, or as many hours before."""
        at = BEGIN + timedelta(hours=max(0, self.hours - late))
        head: Raw = {"id": name, "type": kind, "source": "shop", "member": self.member}
        raw = head | {"occurred_at": at.isoformat()} | fields
        self.events.append(raw)
        return raw

    def order(self, number: str) -> Raw:
        """The fields of an order with one to three lines."""
        lines: list[dict[str, object]] = [
            {
                "sku": self.pick.choice("ABC"),
                "amount": f"{self.pick.randint(0, 70)}.{self.pick.randint(0, 99):02}",
                "categories": self.pick.sample(CATEGORIES, self.pick.randint(0, 2)),
            }
            for _ in range(self.pick.randint(1, 3))
        ]
        if self.pick.random() < 0.2:
            lines.append({"sku": "POST", "amount": "4.90", "kind": "shipping"})
        total = sum(_cents(line["amount"]) for line in lines)
        fields: Raw = {"order": number, "currency": "EUR", "total": _money(total), "lines": lines}
        if self.pick.random() < 0.15:
            fields["paid_with_points"] = _money(total // 4)
        return fields

    def _anything(self, name: str) -> tuple[str, Raw]:
        kind = self.pick.choice(
            ("place", "place", "place", "spend", "back", "back", "up", "down", "restore", "hold", "end")
        )
        points: Raw = {"unit": "points", "amount": str(self.pick.randint(1, 120))}
        if kind == "place":
            self.placed += 1
            return "order.placed", self.order(f"o{self.placed}")
        if kind == "back":
            back: Raw = {"order": f"o{self.pick.randint(1, self.placed + 1)}"}
            share = self.pick.choice(({}, {"total": _money(self.pick.randint(1, 3000))}))
            return "order.returned", back | share
        if kind in {"up", "down"}:
            sign = "-" if kind == "down" else ""
            return "points.adjusted", points | {
                "amount": f"{sign}{points['amount']}",
                "reason": "r",
                "actor": "ada",
            }
        if kind == "hold":
            self.holds.append(name)
            until = BEGIN + timedelta(hours=self.hours + self.pick.choice((10, 300)))
            return "points.held", points | {"until": until.isoformat()}
        if kind == "end" and self.holds:
            ends = self.pick.choice(("points.captured", "points.released"))
            return ends, {"hold": self.pick.choice(self.holds)}
        return "points.restored" if kind == "restore" else "points.spent", points


def _cents(amount: object) -> int:
    euros, _, cents = str(amount).partition(".")
    return int(euros) * 100 + int(cents)


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
