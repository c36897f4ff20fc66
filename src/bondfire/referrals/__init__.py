"""Members who invite others: codes, who invited whom, and what is held before anybody is paid.

Owns: referral codes as they are given out, the chain of who invited whom, what is looked for outside the
past of one member (one person twice, rings, bursts), and the decisions of persons about it. Does not own:
which order counts, when it is ripe and what is given (engine, programs), names (members), messages.
Invariants: nothing is paid before it was looked at, nor while a person has to decide; whatever is found
stands in the journal; no member learns more of another than that they came; actions never commit.
"""

from bondfire.referrals.actions import VERDICTS, Verdict, decide_referral, give_code, merge_referrers
from bondfire.referrals.model import StoredReferral
from bondfire.referrals.queries import (
    MemberReferrals,
    busiest_referrers,
    held_referrals,
    link_of,
    read_referrals,
)
from bondfire.referrals.reactions import follow_referrals

__all__ = [
    "VERDICTS",
    "MemberReferrals",
    "StoredReferral",
    "Verdict",
    "busiest_referrers",
    "decide_referral",
    "follow_referrals",
    "give_code",
    "held_referrals",
    "link_of",
    "merge_referrers",
    "read_referrals",
]
