"""A brand and a connection."""

from collections.abc import Iterator
from typing import NamedTuple

import psycopg
import pytest

from bondfire.db import connect


class SomeBrand(NamedTuple):
    """What members want to know of a brand."""

    id: int
    name: str


@pytest.fixture
def brand() -> SomeBrand:
    """The brand of most tests."""
    return SomeBrand(1, "kaminrot")


@pytest.fixture
def conn(database: str) -> Iterator[psycopg.Connection]:
    """A connection whose work is rolled back at the end."""
    with connect(database) as conn:
        yield conn
        conn.rollback()
