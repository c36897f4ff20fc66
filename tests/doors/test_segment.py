"""Segment's calls become events, attributes and personal data; whoever they are of."""

from datetime import UTC, datetime, timedelta

import pytest

from bondfire.doors import ANONYMOUS, BadCall, Person, read_batch, read_call, read_parcel
from doors.makers import NOW, call, only, problem_of, terms, without

ITEM = {"messageId": "m-1", "userId": "c-17", "timestamp": "2026-03-28T15:10:00.000Z"}
TRACK = {**ITEM, "type": "track", "event": "Quiz Finished", "properties": {"score": 7}}


def test_a_type_of_the_programmes_own_is_found_under_the_name_that_others_give_it() -> None:
    for name in ("Quiz Finished", "quiz_finished", "quizFinished", "quiz.finished"):
        event = only(call({**TRACK, "event": name}))
        assert (event.type, event.body["score"]) == ("quiz.finished", 7)
    assert only(call({**TRACK, "event": "Product List Viewed"})).type == "product_list.viewed"


def test_properties_become_the_declared_fields_and_the_rest_is_left_out() -> None:
    properties = {
        "score": 7,
        "Quiz Name": "Tea",
        "finishedAt": "2026-03-28T15:09:59.1234567Z",
        "utm_source": "x",
        "id": "not-the-event's",
    }

    event = only(call({**TRACK, "properties": properties}))

    assert event.id == "m-1"
    assert event.body["quiz_name"] == "Tea"
    assert event.body["finished_at"] == datetime(2026, 3, 28, 15, 9, 59, 123456, tzinfo=UTC)
    assert "utm_source" not in event.body


def test_an_event_nobody_declared_is_left_for_later() -> None:
    problem = problem_of(call({**TRACK, "event": "Song Played"}))

    assert (problem.code, problem.field) == ("unmapped_event", "event")
    assert "Song Played" in problem.message


@pytest.mark.parametrize("name", ["Points Adjusted", "Points Spent", "Order Placed", "Order Returned"])
def test_points_and_orders_are_never_found_by_name(name: str) -> None:
    assert problem_of(call({**TRACK, "event": name})).code == "unmapped_event"


def test_a_review_is_a_review() -> None:
    properties = {"product_id": "507f", "review_id": "r1", "review_body": "Fine.", "rating": "5"}

    event = only(call({**TRACK, "event": "Product Reviewed", "properties": properties}))

    assert (event.type, event.body["rating"], event.body["sku"]) == ("review.submitted", 5, "507f")
    assert event.personal == {"text": "Fine."}


def test_who_signs_up_joins() -> None:
    event = only(call({**TRACK, "event": "Signed Up", "properties": {"favouriteDrink": "tea"}}))

    assert (event.type, event.body["attributes"]) == ("member.joined", {"favourite_drink": "tea"})


def test_traits_are_attributes_and_personal_data_apart() -> None:
    traits = {
        "firstName": "Ann",
        "lastName": "Beispiel",
        "email": "ann@example.com",
        "phone": "030 1234567",
        "Favourite Drink": "tea",
        "postcode": 10115,
        "plan": "free",
    }

    reading = call({**ITEM, "type": "identify", "traits": traits, "anonymousId": "a-1"})

    event = only(reading)
    assert (event.type, event.member) == ("member.updated", "c-17")
    assert event.body["attributes"] == {"favourite_drink": "tea", "postcode": "10115"}
    assert reading.person == Person(name="Ann Beispiel", email="ann@example.com", phone="030 1234567")
    assert (reading.member, reading.was) == ("c-17", ANONYMOUS + "a-1")


def test_rudderstack_has_its_traits_in_the_context() -> None:
    reading = call({**ITEM, "type": "identify", "context": {"traits": {"age": 30, "name": "Ann"}}})

    assert only(reading).body["attributes"] == {"age": 30}
    assert reading.person == Person(name="Ann")


def test_traits_without_a_declared_one_make_no_event() -> None:
    reading = call({**ITEM, "type": "identify", "traits": {"email": "ann@example.com"}})

    assert reading.events == ()
    assert reading.person == Person(email="ann@example.com")


def test_a_page_loses_the_query_of_its_address() -> None:
    page = {**ITEM, "type": "page", "name": "Home", "category": "Start"}

    event = only(call({**page, "properties": {"url": "https://cafe.example/a?email=ann@example.com#x"}}))
    from_context = only(call(page, context={"page": {"url": "https://cafe.example/b"}}))

    assert (event.type, event.body["page"], event.body["category"]) == ("page.viewed", "Home", "Start")
    assert event.body["url"] == "https://cafe.example/a"
    assert from_context.body["url"] == "https://cafe.example/b"


def test_a_screen_is_a_page_without_an_address() -> None:
    event = only(call({**ITEM, "type": "screen", "name": "Menu"}))

    assert (event.type, event.body["page"], "url" in event.body) == ("page.viewed", "Menu", False)


def test_a_group_is_an_attribute_where_one_is_declared() -> None:
    assert only(call({**ITEM, "type": "group", "groupId": "g-1"})).body["attributes"] == {"group_id": "g-1"}
    assert problem_of(call({**ITEM, "type": "group"})).field == "groupId"


