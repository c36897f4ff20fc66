"""Plays random events against the engine and the oracle at once, and compares everything after each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bondfire.engine import Decision, MemberState, advance, digest_of_chains, pass_until, totals_of
from bondfire.events import Event, parse_event
from bondfire.kit import member_id_of
from bondfire.ledger import Account, Wallet
from bondfire.programs import Program, load_program, timeline_of
from bondfire.simulation import simulate
from engine.oracle import FIGURES, NEVER, NOTHING, Terms
from engine.oracle_orders import Back, Line, Oracle, Purchase

DOCUMENT = """\
program: judged
brand: b
timezone: Europe/Berlin
currency: EUR
units:
  points:
    decimals: {decimals}
    pending: {waits} days
    expires: {{after: {lives} days, round: end_of_day{kept}}}
  status: {{qualifying: true}}
tier_sets:
  club:
    unit: status
    window: lifetime
    tiers: {{low: {{from: 0}}, mid: {{from: 300}}, top: {{from: 1000}}}}
earn:
  base: {{on: order.placed, award: {{points: event.total * {rate}}}, cap: {{points: {limit}, per: day}}}}
  bonus:
    on: order.placed
    lines: "'new' in line.categories"
    award: {{points: line.amount * 2}}
    multiplier: "member.tiers.club == 'low' ? 1 : 2"
  steps: {{on: order.placed, award: {{status: floor(event.total)}}}}
