"""PostgreSQL: a server that runs, connections to it, its migrations, and the checks before work begins.

Owns: the embedded server and its files, how we connect, when to try again, the schema's versions.
Does not own: what any table means; it knows nothing of customers. Invariants: `fsync` and
`full_page_writes` are on, a password is needed, no folder that is not ours is ever opened, and nothing
here commits but `transaction`, the pool's, and `migrate`.
"""

from psycopg import Connection

from bondfire.db.binaries import Binaries, find_postgres_binaries
from bondfire.db.connection import Overtaken, Pool, connect, is_retryable, retrying, savepoint, transaction
from bondfire.db.migrate import HEAD, migrate, schema_version
from bondfire.db.server import running_server
from bondfire.db.startup import check_server

__all__ = [
    "HEAD",
    "Binaries",
    "Connection",
    "Overtaken",
    "Pool",
    "check_server",
    "connect",
    "find_postgres_binaries",
    "is_retryable",
    "migrate",
    "retrying",
    "running_server",
    "savepoint",
    "schema_version",
    "transaction",
]
