"""The journal alone tells everything again: replay, and verification of every table."""

import pytest

from bondfire.db import connect
from bondfire.journal import digest, import_events, pass_time, replay, verify
from bondfire.simulation import simulate
from journal.store_makers import CAFE, T0, brand_of, history, order


@pytest.mark.parametrize("workers", [1, 3])
def test_u14_a_replay_gives_what_was_lived(database: str, workers: int) -> None:
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


def test_a_rule_sees_the_same_member_live_simulated_and_replayed(database: str) -> None:
    by_name = CAFE.replace("event.total >= 10.00", "event.member > 'm'")
    brand, timeline = brand_of(database, by_name)
    events = [order(number, T0, member=f"c-{number}") for number in range(8)]
    import_events(database, brand, timeline, events)

    simulated = simulate(timeline.newest.program, events)

    assert {state.ledger.wallet("points").issued for state in simulated.states.values()} == {100}
    assert replay(database, brand, timeline).digest == simulated.digest
    with connect(database) as conn:
        assert digest(conn, brand) == simulated.digest
