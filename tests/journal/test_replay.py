"""The journal alone tells everything again: replay, and verification of every table."""

import pytest

from bondfire.db import connect
from bondfire.journal import digest, import_events, pass_time
from bondfire.journal.audit.replay import replay, verify
from journal.store_makers import brand_of, history


@pytest.mark.parametrize("workers", [1, 3])
def test_a_replay_gives_what_was_lived(database: str, workers: int) -> None:
    brand, timeline = brand_of(database)
    events = history(300)
    import_events(database, brand, timeline, events)
    pass_time(database, brand, timeline, until=events[-1].occurred_at)

    result = replay(database, brand, timeline, workers=workers)

    assert result.differences == []
    assert result.events > 300
    with connect(database) as conn:
        assert result.digest == digest(conn, brand)


@pytest.mark.parametrize("workers", [1, 3])
def test_everything_stored_follows_from_the_journal(database: str, workers: int) -> None:
    brand, timeline = brand_of(database)
    events = history(600)
    import_events(database, brand, timeline, events, batch=50)
    pass_time(database, brand, timeline, until=events[-1].occurred_at)

    result = verify(database, brand, timeline, workers=workers)

    assert result.differences == []
    with connect(database) as conn:
        assert result.digest == digest(conn, brand)
