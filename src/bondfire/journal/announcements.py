"""What a row of the journal announces to the rest of the house; the journal is the outbox."""

from collections.abc import Iterator
from typing import Final

import msgspec

from bondfire.engine import shown_member
from bondfire.journal.log.rows import JournalRow, read_kept

_REWARD: Final = "reward_"
"""How the reasons begin that say what became of a redemption."""
_encode: Final = msgspec.json.Encoder(decimal_format="string").encode


def announcements_of(row: JournalRow) -> Iterator[tuple[str, str]]:
    """Kind and JSON of each announcement of a row, in order.

    `PointsPosted` names a range of the member's entries; `TierReached` and `TierLost` a change of tier (a
    member without a tier has lost one); `RewardChanged` what became of a redemption; `ReturnParked` and
    `ReturnUnmatched` the event.
    """
    about = {"member": shown_member(row.member_id), "event": row.event_id}
    kept = read_kept(row.decision)
    if row.entries:
        numbers = {"first_entry": row.first_entry, "entries": row.entries}
        yield "PointsPosted", _encode(about | numbers).decode()
    for change in kept.tier_changes:
        kind = "TierReached" if change.is_rise else "TierLost"
        yield kind, _encode(about | msgspec.structs.asdict(change)).decode()
    for reason in kept.told:
        if reason.code.startswith(_REWARD):
            said = {"reward": reason.rule.partition("/")[2], "change": reason.code.removeprefix(_REWARD)}
            told = {**reason.values, "quantity": int(reason.amount or 0)}
            yield "RewardChanged", _encode(about | said | told).decode()
    if row.outcome == "parked":
        yield "ReturnParked", _encode(about).decode()
    if any(reason.code == "unmatched" for reason in kept.told):
        yield "ReturnUnmatched", _encode(about).decode()
