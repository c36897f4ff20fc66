"""The teller: who waits together shares a commit, and nobody suffers from what another brings."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api.conftest import Door
from bondfire.api.examples import ORDER
from bondfire.api.house import House
from bondfire.api.teller import Books, Decided, Teller
from bondfire.db import connect
from bondfire.errors import NotFound
from bondfire.programs import Brand, brand_named

TRANSACTIONS = "SELECT count(DISTINCT xmin::text) FROM journal"


@pytest.fixture
def house(cafe: Door) -> House:
    """The house behind the café's door."""
    house: House = cafe.client.app.state.house  # type: ignore[attr-defined] # the application's own
    return house


@pytest.fixture
def hire(house: House) -> Iterator[Callable[..., Teller]]:
    """Hires a teller, with a way to do transactions of the test's own."""
    hired: list[Teller] = []

    def act(transact: Callable[[Callable[..., Any]], Any] = house.transact) -> Teller:
        hired.append(Teller(Books(transact, house.timeline)))
        return hired[-1]

    yield act
    for teller in hired:
        teller.close()


def cafe_brand(door: Door) -> Brand:
    with connect(door.dsn) as conn:
        return brand_named(conn, "corner-cafe")


def order(number: int) -> bytes:
    named = {"id": f"o-{number}", "order": str(number), "member": f"c-{number}", "lines": None}
    return json.dumps({**ORDER, **named}).encode()


async def decide(teller: Teller, brand: Brand, row: bytes) -> Decided:
    return await teller.decide(brand, [row], recorded_at=None, with_wallets=True)


def test_a_hundred_who_wait_share_a_few_commits(cafe: Door, hire: Callable[..., Teller]) -> None:
    brand, teller = cafe_brand(cafe), hire()

    async def everybody() -> list[Decided]:
        return await asyncio.gather(*(decide(teller, brand, order(number)) for number in range(100)))

    answers = asyncio.run(everybody())

    results = [rows[0].result for _, rows in answers]
    assert [result and result.event for result in results] == [f"o-{number}" for number in range(100)]
    assert {result and result.outcome for result in results} == {"accepted"}
    with connect(cafe.dsn) as conn:
        (commits,) = conn.execute(TRANSACTIONS).fetchone() or ()
    assert commits < 20


def test_whoever_brings_what_breaks_us_is_the_only_one_to_suffer(
    cafe: Door, house: House, hire: Callable[..., Teller]
) -> None:
    brand = cafe_brand(cafe)

    def fragile(act: Callable[..., list[Decided]]) -> list[Decided]:
        def breaking(conn: Any) -> list[Decided]:
            decided = act(conn)
            if any(row.event and row.event.id == "o-3" for one in decided for row in one.rows):
                raise ZeroDivisionError
            return decided

        return house.transact(breaking)

    teller = hire(fragile)

    async def everybody() -> list[Decided | BaseException]:
        waiting = (decide(teller, brand, order(number)) for number in range(8))
        return await asyncio.gather(*waiting, return_exceptions=True)

    answers = asyncio.run(everybody())

    assert [isinstance(one, ZeroDivisionError) for one in answers] == [number == 3 for number in range(8)]
    with connect(cafe.dsn) as conn:
        kept = conn.execute("SELECT event_id FROM journal ORDER BY event_id").fetchall()
    assert kept == [(f"o-{number}",) for number in range(8) if number != 3]


def test_a_brand_without_a_programme_hinders_no_other(cafe: Door, hire: Callable[..., Teller]) -> None:
    cafe.key("events:write", brand="rival")
    with connect(cafe.dsn) as conn:
        rival = brand_named(conn, "rival")
    brand, teller = cafe_brand(cafe), hire()

    async def both() -> tuple[Any, Any]:
        return await asyncio.gather(
            decide(teller, rival, order(1)), decide(teller, brand, order(2)), return_exceptions=True
        )

    refused, taken = asyncio.run(both())

    assert isinstance(refused, NotFound)
    assert taken.rows[0].result.outcome == "accepted"


def test_a_member_who_was_changed_by_another_process_is_read_again(
    cafe: Door, hire: Callable[..., Teller]
) -> None:
    """Two tellers are two processes: each remembers the member, and must not trust it."""
    brand, one, other = cafe_brand(cafe), hire(), hire()

    async def in_turn() -> list[str]:
        balances = []
        for number in range(6):
            row = json.dumps({**json.loads(order(number)), "member": "c-1"}).encode()
            decided = await decide((one, other)[number % 2], brand, row)
            result = decided.rows[0].result
            assert result is not None
            assert result.wallets is not None
            balances.append(str(result.wallets["status"].active))
        return balances

    assert asyncio.run(in_turn()) == [str(119 * number) for number in range(1, 7)]
