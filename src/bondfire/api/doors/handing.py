"""Hands parcels over: anonymous visitors are tied first, then all is taken, a thousand at a time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from bondfire.api.house import House
from bondfire.db import Connection
from bondfire.deliveries import Desk, Taken, Work, read_all, take, tie_anonymous
from bondfire.doors import Parcel
from bondfire.programs import Brand

_AT_ONCE: Final = 1_000


def hand_over(house: House, brand: Brand, parcels: Sequence[Parcel]) -> list[Taken]:
    """Take parcels and say what was done with each; when this returns, all of it is committed.

    Raises:
        NoProgram: the brand has published nothing.
        NotReady: the database does not answer.
    """
    now = house.now()
    taken: list[Taken] = []
    for first in range(0, len(parcels), _AT_ONCE):
        taken += _hand_over(house, brand, parcels[first : first + _AT_ONCE], now)
    house.count(Counter(outcome for one in taken for outcome in _outcomes(one)))
    return taken


def _hand_over(house: House, brand: Brand, parcels: Sequence[Parcel], now: datetime) -> list[Taken]:
    def desk(conn: Connection) -> Desk:
        return Desk(conn, brand, house.timeline(conn, brand), now)

    def tied(conn: Connection) -> list[Work]:
        work = read_all(parcels, desk(conn).timeline)
        tie_anonymous(desk(conn), work)
        return work

    work = read_all(parcels, house.read(lambda conn: house.timeline(conn, brand)))
    if any(each.reading.was for each in work):
        work = house.transact(tied)
    return house.transact(lambda conn: take(desk(conn), work))


def _outcomes(taken: Taken) -> Iterator[tuple[str, str]]:
    """Type and outcome of each event in it, for the metrics."""
    if taken.problem is not None:
        yield "unknown", "malformed"
    for event, result in zip(taken.reading.events, taken.results, strict=False):
        yield str(event["type"]), result.outcome
