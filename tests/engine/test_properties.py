"""What holds for every history: decide is pure, a returned purchase leaves nothing behind, growth is free."""

import copy
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acceptance.makers import MEMBER, Raw, parsed, program, told
from bondfire.engine import MemberState, advance, decide, next_due_at, pass_until
from bondfire.kit import member_id_of
from bondfire.ledger import reopen
from bondfire.programs import Program, timeline_of

BEGIN = datetime(2026, 1, 1, 9, tzinfo=UTC)
EXACT = settings(derandomize=True, database=None, deadline=None)
CLUB = """\
units:
  points: {pending: 30 days, expires: {after: 90 days, round: end_of_day}}
  status: {qualifying: true}
tier_sets:
  club: {unit: status, window: calendar_year, tiers: {low: {from: 0}, mid: {from: 300}, top: {from: 900}}}
earn:
  base: {on: order.placed, award: {points: floor(event.total)}, cap: {points: 300, per: day}}
  new: {on: order.placed, lines: "'new' in line.categories", award: {points: line.amount * 0.5}}
  steps: {on: order.placed, award: {status: floor(event.total)}}
"""


def at(hours: int) -> str:
    return (BEGIN + timedelta(hours=hours)).isoformat()


def event_of(kind: str, name: str, hours: int, **fields: object) -> Raw:
    return {"id": name, "type": kind, "member": MEMBER, "occurred_at": at(hours), **fields}


def placed(number: int, hours: int, euros: int, new: int = 0) -> Raw:
    lines = [
        {"sku": "A", "amount": f"{euros}.10", "categories": []},
        {"sku": "B", "amount": f"{new}.33", "categories": ["new"]},
    ]
    fields = {"order": f"o{number}", "currency": "EUR", "total": f"{euros + new}.43", "lines": lines}
    return event_of("order.placed", f"ord-{number}", hours, **fields)


KINDS = ("order", "order", "spend", "up", "down", "restore", "return", "lost")


@st.composite
def lives(draw: st.DrawFn, longest: int = 25, kinds: tuple[str, ...] = KINDS) -> list[Raw]:
    """Events of one member in any mixture."""
    events: list[Raw] = []
    hours = 0
    for number in range(draw(st.integers(1, longest))):
        hours += draw(st.sampled_from([0, 1, 24, 24, 200]))
        when = max(0, hours - draw(st.sampled_from([0, 0, 0, 30])))
        kind = draw(st.sampled_from(kinds))
        amount = draw(st.integers(1, 400))
        events.append(_one(kind, number, when, amount))
    return events


