"""Rejects: bounded, paged, found by whom they are about, and erased by it."""

import pytest

from bondfire.db import Connection, connect, transaction
from bondfire.deliveries import (
    Place,
    drop_reject,
    drop_topic,
    find_reject,
    forget_member,
    list_rejects,
)
from bondfire.doors import Parcel, people_in
from bondfire.errors import NotFound
from bondfire.members import Alias, Profile, claim_alias, find_member, save_profile
from deliveries.makers import Cafe, fill_shelf, outcomes
from doors.makers import parcel, payload

HER_WORDS = """
SELECT (SELECT count(*) FROM reject WHERE convert_from(raw, 'UTF8') ~* 'ann@example|706405506930370084')
    + (SELECT count(*) FROM order_owner WHERE member = '706405506930370084')
"""


def song(number: int = 1, **frame: str) -> Parcel:
    """A call that stands for no event."""
    item = {"messageId": f"m-{number}", "userId": f"c-{number}", "type": "track", "event": "Song Played"}
    return parcel("segment", "Song Played", item, **frame)


def test_when_there_is_no_room_left_it_is_said_and_good_events_are_taken_all_the_same(cafe: Cafe) -> None:
    fill_shelf(cafe.dsn, cafe.brand.id, 10_000)
    order = {"messageId": "o", "userId": "c-1", "type": "track", "event": "Order Completed"}

    bad, good = cafe.deliver(song(), parcel("segment", "x", {**order, "properties": {"total": 9}}))

    assert (bad.is_lost, bad.reject_id, good.is_lost) == (True, None, False)
    assert cafe.beans("c-1") == "9"
    with connect(cafe.dsn) as conn:
        assert conn.execute("SELECT count(*) FROM reject").fetchone() == (10_000,)


@pytest.mark.parametrize(
    ("rows", "topics", "size", "is_lost"),
    [(999, 1, 10, False), (1_000, 1, 10, True), (100, 100, 1_000_000, True), (99, 99, 1_000_000, False)],
)
def test_no_topic_and_no_size_fills_the_shelf_beyond_its_share(
    cafe: Cafe, *, rows: int, topics: int, size: int, is_lost: bool
) -> None:
    fill_shelf(cafe.dsn, cafe.brand.id, rows, topics=topics, size=size)
    one = parcel("segment", "topic 0", {"userId": "c-1", "type": "track", "event": "topic 0"})

    (taken,) = cafe.deliver(one)

    assert taken.is_lost is is_lost


def test_what_came_with_a_public_key_has_a_small_share(cafe: Cafe) -> None:
    fill_shelf(cafe.dsn, cafe.brand.id, 1_000, public=True)

    public, ours = cafe.deliver(song(1, public="yes"), song(2))

    assert (public.is_lost, ours.is_lost) == (True, False)


def test_what_the_law_asks_always_has_room(cafe: Cafe) -> None:
    fill_shelf(cafe.dsn, cafe.brand.id, 10_000)

    (taken,) = cafe.deliver(parcel("shopify", "shop/redact", payload("shopify_privacy_shop_redact")))

    assert (taken.is_lost, taken.reject_id is not None) == (False, True)


def test_what_is_kept_already_needs_no_room(cafe: Cafe) -> None:
    cafe.deliver(song())
    fill_shelf(cafe.dsn, cafe.brand.id, 9_999)

    assert cafe.deliver(song())[0].is_lost is False


def test_pages_go_from_the_newest_to_the_oldest_and_miss_nothing(cafe: Cafe) -> None:
    cafe.deliver(*(song(number) for number in range(25)))
    seen: list[object] = []
    after: Place | None = None
    with connect(cafe.dsn) as conn:
        while page := list_rejects(conn, cafe.brand.id, after=after, most=10):
            seen += [one.reject_id for one in page]
            after = Place(page[-1].parcel.received_at, page[-1].reject_id)

    assert seen == [one.reject_id for one in cafe.rejects()]
    assert len(set(seen)) == 25


