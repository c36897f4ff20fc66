"""What a request was answered, so that the same request sent again gets the same answer and changes nothing.

Owns: keys of requests (`Idempotency-Key`), fingerprints, and the answers given, for a day. Does not own: what
a request does, nor events, which count once for ever by their own identity (journal). Invariants: an answer
commits with the effect it tells of; two requests with one key have one effect; a key is kept as a hash only.
"""

from bondfire.idempotency.actions import claim, forget_answers, forget_words, keep
from bondfire.idempotency.model import KEPT, Answer, Asked, KeyInUse, KeyReused, asked_of

__all__ = [
    "KEPT",
    "Answer",
    "Asked",
    "KeyInUse",
    "KeyReused",
    "asked_of",
    "claim",
    "forget_answers",
    "forget_words",
    "keep",
]
