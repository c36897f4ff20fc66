"""What the ledger refuses."""

from bondfire.errors import BondfireError, Conflict


class NotEnough(Conflict):
    """More was asked for than the wallet holds."""

    code = "not_enough"


class Overflow(BondfireError):
    """An amount or balance beyond 10^15 (L19)."""

    status = 422
    code = "overflow"
