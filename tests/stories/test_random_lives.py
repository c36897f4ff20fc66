"""Lives that a state machine made up, lived by many members at once in the database."""

from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from bondfire.db import connect, transaction
from bondfire.events import Event, parse_event
from bondfire.journal import StateCache, digest, pass_time, process_events, replay, verify
from bondfire.kit import EPOCH
from bondfire.programs import ensure_brand, load_timeline, publish_program
from bondfire.simulation import simulate
from engine.play import Play
from engine.test_oracle import Indebted, IndebtedLater, KeptAlive


def lives_of(machine: type[Play], count: int) -> list[list[Event]]:
    """What happened in each of so many plays, told of members m-0, m-1 and so on."""
    lives: list[list[Event]] = []

    class Told(machine):  # type: ignore[misc, valid-type]  # a class of plays is given
        terms: ClassVar = machine.terms

        def teardown(self) -> None:
            member = {"member": f"m-{len(lives)}"}
            lives.append(
                [
                    parse_event(raw | member, self.program.catalogue, recorded_at=event.recorded_at)
                    for raw, event in zip(self.raw, self.events, strict=True)
                ]
            )

    plays = settings(
        max_examples=count,
        stateful_step_count=50,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Told, settings=plays)
    return lives


@pytest.mark.parametrize(("machine", "batch"), [(Indebted, 7), (IndebtedLater, 100), (KeptAlive, 20)])
def test_random_lives_are_the_same_live_simulated_and_replayed(
    database: str, machine: type[Play], batch: int
) -> None:
    lives = lives_of(machine, 20)
    events = sorted((event for life in lives for event in life), key=lambda event: event.recorded_at)
    until = events[-1].recorded_at
    with connect(database) as conn, transaction(conn):
        brand = ensure_brand(conn, "b", "events", created_at=EPOCH)
        publish_program(conn, brand.id, machine.program.document, published_at=EPOCH, published_by="ada")
        timeline = load_timeline(conn, brand.id)

    cache = StateCache(size=3)
    with connect(database) as conn:
        for first in range(0, len(events), batch):
            with transaction(conn):
                process_events(conn, brand, timeline, events[first : first + batch], cache=cache)
            cache.confirm()
    pass_time(database, brand, timeline, until=until)

    reference = simulate(machine.program, events, until=until)
    assert len(reference.states) > 8
    assert len(reference.refused) > 10
    with connect(database) as conn:
        assert digest(conn, brand) == reference.digest
    assert replay(database, brand, timeline).digest == reference.digest
    assert verify(database, brand, timeline).differences == []
