"""Plays random years of a member against the engine and the oracle of tiers, and compares after each step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bondfire.engine import MemberState, advance, digest_of_chains, pass_until
from bondfire.events import Event, parse_event
from bondfire.kit import member_id_of
from bondfire.programs import Program, load_program, timeline_of
from bondfire.simulation import simulate
from engine.oracle import MICRO, NOTHING, day_of, days_after, down
from engine.oracle_tiers import Ladder, Rules
from engine.play import BEGIN, Fields, text

HEAD = """\
program: judged
brand: b
timezone: Europe/Berlin
currency: EUR
units: {points: {}, status: {qualifying: true}}
events: {run.finished: {cost: effort, fields: {km: {kind: decimal, required: true}}}}
earn: {steps: {on: order.placed, award: {status: floor(event.total)}}}
returns: {window: 30 days}
tier_sets:
"""
RETURN_DAYS = 30
NAMES = ("low", "mid", "top")
TOTALS = st.sampled_from([Fraction(cents, 100) for cents in (100, 2599, 10000, 33333, 50000)])
HOURS = st.sampled_from([0, 1, 12, 24, 72, 400, 1500])
LATE = st.sampled_from([0, 0, 0, 30, 300])
PICK = st.integers(0, 99)


def written(name: str, rules: Rules) -> str:
    """A ladder as the document says it."""
    keys = {"by": rules.by, "window": rules.window, "on": rules.on}
    keys |= {"unit": "status"} if rules.by == "unit" else {}
    keys |= (
        {"value": "event.total * 2" if rules.on == "order.placed" else "event.km"}
        if rules.by == "value"
        else {}
    )
    keys |= {"grace": f"{rules.grace} days"} if rules.grace else {}
    keys |= {"length": f"{rules.length} days"} if rules.length else {}
    keys |= {"upgrade": "period_end"} if rules.waits else {}
    keys |= {"fall": "one_step"} if rules.one_step else {}
    tiers = ", ".join(
        f"{tier}: {{from: {least}}}" for tier, least in zip(NAMES, rules.thresholds, strict=True)
    )
    told = ", ".join(f"{key}: {value}" for key, value in keys.items() if value)
    return f"  {name}: {{{told}, tiers: {{{tiers}}}}}\n"


@dataclass
class Bought:
    """An order, what each ladder counted of it, and how much of that and of its money came back."""

    number: str
    at: datetime
    total: Fraction
    counted: dict[str, Fraction]
    taken: dict[str, Fraction]
    back: Fraction = NOTHING


class TierPlay(RuleBasedStateMachine):
    """One member on several ladders; subclasses say which."""

    ladders: ClassVar[dict[str, Rules]]
    program: ClassVar[Program]
    steps: ClassVar[int]
    moves: ClassVar[int]

    def __init_subclass__(cls) -> None:
        cls.program = load_program(HEAD + "".join(written(*one) for one in cls.ladders.items()))
        cls.steps = cls.moves = 0

    def __init__(self) -> None:
        super().__init__()
        self.timeline = timeline_of(self.program)
        self.state = MemberState(member_id_of("b", "m"))
        self.wall = BEGIN
        self.events: list[Event] = []
        self.bought: list[Bought] = []
        self.oracle: dict[str, Ladder] = {}

    @initialize(hours=st.sampled_from([0, 12, 58 * 24 + 9, 400 * 24]))
    def joins(self, *, hours: int) -> None:
        """At midnight, at noon, on 28 February, in the year after."""
        self.wall += timedelta(hours=hours)
        joined = day_of(self.wall)
        self.oracle = {name: Ladder(rules, joined, joined) for name, rules in self.ladders.items()}
        self.happens("member.joined", {}, lambda _: None)

    def happens(self, kind: str, fields: Fields, act: Callable[[datetime], None], **hours: int) -> None:
        type(self).steps += 1
        self.wall += timedelta(hours=hours.get("wait", 0))
        at = max(self.wall - timedelta(hours=hours.get("late", 0)), self.state.joined_at or self.wall)
        raw = {
            "id": f"e{len(self.events):05}",
            "type": kind,
            "member": "m",
            "occurred_at": at.isoformat(),
            **fields,
        }
        event = parse_event(raw, self.program.catalogue, recorded_at=self.wall)
        self.events.append(event)
        for ladder in self.oracle.values():
            ladder.passes(day_of(self.wall))
        act(at)
        decision = advance(self.timeline, self.state, event)
        assert decision.outcome == "accepted", decision.message
        type(self).moves += len(decision.tier_changes)

    @rule(total=TOTALS, paid=st.sampled_from([0, 0, 30]), wait=HOURS, late=LATE)
    def buys(self, *, total: Fraction, paid: int, wait: int, late: int) -> None:
        number, by_points = f"o{len(self.bought):04}", Fraction(int(total * paid), 100)
        net = total - by_points

        def act(at: datetime) -> None:
            one = Bought(number, at, total, {}, {})
            for name, ladder in self.oracle.items():
                amount = {"unit": Fraction(int(net)), "spend": net, "visits": Fraction(1), "value": net * 2}
                if ladder.rules.on in {"", "order.placed"}:
                    one.counted[name], one.taken[name] = amount[ladder.rules.by], NOTHING
                    self.counts(ladder, at, amount[ladder.rules.by], may_lower=False)
            self.bought.append(one)

        fields: Fields = {"order": number, "currency": "EUR", "total": text(total)}
        if paid:
            fields["paid_with_points"] = text(by_points)
        self.happens("order.placed", fields, act, wait=wait, late=late)

    def counts(self, ladder: Ladder, at: datetime, amount: Fraction, *, may_lower: bool) -> None:
        if ladder.rules.by == "visits":
            ladder.visited(day_of(at), 1 if amount > 0 else -1, self.wall, may_lower=may_lower)
        elif amount or ladder.rules.by != "unit":
            ladder.counts(day_of(at), amount, self.wall, may_lower=may_lower)

    @precondition(lambda self: any(one.back < one.total for one in self.bought))
    @rule(pick=PICK, part=st.sampled_from([(1, 1), (1, 1), (1, 3)]), wait=HOURS)
    def brings_back(self, *, pick: int, part: tuple[int, int], wait: int) -> None:
        left = [one for one in self.bought if one.back < one.total]
        one = left[-1 - pick % len(left)]
        amount = max(Fraction(1, 100), down((one.total - one.back) * Fraction(*part), Fraction(1, 100)))

        def act(at: datetime) -> None:
            one.back += amount
            in_time = at < days_after(one.at, RETURN_DAYS)
            for name, counted in one.counted.items():
                rules = self.ladders[name]
                step = MICRO if rules.by in {"spend", "value"} else Fraction(1)
                due = down(counted * one.back / one.total, step)
                if due > one.taken[name]:
                    taken, one.taken[name] = due - one.taken[name], due
                    self.counts(self.oracle[name], one.at, -taken, may_lower=in_time)

        self.happens("order.returned", {"order": one.number, "total": text(amount)}, act, wait=wait)

    @rule(km=st.sampled_from([1, 10, 42]), wait=HOURS, late=LATE)
    def runs(self, *, km: int, wait: int, late: int) -> None:
        def act(at: datetime) -> None:
            for ladder in self.oracle.values():
                if ladder.rules.on == "run.finished":
                    self.counts(ladder, at, Fraction(km), may_lower=False)

        self.happens("run.finished", {"km": str(km)}, act, wait=wait, late=late)

    @rule(pick=PICK, rank=st.integers(1, 2), days=st.sampled_from([1, 40, 400]), wait=HOURS)
    def is_granted(self, *, pick: int, rank: int, days: int, wait: int) -> None:
        name = sorted(self.ladders)[pick % len(self.ladders)]
        until = self.wall + timedelta(hours=wait, days=days)
        fields: Fields = {"tier_set": name, "tier": NAMES[rank], "until": until.isoformat()}
        self.happens(
            "tier.granted",
            fields | {"reason": "r", "actor": "a"},
            lambda _: self.oracle[name].grants.update({rank: until}),
            wait=wait,
        )

    @precondition(lambda self: self.granted())
    @rule(pick=PICK)
    def is_withdrawn(self, *, pick: int) -> None:
        known = self.granted()
        name, rank = known[pick % len(known)]
        fields: Fields = {"tier_set": name, "tier": NAMES[rank], "reason": "r", "actor": "a"}
        self.happens("tier.withdrawn", fields, lambda _: self.oracle[name].withdrawn(rank))

    def granted(self) -> list[tuple[str, int]]:
        return [
            (name, rank)
            for name, ladder in self.oracle.items()
            for rank, until in ladder.grants.items()
            if self.wall < until
        ]

    @rule(days=st.sampled_from([1, 9, 35, 200]))
    def waits(self, *, days: int) -> None:
        """Nothing happens for some days; what is due is done by the clock."""
        type(self).steps += 1
        self.wall += timedelta(days=days)
        decision = pass_until(self.timeline, self.state, self.wall)
        type(self).moves += len(decision.tier_changes) if decision else 0
        for ladder in self.oracle.values():
            ladder.passes(day_of(self.wall))

    @invariant()
    def tiers_agree(self) -> None:
        seen = {name: one.tier for name, one in self.state.standings.items()}
        assert seen == {name: NAMES[ladder.seen(self.wall)] for name, ladder in self.oracle.items()}, (
            self.told
        )
        falls = {
            name: day_of(one.falls_at) if one.falls_at else None for name, one in self.state.standings.items()
        }
        assert falls == {name: ladder.falls_on for name, ladder in self.oracle.items()}, self.told

    @property
    def told(self) -> str:
        """Both, for whoever looks for the difference."""
        return f"{self.wall}: {self.oracle} {self.state.standings}"

    def teardown(self) -> None:
        """The same events in one go, with the clock striking at the end alone, give the same history."""
        if self.events:
            pass_until(self.timeline, self.state, self.wall)
            run = simulate(self.program, self.events, until=self.wall)
            assert run.digest == digest_of_chains([(self.state.id, self.state.ledger.chain)])
