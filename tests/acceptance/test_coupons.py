"""R15, the half about coupons: what a return does to those that an order brought or used."""

from collections.abc import Iterable

from acceptance.makers import (
    Raw,
    Told,
    cancelled,
    codes,
    happened,
    line,
    order,
    program,
    reason,
    returned,
    told,
)
from acceptance.makers import parsed as parsed_event
from bondfire.engine import Decision, MemberState, advance
from bondfire.events import CATALOGUE, filled_event
from bondfire.programs import Program, Timeline

COUPONS = """\
units: {points: {}}
earn:
  base: {on: order.placed, award: {points: floor(event.total)}}
coupons:
  five_off:
    discount: {amount: 5.00}
    issue: {on: order.placed, when: event.total >= 100, repeat: true, valid: 30 days}
  kept: {discount: {amount: 1.00}, given_back: never}
  generous: {discount: {amount: 1.00}, given_back: returned}
  thanks: {discount: {percent: 10}, issue: {on: review.submitted}}
"""
RULES = program(COUPONS)


def using(raw: Raw, coupon: str, coupon_id: str, discount: str = "5.00") -> Raw:
    """The order as it stands once a basket was confirmed with a coupon."""
    return raw | {"coupons": [{"id": coupon_id, "coupon": coupon, "discount": discount}], "basket": "b"}


def tale_of(*events: Raw, rules: Program = RULES) -> Told:
    """As `told`, with what only bondfire can say of an order."""
    tale = told(rules)
    for raw in events:
        tale.decisions.append(_decided(tale.timeline, tale.state, raw))
    return tale


def _decided(timeline: Timeline, state: MemberState, raw: Raw) -> Decision:
    event = filled_event(raw, CATALOGUE, recorded_at=None) if "coupons" in raw else parsed_event(raw)
    return advance(timeline, state, event)


def issued(tale: Told) -> str:
    """The id of the only coupon that the first event brought."""
    return reason(tale.decisions[0], "coupon_issued").note


def about_coupons(decisions: Iterable[Decision]) -> list[list[str]]:
    return [[code for code in codes(one) if code.startswith("coupon_")] for one in decisions]


def test_r15_a_coupon_that_the_order_brought_is_withdrawn_with_it_when_it_was_not_used() -> None:
    tale = tale_of(order("1", "2026-01-10", "120.00"), returned("r1", "2026-01-12", "120.00", order="1"))

    assert about_coupons(tale.decisions) == [["coupon_issued"], ["coupon_withdrawn"]]
    assert tale.state.coupons == {}


def test_r15_a_partial_return_withdraws_it_only_when_the_rest_would_not_have_brought_it() -> None:
    tale = tale_of(
        order("1", "2026-01-10", "120.00", lines=[line("A", "15.00"), line("B", "105.00")]),
        returned("r1", "2026-01-12", order="1", lines=[line("A", "15.00")]),
        returned("r2", "2026-01-13", order="1", lines=[line("B", "50.00")]),
    )

    assert about_coupons(tale.decisions) == [["coupon_issued"], [], ["coupon_withdrawn"]]


def test_r15_a_coupon_that_was_used_stays_and_its_discount_is_told_as_lost_once() -> None:
    first = order("1", "2026-01-10", "120.00")
    coupon = issued(tale_of(first))
    tale = tale_of(
        first,
        using(order("2", "2026-01-11", "45.00"), "five_off", coupon),
        returned("r1", "2026-01-12", "60.00", order="1"),
        returned("r2", "2026-01-13", "60.00", order="1"),
    )

    assert about_coupons(tale.decisions) == [["coupon_issued"], ["coupon_used"], ["coupon_lost"], []]
    lost = reason(tale.decisions[2], "coupon_lost")
    assert (lost.rule, lost.order, lost.note) == ("coupon/five_off", "1", coupon)
    assert lost.amount == 5
    assert tale.state.coupons[coupon].used_by == "2"


def test_r15_what_a_cancelled_order_had_used_can_be_used_again_and_what_was_returned_cannot() -> None:
    first = order("1", "2026-01-10", "120.00")
    coupon = issued(tale_of(first))
    second = using(order("2", "2026-01-11", "45.00"), "five_off", coupon)
    third = using(order("3", "2026-01-13", "45.00"), "five_off", coupon)

    back = tale_of(first, second, cancelled("c", "2026-01-12", "2"), third)
    gone = tale_of(first, second, returned("r", "2026-01-12", "45.00", order="2"), third)

    assert about_coupons(back.decisions)[2:] == [["coupon_given_back"], ["coupon_used"]]
    assert (gone.last.outcome, gone.last.code) == ("refused", "coupon_used")
    assert gone.last.entries == []
    assert gone.state.coupons[coupon].used_by == "2"


def test_r15_the_coupon_says_whether_it_comes_back_with_a_cancellation_a_return_or_never() -> None:
    def after(name: str, undone: Raw) -> list[str]:
        tale = tale_of(using(order("2", "2026-01-11", "45.00"), name, "cpn_x", "1.00"), undone)
        return about_coupons(tale.decisions)[-1]

    cancellation = cancelled("c", "2026-01-12", "2")
    whole, part = (returned("r", "2026-01-12", total, order="2") for total in ("45.00", "44.99"))
    assert after("kept", cancellation) == []
    assert after("generous", cancellation) == after("generous", whole) == ["coupon_given_back"]
    assert after("generous", part) == after("five_off", whole) == []
    assert after("five_off", cancellation) == ["coupon_given_back"]


def test_r15_a_cancellation_that_came_before_its_order_gives_the_coupon_back_too() -> None:
    tale = tale_of(
        cancelled("c", "2026-01-12", "2"), using(order("2", "2026-01-11", "45.00"), "five_off", "cpn_x")
    )

    assert about_coupons([tale.last]) == [["coupon_used", "coupon_given_back"]]
    assert tale.state.coupons["cpn_x"].used_by == ""


def test_r15_what_a_review_brought_goes_with_the_review() -> None:
    review = happened("review.submitted", "rev", "2026-01-10", rating=5)
    removed = happened("review.removed", "rem", "2026-03-10", review="rev")

    tale = tale_of(review, happened("review.submitted", "rev-2", "2026-01-11", rating=5), removed)

    assert about_coupons(tale.decisions) == [["coupon_issued"], [], ["coupon_withdrawn"]]
