"""What is announced is delivered: in order for each member, again and again until it is taken or given up."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import OperationalError

from bondfire.db import Connection, Pool
from bondfire.journal import pass_time
from bondfire.webhooks import Answer, Postman
from bondfire.webhooks.model import DELAYS, JITTER, LONGEST_WAIT, asked_wait
from journal.store_makers import back
from webhooks.makers import NOON, OK, Brand, Heard, Receiver, orders, restarted

BROKEN = Answer(500)


def test_an_announcement_is_posted_once(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint()
    brand.tell(*orders(1, 2), *orders(3, member="c-2"))

    first, second = brand.deliver(receiver), brand.deliver(receiver, days=1)

    assert (first, second) == ({"delivered": 3}, {})
    assert sorted(receiver.events) == ["ord-1", "ord-2", "ord-3"]
    assert receiver.heard[0].url == "https://shop.example/hooks"


def test_a_member_whose_delivery_fails_waits_and_others_go_on(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint()
    brand.tell(*orders(1, 2, 3), *orders(4, 5, member="c-2"))
    receiver.answer = lambda heard: BROKEN if heard.event == "ord-1" else OK

    assert brand.deliver(receiver) == {"failed": 1, "delivered": 2}
    assert sorted(receiver.events) == ["ord-1", "ord-4", "ord-5"]

    receiver.answer = lambda _: OK
    assert brand.deliver(receiver, seconds=1) == {}
    assert brand.deliver(receiver, minutes=1) == {"delivered": 3}
    assert receiver.events[3:] == ["ord-1", "ord-2", "ord-3"]


def test_news_of_a_member_does_not_hasten_what_waits(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint()
    receiver.answer = lambda _: BROKEN
    for number in range(4):
        brand.tell(*orders(number))
        brand.deliver(receiver, seconds=10)

    assert receiver.events == ["ord-0", "ord-0"]


def test_it_is_tried_ten_times_as_the_specification_suggests_and_then_given_up(
    brand: Brand, receiver: Receiver
) -> None:
    brand.endpoint()
    brand.tell(*orders(1, 2))
    receiver.answer = lambda heard: BROKEN if heard.event == "ord-1" else OK

    assert brand.deliver(receiver) == {"failed": 1}
    for number, delay in enumerate(DELAYS, start=2):
        early = brand.deliver(receiver, seconds=delay.total_seconds() - 1)
        late = brand.deliver(receiver, seconds=delay.total_seconds() * JITTER + 1)
        assert early == {}
        assert late == ({"failed": 1} if number < 10 else {"given_up": 1, "delivered": 1})

    assert receiver.events == ["ord-1"] * 10 + ["ord-2"]
    assert len({(one.id, one.body) for one in receiver.heard[:10]}) == 1
    assert brand.states() == ["given_up", "delivered"]
    assert brand.deliver(receiver, days=30) == {}


def test_two_endpoints_hear_the_same_each_at_its_own_pace(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint("https://one.example/")
    brand.endpoint("https://two.example/")
    brand.tell(*orders(1, 2))
    receiver.answer = lambda heard: BROKEN if "one" in heard.url else OK

    brand.deliver(receiver)

    assert [one.event for one in receiver.heard if "two" in one.url] == ["ord-1", "ord-2"]
    assert [one.event for one in receiver.heard if "one" in one.url] == ["ord-1"]
    assert len({one.id for one in receiver.heard}) == 3


def test_an_endpoint_hears_what_happens_from_now_on_or_everything(brand: Brand, receiver: Receiver) -> None:
    brand.tell(*orders(1))
    brand.endpoint("https://new.example/")
    brand.endpoint("https://all.example/", from_beginning=True)
    brand.tell(*orders(2), *orders(3, member="c-2"))

    brand.deliver(receiver)

    heard = {
        url: [one.event for one in receiver.heard if one.url == url]
        for url in ("https://new.example/", "https://all.example/")
    }
    assert sorted(heard["https://new.example/"]) == ["ord-2", "ord-3"]
    assert sorted(heard["https://all.example/"]) == ["ord-1", "ord-2", "ord-3"]


def test_an_endpoint_hears_only_the_types_it_asked_for(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint(types=["return.unmatched"])
    brand.tell(*orders(1), back(2, NOON, total="5"))

    brand.deliver(receiver)

    assert [one.payload["type"] for one in receiver.heard] == ["return.unmatched"]


def test_what_time_brings_is_announced_too(brand: Brand, receiver: Receiver) -> None:
    brand.endpoint()
    brand.tell(*orders(1))
    pass_time(brand.store.dsn, brand.store.brand, brand.store.timeline, until=NOON + timedelta(days=400))

    brand.deliver(receiver)

    told = receiver.heard[-1].payload["data"]
    assert (told["event"], told["source"], told["event_type"]) == (None, None, "time.passed")
    assert [(one["kind"], one["amount"]) for one in told["entries"]] == [("expire", "100")]


def test_gone_disables_at_once_and_switched_on_again_it_goes_on(brand: Brand, receiver: Receiver) -> None:
    endpoint, _ = brand.endpoint()
    brand.tell(*orders(1, 2))
    receiver.answer = lambda _: Answer(410)

    assert brand.deliver(receiver) == {"failed": 1}
    assert brand.health(endpoint)[:2] == ("disabled", "gone")

    receiver.answer = lambda _: OK
    brand.tell(*orders(3))
    assert brand.deliver(receiver, days=2) == {}
    brand.change(endpoint, is_active=True)

    assert brand.deliver(receiver) == {"delivered": 3}
    assert receiver.events == ["ord-1", "ord-1", "ord-2", "ord-3"]


def test_an_endpoint_that_takes_nothing_for_five_days_is_disabled(brand: Brand, receiver: Receiver) -> None:
    endpoint, _ = brand.endpoint()
    brand.tell(*orders(1, 2, 3))
    receiver.answer = lambda _: BROKEN

    hours = 0
    while brand.health(endpoint)[0] == "active":
        brand.deliver(receiver, hours=6)
        hours += 6

    assert 5 * 24 <= hours <= 7 * 24
    assert brand.health(endpoint)[:2] == ("disabled", "failing")
    assert brand.states() == ["given_up", "waiting", "waiting"]


def test_something_taken_makes_an_endpoint_well_again(brand: Brand, receiver: Receiver) -> None:
    endpoint, _ = brand.endpoint()
    receiver.answer = lambda heard: BROKEN if heard.event == "ord-1" else OK
    brand.tell(*orders(1))
    for number in range(2, 9):
        brand.tell(*orders(number, member=f"c-{number}"))
        brand.deliver(receiver, days=1)

    assert brand.health(endpoint)[0] == "active"


@pytest.mark.parametrize(
    ("status", "asked"), [(429, "3600"), (503, "3600"), (503, "Sun, 01 Mar 2026 13:00:00 GMT")]
)
def test_retry_after_is_honoured_for_all_members(
    brand: Brand, receiver: Receiver, status: int, asked: str
) -> None:
    brand.endpoint()
    brand.tell(*orders(1), *orders(2, member="c-2"))
    receiver.answer = lambda _: Answer(status, retry_after=asked)
    brand.deliver(receiver)
    before = len(receiver.heard)
    brand.tell(*orders(3, member="c-3"))
    receiver.answer = lambda _: OK

    assert brand.deliver(receiver, minutes=59) == {}
    assert brand.deliver(receiver, minutes=1) == {"delivered": 3}
    assert len(receiver.heard) == before + 3


@given(st.one_of(st.text(max_size=100), st.text("MonTueFriMarGT:, +-0123456789", max_size=100)))
def test_whatever_a_receiver_asks_it_is_heard_again_within_a_day(asked: str) -> None:
    assert timedelta() <= asked_wait(asked, NOON) <= LONGEST_WAIT


def test_an_endpoint_out_of_reach_rests_longer_each_time_and_is_tried_with_one_message(
    brand: Brand, receiver: Receiver
) -> None:
    endpoint, _ = brand.endpoint()
    brand.tell(*(one for number in range(20) for one in orders(number, member=f"c-{number}")))
    receiver.answer = lambda _: Answer(None, "no_connection")
    brand.deliver(receiver)
    tried = [len(receiver.heard)]
    rests: list[timedelta] = []
    for _ in range(10):
        until = brand.health(endpoint)[2]
        assert isinstance(until, datetime)
        rests.append(until - brand.clock())
        assert brand.deliver(receiver, seconds=rests[-1].total_seconds() - 1) == {}
        brand.deliver(receiver, seconds=1)
        tried.append(len(receiver.heard))

    assert tried[0] == 8
    assert [later - earlier for earlier, later in pairwise(tried)] == [1] * 10
    assert rests == [min(timedelta(seconds=5 * 2**number), timedelta(minutes=15)) for number in range(10)]

    receiver.answer = lambda _: OK
    brand.deliver(receiver, minutes=15)
    assert brand.deliver(receiver, hours=6) == {}
    assert brand.states() == ["delivered"] * 20


def test_a_slow_receiver_holds_nobody_else(brand: Brand, receiver: Receiver) -> None:
    """Given two receivers, when one answers only after the other has got everything, then both get it."""
    brand.endpoint("https://slow.example/")
    brand.endpoint("https://quick.example/")
    brand.tell(*(one for number in range(30) for one in orders(number, member=f"c-{number}")))
    everything = Event()
    quick = Receiver(brand.clock)

    class Town:
        def post(self, message: object) -> Answer:
            assert hasattr(message, "url")
            if "slow" in message.url:
                assert everything.wait(60)
                return receiver.post(message)  # type: ignore[arg-type]
            answer = quick.post(message)  # type: ignore[arg-type]
            if len(quick.heard) == 30:
                everything.set()
            return answer

    assert brand.deliver(Town()) == {"delivered": 60}
    assert sorted(receiver.events) == sorted(quick.events)


def test_a_fault_of_ours_in_sending_counts_as_a_failed_attempt(
    brand: Brand, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    brand.endpoint()
    brand.tell(*orders(1))

    def fault(_: Heard) -> Answer:
        raise ZeroDivisionError("ann@example.com")

    receiver.answer = fault
    assert brand.deliver(receiver) == {"failed": 1}
    assert "could not be posted: ZeroDivisionError in" in caplog.text
    assert "ann@example.com" not in caplog.text
    assert brand.rows("SELECT status, error FROM webhook_attempt") == [(None, "internal")]

    receiver.answer = lambda _: OK
    assert brand.deliver(receiver, minutes=1) == {"delivered": 1}


def test_what_was_answered_while_the_database_was_away_is_written_down_when_it_is_back(
    brand: Brand, receiver: Receiver
) -> None:
    brand.endpoint()
    brand.tell(*orders(1))
    pool = Fading(brand.store.dsn, size=1)
    postman = Postman(pool, receiver, worker="w", now=brand.clock)

    def fade(_: Heard) -> Answer:
        pool.is_away = True
        return OK

    receiver.answer = fade
    with pytest.raises(OperationalError):
        postman.deliver()
    assert brand.states() == ["waiting"]

    pool.is_away = False
    postman.deliver()
    postman.close()
    pool.close()
    assert (postman.outcomes, receiver.events) == ({"delivered": 1}, ["ord-1"])


class Fading(Pool):
    """A pool of a database that may go away."""

    is_away = False

    @contextmanager
    def transaction(self, *, snapshot: bool = False) -> Iterator[Connection]:
        """As of any pool, while the database is there."""
        if self.is_away:
            raise OperationalError
        with super().transaction(snapshot=snapshot) as conn:
            yield conn


def test_an_answer_that_comes_after_somebody_else_has_recorded_changes_nothing(
    brand: Brand, receiver: Receiver
) -> None:
    """Given a worker that sleeps while it sends, when another takes over, then it is recorded once."""
    brand.endpoint()
    brand.tell(*orders(1, 2))

    def meanwhile(_: Heard) -> Answer:
        receiver.answer = lambda _: OK
        restarted(brand, receiver)
        return BROKEN

    receiver.answer = meanwhile
    with brand.worker(receiver, "sleeper") as sleeper:
        sleeper.deliver()

    assert sleeper.outcomes == {}
    assert brand.states() == ["delivered", "delivered"]
    assert receiver.events == ["ord-1", "ord-1", "ord-2"]
    assert brand.rows("SELECT number, status FROM webhook_attempt ORDER BY number") == [(1, 200), (1, 200)]
