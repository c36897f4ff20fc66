"""`bondfire migrate`: brings the database to the schema of this bondfire."""

from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson
from bondfire.cli.output import print_json


def migrate(*, as_json: AsJson = False) -> None:
    """Bring the database to the schema of this bondfire.

    Only what is missing is done, each step whole or not at all, so it may be stopped and started again.

    Example: bondfire migrate
    """
    from bondfire.db import HEAD, check_server, connect, schema_version
    from bondfire.db import migrate as migrate_database

    with open_database(migrated=False) as dsn:
        with connect(dsn) as conn:
            before = schema_version(conn)
        migrate_database(dsn)
        with connect(dsn) as conn:
            check_server(conn)
    if as_json:
        print_json({"before": before, "after": HEAD, "changed": before != HEAD})
    elif before == HEAD:
        print(f"The database is at migration {HEAD} already.")
    else:
        print(f"The database went from {before or 'nothing'} to migration {HEAD}.")
