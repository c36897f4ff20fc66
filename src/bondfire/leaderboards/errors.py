"""What can go wrong when somebody asks for a leaderboard."""

from bondfire.errors import NotFound


class UnknownPeriod(NotFound):
    """The leaderboard does not run then."""

    code = "unknown_period"
