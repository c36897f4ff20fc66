"""What histories and models refuse, and what to do about it."""

from bondfire.errors import BadInput


class HistoryError(BadInput):
    """A history of purchases that cannot be read or cannot be learned from."""

    code = "bad_history"


class TooFew(HistoryError):
    """Fewer members, repeat buyers or days than the question needs."""

    code = "too_few"