def _one(kind: str, number: int, when: int, amount: int) -> Raw:
    points = {"unit": "points", "amount": str(amount)}
    if kind == "order":
        return placed(number, when, amount, new=amount // 7)
    if kind == "return":
        return event_of("order.returned", f"r{number}", when, order=f"o{number // 2}", total=f"{amount}.00")
    if kind == "lost":
        back = [{"sku": "A", "amount": f"{amount}.10"}]
        return event_of("order.returned", f"r{number}", when, lines=back)
    if kind in {"up", "down"}:
        sign = "" if kind == "up" else "-"
        why = {"unit": "points", "amount": f"{sign}{amount}", "reason": "r", "actor": "a"}
        return event_of("points.adjusted", f"a{number}", when, **why)
    return event_of("points.spent" if kind == "spend" else "points.restored", f"s{number}", when, **points)


def newcomer() -> MemberState:
    return MemberState(member_id_of("b", MEMBER))


@settings(EXACT, max_examples=60)
@given(lives())
def test_decide_leaves_the_given_state_alone_and_answers_as_advance_does(life: list[Raw]) -> None:
    timeline = timeline_of(program(CLUB))
    state = newcomer()
    for raw in life:
        event = parsed(raw)
        before, body = copy.deepcopy(state), copy.deepcopy(event.body)

        decision, after = decide(timeline, state, event)

        assert state == before
        assert event.body == body
        assert decide(timeline, state, event) == (decision, after)
        assert advance(timeline, state, event) == decision
        assert state == after


@settings(EXACT, max_examples=60)
@given(lives(), lives(5))
def test_books_opened_again_from_their_lots_go_on_in_the_same_way(life: list[Raw], later: list[Raw]) -> None:
    timeline = timeline_of(program(CLUB))
    kept = newcomer()
    for raw in life:
        advance(timeline, kept, parsed(raw))
    loaded = copy.deepcopy(kept)
    loaded.ledger.lots = dict(reversed(loaded.ledger.lots.items()))
    reopen(loaded.ledger)

    for number, raw in enumerate(later):
        again = {**raw, "id": f"later-{number}", "order": f"later-{raw.get('order', '')}"}
        known = again if "order" in raw else {k: v for k, v in again.items() if k != "order"}
        assert advance(timeline, kept, parsed(known)) == advance(timeline, loaded, parsed(known))

    pass_until(timeline, kept, BEGIN + timedelta(days=900))
    pass_until(timeline, loaded, BEGIN + timedelta(days=900))
    assert kept.ledger.chain == loaded.ledger.chain
    assert kept.ledger.lots == loaded.ledger.lots


@settings(EXACT, max_examples=60)
@given(lives(), st.integers(1, 10))
def test_the_clock_may_strike_as_often_as_it_likes(life: list[Raw], steps: int) -> None:
    timeline = timeline_of(program(CLUB))
    lazy, eager = newcomer(), newcomer()
    for raw in life:
        event = parsed({**raw, "recorded_at": at(3000)} if raw is life[-1] else raw)
        while (due := next_due_at(eager)) is not None and due <= max(eager.now, event.recorded_at):
            pass_until(timeline, eager, due)
        advance(timeline, eager, event)
        advance(timeline, lazy, event)

    for step in range(1, steps + 1):
        pass_until(timeline, eager, BEGIN + timedelta(days=130 + 400 * step // steps))
    pass_until(timeline, lazy, BEGIN + timedelta(days=530))

    assert eager.ledger.chain == lazy.ledger.chain


WAITING = CLUB.replace("cap: {points: 300, per: day}", "cap: {points: 300, per: event}")


@settings(EXACT, max_examples=100)
@given(
    st.sampled_from(["allow_negative", "clamp", "pending_only"]),
    lives(kinds=KINDS[:-1]),
    st.integers(0, 25),
    st.lists(st.sampled_from(["A", "B", "half"]), max_size=2, unique=True),
)
def test_a_purchase_that_comes_back_whole_leaves_nothing_behind(
    policy: str, life: list[Raw], place: int, parts: list[str]
) -> None:
    """While its points wait, nothing between can touch them; then the history without it is the same."""
    rules = program(WAITING + f"returns: {{clawback: {policy}}}\n")
    days = [{**raw, "occurred_at": at(24 * number)} for number, raw in enumerate(life, start=1)]
    without = [event_of("member.joined", "join", 0), *days]
    place = min(place, len(days)) + 1
    hours = 24 * (place - 1)
    bought = placed(9000, hours, 250, new=50)
    back = [event_of("order.returned", f"part-{part}", hours, order="o9000", **_part(part)) for part in parts]
    whole = event_of("order.cancelled", "rest", 24 * len(without), order="o9000")

    with_it = told(rules, *without[:place], bought, *back, *without[place:], whole)
    reference = told(rules, *without).until(at(24 * len(without)))

    assert books_of(with_it.state) == books_of(reference.state)
    assert tiers_of(with_it.state) == tiers_of(reference.state)


def _part(part: str) -> dict[str, object]:
    if part == "half":
        return {"total": "33.33"}
    return {"lines": [{"sku": part, "amount": "12.34"}]}


def books_of(state: MemberState) -> dict[str, object]:
    """Balances net of what was given and taken back, and open lots without their numbers."""
    wallets = state.ledger.wallets
    return {
        unit: (
            wallet.active,
            wallet.pending,
            wallet.debt,
            wallet.spent,
            wallet.expired,
            wallet.issued - wallet.clawed_back,
            wallet.written_off,
            [(lot.left, lot.available_at, lot.expires_at) for lot in state.ledger.open_lots(unit)],
        )
        for unit, wallet in wallets.items()
        if wallet.issued != wallet.clawed_back
    }


def tiers_of(state: MemberState) -> dict[str, object]:
    return {name: (one.tier, one.falls_at) for name, one in state.standings.items()}


def opcodes(program_: Program, state: MemberState, raw: Raw) -> int:
    """How many byte codes Python runs to decide an event: a measure that no other process disturbs."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    timeline, event = timeline_of(program_), parsed(raw)
    known = sys.gettrace()
    sys.settrace(trace)
    try:
        decision = advance(timeline, state, event)
    finally:
        sys.settrace(known)
    assert decision.outcome == "accepted", decision.message
    return count


HOURLY = """\
units: {points: {expires: {after: 1 year}}}
earn:
  base: {on: order.placed, award: {points: floor(event.total)}, cap: {points: 10000, per: rolling_24h}}
"""


def an_hour_of(number: int) -> list[Raw]:
    """What happens every three hours of a busy life."""
    when, points = number * 3, {"unit": "points"}
    return [
        placed(number, when, 40),
        event_of("points.spent", f"s{number}", when, amount="7", **points),
        event_of("points.restored", f"u{number}", when, amount="3", spend=f"s{number}", **points),
        event_of("order.returned", f"r{number}", when, order=f"o{number}", total="2.00"),
        event_of("points.adjusted", f"a{number}", when, amount="-1", reason="r", actor="a", **points),
    ]


@pytest.mark.parametrize("kind", range(5), ids=["order", "spend", "restore", "return", "adjust"])
def test_l20_the_thousandth_event_of_a_member_costs_what_the_hundredth_did(kind: int) -> None:
    rules = program(HOURLY)
    costs = []
    for past in (100, 2000):
        state = newcomer()
        timeline = timeline_of(rules)
        for number in range(past):
            for raw in an_hour_of(number):
                advance(timeline, state, parsed(raw))
        for raw in an_hour_of(past)[:kind]:
            advance(timeline, state, parsed(raw))
        costs.append(opcodes(rules, state, an_hour_of(past)[kind]))

    assert costs[1] <= costs[0] * Decimal("1.3"), costs
