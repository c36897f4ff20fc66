"""Makers of brands with endpoints, of receivers that answer what a test wants, and of workers."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Thread
from typing import Any, NamedTuple
from uuid import UUID

from bondfire.db import Connection, Pool
from bondfire.events import Event
from bondfire.journal import process_events
from bondfire.kit import parse_id
from bondfire.webhooks import (
    RANDOM_BYTES,
    Answer,
    Change,
    Endpoint,
    Gateway,
    Message,
    NewEndpoint,
    Postman,
    change_endpoint,
    create_endpoint,
)
from journal.store_makers import Store, order, store_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OK = Answer(200)


@dataclass
class Clock:
    """A wall clock that stands until somebody moves it."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **time: float) -> None:
        """Let time pass."""
        self.at += timedelta(**time)


class Heard(NamedTuple):
    """A message as a receiver got it."""

    at: datetime
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Its webhook-id."""
        return self.headers["webhook-id"]

    @property
    def payload(self) -> dict[str, Any]:
        """What it says."""
        told = json.loads(self.body)
        assert isinstance(told, dict)
        return told

    @property
    def event(self) -> str:
        """The sender's id of the event that it is about."""
        return str(self.payload["data"]["event"])


@dataclass
class Receiver:
    """A gateway to a receiver in this process: it writes down what it hears and answers what it is told."""

    clock: Clock
    answer: Callable[[Heard], Answer] = lambda _: OK
    heard: list[Heard] = field(default_factory=list)

    def post(self, message: Message) -> Answer:
        """See `Gateway`."""
        heard = Heard(self.clock(), message.url, dict(message.headers), message.body)
        self.heard.append(heard)
        return self.answer(heard)

    @property
    def events(self) -> list[str]:
        """The events it heard of, in order."""
        return [one.event for one in self.heard]


@dataclass
class Brand:
    """A brand with a journal, a clock, and workers when it wants them."""

    store: Store
    pool: Pool
    clock: Clock
    endpoints: int = 0

    def tell(self, *events: Event) -> None:
        """Let things happen."""
        brand, timeline = self.store.brand, self.store.timeline
        self.act(lambda conn: process_events(conn, brand, timeline, events))

    def act(self, act: Callable[[Connection], Any]) -> Any:
        """One transaction."""
        with self.pool.transaction() as conn:
            return act(conn)

    def endpoint(self, url: str = "https://shop.example/hooks", **wanted: Any) -> tuple[Endpoint, str]:
        """A new endpoint and its secret."""
        self.endpoints += 1
        random = Random(self.endpoints).randbytes(RANDOM_BYTES)
        new = NewEndpoint(url, **wanted)
        return self.act(  # type: ignore[no-any-return]
            lambda conn: create_endpoint(
                conn, self.store.brand, new, is_operator=True, created_at=self.clock(), random=random
            )
        )

    def change(self, endpoint: Endpoint, *, is_operator: bool = False, **changed: Any) -> Endpoint:
        """An endpoint after a change."""
        return self.act(  # type: ignore[no-any-return]
            lambda conn: change_endpoint(
                conn,
                self.store.brand,
                endpoint.id,
                Change(**changed),
                is_operator=is_operator,
                changed_at=self.clock(),
            )
        )

    @contextmanager
    def worker(self, gateway: Gateway, name: str = "w") -> Iterator[Postman]:
        """A worker that gives its ranges back at the end."""
        pool = Pool(self.store.dsn, size=1)
        postman = Postman(pool, gateway, worker=name, now=self.clock, chance=Random(1))
        try:
            yield postman
        finally:
            postman.close()
            pool.close()

    def deliver(self, gateway: Gateway, **time: float) -> dict[str, int]:
        """Let time pass, then a worker does everything that is due; what became of what it sent."""
        self.clock.pass_(**time)
        with self.worker(gateway) as postman:
            postman.deliver()
        return dict(postman.outcomes)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says."""
        found = self.act(lambda conn: conn.execute(statement, values).fetchall())
        assert isinstance(found, list)
        return found

    def rows_gone(self, statement: str, *values: object) -> None:
        """Change what the database says."""
        self.act(lambda conn: conn.execute(statement, values))

    def health(self, endpoint: Endpoint) -> tuple[Any, ...]:
        """State, reason and end of rest of an endpoint."""
        statement = "SELECT state, reason, rests_until FROM webhook_endpoint WHERE endpoint_id = %s"
        (row,) = self.rows(statement, endpoint.id)
        return row

    def states(self) -> list[str]:
        """The states of all deliveries, in the order of the journal."""
        return [
            state for (state,) in self.rows("SELECT state FROM webhook_delivery ORDER BY bucket, seq, line")
        ]


def restarted(brand: Brand, gateway: Gateway) -> dict[str, int]:
    """As `Brand.deliver` after a worker that was killed: its leases have ended by now."""
    brand.rows_gone("DELETE FROM webhook_worker")
    brand.rows_gone("UPDATE webhook_lease SET until = %s", brand.clock())
    return brand.deliver(gateway)


@contextmanager
def brand_of(dsn: str, document: str) -> Iterator[Brand]:
    """A brand with this programme, until the end of the block."""
    pool = Pool(dsn, size=2)
    try:
        yield Brand(store_of(dsn, document), pool, Clock())
    finally:
        pool.close()


def orders(*numbers: int, member: str = "c-1") -> list[Event]:
    """Orders of a member, one a day."""
    first = NOON - timedelta(days=40)
    return [order(number, first + timedelta(days=number), member=member) for number in numbers]


def uuid_of(shown: str) -> UUID:
    """The id behind what is shown."""
    return parse_id(shown.partition("_")[0], shown)


class _Server(ThreadingHTTPServer):
    answer: Callable[[Heard], tuple[int, dict[str, str], bytes]]
    heard: list[Heard]
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of callers that went away: they may have been killed."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        """Write down what came and answer."""
        size = int(self.headers["content-length"])
        body = self.rfile.read(size)
        if len(body) < size:
            return  # the sender was killed in the middle of it
        headers = {name.lower(): value for name, value in self.headers.items()}
        heard = Heard(datetime.now(UTC), self.path, headers, body)
        self.server.heard.append(heard)
        status, extra, text = self.server.answer(heard)
        self.send_response(status)
        for name, value in {**extra, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Site:
    """A real receiver on loopback: an HTTP server in a thread."""

    url: str
    heard: list[Heard]
    server: _Server

    def answers(self, status: int, text: bytes = b"", **headers: str) -> None:
        """What it answers from now on."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.server.answer = lambda _: (status, named, text)


@contextmanager
def site() -> Iterator[Site]:
    """A real receiver that says 204 to everything, until the end of the block."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.heard = []
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        made = Site(f"http://127.0.0.1:{server.server_port}/hooks?from=bondfire", server.heard, server)
        made.answers(204)
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