def test_whoever_was_anonymous_has_a_reference_of_their_own_until_alias_says_who_they_are() -> None:
    anonymous = only(call({**without(ITEM, "userId"), "type": "page", "anonymousId": "a-1"}))
    alias = call({**ITEM, "type": "alias", "previousId": "a-1"})

    assert anonymous.member == ANONYMOUS + "a-1"
    assert (alias.events, alias.member, alias.was) == ((), "c-17", ANONYMOUS + "a-1")
    assert alias.previous == "a-1"
    assert call({**ITEM, "type": "alias", "previousId": "c-17"}).was == ""


def test_without_user_or_anonymous_id_nobody_did_it() -> None:
    for empty in (None, "", "  "):
        assert problem_of(call({**TRACK, "userId": empty})).field == "userId"


def test_a_user_id_that_is_a_number_is_a_text() -> None:
    assert only(call({**TRACK, "userId": 17})).member == "17"


@pytest.mark.parametrize("kind", ["trak", "", None, 7])
def test_a_kind_of_call_that_is_none_is_named(kind: object) -> None:
    assert problem_of(call({**TRACK, "type": kind})).code == "unmapped_call"


def test_a_clock_that_is_ahead_is_corrected_as_segment_does() -> None:
    said, sent = NOW + timedelta(hours=2), NOW + timedelta(hours=3)

    reading = call({**TRACK, "timestamp": said.isoformat()}, sent_at=sent.isoformat())

    assert only(reading).occurred_at == NOW - timedelta(hours=1)
    assert reading.guessed == {"m-1"}
    assert only(call({**TRACK, "timestamp": said.isoformat()})).occurred_at == NOW


def test_a_time_that_was_said_is_never_corrected() -> None:
    reading = call(TRACK, sent_at=(NOW + timedelta(hours=3)).isoformat())

    assert only(reading).occurred_at == datetime(2026, 3, 28, 15, 10, tzinfo=UTC)
    assert reading.guessed == frozenset()


def test_a_call_without_time_happened_when_it_came() -> None:
    reading = call(without(TRACK, "timestamp"))

    assert only(reading).occurred_at == NOW
    assert reading.guessed == {"m-1"}


def test_a_call_without_message_id_gets_one_of_what_it_says() -> None:
    first, again = call(without(TRACK, "messageId")), call(without(TRACK, "messageId"))
    other = call({**without(TRACK, "messageId"), "properties": {"score": 8}})

    assert only(first).id == only(again).id
    assert only(first).id != only(other).id


def test_a_call_beyond_32_kilobytes_is_refused_alone() -> None:
    long = {**TRACK, "properties": {"score": 7, "note": "x" * 33_000}}

    assert problem_of(call(long)).code == "too_large"


@pytest.mark.parametrize("raw", [b'{"type": "track", "type": "page"}', b'{"userId": "\xff"}', b"7", b"null"])
def test_a_call_that_is_no_object_spoils_no_other(raw: bytes) -> None:
    body = b'{"batch": [%b, {"type": "page", "userId": "c-17"}]}' % raw

    bad, good = read_batch(body, received_at=NOW).parcels

    assert problem_of(read_parcel(bad, terms()))
    assert only(read_parcel(good, terms())).type == "page.viewed"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_json"),
        (b"[]", "bad_json"),
        (b"{}", "bad_json"),
        (b'{"batch": {}}', "bad_json"),
        (b'{"batch": [{},]}', "bad_json"),
        (b'{"batch": [{}], "batch": []}', "duplicate_key"),
        (b'{"batch": [{}], "\\u0062atch": []}', "duplicate_key"),
        (b"{" * 100_000, "bad_json"),
        (b'{"batch": [' + b" " * 512_000 + b"]}", "too_large"),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(body: bytes, code: str) -> None:
    with pytest.raises(BadCall) as refusal:
        read_batch(body, received_at=NOW)
    assert (refusal.value.status, refusal.value.code) == (400, code)


def test_the_address_says_which_kind_of_call_it_is_and_the_body_whose() -> None:
    calls = read_call(b'{"userId": "c-17", "type": "identify", "writeKey": "bf_x"}', "page", received_at=NOW)

    assert calls.write_key == "bf_x"
    assert only(read_parcel(calls.parcels[0], terms())).type == "page.viewed"
    with pytest.raises(BadCall):
        read_call(b" " * 33_000, "page", received_at=NOW)


def test_a_public_key_may_say_that_a_page_was_viewed_and_whom_a_visitor_became() -> None:
    assert only(call({**ITEM, "type": "page"}, public=True)).type == "page.viewed"
    assert only(call(TRACK, public=True)).type == "quiz.finished"

    identify = call(
        {**ITEM, "type": "identify", "anonymousId": "a-1", "traits": {"age": 3, "email": "x@y.z"}},
        public=True,
    )
    assert (identify.events, identify.person, identify.was) == ((), None, ANONYMOUS + "a-1")
    assert "public key" in identify.note


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        ("Order Completed", {"total": 100000}),
        ("Order Refunded", {"order_id": "1"}),
        ("Product Reviewed", {"rating": 5}),
        ("Signed Up", {}),
        ("Survey Answered", {"survey": "s", "score": 1}),
    ],
)
def test_a_public_key_may_say_nothing_that_is_worth_points(name: str, properties: dict[str, object]) -> None:
    item = {**TRACK, "event": name, "properties": properties}

    assert only(call(item)).type
    assert problem_of(call(item, public=True)).code == "public_key"
