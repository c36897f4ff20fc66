"""A person is erased: the member stays as an id with books, and nothing more is taken of them (L22)."""

from typing import Final

from bondfire.engine.boards import leave_all
from bondfire.engine.errors import MemberErased
from bondfire.engine.turn import Turn, event_text
from bondfire.engine.units import check_known
from bondfire.events import Event

STILL_TAKEN: Final = frozenset({"order.returned", "order.cancelled", "points.sent_back"})
"""What sets right what was before; time goes on passing too."""


def member_erased(turn: Turn, event: Event) -> None:
    """Forget what rules may see of the member; entries, lots and tiers stay, and end when they would have."""
    check_known(turn)
    turn.state.erased_at = turn.effective_at
    turn.state.attributes = {}
    leave_all(turn)
    turn.because("erased", note=f"{event_text(event, 'reason')} ({event_text(event, 'actor')})")


def check_not_erased(turn: Turn, event: Event) -> None:
    """Refuse what is about somebody who was erased.

    Raises:
        MemberErased: they were.
    """
    if turn.state.erased_at is not None and event.type not in STILL_TAKEN:
        raise MemberErased(
            "The person behind this reference was erased.",
            next_step="If they came back, send their events under a new reference.",
        )
