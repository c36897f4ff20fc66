"""What was sent or given up can be sent again: one delivery, a member's, an endpoint's since a time."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from bondfire.db import connect, transaction
from bondfire.errors import BadInput, Conflict, NotFound
from bondfire.kit import member_id_of
from bondfire.webhooks import Answer, resend_deliveries, resend_delivery
from bondfire.webhooks.model import DELAYS
from webhooks.makers import OK, Brand, Receiver, orders, uuid_of

BROKEN = Answer(500)


def resend_one(brand: Brand, webhook_id: str) -> None:
    brand.act(lambda conn: resend_delivery(conn, brand.store.brand, uuid_of(webhook_id), now=brand.clock()))


def resend_many(
    brand: Brand,
    *,
    endpoint_id: UUID | None = None,
    member: str | None = None,
    since: datetime | None = None,
    limit: int = 1_000,
) -> list[int]:
    """All pages; how many each."""
    member_id = None if member is None else member_id_of(brand.store.brand.name, member)
    counted: list[int] = []
    place = None
    while place is not None or not counted:
        with connect(brand.store.dsn) as conn, transaction(conn):
            resent, place = resend_deliveries(
                conn,
                brand.store.brand,
                endpoint_id=endpoint_id,
                member_id=member_id,
                since=since,
                now=brand.clock(),
                after=place,
                limit=limit,
            )
        counted.append(resent)
    return counted


def test_one_delivery_is_sent_again_with_the_same_id_and_body(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint()
    brand.tell(*orders(1, 2))
    brand.deliver(receiver)
    first = receiver.heard[0]

    resend_one(brand, first.id)

    assert brand.deliver(receiver) == {"delivered": 1}
    again = receiver.heard[-1]
    assert (again.id, again.body) == (first.id, first.body)
    assert brand.deliver(receiver, days=1) == {}


def test_what_was_given_up_begins_again_with_all_its_tries(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint()
    brand.tell(*orders(1))
    receiver.answer = lambda _: BROKEN
    for delay in (timedelta(), *DELAYS):
        brand.deliver(receiver, seconds=delay.total_seconds() * 1.25)
    assert brand.states() == ["given_up"]

    resend_one(brand, receiver.heard[0].id)

    assert brand.deliver(receiver) == {"failed": 1}
    receiver.answer = lambda _: OK
    assert brand.deliver(receiver, seconds=10) == {"delivered": 1}
    assert brand.rows("SELECT max(number), count(*) FROM webhook_attempt") == [(12, 12)]


def test_sent_again_it_comes_before_what_waits_behind_it(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint()
    brand.tell(*orders(1, 2, 3))
    receiver.answer = lambda heard: BROKEN if heard.event == "ord-2" else OK
    brand.deliver(receiver)
    delivered = receiver.heard[0].id
    receiver.answer = lambda _: OK

    resend_one(brand, delivered)
    brand.deliver(receiver)

    assert receiver.events == ["ord-1", "ord-2", "ord-1", "ord-2", "ord-3"]


def test_sent_again_while_a_later_one_fails_it_is_not_held_up_by_it(brand: Brand, receiver: Receiver) -> None:
    """Given a later one under way, when an earlier one is sent again, then it goes first."""
    brand.endpoint()
    brand.tell(*orders(1, 2))
    receiver.answer = lambda _: OK
    brand.deliver(receiver)
    earlier, later = receiver.heard[0].id, receiver.heard[1].id

    def in_between(_: object) -> Answer:
        receiver.answer = lambda _: OK
        resend_one(brand, earlier)
        return BROKEN

    receiver.answer = in_between
    resend_one(brand, later)

    assert brand.deliver(receiver) == {"failed": 1, "delivered": 2}
    assert receiver.events == ["ord-1", "ord-2", "ord-2", "ord-1", "ord-2"]


def test_one_that_waits_is_tried_at_once_also_by_an_endpoint_that_rests(
    brand: Brand, receiver: Receiver
) -> None:
    brand.endpoint()
    brand.tell(*orders(1))
    receiver.answer = lambda _: Answer(503, retry_after="7200")
    brand.deliver(receiver)
    receiver.answer = lambda _: OK

    resend_one(brand, receiver.heard[0].id)

    assert brand.deliver(receiver) == {"delivered": 1}


def test_everything_of_a_member_is_sent_again_in_order_to_all_endpoints(
    brand: Brand, receiver: Receiver
) -> None:
    brand.endpoint("https://one.example/")
    brand.endpoint("https://two.example/")
    brand.tell(*orders(1, 2, 3), *orders(4, member="c-2"))
    brand.deliver(receiver)
    receiver.heard.clear()

    assert resend_many(brand, member="c-1", limit=4) == [4, 2]
    assert brand.deliver(receiver) == {"delivered": 6}
    for url in ("https://one.example/", "https://two.example/"):
        assert [one.event for one in receiver.heard if one.url == url] == ["ord-1", "ord-2", "ord-3"]


def test_everything_of_an_endpoint_since_a_time_is_sent_again_page_by_page(
    brand: Brand, receiver: Receiver
) -> None:
    endpoint, _ = brand.endpoint("https://one.example/")
    brand.endpoint("https://two.example/")
    brand.tell(*orders(1, 2))
    brand.deliver(receiver)
    brand.clock.pass_(days=1)
    since = brand.clock()
    brand.tell(*orders(3, 4, 5), *orders(6, member="c-2"))
    brand.deliver(receiver, seconds=1)
    receiver.heard.clear()

    assert resend_many(brand, endpoint_id=endpoint.id, since=since, limit=3) == [3, 1]
    assert brand.deliver(receiver) == {"delivered": 4}
    assert sorted(receiver.events) == ["ord-3", "ord-4", "ord-5", "ord-6"]
    assert [one for one in receiver.events if one != "ord-6"] == ["ord-3", "ord-4", "ord-5"]
    assert {one.url for one in receiver.heard} == {"https://one.example/"}


def test_a_disabled_endpoint_and_what_is_not_there_are_refused_and_nothing_moves(
    brand: Brand, receiver: Receiver
) -> None:
    endpoint, _ = brand.endpoint()
    brand.tell(*orders(1))
    brand.deliver(receiver)
    brand.rows_gone("UPDATE webhook_endpoint SET state = 'disabled'")

    with pytest.raises(Conflict, match="disabled"):
        resend_one(brand, receiver.heard[0].id)
    with pytest.raises(Conflict, match="disabled"):
        resend_many(brand, endpoint_id=endpoint.id, since=brand.clock() - timedelta(days=1))
    with pytest.raises(NotFound, match="no delivery"):
        resend_one(brand, "msg_" + "a" * 26)
    with pytest.raises(NotFound, match="no endpoint"):
        resend_many(brand, endpoint_id=UUID(int=1), since=brand.clock())
    with pytest.raises(BadInput, match="what is to be sent again"):
        resend_many(brand, endpoint_id=endpoint.id)
    assert resend_many(brand, member="c-1") == [0]
    assert brand.states() == ["delivered"]
    assert brand.rows("SELECT * FROM webhook_queue") == []
