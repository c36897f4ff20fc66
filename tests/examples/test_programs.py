"""The example programmes are right, and give what their brands promise."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
import yaml

from bondfire.engine import Decision, MemberState, advance, explained
from bondfire.errors import NotFound
from bondfire.events import parse_event
from bondfire.examples import EXAMPLES, example_program
from bondfire.kit import member_id_of
from bondfire.programs import Program, check_program, load_program, program_schema, timeline_of


class Story:
    """One member of an example brand, and what happens to them."""

    def __init__(self, name: str) -> None:
        self.program: Program = load_program(example_program(name), name=f"{name}.yaml")
        self.state = MemberState(member_id_of(self.program.brand, "anna"))
        self.count = 0

    def then(self, event: str, at: str, **fields: Any) -> Decision:
        """Something happens at a time."""
        self.count += 1
        raw = {"id": f"e{self.count}", "type": event, "member": "anna", "occurred_at": at, **fields}
        return advance(timeline_of(self.program), self.state, parse_event(raw, self.program.catalogue))

    def buys(self, at: str, total: str, *lines: Mapping[str, Any]) -> Decision:
        """An order in the programme's currency."""
        fields = {"lines": list(lines)} if lines else {}
        return self.then("order.placed", at, currency=self.program.currency, total=total, **fields)


def line(amount: str, *categories: str, **fields: Any) -> dict[str, Any]:
    return {"amount": amount, "categories": list(categories), **fields}


def given(decision: Decision) -> dict[str, dict[str, Decimal]]:
    """What each rule gave."""
    gifts: dict[str, dict[str, Decimal]] = {}
    for reason in explained(decision):
        if reason.code == "awarded" and reason.amount:
            gifts.setdefault(reason.rule, {})[reason.unit] = reason.amount
    return gifts


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_published_without_problem_or_warning(name: str) -> None:
    report = check_program(example_program(name), name=f"{name}.yaml")
    assert (report.problems, report.warnings) == ((), ())
    assert {note.code for note in report.notes} <= {"kept_not_decided"}


def test_an_unknown_example_is_named_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="Did you mean 'gift_shop'"):
        example_program("giftshop")


def test_the_cafe_stamps_every_drink_up_to_six_a_day() -> None:
    cafe = Story("cafe")
    morning = cafe.buys(
        "2026-05-04T09:00:00+02:00", "14.50", line("12.00", "drinks", quantity="4"), line("2.50", "cakes")
    )
    assert given(morning) == {
        "stamp_card": {"stamps": Decimal(4)},
        "spend": {"points": Decimal(145)},
        "visit": {"visits": Decimal(1)},
    }
    again = cafe.buys("2026-05-04T11:00:00+02:00", "9.00", line("9.00", "drinks", quantity="3"))
    assert given(again) == {"stamp_card": {"stamps": Decimal(2)}, "spend": {"points": Decimal(90)}}


def test_the_cafe_fills_its_quiet_afternoon_on_its_own_clock() -> None:
    cafe = Story("cafe")
    summer = cafe.buys("2026-07-01T12:00:00Z", "10.00")
    assert given(summer)["quiet_hours"] == {"points": Decimal(50)}
    winter = cafe.buys("2026-12-01T12:59:59Z", "10.00")
    assert "quiet_hours" not in given(winter)


def test_the_cafe_knows_its_own_event() -> None:
    assert given(Story("cafe").then("cup.brought", "2026-05-04T09:00:00+02:00", size="small")) == {
        "own_cup": {"stamps": Decimal(1)},
        "token": {"tokens": Decimal(1)},
    }


def test_every_section_of_the_document_is_shown_by_some_example() -> None:
    shown = {key for name in EXAMPLES for key in yaml.safe_load(example_program(name))}

    assert shown >= set(program_schema()["properties"]) - {"adjustments"}


def test_five_mornings_in_a_row_turn_the_wheel_and_six_kinds_fill_the_card() -> None:
    cafe = Story("cafe")
    for day in range(4, 9):
        morning = cafe.buys(f"2026-05-{day:02}T08:00:00+02:00", "3.00", line("3.00", "drinks"))
    assert given(morning)["challenge/good_morning"] == {"tokens": Decimal(2)}
    feast = cafe.buys(
        "2026-05-09T12:00:00+02:00",
        "30.00",
        *(line("6.00", kind) for kind in ("cakes", "soups", "pastries", "salads", "juices")),
    )
    assert given(feast)["challenge/round_the_menu"] == {"stamps": Decimal(10)}


def test_a_big_order_brings_a_thank_you_that_leaves_with_it() -> None:
    shop = Story("fashion")
    bought = shop.buys("2026-05-04T09:00:00+02:00", "320.00", line("320.00", "coats"))
    assert [one.rule for one in explained(bought) if one.code == "coupon_issued"] == ["coupon/thank_you"]
    back = shop.then("order.cancelled", "2026-05-06T09:00:00+02:00", order="e1")
    assert [one.rule for one in explained(back) if one.code == "coupon_withdrawn"] == ["coupon/thank_you"]


def test_a_flight_fare_in_dollars_counts_at_the_rate_of_its_day() -> None:
    airline = Story("airline")
    airline.then("member.joined", "2026-05-01T09:00:00Z")
    bought = airline.then("order.placed", "2026-05-04T09:00:00Z", currency="USD", total="100.00", order="1")
    (told,) = (one for one in explained(bought) if one.code == "exchanged")
    assert told.amount == Decimal("92.00")


