"""Games of chance whose draws can be proved: commit before, draw, reveal afterwards.

Owns: seeds and when they are shown, the formula of a draw, playing, checking all draws of a period.
Does not own: odds, prices and prizes (programs), what a play takes and gives (engine), the book of plays
(journal).
Invariants: who plays has seen the hash of the seed; a draw follows from seed, member, number of the play and
the member's own nonce, and from nothing else; a seed is shown when its period is over and never before; a
play counts once; what is refused was never drawn.
"""

from bondfire.games.actions import PlayAsked, commit, play
from bondfire.games.errors import NotCommitted, WrongCommitment, WrongNonce
from bondfire.games.model import GameView, Proof, WrongDraw, commitment_of, side_drawn
from bondfire.games.queries import is_committed, prove, view_game

__all__ = [
    "GameView",
    "NotCommitted",
    "PlayAsked",
    "Proof",
    "WrongCommitment",
    "WrongDraw",
    "WrongNonce",
    "commit",
    "commitment_of",
    "is_committed",
    "play",
    "prove",
    "side_drawn",
    "view_game",
]