def test_one_brand_never_sees_or_drops_anothers(cafe: Cafe) -> None:
    (taken,) = cafe.deliver(song())
    assert taken.reject_id is not None
    other = cafe.brand.id + 1

    with connect(cafe.dsn) as conn, transaction(conn):
        assert (
            list_rejects(conn, other, after=Place(cafe.now.replace(year=9000), taken.reject_id), most=9) == []
        )
        with pytest.raises(NotFound):
            find_reject(conn, other, taken.reject_id)
        with pytest.raises(NotFound):
            drop_reject(conn, other, taken.reject_id)
        assert drop_topic(conn, other, "Song Played") == 0
    assert len(cafe.rejects()) == 1


def test_a_reject_or_a_topic_is_dropped_for_ever(cafe: Cafe) -> None:
    first, *_ = cafe.deliver(*(song(number) for number in range(3)))
    assert first.reject_id is not None

    with connect(cafe.dsn) as conn, transaction(conn):
        drop_reject(conn, cafe.brand.id, first.reject_id)
        with pytest.raises(NotFound):
            drop_reject(conn, cafe.brand.id, first.reject_id)
    assert len(cafe.rejects()) == 2
    with connect(cafe.dsn) as conn, transaction(conn):
        assert drop_topic(conn, cafe.brand.id, "Song Played") == 2
    assert cafe.rejects() == []


def everything_about_ann(conn: Connection) -> int:
    """How many rows still hold a word of her."""
    row = conn.execute(HER_WORDS).fetchone()
    return int(row[0]) if row else -1


def test_a_person_is_erased_by_reference_alias_and_address(cafe: Cafe) -> None:
    shop = "706405506930370084"
    deliveries = [
        parcel("shopify", "orders/paid", payload("shopify_order_tax_included")),
        parcel("shopify", "customers/redact", payload("shopify_privacy_customer_redact")),
        parcel("shopify", "carts/update", {"email": "Ann@Example.com"}),
        parcel("segment", "Song Played", {"userId": "c-17", "type": "track", "event": "Song Played"}),
        parcel(
            "woocommerce", "order.updated", {**payload("woocommerce_order_tax_included"), "status": "odd"}
        ),
    ]
    cafe.deliver(*deliveries, song(99))
    with connect(cafe.dsn) as conn, transaction(conn):
        member_id = find_member(conn, cafe.brand, "c-17")
        claim_alias(conn, cafe.brand, member_id, Alias("reference", shop), claimed_at=cafe.now)
        save_profile(conn, cafe.brand, member_id, Profile(email="ann@example.com"), updated_at=cafe.now)

    with connect(cafe.dsn) as conn, transaction(conn):
        before = everything_about_ann(conn)
        dropped = forget_member(conn, cafe.brand, "c-17")
        after = everything_about_ann(conn)

    assert (before, dropped, after) == (4, 4, 0)
    assert [one.people for one in cafe.rejects()] == [("c-99",)]


@pytest.mark.parametrize(
    ("body", "people"),
    [
        ({"userId": "u", "anonymousId": "a"}, {"u", "de-u", "anonymous:a"}),
        ({"previousId": "p"}, {"p", "anonymous:p"}),
        (
            {"customer": {"id": 7, "phone": "+49 1"}, "email": "A@b.c"},
            {"7", "de-7", "+49 1", "A@b.c", "a@b.c"},
        ),
        (
            {"data": {"object": {"client_reference_id": "c-1", "customer": "cus_1"}}},
            {"c-1", "de-c-1", "cus_1", "de-cus_1"},
        ),
        (b'{"userId": "u", "userId": "v"', set()),
        (b'{"userId": "u", "userId": "v"}', {"v", "de-v"}),
        (b'{"userId": "\xff"}', set()),
        (b"[" * 9_000, set()),
        ({"userId": "\ud800", "email": "\0", "phone": 9}, {"9"}),
    ],
)
def test_whom_a_parcel_is_about_is_found_also_where_it_cannot_be_read(body: object, people: set[str]) -> None:
    found = people_in(parcel("stripe", "x", body, prefix="de-"))

    assert set(found) == people


def test_a_reject_of_stripe_can_be_taken_when_its_order_comes(cafe: Cafe) -> None:
    cafe.deliver(parcel("stripe", "charge.refunded", payload("stripe_charge_refunded")))
    (kept,) = cafe.rejects()

    taken = cafe.deliver(parcel("stripe", "checkout.session.completed", payload("stripe_checkout_completed")))

    assert kept.code == "unknown_order"
    assert (outcomes(taken), cafe.rejects()) == (["accepted"], [])
