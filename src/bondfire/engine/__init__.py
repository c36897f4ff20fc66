"""This member, this event, this programme: what follows?

Owns: `decide`, the member's state, the journal of events with their decisions, the passing of time, replay
and verification. Does not own: what a programme says (programs), how value moves (ledger), what an event
may hold (events), who asks (api, cli).
Invariants: `decide` is pure; an event counts once for ever; everything but the journal can be derived
from the journal again; actions never commit.
"""

from bondfire.engine.decide import advance, decide
from bondfire.engine.errors import IdentityConflict
from bondfire.engine.model import (
    Decision,
    Granted,
    MemberState,
    Purchase,
    PurchaseLine,
    Reason,
    Redemption,
    Standing,
    TierChange,
)
from bondfire.engine.standing import Outlook, outlook
from bondfire.engine.ticks import next_due_at, pass_until
from bondfire.engine.totals import Totals, digest_of_chains, totals_of
from bondfire.engine.touches import Touches, touches

__all__ = [
    "Decision",
    "Granted",
    "IdentityConflict",
    "MemberState",
    "Outlook",
    "Purchase",
    "PurchaseLine",
    "Reason",
    "Redemption",
    "Standing",
    "TierChange",
    "Totals",
    "Touches",
    "advance",
    "decide",
    "digest_of_chains",
    "next_due_at",
    "outlook",
    "pass_until",
    "totals_of",
    "touches",
]
