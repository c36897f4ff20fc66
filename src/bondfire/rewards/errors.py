"""What can go wrong with rewards beside what the engine refuses."""

from bondfire.errors import BadInput, Conflict, NotFound


class SoldOut(Conflict):
    """There is none left, or others wait for the next."""

    code = "sold_out"


class NoCode(NotFound):
    """The code is none of ours, or was used, or is of another brand: nobody can tell which."""

    code = "code_not_valid"


class BadRedemption(BadInput):
    """It cannot be asked for like this."""

    code = "bad_redemption"


class NoRedemption(Conflict):
    """There is no such redemption, or it is no longer what is asked of it."""

    code = "no_redemption"
