"""The built-in event types of leaderboards and games: who is shown, who won, what was drawn."""

from typing import Final

from bondfire.events.fields import EventType, Field

_BOARD: Final = Field("string", "The leaderboard's name.", "required")
CONTESTS: Final = (
    EventType(
        "leaderboard.joined",
        "A member is shown on a leaderboard from now on.",
        {"leaderboard": _BOARD},
    ),
    EventType(
        "leaderboard.left",
        "A member is shown on a leaderboard no more, and gets none of its prizes.",
        {"leaderboard": _BOARD},
    ),
    EventType(
        "leaderboard.won",
        "A period of a leaderboard is over, and the member's rank gets something.",
        {
            "leaderboard": _BOARD,
            "period": Field("time", "When the period began.", "required"),
            "rank": Field("integer", "The rank; who shares one has the same.", "required", minimum=1),
            "segment": Field("string", "Among whom, where members are compared by segment.", empty=True),
        },
        own=True,
    ),
    EventType(
        "game.played",
        "A member played a game of chance, and something was drawn.",
        {
            "game": Field("string", "The game's name.", "required"),
            "period": Field("time", "When the period began whose seed drew.", "required"),
            "commitment": Field("string", "The hash of that seed, which was known before.", "required"),
            "nonce": Field("string", "What the member added to the draw.", "required", empty=True),
            "number": Field("integer", "The member's plays in the period, from 1.", "required", minimum=1),
            "drawn": Field("string", "The prize that was drawn.", "required"),
        },
        own=True,
    ),
)