returns: {{clawback: {policy}, window: {window} days}}
"""
TIERS = ("low", "mid", "top")
UNITS = ("points", "status")
BEGIN = datetime(2025, 12, 31, 23, tzinfo=UTC)
"""Midnight in Berlin: events fall on the very instants at which lots end, until the clocks change."""
POST = Fraction(490, 100)

Fields = dict[str, object]
HOURS = st.sampled_from([0, 0, 0, 6, 6, 12, 24, 24, 72, 240])
LATE = st.sampled_from([0, 0, 0, 0, 0, 0, 6, 48, 240, 900])
EUROS = st.sampled_from([Fraction(c, 100) for c in (0, 99, 333, 1000, 1999, 2500, 5000, 5000, 12345, 40000)])
PARTS = st.sampled_from([Fraction(*part) for part in ((1, 1), (1, 1), (1, 3), (1, 2), (9, 10), (3, 2))])
GOODS = st.builds(Line, st.sampled_from("ABCD"), EUROS, bonus=st.booleans())
EXTRAS = st.sampled_from(["", "", "", "post", "discount", "both"])
PAID = st.sampled_from([0, 0, 0, 7, 50])
PICK = st.integers(0, 99)
ORDERS = st.sampled_from(["", "s1", "known", "known", "ahead"])


def text(amount: Fraction) -> str:
    """A fraction that is a decimal, as a shop writes it."""
    return format(Decimal(amount.numerator) / Decimal(amount.denominator), "f")


def cents(amount: Fraction) -> Fraction:
    return Fraction(round(amount * 100), 100)


def sum_of(lines: list[Line]) -> Fraction:
    return sum((line.amount for line in lines), NOTHING)


def sent(line: Line) -> Fields:
    kind = "product" if line.earns else "shipping"
    categories = ["new"] if line.bonus else []
    return {"sku": line.sku, "amount": text(line.amount), "categories": categories, "kind": kind}


class Play(RuleBasedStateMachine):
    """One member's life; subclasses choose the programme and count their steps.

    In a history the house learns of events when they occurred, in whatever order they come, and no clock
    strikes between them.
    """

    terms: ClassVar[Terms]
    decimals: ClassVar[int] = 0
    is_history: ClassVar[bool] = False
    program: ClassVar[Program]
    steps: ClassVar[int]

    def __init_subclass__(cls) -> None:
        terms = {
            "policy": cls.terms.policy,
            "window": cls.terms.window,
            "waits": cls.terms.waits,
            "lives": cls.terms.lives,
            "kept": ", prolonged: {by: order.placed, rules: base}" if cls.terms.slides else "",
            "limit": text(cls.terms.limit),
            "rate": text(cls.terms.rate),
        }
        cls.program = load_program(DOCUMENT.format(decimals=cls.decimals, **terms))
        cls.steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.timeline = timeline_of(self.program)
        self.state = MemberState(member_id_of("b", "m"))
        self.oracle = Oracle(self.terms)
        self.wall = BEGIN
        self.raw: list[Fields] = []
        self.events: list[Event] = []
        self.refused: list[str] = []
        self.placed = 0
        self.posted = {(unit, account): Decimal(0) for unit in UNITS for account in Account}

    def happens(self, kind: str, act: Callable[[str], str | None], fields: Fields, **hours: int) -> None:
        """Send one event to both, `wait` hours after the last and `late` hours after it occurred."""
        type(self).steps += 1
        self.wall += timedelta(hours=hours.get("wait", 0))
        at = self.wall - timedelta(hours=hours.get("late", 0))
        name = f"e{len(self.raw):05}"
        raw = {"id": name, "type": kind, "member": "m", "occurred_at": at.isoformat(), **fields}
        recorded_at = at if self.is_history else self.wall
        event = parse_event(raw, self.program.catalogue, recorded_at=recorded_at)
        self.raw.append(raw)
        self.events.append(event)
        expected = self.oracle.happens(at, recorded_at, lambda: act(name))
        decision = advance(self.timeline, self.state, event)
        assert (decision.code or decision.outcome) == expected, (raw, decision.message)
        if decision.code:
            self.refused.append(decision.code)
        self.count(decision)

    def count(self, decision: Decision | None) -> None:
        for entry in decision.entries if decision else ():
            assert entry.amount > 0
            self.posted[entry.unit, entry.debit] -= entry.amount
            self.posted[entry.unit, entry.credit] += entry.amount

    @rule(goods=st.lists(GOODS, min_size=1, max_size=4), extras=EXTRAS, paid=PAID, wait=HOURS, late=LATE)
    def place(self, *, goods: list[Line], extras: str, paid: int, wait: int, late: int) -> None:
        """An order: goods, at times shipping, at times a tenth off, at times partly paid with points."""
        lines = [Line(line.sku, line.amount, bonus=line.bonus) for line in goods]
        if extras in {"post", "both"}:
            lines.append(Line("POST", POST, earns=False))
        if extras in {"discount", "both"}:
            lines.append(Line("OFF", -cents(sum_of(lines) / 10)))
        by_points = cents(sum_of(lines) * paid / 100)
        fields: Fields = {"lines": [sent(line) for line in lines]}
        if paid:
            fields["paid_with_points"] = text(by_points)
        self.orders(lines, by_points, fields, wait=wait, late=late)

    @rule(total=EUROS, again=st.sampled_from([0, 0, 0, 1]), wait=HOURS, late=LATE)
    def place_plain(self, *, total: Fraction, again: int, wait: int, late: int) -> None:
        """An order of which only the total is known; at times under a number that was used before."""
        self.placed -= min(again, self.placed)
        self.orders([Line("", total)], NOTHING, {}, wait=wait, late=late)

    def orders(self, lines: list[Line], paid: Fraction, fields: Fields, **hours: int) -> None:
        number = f"o{self.placed:04}"
        self.placed += 1
        whole = {"order": number, "currency": "EUR", "total": text(sum_of(lines)), **fields}
        self.happens("order.placed", lambda _: self.oracle.place(number, lines, paid), whole, **hours)

    @precondition(lambda self: self.oracle.purchases)
    @rule(pick=PICK, chosen=st.sets(st.integers(0, 5)), part=PARTS, named=st.booleans(), wait=HOURS)
    def come_back(self, *, pick: int, chosen: set[int], part: Fraction, named: bool, wait: int) -> None:
        """Some lines of an order in whole or in part, with or without the order's number."""
        purchase = self.purchase(pick)
        lines = [line for i, line in enumerate(purchase.lines) if i in chosen] or purchase.lines
        back = [(line.sku, cents(line.left * part)) for line in lines]
        total = sum((amount for _, amount in back), NOTHING)
        if total >= 0:
            named_lines: list[Fields] = [{"sku": sku, "amount": text(amount)} for sku, amount in back]
            fields: Fields = {"lines": [{k: v for k, v in line.items() if v} for line in named_lines]}
            self.returns(purchase.number if named else "", Back(back, total), fields, wait)

    @precondition(lambda self: self.oracle.purchases)
    @rule(pick=PICK, part=PARTS, named=st.booleans(), wait=HOURS)
    def come_back_value(self, *, pick: int, part: Fraction, named: bool, wait: int) -> None:
        """A value, with or without the order's number."""
        purchase = self.purchase(pick)
        total = cents(purchase.left * part)
        self.returns(purchase.number if named else "", Back([], total), {"total": text(total)}, wait)

    @precondition(lambda self: self.placed % 3 == 0)
    @rule(ahead=st.integers(0, 2), total=EUROS, wait=HOURS)
    def come_back_early(self, *, ahead: int, total: Fraction, wait: int) -> None:
        """A return of an order that may come later."""
        number = f"o{self.placed + ahead:04}"
        self.returns(number, Back([], total), {"total": text(total)}, wait)

    def returns(self, number: str, back: Back, fields: Fields, wait: int) -> None:
        def act(_: str) -> str | None:
            return self.oracle.come_back(number, back) if number else self.oracle.come_back_unnamed(back)

        self.happens("order.returned", act, fields | ({"order": number} if number else {}), wait=wait)

    @precondition(lambda self: self.oracle.purchases)
    @rule(pick=PICK, wait=HOURS)
    def cancel(self, *, pick: int, wait: int) -> None:
        number = self.purchase(pick).number
        back = Back([], None)
        self.happens(
            "order.cancelled", lambda _: self.oracle.come_back(number, back), {"order": number}, wait=wait
        )

    @precondition(lambda self: self.oracle.is_member or len(self.raw) < 2)
    @rule(part=PARTS, paid=ORDERS, pick=PICK, wait=HOURS, late=LATE)
    def spend(self, *, part: Fraction, paid: str, pick: int, wait: int, late: int) -> None:
        amount = max(self.terms.step, self.points(self.oracle.sums["points"]["active"] * part))
        order = self.order_paid(paid, pick)
        fields: Fields = {"unit": "points", "amount": text(amount)}
        if order:
            fields["order"] = order
        self.happens(
            "points.spent", lambda name: self.oracle.spend(name, order, amount), fields, wait=wait, late=late
        )

    @precondition(lambda self: self.oracle.is_member)
    @rule(part=PARTS, paid=ORDERS, pick=PICK, lasts=st.sampled_from([1, 6, 24, 72, 24 * 40]), late=LATE)
    def hold(self, *, part: Fraction, paid: str, pick: int, lasts: int, late: int) -> None:
        """A part of what there is, for hours or weeks; at times it is over before it comes."""
        amount = max(self.terms.step, self.points(self.oracle.sums["points"]["active"] * part))
        order, until = self.order_paid(paid, pick), self.wall - timedelta(hours=late - lasts)
        fields: Fields = {"unit": "points", "amount": text(amount), "until": until.isoformat()}
        if order:
            fields["order"] = order
        self.happens(
            "points.held", lambda name: self.oracle.hold(name, order, amount, until), fields, late=late
        )

    @precondition(lambda self: self.oracle.is_member)
    @rule(
        pick=PICK, part=PARTS, whole=st.booleans(), does=st.sampled_from(["captured", "released"]), wait=HOURS
    )
    def end_hold(self, *, pick: int, part: Fraction, whole: bool, does: str, wait: int) -> None:
        """A hold is captured or released, whole or in part; at times there is none."""
        known = self.oracle.holds
        one = known[pick % len(known)] if known else None
        name, left = (one.event, one.left) if one else ("x", NOTHING)
        amount = None if whole else max(self.terms.step, self.points(left * part))
        fields: Fields = {"hold": name, **({} if amount is None else {"amount": text(amount)})}

        def act(event: str) -> None:
            if does == "captured":
                self.oracle.capture(event, name, amount)
            else:
                self.oracle.release(name, amount)

        self.happens(f"points.{does}", act, fields, wait=wait)

    @precondition(lambda self: self.oracle.is_member)
    @rule(pick=PICK, how=st.sampled_from(["spend", "order", "none"]), part=PARTS, wait=HOURS)
    def restore(self, *, pick: int, how: str, part: Fraction, wait: int) -> None:
        """Give back a spending that is named, all of an order, or simply the latest."""
        known = self.oracle.spendings
        one = known[pick % len(known)] if known else None
        amount = max(self.terms.step, self.points(one.left * part if one else NOTHING))
        event, order = (one.event if one else "x") if how == "spend" else "", ""
        if how == "order":
            order = one.order if one else "x"
        fields: Fields = {"unit": "points", "amount": text(amount)}
        fields |= {name: value for name, value in (("spend", event), ("order", order)) if value}
        self.happens(
            "points.restored", lambda _: self.oracle.restore(event, order, amount), fields, wait=wait
        )

    @precondition(lambda self: self.oracle.is_member)
    @rule(amount=st.sampled_from([-500, -20, -1, 1, 20, 100]), wait=HOURS, late=LATE)
    def adjust(self, *, amount: int, wait: int, late: int) -> None:
        fields: Fields = {"unit": "points", "amount": str(amount), "reason": "r", "actor": "a"}
        self.happens(
            "points.adjusted", lambda _: self.oracle.adjust(Fraction(amount)), fields, wait=wait, late=late
        )

    @rule(days=st.sampled_from([1, 3, 10, 40]))
    def wait(self, *, days: int) -> None:
        """Nothing happens for some days; what is due is done by the clock."""
        type(self).steps += 1
        self.wall += timedelta(days=days)
        if self.is_history:
            return
        self.count(pass_until(self.timeline, self.state, self.wall))
        if self.oracle.is_member:
            self.oracle.passes(self.wall)

    @invariant()
    def balances_agree(self) -> None:
        for unit, sums in self.oracle.sums.items():
            wallet = self.state.ledger.wallets.get(unit, Wallet())
            assert {name: Fraction(getattr(wallet, name)) for name in FIGURES} == sums, unit
            total = totals_of([self.state.ledger]).get(unit, wallet)
            assert [getattr(total, name) for name in FIGURES] == [getattr(wallet, name) for name in FIGURES]

    @invariant()
    def lots_agree(self) -> None:
        for unit in UNITS:
            lots = [
                (Fraction(lot.left), lot.available_at, lot.expires_at or NEVER)
                for lot in self.state.ledger.open_lots(unit)
            ]
            assert lots == [(lot.left, lot.available, lot.expires) for lot in self.oracle.open_lots(unit)]

    @invariant()
    def tiers_agree(self) -> None:
        standing = self.state.standings.get("club")
        assert (standing.tier if standing else "low") == TIERS[self.oracle.tiers[-1][1]]

    @invariant()
    def books_are_whole(self) -> None:
        """Debits equal credits; each balance is the sum of its postings and of its open lots (L18)."""
        for unit in UNITS:
            wallet = self.state.ledger.wallets.get(unit, Wallet())
            assert sum(self.posted[unit, account] for account in Account) == 0
            assert {account: self.posted[unit, account] for account in Account} == {
                Account.ISSUED: wallet.written_off - wallet.issued,
                Account.ACTIVE: wallet.active,
                Account.PENDING: wallet.pending,
                Account.HELD: wallet.held,
                Account.DEBT: -wallet.debt,
                Account.SPENT: wallet.spent,
                Account.EXPIRED: wallet.expired,
                Account.CLAWED_BACK: wallet.clawed_back,
                Account.WRITTEN_OFF: -wallet.written_off,
                Account.IN_TRANSIT: wallet.in_transit,
            }
            lots = self.state.ledger.open_lots(unit)
            assert wallet.active == sum(lot.left for lot in lots if not lot.is_pending)
            assert wallet.pending == sum(lot.left for lot in lots if lot.is_pending)
            assert wallet.held == sum(one.left for one in self.state.holds.values() if one.unit == unit)
        assert all(0 <= lot.left <= lot.amount for lot in self.state.ledger.lots.values())

    def teardown(self) -> None:
        """The same events in one go, each delivered twice, give the same history; another body is refused."""
        if self.raw:
            changed = {**self.raw[0], "occurred_at": "2020-01-01T00:00:00Z"}
            twice = [event for event in self.events for _ in range(2)]
            run = simulate(
                self.program, [*twice, parse_event(changed, self.program.catalogue)], until=self.wall
            )
            pass_until(self.timeline, self.state, self.wall)
            assert [one.code for one in run.refused] == [*self.refused, "identity_conflict"]
            assert run.digest == digest_of_chains([(self.state.id, self.state.ledger.chain)])

    def points(self, amount: Fraction) -> Fraction:
        return amount // self.terms.step * self.terms.step

    def order_paid(self, which: str, pick: int) -> str:
        """The number of an order: one that came, one that may come, or of another shop."""
        if which == "known" and self.oracle.purchases:
            return self.purchase(pick).number
        return f"o{self.placed + pick % 3:04}" if which == "ahead" else which

    def purchase(self, pick: int) -> Purchase:
        known = list(self.oracle.purchases.values())
        return known[pick % len(known)]
