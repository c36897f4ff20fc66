"""How much the server has written."""

from typing import Final

from bondfire.db import Connection

_WRITTEN: Final = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"


def wal_bytes(conn: Connection) -> int:
    """How many bytes of write-ahead log there are since the server was made."""
    (written,) = conn.execute(_WRITTEN).fetchone() or (0,)
    return int(written)
