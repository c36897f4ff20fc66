"""Reviews and posts that are gone: what they earned and how they counted is taken back (C4)."""

from typing import Final

from bondfire.engine.challenges import take_back_progress
from bondfire.engine.coupons import origin_of, withdraw_coupons
from bondfire.engine.past import Placed
from bondfire.engine.purchases import open_purchase
from bondfire.engine.returns import take_back_awards
from bondfire.engine.sliding import tell_kept_alive
from bondfire.engine.turn import Turn, event_text
from bondfire.events import Event

REMOVALS: Final = {
    "review.removed": ("review", "review.submitted"),
    "post.removed": ("post", "post.published"),
}
"""By type of event: the field that names what is gone, and its type."""
PUBLISHED: Final = frozenset(published for _, published in REMOVALS.values())


def removed_by(event: Event) -> tuple[str, str]:
    """Source and id of the event that a removal names."""
    field, _ = REMOVALS[event.type]
    return event_text(event, "sent_by") or event.source, event_text(event, field)


def something_removed(turn: Turn, event: Event) -> None:
    """Take back what is gone, whenever that is; a second removal of it changes nothing."""
    state, key = turn.state, removed_by(event)
    placed = state.published.get(key)
    if key in state.removed:
        turn.because("removed_before", note=key[1])
        return
    state.removed.add(key)
    if placed is None or placed.event.type != REMOVALS[event.type][1]:
        turn.because("unknown_removed", note=key[1])
        return
    turn.because("removed", note=key[1])
    _take_back(turn, placed, event)


def _take_back(turn: Turn, placed: Placed, event: Event) -> None:
    lots = [turn.state.ledger.lots[number] for number in placed.lots]
    whole = open_purchase(turn.timeline, placed, lots)
    for line in whole.lines:
        line.returned = line.amount
    take_back_awards(turn, whole, event=event.id)
    take_back_progress(turn, placed, placed.counted, {}, event=event.id, order="")
    pinned = turn.timeline.number(placed.version).program
    tell_kept_alive(turn, pinned, placed.event.type, whole.granted)
    withdraw_coupons(turn, origin_of(placed.event))
