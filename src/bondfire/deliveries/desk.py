"""Where parcels are taken: what every act of taking needs."""

from dataclasses import dataclass
from datetime import datetime

from bondfire.db import Connection
from bondfire.programs import Brand, Timeline


@dataclass(frozen=True)
class Desk:
    """Where parcels are taken: a transaction of the caller's, a brand with its programme, the wall clock."""

    conn: Connection
    brand: Brand
    timeline: Timeline
    now: datetime

    @property
    def recorded_at(self) -> datetime | None:
        """When an event that comes now is learned of; None for a brand that lives by its events."""
        return self.now if self.brand.clock == "wall" else None
