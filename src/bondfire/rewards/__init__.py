"""What can we give: rewards that members get for their points, and what they share of them.

Owns: stock, seats, the waiting list, codes of tickets, vouchers and partners; the catalogue of a member.
Does not own: what a reward is and whether a member may have it (programs, engine), points (ledger), what
a voucher is worth in a basket.
Invariants: never more is given than there is, whoever asks at once; who waits longest is first; what a
member got stands in the journal, so replay and verification need none of the tables here; a code of ours is
kept as its hash, and wrong, used and foreign ones cannot be told apart. Actions never commit.
"""

from bondfire.rewards.actions import (
    MOST_CODES,
    Got,
    Wish,
    cancel,
    capture,
    import_codes,
    redeem,
    redeem_or_wait,
    release,
    renew_code,
    use_code,
    wait,
)
from bondfire.rewards.desk import Desk, open_desk
from bondfire.rewards.errors import BadRedemption, NoCode, NoRedemption, SoldOut
from bondfire.rewards.jobs import end_claims, mark_missed, move_up
from bondfire.rewards.model import CODE_BYTES
from bondfire.rewards.queries import (
    Access,
    Left,
    Offer,
    Owned,
    catalogue_for,
    may_buy,
    redemptions_of,
    what_is_left,
)

__all__ = [
    "CODE_BYTES",
    "MOST_CODES",
    "Access",
    "BadRedemption",
    "Desk",
    "Got",
    "Left",
    "NoCode",
    "NoRedemption",
    "Offer",
    "Owned",
    "SoldOut",
    "Wish",
    "cancel",
    "capture",
    "catalogue_for",
    "end_claims",
    "import_codes",
    "mark_missed",
    "may_buy",
    "move_up",
    "open_desk",
    "redeem",
    "redeem_or_wait",
    "redemptions_of",
    "release",
    "renew_code",
    "use_code",
    "wait",
    "what_is_left",
]
