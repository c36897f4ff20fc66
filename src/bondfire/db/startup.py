"""The checks before work begins: a server that keeps its word, and the schema this bondfire knows."""

from collections.abc import Mapping
from typing import Final

from psycopg import Connection

from bondfire.db.binaries import OLDEST_MAJOR
from bondfire.db.migrate import HEAD, schema_version
from bondfire.errors import NotReady

_DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")
_SETTINGS_SQL: Final = """
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'server_encoding', 'server_version_num')
"""


def check_server(conn: Connection) -> None:
    """Refuse a server that could lose what we acknowledged, and a schema that is not ours.

    Raises:
        NotReady: `unsafe_server`, `old_server`, `bad_encoding`, `no_schema`, `missing_migration` or
            `newer_schema`; the message names what is wrong and the next step what to do.
    """
    judge_settings(dict(conn.execute(_SETTINGS_SQL).fetchall()))
    judge_schema(schema_version(conn))
    conn.rollback()


def judge_settings(settings: Mapping[str, str]) -> None:
    """Refuse a server by its settings; see `check_server`."""
    major = int(settings["server_version_num"]) // 10_000
    if major < OLDEST_MAJOR:
        raise NotReady(
            f"The server is PostgreSQL {major}; bondfire needs {OLDEST_MAJOR} or newer.",
            next_step="Upgrade the server.",
            code="old_server",
        )
    for name in _DURABLE:
        if settings[name] == "off":
            raise NotReady(
                f"The server runs with {name} = off: it can lose or corrupt points it has confirmed.",
                next_step=f"Set {name} = on in postgresql.conf and restart the server.",
                code="unsafe_server",
            )
    if settings["server_encoding"] != "UTF8":
        raise NotReady(
            f"The database is encoded in {settings['server_encoding']}, not in UTF8.",
            next_step="Create one with: CREATE DATABASE bondfire ENCODING 'UTF8' TEMPLATE template0;",
            code="bad_encoding",
        )


def judge_schema(version: str | None) -> None:
    """Refuse a schema that is not this bondfire's; see `check_server`."""
    if version == HEAD:
        return
    if version is None:
        raise NotReady(
            "The database has no bondfire schema.", next_step="Run: bondfire migrate", code="no_schema"
        )
    if version > HEAD:
        raise NotReady(
            f"The database is at migration {version}; this bondfire knows {HEAD} at most.",
            next_step="Install the newer bondfire that made it, or restore a backup.",
            code="newer_schema",
        )
    raise NotReady(
        f"The database is at migration {version}; this bondfire needs {HEAD}.",
        next_step="Run: bondfire migrate",
        code="missing_migration",
    )