def test_the_fashion_house_counts_shoes_twice_before_christmas() -> None:
    shop = Story("fashion")
    shop.buys("2026-11-30T20:00:00+01:00", "600.00")
    december = shop.buys(
        "2026-12-24T23:59:59+01:00", "119.80", line("79.80", "shoes"), line("40.00", "coats", "second_hand")
    )
    assert given(december) == {
        "base": {"points": Decimal(119), "status": Decimal(119)},
        "double_shoes": {"points": Decimal(80)},
        "challenge/three_worlds": {"points": Decimal(200)},
    }
    after = shop.buys("2026-12-25T00:00:00+01:00", "119.80", line("79.80", "shoes"), line("40.00", "repair"))
    assert given(after)["sustainable"] == {"points": Decimal(20)}
    assert "double_shoes" not in given(after)


def test_the_fashion_house_opens_its_night_when_the_clocks_have_changed() -> None:
    shop = Story("fashion")
    assert "late_night" not in given(shop.buys("2027-03-28T01:59:59+01:00", "50.00"))
    assert given(shop.buys("2027-03-28T03:00:00+02:00", "50.00"))["late_night"] == {"points": Decimal(100)}


def test_the_fashion_house_greets_who_wants_its_letter() -> None:
    joined = Story("fashion").then(
        "member.joined", "2026-05-04T09:00:00+02:00", attributes={"newsletter": True}
    )
    assert given(joined) == {"welcome": {"points": Decimal(100)}}
    silent = Story("fashion").then("member.joined", "2026-05-04T09:00:00+02:00")
    assert given(silent) == {"welcome": {"points": Decimal(50)}}


FLIGHT = {"carrier": "ME", "flight": "ME 12", "distance": "3401", "cabin": "business", "fare_class": "flex"}


def test_the_airline_counts_cabins_and_then_the_tier() -> None:
    air = Story("airline")
    air.then("member.joined", "2026-01-02T09:00:00+00:00")
    first = air.then("flight.flown", "2026-01-05T09:00:00+00:00", **FLIGHT)
    assert given(first) == {
        "flight": {"miles": Decimal(6802), "tier_miles": Decimal(6802), "segments": Decimal(1)}
    }
    for day in range(6, 9):
        air.then("flight.flown", f"2026-01-0{day}T09:00:00+00:00", **FLIGHT)
    assert air.state.standings["status"].tier == "silver"
    fifth = air.then("flight.flown", "2026-01-09T09:00:00+00:00", **FLIGHT | {"cabin": "economy"})
    assert given(fifth)["flight"]["miles"] == Decimal(3401)
    assert given(fifth)["status_bonus"] == {"miles": Decimal(850)}


def test_the_airline_gives_nothing_for_award_tickets_and_strangers() -> None:
    air = Story("airline")
    assert given(air.then("flight.flown", "2026-01-01T09:00:00+00:00", **FLIGHT)) == {}
    air.then("member.joined", "2026-01-02T09:00:00+00:00")
    award = air.then("flight.flown", "2026-01-03T09:00:00+00:00", **FLIGHT | {"fare_class": "award"})
    assert given(award) == {}


def test_the_airline_has_partners_with_limits() -> None:
    air = Story("airline")
    air.then("member.joined", "2026-01-02T09:00:00+00:00")
    partner = air.then("flight.flown", "2026-01-03T09:00:00+00:00", **FLIGHT | {"carrier": "XX"})
    assert given(partner) == {"partner_flight": {"miles": Decimal(1700), "tier_miles": Decimal(850)}}
    shop = {"airport": "LIS", "shop": "duty_free", "amount": "900.50"}
    assert given(air.then("airport.purchased", "2026-01-03T20:00:00+00:00", **shop)) == {
        "airport_shopping": {"miles": Decimal(1801)}
    }
    assert given(air.then("airport.purchased", "2026-01-04T19:59:59+00:00", **shop)) == {
        "airport_shopping": {"miles": Decimal(199)}
    }
    hotel = air.then("hotel.stayed", "2026-01-05T09:00:00+00:00", hotel="Baixa", nights="3")
    assert given(hotel) == {"hotel": {"miles": Decimal(1500)}}


def test_the_gift_shop_gives_a_point_for_a_pound_and_more_for_the_season() -> None:
    shop = Story("gift_shop")
    first = shop.buys(
        "2010-12-01T08:26:00+00:00",
        "139.12",
        line("39.90", "christmas"),
        line("81.22", "lighting"),
        line("18.00", kind="shipping"),
    )
    assert given(first) == {
        "base": {"points": Decimal(121), "status": Decimal(121)},
        "first_season": {"points": Decimal(39)},
    }
    autumn = shop.buys("2011-11-30T12:00:00+00:00", "9.99", line("5.01", "christmas"), line("4.98", "bags"))
    assert given(autumn) == {"christmas_stock": {"points": Decimal(3)}}


def test_the_gift_shop_gives_its_best_friends_half_as_much_again() -> None:
    shop = Story("gift_shop")
    opening = shop.buys("2011-01-10T09:00:00+00:00", "5000.00")
    assert given(opening)["base"] == {"points": Decimal(2500), "status": Decimal(5000)}
    later = shop.buys("2011-01-11T09:00:00+00:00", "100.00", line("60.00", "lighting"), line("40.00", "bags"))
    assert given(later) == {
        "base": {"points": Decimal(100), "status": Decimal(100)},
        "for_friends": {"points": Decimal(50)},
        "new_shelves": {"points": Decimal(50)},
    }
