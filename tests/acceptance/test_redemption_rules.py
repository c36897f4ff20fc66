"""Redemption rules at the till and for rewards: how much, of which order, for whom, how often (U15)."""

import pytest

from acceptance.makers import (
    Raw,
    Told,
    balances,
    happened,
    joined,
    order,
    program,
    spent,
    state_of,
    story,
    told,
)
from bondfire.programs import Program

AT_THE_TILL = """\
units:
  points:
    spending:
      {least: 100, most: 500, multiple: 50, share: 0.5, worth: 0.01, tier: gold, limit: {times: 2, per: day}}
tier_sets:
  club: {unit: points, window: lifetime, tiers: {basic: {from: 0}, gold: {from: 1000}}}
earn:
  base: {on: order.placed, award: {points: floor(event.total)}}
"""
REWARDS = """\
units:
  points: {}
  stars: {}
  status: {qualifying: true}
tier_sets:
  club: {unit: status, window: lifetime, tiers: {basic: {from: 0}, gold: {from: 1000}}}
earn:
  base: {on: order.placed, award: {points: floor(event.total), stars: 3, status: floor(event.total)}}
rewards:
  coffee: {price: {points: 150}}
  mug: {price: {points: 100, stars: 1, money: "4.99"}, limit: {times: 2, per: month}}
  once: {price: {points: 10}, limit: {times: 1}}
  for_gold: {price: {points: 10}, tier: gold}
  for_ada: {price: {points: 10}, when: "member.attributes.name == 'ada'"}
  xmas: {price: {points: 10}, starts: 2026-12-01, ends: 2026-12-24}
  last_one: {price: {points: 10}, stock: 1}
member: {attributes: {name: string}}
"""
PAID = {"order_total": "10.00"}


@pytest.fixture(scope="module")
def till() -> Program:
    return program(AT_THE_TILL)


@pytest.fixture(scope="module")
def rewards() -> Program:
    return program(REWARDS)


def redeemed(event: str, at: str, reward: str, **fields: object) -> Raw:
    return happened("reward.redeemed", event, at, reward=reward, **fields)


def refused(of: Told) -> tuple[str, str]:
    assert of.last.outcome == "refused"
    assert of.last.entries == []
    return of.last.code, of.last.next_step


@pytest.mark.parametrize(
    ("amount", "fields", "code", "next_step"),
    [
        ("50", PAID, "payment_too_small", "Pay 100 or more."),
        ("550", PAID, "payment_too_large", "Pay 500 or less."),
        ("120", PAID, "not_a_multiple", "Pay 50, or twice that, and so on."),
        ("500", {"order_total": "9.99"}, "share_too_large", "Pay 499 points or less."),
        ("500", {}, "order_total_missing", "Send order_total."),
    ],
)
def test_u15_a_payment_keeps_to_minimum_maximum_multiple_and_share(
    till: Program, *, amount: str, fields: Raw, code: str, next_step: str
) -> None:
    after = told(till, order("1", "2026-03-01", "2000"), spent("s", "2026-03-02", amount, **fields))
    assert refused(after) == (code, next_step)
    assert balances(after) == {"issued": 2000, "active": 2000}


def test_u15_exactly_the_share_is_in_and_a_hold_keeps_to_the_same_rules(till: Program) -> None:
    earned = order("1", "2026-03-01", "2000")
    assert told(till, earned, spent("s", "2026-03-02", "500", **PAID)).last.outcome == "accepted"
    until = "2026-03-03T12:00:00+01:00"
    held = happened("points.held", "h", "2026-03-02", unit="points", amount="550", until=until, **PAID)
    assert refused(told(till, earned, held))[0] == "payment_too_large"


def test_u15_points_pay_only_from_a_tier_on(till: Program) -> None:
    below = told(till, order("1", "2026-03-01", "999"), spent("s", "2026-03-02", "100", **PAID))
    assert refused(below)[0] == "tier_too_low"


def test_u15_a_member_pays_only_so_often_and_what_is_held_counts(till: Program) -> None:
    earned = order("1", "2026-03-01", "2000")
    until = "2026-03-05T12:00:00+01:00"
    held = happened("points.held", "h", "2026-03-02", unit="points", amount="100", until=until, **PAID)
    pays = [spent(f"s{number}", "2026-03-02", "100", **PAID) for number in (1, 2)]
    assert refused(told(till, earned, held, *pays))[0] == "limit_reached"
    let_go = happened("points.released", "r", "2026-03-02", hold="h")
    assert told(till, earned, held, pays[0], let_go, pays[1]).last.outcome == "accepted"
    assert told(till, earned, *pays, spent("s3", "2026-03-03", "100", **PAID)).last.outcome == "accepted"


