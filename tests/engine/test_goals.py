"""Challenges against their oracle, event by event; and what a purchase that comes back leaves behind."""

import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bondfire.engine import MemberState, advance, digest_of_chains, pass_until, prospects
from bondfire.events import Event, parse_event
from bondfire.kit import member_id_of
from bondfire.programs import load_program, timeline_of
from bondfire.simulation import simulate
from engine.oracle_goals import OF_ORDERS, OF_REVIEWS, STEPS, Bought, Goals

PROGRAM = load_program(
    """\
program: judged
brand: b
timezone: Europe/Berlin
currency: EUR
units: {points: {}}
challenges:
  worlds: {on: order.placed, count_distinct: event.categories, target: 3, within: 9 days, repeat: true, award: {points: 1}}
  first: {on: order.placed, count_distinct: event.categories, target: 4, steps: [{at: 2, award: {points: 1}}], award: {points: 1}, badge: first}
  spree: {on: order.placed, sum: event.total, target: 200, repeat: true, award: {points: 1}}
  week: {on: order.placed, sum: event.total, target: 150, within: 1 week, repeat: true, award: {points: 1}}
  faithful: {on: order.placed, streak: day, jokers: 1, target: 4, steps: [{at: 2, award: {points: 1}}], repeat: true, award: {points: 1}}
  talk: {sequence: [{on: order.placed}, {on: review.submitted}], within: 5 days, repeat: 1000, award: {points: 1}}
  large: {on: order.placed, when: event.total >= 50, target: 2, award: {points: 1}, badge: large}
  critic: {on: review.submitted, target: 2, repeat: 1000, award: {points: 1}}
"""  # noqa: E501 - a row each
)
BEGIN = datetime(2026, 3, 20, 23, tzinfo=UTC)
"""A week before the clocks change, at midnight in Berlin."""
HOURS = st.sampled_from([0, 1, 12, 24, 24, 30, 49, 100])
LATE = st.sampled_from([0, 0, 0, 0, 24, 60, 200])
EUROS = st.sampled_from([5, 10, 30, 50, 80, 160])
LINES = st.lists(st.tuples(EUROS, st.sampled_from("abcde")), min_size=1, max_size=3)
PICK = st.integers(0, 99)
EXACT = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    max_examples=120,
)


def at_of(at: datetime) -> dict[str, object]:
    return {"member": "m", "occurred_at": at.isoformat()}


class Play(RuleBasedStateMachine):
    """One member who buys, brings back, reviews and takes reviews down."""

    def __init__(self) -> None:
        super().__init__()
        self.timeline = timeline_of(PROGRAM)
        self.state = MemberState(member_id_of("b", "m"))
        self.oracle = Goals()
        self.wall = BEGIN
        self.events: list[Event] = []
        self.ever: set[str] = set()

    def send(self, kind: str, at: datetime, **fields: object) -> str:
        name = f"e{len(self.events):05}"
        raw = {"id": name, "type": kind, **at_of(at), **fields}
        event = parse_event(raw, PROGRAM.catalogue, recorded_at=self.wall)
        self.events.append(event)
        decision = advance(self.timeline, self.state, event)
        assert decision.outcome == "accepted", decision.message
        return name

    def later(self, wait: int, late: int) -> datetime:
        self.wall += timedelta(hours=wait)
        return self.wall - timedelta(hours=late)

    @rule(lines=LINES, wait=HOURS, late=LATE)
    def buy(self, lines: list[tuple[int, str]], wait: int, late: int) -> None:
        at = self.later(wait, late)
        sent = [
            {"sku": f"s{place}", "amount": str(euros), "categories": [word]}
            for place, (euros, word) in enumerate(lines)
        ]
        total = str(sum(euros for euros, _ in lines))
        name = self.send("order.placed", at, currency="EUR", total=total, lines=sent)
        self.oracle.orders[name] = Bought(at, [(Fraction(euros), word) for euros, word in lines])
        self.oracle.more(OF_ORDERS)

    @rule(pick=PICK, places=st.sets(st.integers(0, 2)), wait=HOURS)
    def bring_back(self, pick: int, places: set[int], wait: int) -> None:
        """Some lines of an order, or all of it."""
        known = [name for name, one in self.oracle.orders.items() if one.left]
        if not known:
            return
        name, before = known[pick % len(known)], self.oracle.all_reached()
        one = self.oracle.orders[name]
        chosen = {place for place in range(len(one.lines)) if place not in one.back}
        chosen = chosen & places or chosen
        back = [{"sku": f"s{place}", "amount": str(one.lines[place][0])} for place in sorted(chosen)]
        self.send("order.returned", self.later(wait, 0), order=name, lines=back)
        one.back |= chosen
        self.oracle.less(before)

    @rule(wait=HOURS, late=LATE)
    def review(self, wait: int, late: int) -> None:
        at = self.later(wait, late)
        self.oracle.reviews[self.send("review.submitted", at, rating=5)] = at
        self.oracle.more(OF_REVIEWS)

    @rule(pick=PICK, wait=HOURS)
    def take_down(self, pick: int, wait: int) -> None:
        known = list(self.oracle.reviews)
        if known:
            before = self.oracle.all_reached()
            name = known[pick % len(known)]
            self.send("review.removed", self.later(wait, 0), review=name)
            del self.oracle.reviews[name]
            self.oracle.less(before)

    @rule(days=st.sampled_from([1, 2, 5, 20]))
    def wait(self, days: int) -> None:
        self.wall += timedelta(days=days)
        pass_until(self.timeline, self.state, self.wall)

    @invariant()
    def progress_and_rewards_agree(self) -> None:
        found = prospects(PROGRAM, self.state, now=self.wall)
        for name in STEPS:
            assert Fraction(found[name].reached) == self.oracle.level(name, self.wall), name
            progress = self.state.challenges.get(name)
            assert (progress.given if progress else 0) == self.oracle.given[name], name
        wallet = self.state.ledger.wallet("points")
        assert wallet.issued - wallet.clawed_back == sum(self.oracle.given.values())
        assert wallet.active == sum(self.oracle.given.values())

    @invariant()
    def badges_stay(self) -> None:
        self.ever |= {name for name in ("first", "large") if self.oracle.given[name] == len(STEPS[name])}
        assert set(self.state.badges) == self.ever

    def teardown(self) -> None:
        """In one go, each event delivered twice, it is the same history."""
        if self.events:
            run = simulate(PROGRAM, [one for one in self.events for _ in range(2)], until=self.wall)
            pass_until(self.timeline, self.state, self.wall)
            assert run.digest == digest_of_chains([(self.state.id, self.state.ledger.chain)])
            assert run.states["m"].challenges == self.state.challenges


