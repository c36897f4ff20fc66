"""How much of the machine the embedded server takes."""

from bondfire.db import connect, running_server
from bondfire.db.sizing import memory_bytes, sized_for
from bondfire.settings import Settings

GB = 2**30


def test_a_server_takes_an_eighth_of_the_memory_and_of_the_free_disk() -> None:
    assert sized_for(16 * GB, 40 * GB) == {
        "shared_buffers": "2048MB",
        "effective_cache_size": "8192MB",
        "max_wal_size": "5120MB",
    }


def test_neither_too_little_to_work_with_nor_more_than_it_can_use() -> None:
    small, large = sized_for(GB // 2, 2 * GB), sized_for(512 * GB, 4000 * GB)
    assert (small["shared_buffers"], small["max_wal_size"]) == ("128MB", "1024MB")
    assert (large["shared_buffers"], large["max_wal_size"]) == ("4096MB", "8192MB")


def test_the_embedded_server_runs_with_what_fits_this_machine(settings: Settings) -> None:
    with running_server(settings) as dsn, connect(dsn) as conn:
        wanted = sized_for(memory_bytes(), 0)["effective_cache_size"].removesuffix("MB")
        row = conn.execute(
            "SELECT setting::int * 8 / 1024 FROM pg_settings WHERE name = 'effective_cache_size'"
        )
        assert row.fetchone() == (int(wanted),)
