"""What is held for a person, as types."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True)
class HeldAward:
    """What was earned beyond a limit.

    Attributes:
        lot: its number with the member.
        rule: what gave it. reason: which limit it goes beyond.
        held_at: when it was earned.
    """

    member_id: UUID
    lot: int
    unit: str
    rule: str
    amount: Decimal
    reason: str
    held_at: datetime
