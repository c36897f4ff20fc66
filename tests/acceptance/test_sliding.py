"""L11: activity prolongs the lots that the policy names, and no others; what expired stays expired."""

from acceptance.makers import (
    Raw,
    Told,
    adjusted,
    balances,
    by_lot,
    codes,
    happened,
    held,
    late,
    lots,
    order,
    program,
    published,
    reason,
    released,
    restored,
    spent,
    story,
    told,
)
from bondfire.engine import next_due_at
from bondfire.ledger import Kind

FIXED = """\
units:
  points: {expires: {after: 1 month}}
earn:
  base: {on: order.placed, award: {points: floor(event.total)}}
  bonus: {on: order.placed, when: event.total >= 100.00, award: {points: 10}}
  thanks: {on: review.submitted, award: {points: 5}, cap: {points: 50, per: lifetime}}
"""
KEPT = FIXED.replace("1 month", "1 month, prolonged: {by: [order.placed, app.installed], rules: base}")
"""Orders and the app keep alive what `base` gave; what the other rules gave ends after a month."""


def review(at: str) -> Raw:
    return happened("review.submitted", "rev", at, rating=5)


def app(at: str, event: str = "app") -> Raw:
    return happened("app.installed", event, at, platform="ios")


def test_l11_activity_prolongs_the_lots_that_the_policy_names_and_no_others() -> None:
    tale = told(program(KEPT), order("1", "2026-01-10", "100.00"), app("2026-02-01"))

    assert lots(tale) == [(10, "2026-02-10 12:00:00+01:00"), (100, "2026-03-01 12:00:00+01:00")]
    assert balances(tale.until("2026-02-28")) == {"issued": 110, "active": 100, "expired": 10}
    assert balances(tale.until("2026-03-01 11:59:59"))["active"] == 100
    assert balances(tale.until("2026-03-01 12:00")) == {"issued": 110, "expired": 110}


def test_l11_an_order_prolongs_what_earlier_orders_earned() -> None:
    tale = told(program(KEPT), order("1", "2026-01-10", "50.00"), order("2", "2026-02-05", "20.00"))

    assert lots(tale) == [(50, "2026-03-05 12:00:00+01:00"), (20, "2026-03-05 12:00:00+01:00")]
    assert reason(tale.last, "prolonged").values == {"until": "2026-03-05T11:00:00+00:00"}
    assert "prolonged" not in codes(tale.decisions[0])


def test_l11_other_events_prolong_nothing() -> None:
    tale = told(
        program(KEPT),
        order("1", "2026-01-10", "50.00"),
        review("2026-02-05"),
        spent("s", "2026-02-06", "1"),
        adjusted("a", "2026-02-07", "1"),
    )

    assert lots(tale)[0] == (49, "2026-02-10 12:00:00+01:00")
    assert all("prolonged" not in codes(decision) for decision in tale.decisions)


def test_l11_what_expired_is_never_revived() -> None:
    tale = told(program(KEPT), order("1", "2026-01-10", "50.00"), app("2026-02-10 12:00"))

    assert [entry.kind for entry in tale.last.entries] == [Kind.EXPIRE]
    assert balances(tale) == {"issued": 50, "expired": 50}
    later = told(program(KEPT), order("1", "2026-01-10", "50.00"), order("2", "2026-02-11", "7.00"))
    assert balances(later) == {"issued": 57, "active": 7, "expired": 50}
    assert lots(later) == [(7, "2026-03-11 12:00:00+01:00")]


def test_l11_activity_that_arrives_after_the_end_revives_nothing() -> None:
    arrives_late = late(app("2026-02-09"), arrives="2026-02-11")

    tale = told(program(KEPT), order("1", "2026-01-10", "50.00"), arrives_late)

    assert balances(tale) == {"issued": 50, "expired": 50}


def test_l11_late_activity_never_shortens_what_was_prolonged() -> None:
    tale = told(
        program(KEPT),
        order("1", "2026-01-10", "50.00"),
        app("2026-02-05"),
        late(app("2026-01-20", "older"), arrives="2026-02-06"),
    )

    assert lots(tale) == [(50, "2026-03-05 12:00:00+01:00")]


def test_l11_the_end_is_rounded_as_the_policy_says() -> None:
    monthly = program(KEPT.replace("after: 1 month", "after: 1 month, round: end_of_month"))

    tale = told(monthly, order("1", "2026-01-10", "50.00"), app("2026-02-05"), app("2026-02-20", "again"))

    assert lots(tale) == [(50, "2026-04-01 00:00:00+02:00")]
    assert [("prolonged" in codes(one)) for one in tale.decisions] == [False, True, False]


