"""What all tests share: the corpora and data sets of others, and a PostgreSQL with fresh databases."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from psycopg.conninfo import make_conninfo

from bondfire.db import migrate, running_server
from bondfire.settings import Settings
from db.scratch import scratch_folder

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
_SHARED = Path(__file__).parents[2] / "shared"


def _folder(variable: str, default: Path) -> Path:
    folder = Path(os.environ.get(variable, default))
    if not folder.is_dir():
        pytest.skip(
            f"LOUD: {folder.name} is not on this machine (set {variable}); CI has it and runs this test"
        )
    return folder


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder with test corpora made by others."""
    return _folder("BONDFIRE_CORPORA", _SHARED / "corpora")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real data sets."""
    return _folder("BONDFIRE_DATA", _SHARED / "data")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A throw-away PostgreSQL server of this test process, in memory where that is possible."""
    with scratch_folder() as folder, running_server(Settings(state_dir=folder)) as dsn:
        migrate(dsn)
        yield dsn


@contextmanager
def fresh_database(postgres: str) -> Iterator[str]:
    """A migrated, empty database; dropped afterwards."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres, dbname="postgres", autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE bondfire")
        yield make_conninfo(postgres, dbname=name)
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """A fresh, migrated, empty database of this test."""
    with fresh_database(postgres) as dsn:
        yield dsn


@pytest.fixture(scope="module")
def shared_database(postgres: str) -> Iterator[str]:
    """A database that the tests of a module share."""
    with fresh_database(postgres) as dsn:
        yield dsn
