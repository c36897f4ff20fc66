"""Migrations: whole, once, and every table says what it is."""

import re

import psycopg
from alembic.script import ScriptDirectory
from psycopg.conninfo import make_conninfo

from bondfire.db import HEAD, connect, migrate, schema_version
from bondfire.db.migrate import configuration
from bondfire.settings import Settings
from db.processes import Spawn

TABLES = """
SELECT relation.relname, obj_description(relation.oid, 'pg_class'),
    ARRAY(
        SELECT attribute.attname::text
        FROM pg_index AS key, unnest(key.indkey) WITH ORDINALITY AS part (number, place)
        JOIN pg_attribute AS attribute ON attribute.attnum = part.number
        WHERE key.indrelid = relation.oid AND key.indisprimary AND attribute.attrelid = relation.oid
        ORDER BY part.place
    )
FROM pg_class AS relation
WHERE relation.relkind IN ('r', 'p') AND relation.relnamespace = 'public'::regnamespace
    AND relation.relname <> 'alembic_version'
"""


def test_the_newest_migration_is_the_one_we_ask_for() -> None:
    assert ScriptDirectory.from_config(configuration()).get_heads() == [HEAD]


def test_a_migrations_file_is_named_by_its_number_and_a_sentence() -> None:
    for script in ScriptDirectory.from_config(configuration()).walk_revisions():
        name = script.path.rsplit("/", 1)[-1]
        assert re.fullmatch(rf"{script.revision}(_[a-z0-9]+){{2,}}\.py", name), name


def test_every_table_says_its_kind_and_bucketed_ones_are_keyed_by_bucket(database: str) -> None:
    with connect(database) as conn:
        tables = conn.execute(TABLES).fetchall()

    assert tables
    for name, comment, key in tables:
        assert comment, f"{name} has no comment"
        assert re.match(r"(bucketed|reference|local): \w", comment), f"{name}: {comment}"
        if comment.startswith("bucketed"):
            assert key[:2] == ["brand_id", "bucket"], f"{name}: {key}"
        else:
            assert key, f"{name} has no primary key"


def test_migrating_twice_changes_nothing(database: str) -> None:
    migrate(database)

    with connect(database) as conn:
        assert schema_version(conn) == HEAD


def test_several_processes_may_migrate_at_once(postgres: str, settings: Settings, spawn: Spawn) -> None:
    with psycopg.connect(postgres, dbname="postgres", autocommit=True) as conn:
        conn.execute("CREATE DATABASE rivals TEMPLATE template0")
    url = Settings(state_dir=settings.state_dir, database_url=make_conninfo(postgres, dbname="rivals"))
    code = "sys.stdin.readline(); migrate(settings.database_url); print('done')"

    rivals = [spawn(code, url) for _ in range(3)]
    for rival in rivals:
        assert rival.stdin
        rival.stdin.write("go\n")
        rival.stdin.flush()

    assert [rival.stdout.read() for rival in rivals if rival.stdout] == ["done\n"] * 3
    with connect(url.database_url or "") as conn:
        assert schema_version(conn) == HEAD
