"""Who is ahead: leaderboards as they stand, how a period ended, and the prizes of it (C2).

Owns: rankings, results of periods that are over, who was given their prize, the pseudonyms under which
members see each other. Does not own: what counts and what a prize is (programs), what was scored (journal,
which derives it from decisions).
Invariants: who shares a score shares a rank, 1, 2, 2, 4; a period ends at its boundary, and its result is
written once and never changed; a prize is given once, whoever closes the period; nobody learns another's
member id, nor their score unless the programme shows it.
"""

from bondfire.leaderboards.actions import close_boards, make_pseudonyms
from bondfire.leaderboards.errors import UnknownPeriod
from bondfire.leaderboards.model import BoardPage, Line
from bondfire.leaderboards.queries import board_page, has_pseudonyms

__all__ = [
    "BoardPage",
    "Line",
    "UnknownPeriod",
    "board_page",
    "close_boards",
    "has_pseudonyms",
    "make_pseudonyms",
]
