"""Mistakes in rewards and in what limits paying with points: refused with file, line, column, what to do."""

import pytest

from programs.documents import DOCUMENT, EARN, HEAD, TIERS, only_problem, problems_of, program


def reward(*lines: str, price: str = "{points: 5}") -> str:
    """The document with a reward: its name in line 18, its price in line 19, what is said from line 20."""
    said = "".join(f"    {line}\n" for line in (f"price: {price}", *lines))
    return DOCUMENT + "rewards:\n  it:\n" + said


def paid(spending: str) -> str:
    """A document whose points are paid with so; it begins in line 6, column 22."""
    units = f"units:\n  points: {{spending: {spending}}}\n  status: {{qualifying: true}}\n"
    return HEAD + units + TIERS + EARN


FREE = "{points: 0}"
EVENT = "kind: event"
MISTAKES = {
    "a price in nothing": (reward(price="{pionts: 5}"), "unknown_unit", (19, 13), "'points'"),
    "a price in status": (reward(price="{status: 5}"), "not_spendable", (19, 13), "qualifying"),
    "a price finer than its unit": (reward(price="{points: 0.5}"), "bad_value", (19, 21), "0 decimals"),
    "money finer than its currency": (reward(price='{money: "4.999"}'), "bad_value", (19, 20), "EUR"),
    "an unknown kind": (reward("kind: evnt"), "bad_value", (20, 11), "'event'"),
    "an unknown tier": (reward("tier: frie"), "unknown_tier", (20, 11), "'fire'"),
    "an unknown attribute": (
        reward("when: member.attributes.name == 'ada'"),
        "unknown_field",
        (20, 29),
        "section events or member",
    ),
    "a condition over an event": (
        reward("when: event.quantity == 1"),
        "not_about_member",
        (20, 11),
        "member.attributes",
    ),
    "a condition that never holds": (reward("when: 1 > 2"), "never_offered", (20, 11), "never holds"),
    "an end before the start": (
        reward("starts: 2026-03-02", "ends: 2026-03-01"),
        "ends_before_start",
        (21, 11),
        "Exchange",
    ),
    "an event over before it is offered": (
        reward(EVENT, "at: 2026-03-01", "starts: 2026-03-02"),
        "ends_before_start",
        (21, 9),
        "earlier",
    ),
    "a key of another kind": (reward("at: 2026-03-01"), "bad_value", (20, 5), "kind: event"),
    "an upgrade to nothing": (reward("kind: upgrade"), "missing_key", (18, 3), "'grants'"),
    "an upgrade without an end": (
        reward("kind: upgrade", "grants: {tier: fire}"),
        "wrong_shape",
        (21, 13),
        "for: 3 months",
    ),
    "an upgrade for nothing": (
        reward("kind: upgrade", "grants: {tier: fire, for: 1 month}", price=FREE),
        "unbounded_cost",
        (18, 3),
        "times: 1",
    ),
    "a window that closes before it opens": (
        reward("kind: access", "window: {skus: [a], from: 2026-03-02, until: 2026-03-01}"),
        "ends_before_start",
        (21, 50),
        "Exchange",
    ),
    "stock and seats": (reward("stock: 5", "seats: 5"), "bad_value", (20, 5), "Keep the one"),
    "a stock of codes": (
        reward("kind: partner", "partner: Odeon", "stock: 5"),
        "bad_value",
        (22, 5),
        "import the codes",
    ),
    "waiting for what costs money": (
        reward(EVENT, "seats: 5", "waiting_list: true", price='{points: 5, money: "1"}'),
        "waits_for_money",
        (22, 19),
        "Take the money out",
    ),
    "never": (reward("limit: {times: 0}"), "bad_value", (20, 20), "from 1"),
    "a first day of no week": (
        reward("limit: {times: 1, per: day, week_starts: sunday}"),
        "bad_value",
        (20, 46),
        "per week",
    ),
    "no payment that is allowed": (
        paid("{least: 60, most: 90, multiple: 50}"),
        "nothing_allowed",
        (6, 40),
        "smallest payment that is allowed is 100",
    ),
    "a share of what has no worth": (paid("{share: 0.5}"), "share_without_worth", (6, 23), "worth: 0.01"),
    "more than the whole": (paid("{share: 1.5, worth: 0.01}"), "bad_value", (6, 30), "at most 1"),
    "paying from an unknown tier on": (paid("{tier: fier}"), "unknown_tier", (6, 29), "'fire'"),
    "a catalogue by an unknown attribute": (
        DOCUMENT + "catalogue: {preferences: [likes]}\nmember: {attributes: {like: strings}}\n",
        "unknown_attribute",
        (17, 26),
        "'like'",
    ),
    "a catalogue by a number": (
        DOCUMENT + "catalogue: {preferences: [age]}\nmember: {attributes: {age: integer}}\n",
        "bad_value",
        (17, 26),
        "strings",
    ),
}


@pytest.mark.parametrize(("document", "code", "place", "says"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_a_reward_is_refused_with_its_place(
    document: str, code: str, place: tuple[int, int], says: str
) -> None:
    problem = next(one for one in problems_of(document) if one.code == code)
    assert (problem.line, problem.column) == place
    assert says in f"{problem.message} {problem.next_step}"


def test_an_event_can_no_longer_be_had_from_its_beginning_on() -> None:
    event = program(reward(EVENT, "at: 2026-03-01T19:00", "seats: 5")).rewards["it"]
    assert event.ends_at == event.takes_place_at
    assert event.is_shared


def test_a_unit_may_be_called_money() -> None:
    named = reward(price="{money: 5}").replace("points: {expires", "money: {}\n  points: {expires")
    assert program(named).rewards["it"].price[0][0] == "money"


def test_a_gift_without_end_is_doubted_and_a_limit_settles_it() -> None:
    assert only_problem(reward("kind: partner", "partner: Odeon", price=FREE)).code == "unbounded_cost"
    limited = reward("kind: partner", "partner: Odeon", "limit: {times: 1}", price=FREE)
    assert program(limited).rewards["it"].limits[0].limit == 1
