"""Reading a batch of a thousand events: our way, and a plain FastAPI route."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, Field

from bondfire.api import read_rows, split_rows
from bondfire.benchmarks.workload import PROGRAM, orders, write_json
from bondfire.events import Catalogue, Event
from bondfire.programs import load_program

_ROWS: Final = 1_000
_REPEATS: Final = 7


class _Order(BaseModel):
    """An order as a FastAPI application would declare it."""

    id: str = Field(min_length=1, max_length=200)
    type: str
    source: str
    member: str = Field(min_length=1, max_length=200)
    occurred_at: AwareDatetime
    order: str
    currency: str = Field(min_length=3, max_length=3)
    total: Decimal = Field(ge=0, decimal_places=2)
    categories: list[str] = []
    channel: str | None = None
    store: str | None = None


def vs_fastapi(begin: datetime) -> float:
    """How many times as long a plain FastAPI route takes for a batch as our reading of the same rows."""
    rows = [write_json(one) for one in islice(orders(["c-17", "c-18"], "read", begin=begin), _ROWS)]
    catalogue = load_program(PROGRAM).catalogue
    theirs = _plain_route(b"[" + b",".join(rows) + b"]")
    return _seconds(theirs) / _seconds(lambda: _read(b"\n".join(rows), catalogue))


def _read(body: bytes, catalogue: Catalogue) -> int:
    events = read_rows(split_rows(body, "application/x-ndjson"), catalogue, recorded_at=None)
    return sum(isinstance(each, Event) for each in events)


def _plain_route(body: bytes) -> Callable[[], object]:
    app = FastAPI()

    @app.post("/events")
    def take(events: list[_Order]) -> dict[str, int]:
        return {"accepted": len(events)}

    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    scope = {"type": "http", "method": "POST", "path": "/events", "query_string": b"", "headers": headers}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(_message: Any) -> None:
        pass

    async def call() -> None:
        await app({**scope}, receive, send)

    with asyncio.Runner() as runner:
        runner.run(call())
    return lambda: asyncio.run(call())


def _seconds(act: Callable[[], object]) -> float:
    times = []
    for _ in range(_REPEATS):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return min(times)
