"""Opens the house for a command: the settings, a PostgreSQL that answers, the checks before work begins."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from bondfire.cli.output import say
from bondfire.settings import Settings, read_settings


def settings_of_this_process() -> Settings:
    """The `BONDFIRE_*` settings.

    Raises:
        NotReady: one of them cannot be.
    """
    return read_settings(os.environ)


@contextmanager
def open_database(*, migrated: bool = True) -> Iterator[str]:
    """A database, as a conninfo, for as long as the block runs.

    Args:
        migrated: whether its schema must be the one this bondfire knows.

    Raises:
        NotReady: no server, an unsafe one, or another schema.
    """
    from bondfire.db import check_server, connect, retrying, running_server

    def check() -> None:
        with connect(dsn) as conn:
            check_server(conn)

    with running_server(settings_of_this_process(), say=say) as dsn:
        if migrated:
            retrying(check)
        yield dsn
