"""Start-up refuses what cannot be trusted, and says what to do."""

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from bondfire.db import HEAD, check_server, connect, migrate, running_server, schema_version, transaction
from bondfire.db.startup import judge_settings
from bondfire.errors import NotReady
from bondfire.settings import Settings

GOOD = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "server_encoding": "UTF8",
    "server_version_num": "150004",
}


def refusal_of(dsn: str) -> NotReady:
    with connect(dsn) as conn, pytest.raises(NotReady) as refusal:
        check_server(conn)
    return refusal.value


def at_migration(dsn: str, version: str) -> None:
    with connect(dsn) as conn, transaction(conn):
        conn.execute("UPDATE alembic_version SET version_num = %s", [version])


def test_a_migrated_database_is_ready(database: str) -> None:
    with connect(database) as conn:
        check_server(conn)

        assert schema_version(conn) == HEAD


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_server_that_may_lose_points_is_refused(settings: Settings, name: str) -> None:
    with running_server(settings, options={name: "off"}) as dsn:
        migrate(dsn)

        refusal = refusal_of(dsn)

    assert refusal.code == "unsafe_server"
    assert f"{name} = off" in refusal.message
    assert f"Set {name} = on" in refusal.next_step


def test_an_old_server_is_refused() -> None:
    judge_settings(GOOD)

    with pytest.raises(NotReady, match="PostgreSQL 14; bondfire needs 15") as refusal:
        judge_settings(GOOD | {"server_version_num": "140012"})

    assert refusal.value.code == "old_server"


def test_a_database_in_another_encoding_is_refused(postgres: str) -> None:
    with psycopg.connect(postgres, dbname="postgres", autocommit=True) as conn:
        conn.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        refusal = refusal_of(make_conninfo(postgres, dbname="latin"))
        conn.execute("DROP DATABASE latin")

    assert refusal.code == "bad_encoding"
    assert "LATIN1" in refusal.message


def test_a_database_without_a_schema_is_refused(postgres: str) -> None:
    refusal = refusal_of(make_conninfo(postgres, dbname="postgres"))

    assert (refusal.code, refusal.next_step) == ("no_schema", "Run: bondfire migrate")


def test_a_missing_migration_is_refused(database: str) -> None:
    at_migration(database, "0000")

    refusal = refusal_of(database)

    assert (refusal.code, refusal.next_step) == ("missing_migration", "Run: bondfire migrate")
    assert f"0000; this bondfire needs {HEAD}" in refusal.message


def test_a_newer_schema_is_refused(database: str) -> None:
    at_migration(database, "9999")

    refusal = refusal_of(database)

    assert refusal.code == "newer_schema"
    assert "9999" in refusal.message
    with connect(database) as conn:
        assert schema_version(conn) == "9999"
