"""`serve`, `worker` and `import` refuse alike what cannot be trusted, before they do anything."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bondfire.db import HEAD, connect, migrate, running_server, transaction
from bondfire.settings import Settings
from cli.conftest import Ended, Shell
from db.scratch import scratch_folder


@pytest.fixture(scope="module")
def unsafe() -> Iterator[dict[str, str]]:
    """Migrated servers, each of which may lose what it confirmed: by the setting that is off."""
    with ExitStack() as stack:
        servers = {}
        for name in ("fsync", "full_page_writes"):
            folder = stack.enter_context(scratch_folder())
            servers[name] = stack.enter_context(
                running_server(Settings(state_dir=folder), options={name: "off"})
            )
            migrate(servers[name])
        yield servers


@pytest.fixture(params=["serve", "worker", "import"])
def refused(request: pytest.FixtureRequest, shell: Shell, events: Path) -> Callable[[], Ended]:
    """Starts each command as an installation does; it must end by itself, without a word on stderr."""
    words: dict[str, list[object]] = {
        "serve": ["serve", "--port", "0"],
        "worker": ["worker"],
        "import": ["import", events, "--brand", "corner-cafe"],
    }

    def act() -> Ended:
        ended = shell.run(*words[request.param], "--json")
        assert (ended.code, ended.err) == (1, "")
        assert not events.with_name(f"{events.name}.rejects.ndjson").exists()
        return ended

    return act


@pytest.mark.parametrize("name", ["fsync", "full_page_writes"])
def test_a_server_that_may_lose_points_is_refused(
    refused: Callable[[], Ended], shell: Shell, unsafe: dict[str, str], name: str
) -> None:
    shell.environment["BONDFIRE_DATABASE_URL"] = unsafe[name]

    ended = refused()

    assert ended.json["code"] == "unsafe_server"
    assert f"{name} = off" in str(ended.json["detail"])
    assert f"Set {name} = on" in str(ended.json["next_step"])


@pytest.mark.parametrize(
    ("version", "code", "next_step"),
    [
        ("9999", "newer_schema", "Install the newer bondfire that made it, or restore a backup."),
        ("0001", "missing_migration", "Run: bondfire migrate"),
    ],
)
def test_another_schema_is_refused(
    refused: Callable[[], Ended], database: str, *, version: str, code: str, next_step: str
) -> None:
    with connect(database) as conn, transaction(conn):
        conn.execute("UPDATE alembic_version SET version_num = %s", [version])

    ended = refused()

    assert (ended.json["code"], ended.json["next_step"]) == (code, next_step)
    assert version in str(ended.json["detail"])
    assert HEAD in str(ended.json["detail"])


@pytest.mark.parametrize(
    ("variable", "value", "detail"),
    [
        ("BONDFIRE_WORKERS", "many", "BONDFIRE_WORKERS is 'many', which is not a whole number from 1 to 64."),
        ("BONDFIRE_WROKERS", "2", "There is no setting BONDFIRE_WROKERS."),
    ],
)
def test_a_bad_setting_is_refused_by_its_name(
    refused: Callable[[], Ended], shell: Shell, *, variable: str, value: str, detail: str
) -> None:
    shell.environment[variable] = value

    ended = refused()

    assert (ended.json["code"], ended.json["detail"]) == ("bad_setting", detail)
    assert "BONDFIRE_WORKERS" in str(ended.json["next_step"])