def test_u15_a_reward_takes_every_unit_of_its_price_and_asks_for_its_money(rewards: Program) -> None:
    earned = order("1", "2026-03-01", "500")
    short = told(rewards, earned, redeemed("r", "2026-03-02", "mug"))
    assert refused(short) == ("not_paid", "Take the money first, and say so in `paid`.")
    assert refused(told(rewards, earned, redeemed("r", "2026-03-02", "coffee", paid="1")))[0] == "not_paid"
    after = told(rewards, earned, redeemed("r", "2026-03-02", "mug", quantity=2, paid="9.98"))
    assert balances(after) == {"issued": 500, "active": 300, "spent": 200}
    assert balances(after, "stars") == {"issued": 3, "active": 1, "spent": 2}


def test_u15_what_one_wallet_lacks_leaves_the_other_as_it_is(rewards: Program) -> None:
    earned = [order(str(number), "2026-03-01", "500") for number in (1, 2)]
    spend = happened("points.spent", "s", "2026-03-02", unit="stars", amount="6")
    after = told(rewards, *earned, spend, redeemed("r", "2026-03-02", "mug", paid="4.99"))
    assert refused(after)[0] == "not_enough"
    assert balances(after) == {"issued": 1000, "active": 1000}


@pytest.mark.parametrize(
    ("reward", "code"),
    [
        ("for_gold", "tier_too_low"),
        ("for_ada", "not_eligible"),
        ("xmas", "not_offered"),
        ("last_one", "not_claimed"),
        ("cofee", "unknown_reward"),
    ],
)
def test_u15_a_reward_is_refused_with_the_reason(rewards: Program, reward: str, code: str) -> None:
    after = told(rewards, order("1", "2026-03-01", "500"), redeemed("r", "2026-03-02", reward))
    assert refused(after)[0] == code
    assert balances(after) == {"issued": 500, "active": 500}


def test_u15_who_may_have_a_reward_gets_it(rewards: Program) -> None:
    known = [joined("2026-02-01", name="ada"), order("1", "2026-03-01", "1000")]
    for reward, day in (("for_gold", "2026-03-02"), ("for_ada", "2026-03-02"), ("xmas", "2026-12-24")):
        assert told(rewards, *known, redeemed("r", day, reward)).last.outcome == "accepted"


def test_u15_once_per_member_is_once_and_twice_a_month_is_twice(rewards: Program) -> None:
    earned = order("1", "2026-03-01", "500")
    twice = [redeemed(f"r{number}", "2026-03-02", "once") for number in (1, 2)]
    assert refused(told(rewards, earned, *twice)) == (
        "limit_reached",
        "Take fewer, or choose another reward.",
    )
    mugs = [
        redeemed("r1", "2026-03-31T23:59", "mug", quantity=2, paid="9.98"),
        redeemed("r2", "2026-04-01T00:00", "mug", paid="4.99"),
    ]
    assert told(rewards, earned, *mugs).last.outcome == "accepted"
    mugs[1] |= {"id": "r3", "occurred_at": "2026-03-31T23:59:30+02:00"}
    assert refused(told(rewards, earned, *mugs))[0] == "limit_reached"


def test_u15_a_sender_cannot_claim_what_is_limited(rewards: Program) -> None:
    claimed = redeemed("r", "2026-03-02", "last_one", granted=True)
    assert refused(told(rewards, order("1", "2026-03-01", "500"), claimed))[0] == "not_claimed"


def test_u15_points_that_paid_a_reward_of_an_order_come_back_with_it(rewards: Program) -> None:
    history = [
        order("1", "2026-03-01", "500"),
        redeemed("r", "2026-03-02", "coffee", order="2"),
        order("2", "2026-03-02", "20"),
        happened("order.cancelled", "c", "2026-03-03", order="2"),
    ]
    assert balances(told(rewards, *history)) == {"issued": 520, "active": 500, "clawed_back": 20}


def test_u15_a_simulation_of_a_history_with_redemptions_decides_the_same(rewards: Program) -> None:
    history = [
        order("1", "2026-03-01", "500"),
        redeemed("r1", "2026-03-02", "coffee"),
        redeemed("r2", "2026-03-03", "last_one"),
        redeemed("r3", "2026-03-04", "once"),
    ]
    simulated, decided = story(rewards, history), told(rewards, *history)
    assert balances(simulated) == balances(decided) == {"issued": 500, "active": 340, "spent": 160}
    assert state_of(simulated).rewards == decided.state.rewards
    assert [one.outcome for one in decided.decisions] == ["accepted", "accepted", "refused", "accepted"]
