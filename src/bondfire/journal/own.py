"""Events that bondfire makes itself, decided about members by their id."""

from collections.abc import Sequence
from uuid import UUID

from bondfire.events import Event
from bondfire.journal.arrivals import arrival_of
from bondfire.journal.log.store import Connection
from bondfire.journal.process import Result, process_arrivals
from bondfire.programs import Brand, Timeline


def process_own(
    conn: Connection, brand: Brand, timeline: Timeline, events: Sequence[tuple[UUID, Event]]
) -> list[Result]:
    """`process_events` for events of `events.own_event`, each with the member it is about."""
    arrivals = [arrival_of(brand.name, event, member_id) for member_id, event in events]
    return process_arrivals(conn, brand, timeline, arrivals)
