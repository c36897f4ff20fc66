"""Start-up refuses what cannot be trusted, and says what to do."""

from bondfire.db import HEAD, check_server, connect, schema_version


def test_a_migrated_database_is_ready(database: str) -> None:
    with connect(database) as conn:
        check_server(conn)

        assert schema_version(conn) == HEAD
