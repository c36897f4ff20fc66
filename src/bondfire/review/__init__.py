"""What a person looks at: awards beyond the limits of a programme, and patterns that are unusual.

Owns: the list of held awards, the decisions of persons about them, the report of unusual patterns.
Does not own: which award is held and what a decision does (engine), limits (programs), referrals.
Invariants: what is held stands in the journal, the list is read out of it; a decision has a reason and a
name; a report decides nothing; actions never commit.
"""

from bondfire.review.actions import AwardVerdict, decide_award
from bondfire.review.model import HeldAward
from bondfire.review.patterns import MEASURES, Finding, Period, period_of, unusual_patterns
from bondfire.review.queries import held_awards
from bondfire.review.reactions import follow_awards

__all__ = [
    "MEASURES",
    "AwardVerdict",
    "Finding",
    "HeldAward",
    "Period",
    "decide_award",
    "follow_awards",
    "held_awards",
    "period_of",
    "unusual_patterns",
]
