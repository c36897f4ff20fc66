"""What the journal refuses."""

from bondfire.errors import NotFound


class UnknownEvent(NotFound):
    """The journal has no such event of the member."""

    code = "unknown_event"
