"""How far a member's referral has come: who invited them, for which order, and what speaks against it."""

from datetime import datetime
from typing import Final, Literal

import msgspec

Stage = Literal["open", "waiting", "ripe", "paid", "cancelled", "rejected"]
UNDECIDED: Final = frozenset({"open", "waiting", "ripe"})


class Referral(msgspec.Struct, gc=False, array_like=True):
    """That a member was invited by another; there is one at most.

    Attributes:
        by: the id of who invited them. since: when they said so.
        version: the programme version that says what is given and for what.
        stage: open until an order counts; waiting while that can come back; then ripe, until it was checked.
        order: the order that counts.
        due_at: when it is ripe; None at any other stage than waiting.
        ripe_at: when it was.
        reasons: why it is held; approved: a person has decided that it is not.
    """

    by: str
    since: datetime
    version: int
    stage: Stage = "open"
    order: str = ""
    due_at: datetime | None = None
    ripe_at: datetime | None = None
    reasons: list[str] = []
    approved: bool = False

    @property
    def is_held(self) -> bool:
        """Whether a person has to decide before anything is paid."""
        return bool(self.reasons) and not self.approved and self.stage in UNDECIDED
