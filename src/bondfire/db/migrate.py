"""Brings a database to the schema this bondfire knows, step by step, with Alembic."""

import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

import psycopg

from bondfire.db.connection import connect

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0014"
"""The newest migration; a test compares it with the files."""

_FOLDER: Final = Path(__file__).parent / "migrations"
_ATTEMPTS: Final = 8

_COLLISIONS: Final = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.DuplicateTable,
    psycopg.errors.DuplicateColumn,
    psycopg.errors.DuplicateObject,
    psycopg.errors.LockNotAvailable,
)
_SCHEMA_EXISTS_SQL: Final = "SELECT to_regclass('alembic_version') IS NOT NULL"
_SCHEMA_VERSION_SQL: Final = "SELECT version_num FROM alembic_version"


def schema_version(conn: psycopg.Connection) -> str | None:
    """The last migration this database has seen, or None when it has seen none."""
    exists = conn.execute(_SCHEMA_EXISTS_SQL).fetchone()
    if exists is None or not exists[0]:
        return None
    row = conn.execute(_SCHEMA_VERSION_SQL).fetchone()
    return None if row is None else str(row[0])


def migrate(dsn: str) -> None:
    """Run the missing migrations; none is run twice, also when several processes start at once.

    A database that lacks nothing costs one query; Alembic is not even imported.

    Two that start together collide on the first CREATE TABLE: the later one waits, fails, looks again
    and finds nothing left to do.

    Args:
        dsn: the database.

    Raises:
        psycopg.Error: a statement failed; the migration it belongs to was rolled back.
    """
    with connect(dsn) as conn:
        if schema_version(conn) == HEAD:
            return
    chance = Random()  # noqa: S311 - spreads pauses, guards nothing
    for attempt in range(_ATTEMPTS):
        try:
            _upgrade(dsn)
        except _COLLISIONS:
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.2 + chance.random() * 0.3)
        else:
            return


def configuration() -> "Config":
    """Alembic's configuration; the files are found beside this module, in a checkout or a wheel."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(dsn: str) -> None:
    from alembic import command
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    engine = create_engine("postgresql+psycopg://", creator=lambda: connect(dsn), poolclass=NullPool)
    config = configuration()
    with engine.connect() as connection:
        connection.exec_driver_sql("SET lock_timeout = '5s'")
        connection.commit()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except DBAPIError as error:
            if isinstance(error.orig, psycopg.Error):
                raise error.orig from None
            raise
