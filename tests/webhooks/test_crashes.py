"""A worker that is killed at any moment loses no delivery, leaves none out, and keeps the order."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from random import Random

import pytest

from bondfire.webhooks.leases.model import LEASE
from webhooks.makers import NOON, Brand, Heard, orders, site

SCRIPT = """
import sys
from datetime import datetime
from random import Random
from bondfire.db import Pool
from bondfire.webhooks import HttpGateway, Postman

dsn, now = sys.argv[1], datetime.fromisoformat(sys.argv[2])
postman = Postman(Pool(dsn, size=1), HttpGateway(), worker=sys.argv[2], now=lambda: now, chance=Random(1))
postman.deliver()
postman.close()
"""
MEMBERS = 8
EACH = 10
MOST_BETWEEN_KILLS = MEMBERS * EACH // 6
Run = Callable[[str, str], "subprocess.Popen[bytes]"]


@pytest.fixture
def run() -> Iterator[Run]:
    """A worker in a process of its own, killed at the end of the test if it still lives."""
    with ExitStack() as stack:

        def start(dsn: str, now: str) -> "subprocess.Popen[bytes]":
            process = subprocess.Popen(
                [sys.executable, "-c", SCRIPT, dsn, now],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        yield start


def tell_everything(brand: Brand) -> None:
    for member in range(MEMBERS):
        numbers = range(member * EACH, (member + 1) * EACH)
        brand.tell(*(one for number in numbers for one in orders(number, member=f"c-{member}")))


def first_of_each(heard: list[Heard]) -> list[str]:
    """The events in the order in which they came, as a receiver reads them that drops repetitions."""
    return list(dict.fromkeys(one.event for one in heard if one.id))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_worker_killed_again_and_again_loses_nothing_and_keeps_the_order(
    database: str, brand: Brand, run: Run, seed: int
) -> None:
    """Given a receiver that fails now and then, when the worker is killed while it gets its messages."""
    chance, kills = Random(seed), 0
    with site() as shop:
        brand.endpoint(shop.url, may_private=True)
        tell_everything(brand)
        heard_before_kill: list[int] = []
        process = run(database, NOON.isoformat())

        def answer(_: Heard) -> tuple[int, dict[str, str], bytes]:
            if heard_before_kill and len(shop.heard) >= heard_before_kill[0]:
                heard_before_kill.clear()
                os.kill(process.pid, signal.SIGKILL)
            return (500 if chance.random() < 0.1 else 204), {}, b""

        heard_before_kill.append(chance.randrange(1, 6))
        shop.server.answer = answer
        while process.wait() != 0 or brand.rows("SELECT 1 FROM webhook_queue LIMIT 1"):
            if process.returncode == -signal.SIGKILL:
                kills += 1
                heard_before_kill.append(len(shop.heard) + chance.randrange(1, MOST_BETWEEN_KILLS))
                brand.clock.pass_(seconds=LEASE.total_seconds() + 1)
            else:
                brand.clock.pass_(hours=1)
            process = run(database, brand.clock().isoformat())

    assert kills >= 5
    assert set(brand.states()) == {"delivered"}
    told = first_of_each(shop.heard)
    assert sorted(told) == sorted(f"ord-{number}" for number in range(MEMBERS * EACH))
    for member in range(MEMBERS):
        mine = [one for one in told if int(one[4:]) // EACH == member]
        assert mine == [f"ord-{number}" for number in range(member * EACH, (member + 1) * EACH)]
    assert len({one.id for one in shop.heard}) == MEMBERS * EACH
    assert len(shop.heard) > MEMBERS * EACH


def test_killed_before_anything_was_sent_it_begins_again(database: str, brand: Brand, run: Run) -> None:
    """Given a receiver that keeps the first message and never answers, when the worker is killed."""
    with site() as shop:
        brand.endpoint(shop.url, may_private=True)
        brand.tell(*orders(1, 2, 3))
        process = run(database, NOON.isoformat())

        def kill(_: Heard) -> tuple[int, dict[str, str], bytes]:
            shop.answers(204)
            process.kill()
            process.wait()
            return 204, {}, b""

        shop.server.answer = kill
        assert process.wait() == -signal.SIGKILL
        assert brand.states() == ["waiting"] * 3

        later = NOON + LEASE + timedelta(seconds=1)
        assert run(database, later.isoformat()).wait() == 0

    assert [one.event for one in shop.heard] == ["ord-1", "ord-1", "ord-2", "ord-3"]
    assert brand.states() == ["delivered"] * 3
