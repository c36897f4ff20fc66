"""How much may come: a bucket of tokens for each key and one for its brand."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.conftest import NOON
from bondfire.access import (
    NO_LIMIT,
    RANDOM_BYTES,
    Rate,
    RateLimited,
    RateLimiter,
    authenticate,
    check_rate,
    create_key,
)
from bondfire.errors import BadInput

SIXTY = Rate(60, 3)
"""One a second, three at once."""


def after(**time: float) -> datetime:
    return NOON + timedelta(**time)


def test_a_burst_is_let_in_and_then_one_a_second() -> None:
    rates = RateLimiter(key=SIXTY)
    for _ in range(3):
        rates.enter("k", 1, None, now=NOON)

    with pytest.raises(RateLimited) as refusal:
        rates.enter("k", 1, None, now=NOON)
    rates.enter("k", 1, None, now=after(seconds=1))

    assert (refusal.value.status, refusal.value.policy, refusal.value.wait_seconds) == (429, "key", 1)


def test_who_is_turned_away_loses_nothing_by_asking() -> None:
    rates = RateLimiter(key=SIXTY)
    rates.enter("k", 1, None, now=NOON).take(2)
    for _ in range(10):
        with pytest.raises(RateLimited):
            rates.enter("k", 1, None, now=NOON)

    assert rates.enter("k", 1, None, now=after(seconds=1)).left(after(seconds=1))[0].remaining == 0


def test_a_batch_may_take_more_than_there_is_and_the_next_waits_for_it() -> None:
    rates = RateLimiter(key=SIXTY)
    rates.enter("k", 1, None, now=NOON).take(99)

    with pytest.raises(RateLimited) as refusal:
        rates.enter("k", 1, None, now=NOON)

    assert refusal.value.wait_seconds == 98
    with pytest.raises(RateLimited):
        rates.enter("k", 1, None, now=after(seconds=97))
    rates.enter("k", 1, None, now=after(seconds=98))


def test_what_is_left_is_told_of_both_buckets() -> None:
    rates = RateLimiter(key=SIXTY, brand=Rate(600, 100))

    allowance = rates.enter("k", 1, None, now=NOON)
    allowance.take(1)

    assert [(one.policy, one.remaining, one.reset_seconds) for one in allowance.left(NOON)] == [
        ("key", 1, 2),
        ("brand", 98, 1),
    ]
    assert [(one.rate.burst, one.rate.window_seconds) for one in allowance.left(NOON)] == [(3, 3), (100, 10)]


def test_keys_do_not_take_from_each_other_but_from_their_brand() -> None:
    rates = RateLimiter(key=SIXTY, brand=Rate(60, 5))
    for key in ("a", "a", "a", "b", "b"):
        rates.enter(key, 1, None, now=NOON)

    with pytest.raises(RateLimited) as refusal:
        rates.enter("b", 1, None, now=NOON)
    rates.enter("c", 2, None, now=NOON)

    assert refusal.value.policy == "brand"


def test_a_brand_that_is_full_takes_nothing_from_the_key() -> None:
    rates = RateLimiter(key=SIXTY, brand=Rate(60, 1))
    rates.enter("a", 1, None, now=NOON)
    with pytest.raises(RateLimited) as refusal:
        rates.enter("b", 1, None, now=NOON)

    left = {one.policy: one.remaining for one in refusal.value.allowance.left(NOON)}
    assert left == {"key": 3, "brand": 0}


def test_a_keys_own_rate_stands_in_place_of_that_of_every_key() -> None:
    rates = RateLimiter(key=SIXTY)
    for _ in range(50):
        rates.enter("free", 1, NO_LIMIT, now=NOON)
        rates.enter("large", 1, Rate(60, 50), now=NOON)

    with pytest.raises(RateLimited):
        rates.enter("large", 1, Rate(60, 50), now=NOON)
    assert rates.enter("free", 1, NO_LIMIT, now=NOON).left(NOON) == []


def test_a_clock_that_goes_back_gives_nothing_for_it() -> None:
    rates = RateLimiter(key=SIXTY)
    rates.enter("k", 1, None, now=NOON).take(2)

    with pytest.raises(RateLimited):
        rates.enter("k", 1, None, now=after(seconds=-100))
    with pytest.raises(RateLimited):
        rates.enter("k", 1, None, now=after(seconds=0.5))


@settings(deadline=None)
@given(
    arrivals=st.lists(st.tuples(st.floats(0, 30), st.integers(0, 20)), max_size=60),
    rate=st.builds(Rate, st.integers(1, 6_000), st.integers(1, 50)),
)
def test_over_any_time_no_more_comes_than_the_rate_one_burst_and_one_batch(
    arrivals: list[tuple[float, int]], rate: Rate
) -> None:
    rates, now, let_in, largest = RateLimiter(key=rate), NOON, 0, 0
    for pause, more in arrivals:
        now += timedelta(seconds=pause)
        try:
            allowance = rates.enter("k", 1, None, now=now)
        except RateLimited:
            continue
        allowance.take(more)
        let_in, largest = let_in + 1 + more, max(largest, 1 + more)

    passed = (now - NOON).total_seconds()
    assert let_in <= passed * rate.per_minute / 60 + rate.burst + largest + 1e-6


def test_parallel_requests_share_one_bucket() -> None:
    rates = RateLimiter(key=Rate(1, 100))

    def ask(_number: int) -> bool:
        try:
            rates.enter("k", 1, None, now=NOON)
        except RateLimited:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask, range(1_000))) == 100


@pytest.mark.parametrize(("per_minute", "burst"), [(-1, None), (60, 0), (10**10, None), (60, 10**10)])
def test_a_rate_that_cannot_be_is_refused(per_minute: int, burst: int | None) -> None:
    with pytest.raises(BadInput) as refusal:
        check_rate(per_minute, burst)

    assert refusal.value.code == "bad_rate"


def test_a_keys_own_rate_is_kept_with_it(conn: psycopg.Connection) -> None:
    own = check_rate(600, None)

    _, token = create_key(
        conn, 1, ["admin"], "partner", created_at=NOON, random=bytes(RANDOM_BYTES), rate=own
    )

    assert authenticate(conn, token, now=NOON).rate == Rate(600, 600)
