"""Several workers share the buckets by lease: each range has one, and nothing is sent twice."""

from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bondfire.kit import BUCKETS
from bondfire.webhooks import Answer
from bondfire.webhooks.leases.model import LEASE, RANGES, Lease, buckets_of, range_of, share_of
from webhooks.makers import NOON, OK, Brand, Heard, Receiver, orders

LATER = NOON + LEASE


def held(brand: Brand) -> dict[str, int]:
    return dict(brand.rows("SELECT holder, count(*) FROM webhook_lease GROUP BY holder"))


def many(brand: Brand) -> None:
    brand.endpoint()
    brand.tell(*(one for number in range(40) for one in orders(number, member=f"c-{number}")))


def test_every_bucket_is_in_one_range() -> None:
    assert buckets_of(range(RANGES)) == list(range(BUCKETS))
    assert all(range_of(bucket) == number for number in range(RANGES) for bucket in buckets_of([number]))


@given(
    st.lists(
        st.sampled_from([("", NOON), ("a", LATER), ("b", LATER), ("b", NOON), ("c", NOON)]),
        min_size=RANGES,
        max_size=RANGES,
    ),
    st.integers(0, 5),
    st.sets(st.integers(0, RANGES - 1)),
)
def test_a_share_is_fair_free_and_keeps_what_is_under_way(
    leases: list[tuple[str, object]], others: int, busy: set[int]
) -> None:
    held = [Lease(number, holder, until) for number, (holder, until) in enumerate(leases)]  # type: ignore[arg-type]
    own = {one.number for one in held if one.holder == "a"}

    share = share_of(held, "a", others, now=NOON, busy=busy)

    taken = set(share) - own
    assert all(not held[number].holder or held[number].until <= NOON for number in taken)
    assert own & busy <= set(share)
    assert len(share) <= max(-(-RANGES // (others + 1)), len(own & busy) + -(-RANGES // (others + 1)))
    if len(own) <= -(-RANGES // (others + 1)):
        assert own <= set(share)


def test_one_worker_holds_everything_and_gives_it_back(brand: Brand) -> None:
    receiver = Receiver(brand.clock)
    with brand.worker(receiver, "a") as first:
        first.deliver()
        assert held(brand) == {"a": RANGES}

    assert held(brand) == {"": RANGES}
    assert brand.rows("SELECT * FROM webhook_worker") == []


def test_a_second_worker_gets_its_half_when_the_first_looks_again(brand: Brand) -> None:
    receivers = [Receiver(brand.clock), Receiver(brand.clock)]
    with brand.worker(receivers[0], "a") as first, brand.worker(receivers[1], "b") as second:
        first.deliver()
        second.deliver()
        assert held(brand) == {"a": RANGES}

        many(brand)
        brand.clock.pass_(seconds=20)
        first.deliver()
        brand.clock.pass_(seconds=20)
        second.deliver()

    assert sorted(receivers[0].events + receivers[1].events) == sorted(f"ord-{one}" for one in range(40))
    assert min(len(one.heard) for one in receivers) > 5


def test_what_is_under_way_is_not_handed_over(brand: Brand) -> None:
    """Given a message under way in the half that another worker gets, when it comes, that range stays."""
    brand.endpoint()
    brand.tell(*orders(1, 2))
    other = Receiver(brand.clock)
    ranges: list[dict[str, int]] = []

    def slowly(_: Heard) -> Answer:
        receiver.answer = lambda _: OK
        with brand.worker(other, "b") as second:
            second.deliver()
            brand.clock.pass_(seconds=20)
            assert any(held(brand) != {"a": RANGES} for _ in range(10_000))
            second.deliver()
            brand.clock.pass_(seconds=20)
            second.deliver()
            ranges.append(held(brand))
        return OK

    receiver = Receiver(brand.clock, slowly)
    with brand.worker(receiver, "a") as first:
        first.deliver()

    assert ranges == [{"a": 9, "b": 7}]
    assert (receiver.events, other.events) == (["ord-1", "ord-2"], [])


def test_after_a_kill_others_take_over_when_the_lease_has_ended(brand: Brand) -> None:
    many(brand)
    brand.rows_gone("INSERT INTO webhook_worker VALUES ('killed', %s)", brand.clock())
    for number in range(RANGES):
        brand.rows_gone("INSERT INTO webhook_lease VALUES (%s, 'killed', %s)", number, brand.clock() + LEASE)
    receiver = Receiver(brand.clock)

    assert brand.deliver(receiver, seconds=59) == {}
    assert brand.deliver(receiver, seconds=1) == {"delivered": 40}
    assert brand.rows("SELECT worker FROM webhook_worker") == []


def test_workers_in_turn_lose_nothing_and_send_nothing_twice(brand: Brand) -> None:
    receiver = Receiver(brand.clock)
    brand.endpoint()
    with brand.worker(receiver, "a") as first, brand.worker(receiver, "b") as second:
        for number in range(30):
            brand.tell(*orders(number, member=f"c-{number % 7}"))
            brand.clock.pass_(seconds=7)
            (first, second)[number % 2].deliver()
        for _ in range(3):
            brand.clock.pass_(seconds=20)
            first.deliver()
            second.deliver()

    assert Counter(receiver.events) == Counter(f"ord-{number}" for number in range(30))
    for member in range(7):
        mine = [one for one in receiver.events if int(one[4:]) % 7 == member]
        assert mine == sorted(mine, key=lambda one: int(one[4:]))
    assert brand.clock() > NOON + timedelta(minutes=3)
