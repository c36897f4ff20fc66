"""What every route needs: transactions, the clock, and the compiled programme versions of each brand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Final, TypeVar

from bondfire.access import Key
from bondfire.db import Connection, Pool, check_server, is_retryable, retrying
from bondfire.errors import NotReady
from bondfire.events import Event
from bondfire.programs import Brand, Timeline, advance_clock, load_timeline, newest_version

T = TypeVar("T")

POOL_SIZE: Final = 8


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass
class House:
    """One database and everybody who knocks at it.

    Attributes:
        now: the wall clock; tests pass their own.
        timelines: the compiled versions of each brand, as far as they have been asked for.
        chance: spreads the pauses before something is tried again.
    """

    pool: Pool
    now: Callable[[], datetime] = wall_clock
    timelines: dict[int, Timeline] = field(default_factory=dict)
    chance: Random = field(default_factory=Random)

    def transact(self, act: Callable[[Connection], T]) -> T:
        """Run an act in one transaction and commit it; after an error that may pass, run all of it again.

        Raises:
            NotReady: the database does not answer, also not after several attempts.
        """
        return self._run(act, snapshot=False)

    def read(self, act: Callable[[Connection], T]) -> T:
        """Run an act that only reads, on what was true at one moment; otherwise as `transact`."""
        return self._run(act, snapshot=True)

    def _run(self, act: Callable[[Connection], T], *, snapshot: bool) -> T:
        def once() -> T:
            with self.pool.transaction(snapshot=snapshot) as conn:
                return act(conn)

        try:
            return retrying(once, chance=self.chance)
        except Exception as error:
            if not is_retryable(error):
                raise
            raise NotReady(
                "The database does not answer.", next_step="Send it again in a moment.", code="busy"
            ) from error

    def check(self) -> None:
        """Whether work is possible now.

        Raises:
            NotReady: the database does not answer, is unsafe, or has another schema.
        """
        self.transact(check_server)

    def timeline(self, conn: Connection, brand: Brand) -> Timeline:
        """The versions of a brand's programme, compiled again only when a newer one was published.

        Raises:
            NoProgram: nothing has been published.
        """
        known = self.timelines.get(brand.id)
        if known is None or known.newest.number != newest_version(conn, brand.id):
            known = self.timelines[brand.id] = load_timeline(conn, brand.id)
        return known


@dataclass(frozen=True)
class Caller:
    """Who is let in: their key, their brand, and the house they are in."""

    house: House
    key: Key
    brand: Brand

    def transact(self, act: Callable[[Connection], T]) -> T:
        """See `House.transact`."""
        return self.house.transact(act)

    def read(self, act: Callable[[Connection], T]) -> T:
        """See `House.read`."""
        return self.house.read(act)

    def timeline(self, conn: Connection) -> Timeline:
        """The versions of the caller's programme."""
        return self.house.timeline(conn, self.brand)

    @property
    def now(self) -> datetime:
        """What time it is for the caller's brand."""
        return self.brand.time(self.house.now())

    @property
    def recorded_at(self) -> datetime | None:
        """When an event that comes now is learned of; None for a brand that lives by its events."""
        return self.house.now() if self.brand.clock == "wall" else None

    def move_clock(self, conn: Connection, events: Sequence[Event]) -> None:
        """The time of a brand that lives by its events is that of the latest one."""
        if self.brand.clock == "events" and events:
            advance_clock(conn, self.brand.id, max(event.occurred_at for event in events))
