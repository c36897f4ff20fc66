"""What of a member's past an event can touch, so that no more than that is loaded."""

from datetime import datetime, timedelta

import msgspec

from bondfire.engine.turn import event_text
from bondfire.events import Event
from bondfire.programs import Timeline


class Touches(msgspec.Struct, frozen=True):
    """Which purchases and redemptions a decision about an event may read or change.

    The lots that those name must be loaded with them, and every open lot always.

    Attributes:
        order: the purchase with this number, "" for none.
        purchases_since: every purchase from then on (a return that names no order, R18), None for none.
        redemption: the redemption of this event, "" for none.
        redemptions_of: every redemption of this order, "" for none.
        redemptions_in: every redemption of this unit that is not wholly restored, "" for none.
    """

    order: str = ""
    purchases_since: datetime | None = None
    redemption: str = ""
    redemptions_of: str = ""
    redemptions_in: str = ""


def touches(timeline: Timeline, event: Event) -> Touches:
    """What of the member's past `decide` may look at for this event."""
    order = event_text(event, "order")
    if event.type == "order.placed":
        return Touches(order=order or event.id)
    if event.type == "order.cancelled" or (event.type == "order.returned" and order):
        return Touches(order=order)
    if event.type == "order.returned":
        return Touches(purchases_since=event.occurred_at - _longest_window(timeline))
    if event.type == "points.restored":
        named = event_text(event, "spend")
        return Touches(
            redemption=named,
            redemptions_of="" if named else order,
            redemptions_in="" if named or order else event_text(event, "unit"),
        )
    return Touches()


def _longest_window(timeline: Timeline) -> timedelta:
    windows = [version.program.returns.window for version in timeline.versions]
    return max(timedelta(days=window.months * 31 + window.days + 1) for window in windows)
