"""A served API over a fresh database: two brands, their programme, and keys for everything."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from bondfire.access import RANDOM_BYTES, Rate, create_key
from bondfire.api import Terms, create_app, make_log
from bondfire.db import Connection, connect, transaction
from bondfire.programs import ensure_brand, publish_program

CAFE = """\
program: corner-cafe
brand: {brand}
timezone: Europe/Berlin
currency: EUR
units:
  beans: {{pending: 14 days, expires: {{after: 12 months}}}}
  status: {{qualifying: true}}
tier_sets:
  club:
    unit: status
    window: calendar_year
    tiers: {{basic: {{from: 0}}, gold: {{from: 200}}}}
earn:
  base:
    on: order.placed
    when: event.total >= 1.00
    award: {{beans: floor(event.total), status: floor(event.total)}}
"""


@dataclass
class Clock:
    """A wall clock that stands until somebody moves it."""

    at: datetime = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **time: int) -> None:
        """Let time pass."""
        self.at += timedelta(**time)


@dataclass
class Door:
    """The API as somebody with a key sees it."""

    client: TestClient
    dsn: str
    clock: Clock
    keys: list[str] = field(default_factory=list)
    log: io.StringIO = field(default_factory=io.StringIO)

    def lines(self) -> list[dict[str, Any]]:
        """What the log holds."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def key(self, *scopes: str, brand: str = "corner-cafe", rate: Rate | None = None) -> dict[str, str]:
        """Headers with a fresh key of these scopes."""
        random = len(self.keys).to_bytes(RANDOM_BYTES, "little")
        with connect(self.dsn) as conn, transaction(conn):
            owner = ensure_brand(conn, brand, "wall", created_at=self.clock())
            _, token = create_key(
                conn, owner.id, scopes, "test", created_at=self.clock(), random=random, rate=rate
            )
        self.keys.append(token)
        return {"Authorization": f"Bearer {token}"}


Opening = Callable[..., Door]


@contextmanager
def opened(dsn: str, **terms: Any) -> Iterator[Door]:
    """The API over a database."""
    clock, said = Clock(), io.StringIO()
    app = create_app(dsn, now=clock, terms=Terms(**terms), log=make_log(said, "debug"))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Door(client, dsn, clock, log=said)


@pytest.fixture
def open_door(database: str) -> Iterator[Opening]:
    """Opens the API on terms of one's own: `open_door(key_rate=Rate(60, 3))`."""
    with ExitStack() as stack:
        yield lambda **terms: stack.enter_context(opened(database, **terms))


@pytest.fixture
def door(open_door: Opening) -> Door:
    """The API of brands that have published nothing yet."""
    return open_door()


@pytest.fixture
def publish(database: str) -> Callable[[str], None]:
    """Publishes the café's programme for a brand."""

    def act(brand: str) -> None:
        now = Clock()()
        with connect(database) as conn, transaction(conn):
            owner = ensure_brand(conn, brand, "wall", created_at=now)
            text = CAFE.format(brand=brand)
            publish_program(conn, owner.id, text, published_at=now, published_by="test")

    return act


@pytest.fixture
def cafe(door: Door, publish: Callable[[str], None]) -> Door:
    """The API of a café with a published programme."""
    publish("corner-cafe")
    return door


def everything(door: Door) -> dict[str, Any]:
    """A fingerprint of each table but that of the keys, which are marked when used; equal: nothing moved."""
    with connect(door.dsn) as conn:
        tables = conn.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'api_key'"
        ).fetchall()
        return {name: fingerprint(conn, name) for (name,) in tables}


def fingerprint(conn: Connection, table: str) -> Any:
    """How many rows a table has, and a hash over all of them."""
    rows = sql.SQL("SELECT count(*), md5(string_agg(t::text, ';' ORDER BY t::text)) FROM {} t")
    return conn.execute(rows.format(sql.Identifier(table))).fetchone()
