"""What an installation may set: `BONDFIRE_*` variables, read once at the start and never again.

A frozen dataclass read by hand: importing pydantic-settings costs half a second, on every command.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from bondfire.errors import NotReady
from bondfire.kit import nearest

PREFIX: Final = "BONDFIRE_"
_OF_TESTS: Final = frozenset({"BONDFIRE_CORPORA", "BONDFIRE_DATA"})
_LOG_LEVELS: Final = ("debug", "info", "warning", "error")


def _url(text: str) -> str:
    if not text.startswith(("postgresql://", "postgres://")) and "=" not in text:
        raise ValueError("a URL such as postgresql://bondfire@db.example/bondfire, or a libpq conninfo")
    return text


def _folder(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError("an absolute path")
    return path


def _host(text: str) -> str:
    if not text or any(sign in text for sign in " /"):
        raise ValueError("a host name or an address to listen at, such as 127.0.0.1 or 0.0.0.0")
    return text


def _between(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        plain = text.isascii() and text.isdecimal() and len(text) <= len(str(highest))
        if not (plain and lowest <= int(text) <= highest):
            raise ValueError(f"a whole number from {lowest} to {highest}")
        return int(text)

    return read


def _token(text: str) -> str:
    if not (16 <= len(text) <= 200 and text.isascii() and text.isprintable() and " " not in text):
        raise ValueError("16 to 200 printable ASCII characters without blanks")
    return text


def _log_level(text: str) -> str:
    if text not in _LOG_LEVELS:
        raise ValueError("one of " + ", ".join(_LOG_LEVELS))
    return text


def _setting(read: Callable[[str], Any], meaning: str, *, secret: bool = False) -> dict[str, Any]:
    return {"read": read, "meaning": meaning, "secret": secret}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings; the table in docs/reference/settings.md is tested against this."""

    database_url: str | None = field(
        default=None,
        repr=False,
        metadata=_setting(_url, "PostgreSQL server to use instead of the embedded one", secret=True),
    )
    state_dir: Path = field(
        metadata=_setting(_folder, "where the embedded PostgreSQL keeps its data"),
    )
    host: str = field(default="127.0.0.1", metadata=_setting(_host, "address the API listens at"))
    port: int = field(default=8000, metadata=_setting(_between(1, 65535), "port the API listens at"))
    workers: int = field(default=2, metadata=_setting(_between(1, 64), "processes that decide events"))
    log_level: str = field(default="info", metadata=_setting(_log_level, "how much is logged"))
    key_cache_seconds: int = field(
        default=5,
        metadata=_setting(_between(0, 300), "for how long a key is let in without asking the database again"),
    )
    rate_key_per_minute: int = field(
        default=3_000_000,
        metadata=_setting(_between(0, 999_999_999), "requests and events a minute that one key may send"),
    )
    rate_key_burst: int = field(
        default=100_000,
        metadata=_setting(_between(1, 999_999_999), "requests and events that one key may send at once"),
    )
    rate_brand_per_minute: int = field(
        default=6_000_000,
        metadata=_setting(_between(0, 999_999_999), "the same for all keys of a brand together"),
    )
    rate_brand_burst: int = field(
        default=200_000,
        metadata=_setting(_between(1, 999_999_999), "the same at once for all keys of a brand together"),
    )
    metrics_token: str | None = field(
        default=None,
        repr=False,
        metadata=_setting(_token, "opens `/metrics` to who sends it as a bearer token", secret=True),
    )
    worker_metrics_port: int = field(
        default=0,
        metadata=_setting(_between(0, 65535), "port at which `bondfire worker` serves its metrics"),
    )


def default_state_dir(environ: Mapping[str, str]) -> Path:
    """`/var/lib/bondfire` for root, whose home is closed to the server's user; else the user's own."""
    if os.getuid() == 0:
        return Path("/var/lib/bondfire")
    home = environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(home).expanduser() / "bondfire"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings out of the environment.

    Raises:
        NotReady: `bad_setting`: a value that cannot be, or a `BONDFIRE_` variable nobody knows; the
            message names it, its value (never a secret one) and what to do.
    """
    known = {PREFIX + each.name.upper(): each for each in fields(Settings)}
    values: dict[str, Any] = {"state_dir": default_state_dir(environ)}
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        if variable in _OF_TESTS:
            continue
        if variable not in known:
            raise _unknown(variable, known)
        setting = known[variable]
        try:
            values[setting.name] = setting.metadata["read"](environ[variable])
        except ValueError as expected:
            shown = "secret" if setting.metadata["secret"] else repr(environ[variable][:80])
            raise NotReady(
                f"{variable} is {shown}, which is not {expected}.",
                next_step=f"Correct or unset {variable} ({setting.metadata['meaning']}).",
                code="bad_setting",
            ) from None
    return Settings(**values)


def _unknown(variable: str, known: Mapping[str, object]) -> NotReady:
    like = nearest(variable, known)
    hint = f"Did you mean {like}?" if like else f"Settings are: {', '.join(sorted(known))}."
    return NotReady(f"There is no setting {variable}.", next_step=f"{hint} Unset it.", code="bad_setting")
