"""A load generator: a process of its own that sends what it made ready, over so many connections at once."""

import asyncio
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final, cast

import msgspec

from bondfire.benchmarks.workload import orders, write_json

_NEVER_MORE: Final = 12_000
"""Events a second that no server here reaches: so many are made ready before the clock starts."""


class Task(msgspec.Struct):
    """What is sent.

    Attributes:
        rows: events in one request; 1: one event as JSON, more: NDJSON to the route for batches.
        connections: how many requests are on their way at once.
        seconds: for how long.
        pause: between two requests of a connection, in seconds.
    """

    host: str
    port: int
    token: str
    run: str
    members: int
    begin: datetime
    rows: int
    connections: int
    seconds: float
    pause: float = 0.0


class Answers(msgspec.Struct):
    """What came back.

    Attributes:
        events: how many were answered with 200, in `seconds`.
        refused: how many requests were not.
        latencies_ms: of each request.
        processor_seconds: what sending took of the processors.
    """

    events: int
    refused: int
    seconds: float
    latencies_ms: list[float]
    processor_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share of the requests had at most."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def requests(task: Task) -> Iterator[bytes]:
    """Requests, whole, as they go over the wire."""
    path, kind = ("/v1/events", "json") if task.rows == 1 else ("/v1/events/batch", "x-ndjson")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {task.host}\r\nAuthorization: Bearer {task.token}\r\n"
        f"Content-Type: application/{kind}\r\nContent-Length: "
    ).encode()
    texts = map(write_json, orders([str(one) for one in range(task.members)], task.run, begin=task.begin))
    while True:
        body = b"\n".join(islice(texts, task.rows))
        yield head + b"%d\r\n\r\n" % len(body) + body


class _Client(asyncio.Protocol):
    """One connection: sends, waits for the answer, sends again."""

    def __init__(self, task: Task, ready: Iterator[bytes], answers: Answers) -> None:
        self._task = task
        self._ready = ready
        self._answers = answers
        self._end = time.perf_counter() + task.seconds
        self._buffer = bytearray()
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        request = next(self._ready, None)
        if request is None or time.perf_counter() > self._end:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not _is_whole(self._buffer):
            return
        self._answers.latencies_ms.append((time.perf_counter() - self._began) * 1_000)
        if self._buffer.startswith(b"HTTP/1.1 200"):
            self._answers.events += self._task.rows
        else:
            self._answers.refused += 1
        self._buffer.clear()
        if self._task.pause:
            asyncio.get_running_loop().call_later(self._task.pause, self._send)
        else:
            self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        self.gone.set_result(None)


def _is_whole(answer: bytearray) -> bool:
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    place = answer.lower().find(b"content-length:", 0, head)
    return len(answer) >= head + 4 + int(answer[place + 15 : answer.find(b"\r\n", place)])


async def _send_all(task: Task, ready: list[bytes]) -> Answers:
    loop = asyncio.get_running_loop()
    answers, waiting = Answers(0, 0, 0.0, []), iter(ready)
    began, used = time.perf_counter(), time.process_time()
    clients = []
    for _ in range(task.connections):
        _, client = await loop.create_connection(
            lambda: _Client(task, waiting, answers), task.host, task.port
        )
        clients.append(client.gone)
    await asyncio.gather(*clients)
    answers.seconds, answers.processor_seconds = time.perf_counter() - began, time.process_time() - used
    return answers


def main() -> None:
    """Read a task on stdin, make everything ready, send it, and print the answers."""
    import uvloop

    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    most = (
        1 + int(task.seconds * _NEVER_MORE / task.rows) if not task.pause else int(task.seconds / task.pause)
    )
    ready = list(islice(requests(task), most))
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(_send_all(task, ready))))
