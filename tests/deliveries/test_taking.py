"""What is delivered is in the journal, in a profile or among the rejects; again, it changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bondfire.db import connect
from bondfire.doors import ANONYMOUS
from bondfire.journal import read_member
from bondfire.members import find_member, read_profile
from bondfire.programs import brand_named, load_timeline
from deliveries.makers import Cafe, outcomes
from doors.makers import PROGRAM, parcel, payload

CALL = {"messageId": "m-1", "userId": "c-17", "timestamp": "2026-03-28T15:10:00.000Z"}
ORDER = {**CALL, "type": "track", "event": "Order Completed"}
PAID = {**ORDER, "properties": {"order_id": "1", "total": 30.5}}
SONG = {**CALL, "messageId": "m-2", "type": "track", "event": "Song Played", "properties": {"title": "x"}}


def test_a_delivery_moves_once_however_often_it_comes(cafe: Cafe) -> None:
    one = parcel("segment", "Order Completed", PAID)

    first = cafe.deliver(one)
    before = cafe.digest()
    again = cafe.deliver(one, one)

    assert outcomes(first) == ["accepted"]
    assert outcomes(again) == ["duplicate", "duplicate"]
    assert (cafe.beans("c-17"), cafe.digest(), cafe.rejects()) == ("30", before, [])


def test_what_cannot_be_taken_is_kept_once_with_its_reason(cafe: Cafe) -> None:
    one = parcel("segment", "Song Played", SONG)
    before = cafe.digest()

    first = cafe.deliver(one)
    cafe.deliver(one)

    (kept,) = cafe.rejects()
    assert (kept.parcel, kept.reject_id) == (one, first[0].reject_id)
    assert (kept.code, kept.people) == ("unmapped_event", ("c-17",))
    assert "Song Played" in kept.message
    assert kept.next_step
    assert cafe.digest() == before


def test_bad_parcels_do_not_stop_the_good_ones(cafe: Cafe) -> None:
    taken = cafe.deliver(
        parcel("segment", "Song Played", SONG),
        parcel("segment", "Order Completed", PAID),
        parcel("segment", "unknown", b'{"a": 1, "a": 2}'),
    )

    assert outcomes(taken) == ["unmapped_event", "accepted", "duplicate_key"]
    assert cafe.beans("c-17") == "30"
    assert len(cafe.rejects()) == 2


def test_a_reject_is_gone_once_it_can_be_taken(cafe: Cafe) -> None:
    one = parcel("segment", "Song Played", SONG)
    cafe.deliver(one)

    cafe.publish(PROGRAM.replace("events:\n", "events:\n  song.played: {fields: {title: string}}\n"))
    again = cafe.deliver(one)

    assert outcomes(again) == ["accepted"]
    assert cafe.rejects() == []


def test_the_same_id_with_other_contents_is_kept_and_the_first_stands(cafe: Cafe) -> None:
    cafe.deliver(parcel("segment", "Order Completed", PAID))
    before = cafe.digest()

    other = {**PAID, "properties": {"order_id": "1", "total": 999}}
    taken = cafe.deliver(parcel("segment", "Order Completed", other))

    assert outcomes(taken) == ["identity_conflict"]
    assert [one.code for one in cafe.rejects()] == ["identity_conflict"]
    assert cafe.digest() == before


def test_a_time_that_we_guessed_makes_no_conflict(cafe: Cafe) -> None:
    page = parcel("segment", "page", {"messageId": "m-9", "userId": "c-17", "type": "page"})
    cafe.deliver(page)

    later = parcel("segment", "page", {"messageId": "m-9", "userId": "c-17", "type": "page"})
    taken = cafe.deliver(replace(later, received_at=later.received_at + timedelta(minutes=1)))

    assert outcomes(taken) == ["conflict"]
    assert (taken[0].problem, cafe.rejects()) == (None, [])


def test_an_event_of_the_future_waits_among_the_rejects(cafe: Cafe) -> None:
    body = payload("shopify_order_tax_included", created_at="2026-05-01T14:06:00+02:00")
    one = parcel("shopify", "orders/paid", body)

    first = cafe.deliver(one)
    cafe.now += timedelta(minutes=2)

    assert outcomes(first) == ["event_in_future"]
    assert outcomes(cafe.deliver(one)) == ["accepted"]
    assert cafe.rejects() == []


def test_personal_data_go_to_the_profile_and_what_was_not_said_stays(cafe: Cafe) -> None:
    cafe.deliver(
        parcel("segment", "identify", {**CALL, "type": "identify", "traits": {"name": "Ann", "age": 3}})
    )
    cafe.deliver(
        parcel(
            "segment",
            "identify",
            {**CALL, "messageId": "m-2", "type": "identify", "traits": {"email": "A@b.c"}},
        )
    )

    with connect(cafe.dsn) as conn:
        member_id = find_member(conn, cafe.brand, "c-17")
        profile = read_profile(conn, cafe.brand, member_id)
        timeline = load_timeline(conn, cafe.brand.id)
        view = read_member(conn, cafe.brand, timeline, member_id, now=cafe.now)
    assert (profile.name, profile.email) == ("Ann", "a@b.c")
    assert view.attributes == {"age": 3}


def test_personal_data_that_cannot_be_stored_are_kept_apart_from_what_can(cafe: Cafe) -> None:
    traits = {"email": "no address", "age": 3}

    taken = cafe.deliver(parcel("segment", "identify", {**CALL, "type": "identify", "traits": traits}))

    assert [result.outcome for result in taken[0].results] == ["accepted"]
    assert [(one.code, "email" in one.message) for one in cafe.rejects()] == [("bad_input", True)]


def test_what_is_tried_again_late_overwrites_nothing_that_was_said_after_it(cafe: Cafe) -> None:
    identify = {**CALL, "type": "identify"}
    old = parcel(
        "segment", "identify", {**identify, "traits": {"email": "old@b.c", "name": "Ann", "age": "x"}}
    )
    cafe.deliver(old)
    later = parcel("segment", "identify", {**identify, "messageId": "m-2", "traits": {"email": "new@b.c"}})
    cafe.deliver(replace(later, received_at=old.received_at + timedelta(hours=1)))

    cafe.publish(PROGRAM.replace("age: integer", "age: string"))
    taken = cafe.deliver(old)

    assert outcomes(taken) == ["accepted"]
    with connect(cafe.dsn) as conn:
        profile = read_profile(conn, cafe.brand, find_member(conn, cafe.brand, "c-17"))
    assert (profile.email, profile.name) == ("new@b.c", "Ann")


def test_an_anonymous_visitor_becomes_the_member_they_say(cafe: Cafe) -> None:
    visit = {"messageId": "p-1", "anonymousId": "a-1", "type": "page", "timestamp": CALL["timestamp"]}
    cafe.deliver(parcel("segment", "page", visit))
    cafe.deliver(parcel("segment", "identify", {**CALL, "type": "identify", "anonymousId": "a-1"}))

    cafe.deliver(parcel("segment", "Order Completed", {**PAID, "userId": None, "anonymousId": "a-1"}))

    assert (cafe.beans("c-17"), cafe.beans(ANONYMOUS + "a-1")) == ("30", "30")
    assert cafe.rejects() == []


def test_who_comes_second_in_a_shared_browser_does_not_take_it_over(cafe: Cafe) -> None:
    for user in ("c-17", "c-18"):
        said = {**CALL, "messageId": user, "userId": user, "type": "identify", "anonymousId": "a-1"}
        taken = cafe.deliver(parcel("segment", "identify", said))
        assert taken[0].problem is None
    assert "another member" in taken[0].reading.note

    cafe.deliver(parcel("segment", "Order Completed", {**PAID, "userId": None, "anonymousId": "a-1"}))

    assert (cafe.beans("c-17"), cafe.beans("c-18")) == ("30", "")


def test_alias_cannot_take_over_a_member(cafe: Cafe) -> None:
    cafe.deliver(parcel("segment", "Order Completed", PAID))
    before = cafe.digest()

    theft = {"type": "alias", "messageId": "m-3", "previousId": "c-17", "userId": "thief"}
    taken = cafe.deliver(parcel("segment", "alias", theft))
    cafe.deliver(
        parcel("segment", "Order Completed", {**PAID, "messageId": "m-4", "properties": {"total": 5}})
    )

    assert outcomes(taken) == ["merge_needed"]
    assert (cafe.beans("c-17"), cafe.beans("thief")) == ("35", "")
    assert before != cafe.digest()


def test_a_name_that_is_none_is_a_reject_and_no_error(cafe: Cafe) -> None:
    taken = cafe.deliver(
        parcel("segment", "identify", {**CALL, "type": "identify", "anonymousId": "a\0b"}),
        parcel(
            "segment", "identify", {**CALL, "type": "identify", "userId": "\ud800", "traits": {"name": "x"}}
        ),
        parcel("segment", "page", {**CALL, "type": "page", "userId": "c\0"}),
        parcel("segment", "Quiz Finished", {**CALL, "type": "track", "event": "Quiz\0Finished"}),
    )

    assert [one.problem is not None for one in taken] == [True] * 4
    assert len(cafe.rejects()) == 4


@pytest.mark.parametrize("clock", ["wall", "events"])
def test_a_brand_that_lives_by_its_events_takes_deliveries_too(cafe: Cafe, clock: str) -> None:
    with connect(cafe.dsn) as conn:
        conn.execute("UPDATE brand SET clock = %s", [clock])
        conn.commit()
        cafe.brand = brand_named(conn, "corner-cafe")

    assert outcomes(cafe.deliver(parcel("segment", "Order Completed", PAID))) == ["accepted"]
