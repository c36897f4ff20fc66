"""What happened in a time, counted."""

from datetime import datetime

from bondfire.journal.log.store import Connection
from bondfire.journal.patterns import store
from bondfire.journal.patterns.store import Activity
from bondfire.programs import Brand


def read_activity(conn: Connection, brand: Brand, *, since: datetime, until: datetime) -> Activity:
    """What members earned and gave back, and who corrected wallets, from a moment on and before another.

    Reads the whole journal of that time, so it is for a report and not for a request that somebody waits for.
    """
    return store.activity(conn, brand.id, since, until)
