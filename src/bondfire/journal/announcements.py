"""What a decision announces to the rest of the house, through the outbox of its transaction."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

import msgspec

from bondfire.engine import Decision, shown_member

_encode: Final = msgspec.json.Encoder(decimal_format="string").encode


def announcements_of(member_id: UUID, event_id: str, decision: Decision) -> Iterator[tuple[str, str]]:
    """Kind and JSON of each announcement, in order.

    `PointsPosted` names a range of the member's entries; `TierReached` and `TierLost` a change of tier (a
    member without a tier has lost one); `ReturnParked` and `ReturnUnmatched` the event.
    """
    about = {"member": shown_member(member_id), "event": event_id}
    if decision.entries:
        numbers = {"first_entry": decision.entries[0].number, "entries": len(decision.entries)}
        yield "PointsPosted", _encode(about | numbers).decode()
    for change in decision.tier_changes:
        kind = "TierReached" if change.why == "earned" else "TierLost"
        yield kind, _encode(about | msgspec.structs.asdict(change)).decode()
    if decision.outcome == "parked":
        yield "ReturnParked", _encode(about).decode()
    if any(reason.code == "unmatched" for reason in decision.reasons):
        yield "ReturnUnmatched", _encode(about).decode()
