"""The files of the embedded server: its data, password, socket and log, and how they are first made."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from psycopg.conninfo import make_conninfo

from bondfire.db.binaries import Account, Binaries
from bondfire.errors import NotReady

DATABASE: Final = "bondfire"
LONGEST_SOCKET: Final = 100
"""Bytes a socket's path may have; the system's limit is 107 on Linux and 103 on macOS."""

_LOCALES: Final = ("C.UTF-8", "C")
"""The wheel is built without ICU; sorting for people is the application's work."""


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL data directory and what belongs to it, all in one state folder."""

    state: Path
    account: Account
    sockets: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own directory."""
        return self.state / "postgresql"

    @property
    def lock(self) -> Path:
        """Locked (flock) exactly as long as a process of the server or of its set-up is alive."""
        return self.state / "postgresql.lock"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.state / "postgresql.log"

    @property
    def passfile(self) -> Path:
        """The password, in libpq's format, readable by its owner only."""
        return self.state / "pgpass"

    def conninfo(self, database: str = DATABASE) -> str:
        """How to connect; holds no secret, so it may be shown."""
        return make_conninfo(
            host=str(self.sockets), port=5432, user=DATABASE, dbname=database, passfile=str(self.passfile)
        )

    def last_words(self) -> str:
        """The last lines of the log, for a message."""
        return " / ".join(self.log.read_text(errors="replace").strip().splitlines()[-3:])

    def major(self) -> int | None:
        """The version that made the data, or None when there are none yet."""
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None


def open_cluster(state: Path, account: Account) -> Cluster:
    """Make the state folder if need be and say where everything lies.

    Raises:
        NotReady: the folder cannot be made, is closed to the server's user, or holds another's data.
    """
    state = state.absolute()
    try:
        if not state.exists():
            state.mkdir(parents=True)
            state.chmod(0o711 if account.drops else 0o700)
        if not os.access(state, os.W_OK):
            raise PermissionError(13, "not writable", str(state))
    except OSError as reason:
        raise _bad_state(f"The state folder {state} cannot be used: {reason.strerror}.") from None
    closed = account.closed_parent(state / "postgresql")
    if closed:
        raise _bad_state(
            f"The state folder {state} lies under {closed}, which is closed to the user that runs the "
            f"server (uid {account.uid})."
        )
    data = state / "postgresql"
    if data.exists() and data.stat().st_uid != account.uid:
        raise _bad_state(f"{data} belongs to uid {data.stat().st_uid}, but the server runs as {account.uid}.")
    return Cluster(state, account, _socket_folder(state, account))


def _bad_state(message: str) -> NotReady:
    return NotReady(message, next_step="Set BONDFIRE_STATE_DIR to another folder.", code="bad_state_dir")


def _socket_folder(state: Path, account: Account) -> Path:
    """Beside the data, or in a short place of its own when that path is too long for a socket."""
    folder = state / "socket"
    if len(os.fsencode(folder / ".s.PGSQL.5432")) > LONGEST_SOCKET:
        name = blake2b(os.fsencode(state), digest_size=8).hexdigest()
        folder = Path(tempfile.gettempdir()) / f"bondfire-{name}"
    make_private(folder, account)
    return folder


def make_private(folder: Path, account: Account) -> None:
    """A folder that only the server's user can open.

    Raises:
        NotReady: it was already there, and is not such a folder (another user may have put it there).
    """
    try:
        folder.mkdir(mode=0o700)
        _give(folder, account)
    except FileExistsError:
        status = folder.lstat()
        if folder.is_symlink() or status.st_uid != account.uid or status.st_mode & 0o077:
            raise _bad_state(f"{folder} is not a private folder of uid {account.uid}.") from None


def _give(path: Path, account: Account) -> None:
    if account.drops:
        os.chown(path, account.uid, account.gid)


Run = Callable[[list[str]], int]


def make_data(cluster: Cluster, binaries: Binaries, run: Run) -> None:
    """Initialise the data directory; it appears whole or not at all.

    Args:
        cluster: where.
        binaries: with which PostgreSQL.
        run: runs a program as the server's user, its words to the log, and gives its exit code.
    """
    for stale in cluster.state.glob("postgresql.new*"):
        shutil.rmtree(stale)
    password = secrets.token_urlsafe(24)
    _write_private(cluster.passfile, f"*:*:*:{DATABASE}:{password}\n")
    handed_over = cluster.state / "postgresql.password"
    _write_private(handed_over, password)
    _give(handed_over, cluster.account)
    fresh = cluster.state / "postgresql.new"
    make_private(fresh, cluster.account)
    command = [str(binaries.folder / "initdb"), "-D", str(fresh), f"--username={DATABASE}"]
    command += ["--auth=scram-sha-256", f"--pwfile={handed_over}", "--encoding=UTF8", "--data-checksums"]
    try:
        failed = all(run([*command, f"--locale={locale}"]) for locale in _LOCALES)
    finally:
        handed_over.unlink()
    if failed:
        raise NotReady(
            f"initdb of PostgreSQL {binaries.major} failed: {cluster.last_words()}",
            next_step="Set BONDFIRE_STATE_DIR to another folder, or BONDFIRE_DATABASE_URL to a server.",
            code="no_postgres",
        )
    fresh.rename(cluster.data)


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
