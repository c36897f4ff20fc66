"""Two hundred tills at once against one balance, over HTTP: exactly what is there is paid out."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from threading import Barrier
from typing import Any

import httpx2

from api.conftest import Door
from api.serving import serving

TILLS = 200
ROUNDS = 3
PRICE = 7


def event(kind: str, name: str, ago: timedelta, **fields: object) -> dict[str, Any]:
    """An event of the one member."""
    at = datetime.now(UTC) - ago
    header = {"type": kind, "id": name, "source": "till", "member": "c-17"}
    return {**header, "occurred_at": at.isoformat(), **fields}


def order(number: int, total: int) -> dict[str, Any]:
    """An order whose beans can be spent."""
    fields = {"order": f"o-{number}", "currency": "EUR", "total": f"{total}.00"}
    return event("order.placed", f"o-{number}", timedelta(days=20), **fields)


def payment(name: str, chance: Random) -> dict[str, Any]:
    """A redemption, or a correction that takes as much."""
    unit = {"unit": "beans"}
    if chance.random() < 0.5:
        return event("points.spent", name, timedelta(0), **unit, amount=str(PRICE))
    fields = {**unit, "amount": f"-{PRICE}", "reason": "double", "actor": "ada"}
    return event("points.adjusted", name, timedelta(0), **fields)


def moves(line: httpx2.Client) -> Iterator[Decimal]:
    """What each entry of the member put into the wallet or took from it, page by page."""
    cursor: dict[str, str] = {}
    while True:
        page = line.get("/v1/members/c-17/entries", params={"limit": "100", **cursor}).json()
        for one in page["entries"]:
            if one["unit"] == "beans":
                yield Decimal(one["amount"]) * ((one["credit"] == "active") - (one["debit"] == "active"))
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


def test_l13_two_hundred_tills_at_once_take_exactly_what_is_there(cafe: Door, tmp_path: Path) -> None:
    """L13."""
    chance, together, left = Random(17), Barrier(TILLS), 0
    with ExitStack() as stack:
        server = stack.enter_context(serving(cafe.dsn, tmp_path))
        key = cafe.key("admin")
        lines = [
            stack.enter_context(httpx2.Client(base_url=server.url, headers=key, timeout=120))
            for _ in range(TILLS)
        ]
        threads = stack.enter_context(ThreadPoolExecutor(TILLS))

        def pay(line: httpx2.Client, sent: dict[str, Any]) -> tuple[int, str]:
            together.wait()
            answer = line.post("/v1/events", json=sent)
            return answer.status_code, answer.json().get("code", "")

        for number in range(ROUNDS):
            earned = chance.randrange(PRICE * TILLS - PRICE)
            assert lines[0].post("/v1/events", json=order(number, earned + 1)).status_code == 200
            affordable, left = divmod(left + earned + 1, PRICE)

            sent = [payment(f"{number}-{till}", chance) for till in range(TILLS)]
            told = Counter(threads.map(pay, lines, sent))

            assert told == Counter({(200, ""): affordable, (409, "not_enough"): TILLS - affordable})
            wallet = lines[0].get("/v1/members/c-17").json()["wallets"]["beans"]
            assert Decimal(wallet["active"]) == left == sum(moves(lines[0]))
