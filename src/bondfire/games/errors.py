"""What can go wrong when somebody plays, before the programme is asked."""

from bondfire.errors import BadInput, Conflict


class NotCommitted(Conflict):
    """There is no seed yet for this period, or none any more that could be shown."""

    code = "not_committed"


class WrongCommitment(Conflict):
    """The player has seen the hash of another seed."""

    code = "wrong_commitment"


class WrongNonce(BadInput):
    """What the player adds to the draw is not in the form that anybody can copy."""

    code = "bad_nonce"