def test_challenges_are_as_the_oracle_says() -> None:
    run_state_machine_as_test(Play, settings=settings(EXACT, max_examples=60, stateful_step_count=50))


Bit = tuple[str, int, int, list[tuple[int, str]]]
BITS = st.lists(st.tuples(st.sampled_from(["buy", "buy", "review"]), HOURS, LATE, LINES), max_size=25)


@EXACT
@given(BITS, st.integers(0, 25), LINES, st.booleans())
def test_r15_a_purchase_that_comes_back_whole_leaves_no_progress_behind(
    life: list[Bit],
    place: int,
    lines: list[tuple[int, str]],
    in_parts: bool,  # noqa: FBT001 - drawn
) -> None:
    """Whatever happened in between, every challenge stands where it would without the purchase (R15)."""
    place = min(place, len(life))
    wait = sum(hours for _, hours, _, _ in life[:place])
    whole: Bit = ("buy", wait, 0, lines)

    without, with_it = lived(life, None), lived(life, (place, whole), in_parts=in_parts)

    assert marks_of(with_it) == marks_of(without)
    assert with_it.ledger.wallet("points").active == without.ledger.wallet("points").active


def lived(life: list[Bit], extra: tuple[int, Bit] | None, *, in_parts: bool = False) -> MemberState:
    timeline, state, wall = timeline_of(PROGRAM), MemberState(member_id_of("b", "m")), BEGIN
    advance(timeline, state, sent("join", "member.joined", BEGIN, BEGIN))
    for number, (kind, hours, late, lines) in enumerate([*life, ("end", 48, 0, [])]):
        if extra and extra[0] == number:
            advance(timeline, state, sent("extra", "order.placed", wall, wall, **basket(extra[1][3])))
        wall += timedelta(hours=hours)
        at = max(BEGIN, wall - timedelta(hours=late))
        if kind == "buy":
            advance(timeline, state, sent(f"o{number}", "order.placed", at, wall, **basket(lines)))
        elif kind == "review":
            advance(timeline, state, sent(f"r{number}", "review.submitted", at, wall, rating=4))
    if extra:
        if in_parts:
            first = [{"sku": "s0", "amount": str(extra[1][3][0][0])}]
            advance(timeline, state, sent("part", "order.returned", wall, wall, order="extra", lines=first))
        advance(timeline, state, sent("rest", "order.cancelled", wall, wall, order="extra"))
    pass_until(timeline, state, wall)
    return state


def basket(lines: list[tuple[int, str]]) -> dict[str, object]:
    sent = [
        {"sku": f"s{place}", "amount": str(euros), "categories": [word]}
        for place, (euros, word) in enumerate(lines)
    ]
    return {"currency": "EUR", "total": str(sum(euros for euros, _ in lines)), "lines": sent}


def sent(name: str, kind: str, at: datetime, wall: datetime, **fields: object) -> Event:
    return parse_event({"id": name, "type": kind, **at_of(at), **fields}, PROGRAM.catalogue, recorded_at=wall)


def marks_of(state: MemberState) -> dict[str, object]:
    """What is remembered of each challenge, without the lots that its rewards made."""
    return {
        name: (one.marks, one.given, one.runs, one.due_at)
        for name, one in copy.copy(state.challenges).items()
    }


def test_what_is_remembered_of_a_challenge_is_bounded() -> None:
    """However long a member takes part, and whatever comes back (L20)."""
    timeline, state = timeline_of(PROGRAM), MemberState(member_id_of("b", "m"))
    for number in range(600):
        at = BEGIN + timedelta(minutes=number)
        one = basket([(1, f"k{number % 150}")])
        advance(timeline, state, sent(f"o{number}", "order.placed", at, at, **one))

    assert {name: len(one.marks) <= 100 for name, one in state.challenges.items()} == dict.fromkeys(
        ("worlds", "first", "spree", "week", "faithful", "talk"), True
    )
    assert all(len(one.rewards) <= 16 for one in state.challenges.values())
    assert prospects(PROGRAM, state, now=state.now)["week"].times == 4
    assert state.ledger.wallet("points").active == Decimal(200 + 2 + 3 + 4)