def spend_after(*events: Raw) -> Told:
    return told(program(KEPT), *events, spent("s", "2026-02-20", "30"))


def test_l11_spending_takes_first_what_ends_first_as_it_was_prolonged() -> None:
    kept = order("1", "2026-02-01", "25.00")
    goodwill = adjusted("a", "2026-02-10", "20")
    before, after = app("2026-02-05"), app("2026-02-15")

    assert by_lot(spend_after(kept, goodwill, before).last) == [(1, 25), (2, 5)]
    assert by_lot(spend_after(kept, goodwill, before, {**after, "id": "z"}).last) == [(2, 20), (1, 10)]


def test_l11_what_is_kept_alive_together_is_spent_the_oldest_first() -> None:
    tale = told(
        program(KEPT),
        order("2", "2026-01-20", "20.00"),
        late(order("1", "2026-01-10", "10.00"), arrives="2026-01-21"),
        spent("s", "2026-01-22", "25"),
    )

    assert by_lot(tale.last) == [(2, 10), (1, 15)]


def test_l11_points_that_come_back_slide_on_and_those_whose_end_came_get_the_days_of_grace() -> None:
    events = [order("1", "2026-01-10", "50.00"), spent("s", "2026-01-20", "40")]
    slides_on = told(
        program(KEPT), *events, app("2026-02-05"), restored("r", "2026-02-20", "40"), app("2026-02-25", "b")
    )
    too_late = told(
        program(KEPT),
        *events,
        order("2", "2026-02-11", "7.00"),
        restored("r", "2026-02-20", "40"),
        app("2026-02-25"),
    )

    assert lots(slides_on) == [(50, "2026-03-25 12:00:00+01:00")]
    assert lots(too_late) == [(40, "2026-03-06 12:00:00+01:00"), (7, "2026-03-25 12:00:00+01:00")]


def test_l11_what_is_held_is_kept_alive_too_until_its_end_comes() -> None:
    holding = [order("1", "2026-01-10", "50.00"), held("h", "2026-01-20", "50", until="2026-03-20")]
    alive = told(program(KEPT), *holding, app("2026-02-05"), released("r", "2026-02-20", "h"))
    over = told(program(KEPT), *holding, app("2026-02-11"), released("r", "2026-02-20", "h"))

    assert lots(alive) == [(50, "2026-03-05 12:00:00+01:00")]
    assert lots(over) == [(50, "2026-03-06 12:00:00+01:00")]


def test_l11_pending_points_slide_with_the_others_and_live_from_when_they_can_be_spent() -> None:
    pending = program(KEPT.replace("points: {", "points: {pending: 14 days, "))

    tale = told(pending, order("1", "2026-01-10", "50.00"), order("2", "2026-02-01", "20.00"))

    assert lots(tale) == [(50, "2026-03-15 12:00:00+01:00"), (20, "2026-03-15 12:00:00+01:00")]
    assert balances(tale) == {"issued": 70, "active": 50, "pending": 20}
    assert balances(tale.until("2026-03-15 12:00")) == {"issued": 70, "expired": 70}


def test_l11_the_end_is_an_appointment_that_moves() -> None:
    tale = told(program(KEPT), order("1", "2026-01-10", "50.00"))
    first = next_due_at(tale.state)
    moved = next_due_at(told(program(KEPT), order("1", "2026-01-10", "50.00"), app("2026-02-05")).state)

    assert [str(at) for at in (first, moved)] == ["2026-02-10 11:00:00+00:00", "2026-03-05 11:00:00+00:00"]


def test_l11_a_policy_that_is_taken_away_leaves_the_end_where_it_is() -> None:
    versions = published(("", KEPT), ("2026-02-01", FIXED))

    tale = told(
        versions, order("1", "2026-01-10", "50.00"), app("2026-02-05"), order("2", "2026-02-06", "7.00")
    )

    assert lots(tale) == [(50, "2026-02-10 12:00:00+01:00"), (7, "2026-03-06 12:00:00+01:00")]


def test_l11_prolonging_is_part_of_the_proof_and_shown_in_a_simulation() -> None:
    events = [order("1", "2026-01-10", "50.00"), app("2026-02-05")]
    kept, fixed = (story(program(document), events, until="2026-02-06") for document in (KEPT, FIXED))

    assert kept.digest != fixed.digest
    shown = kept.as_dict()["members"]["c-17"]["wallets"]["points"]["lots"]  # type: ignore[index]  # the published shape
    assert [lot["expires_at"] for lot in shown] == ["2026-03-05T11:00:00Z"]
