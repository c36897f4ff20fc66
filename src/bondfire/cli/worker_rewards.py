"""What the worker does for rewards."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bondfire.db import Connection
    from bondfire.programs import Brand, Timeline

Transact = Callable[[Callable[["Connection"], int]], int]
"""Runs a piece of work in a transaction of its own, again after an error that may pass."""


class RewardWork:
    """What the worker does for rewards: holds that ended let others have what they held, who waits moves up.

    Attributes:
        ended: holds that were over, in all. moved: members who moved up, in all.
    """

    def __init__(self) -> None:
        self.ended = 0
        self.moved = 0

    def look_after(self, transact: Transact, brand: "Brand", timeline: "Timeline", *, now: datetime) -> None:
        """Do what is due for a brand, piece by piece, each in a transaction of its own."""
        from bondfire.rewards import CODE_BYTES, end_claims, move_up

        random = secrets.token_bytes
        while ended := transact(lambda conn: end_claims(conn, brand, now=now)):
            self.ended += ended
        while transact(lambda conn: move_up(conn, brand, timeline, now=now, random=random(CODE_BYTES))):
            self.moved += 1
