"""What stands in one row of the journal."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from bondfire.engine import Decision, Outcome, Reason, TierChange
from bondfire.ledger import Entry

CLOCK: Final = ""
"""The source of rows that the passing of time made; no sender has it."""
TIME_PASSED: Final = "time.passed"


class JournalRow(msgspec.Struct, frozen=True, gc=False):
    """An event with its decision, where it stands in the order of its bucket.

    Attributes:
        event_key: 16 bytes of brand, source, event id and member: the identity, for ever.
        body: canonical JSON without the member's reference.
        decision: the decision as JSON, without its entries.
        version: the programme version that decided.
        first_entry: number of its first entry, 0 when it has none; `entries`: how many there are.
        known_version: the newest version that was published then. It is told again with those that were:
            a version published while an event was being decided changes nothing about it.
    """

    bucket: int
    seq: int
    member_id: UUID
    event_key: UUID
    source: str
    event_id: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    body: str
    version: int
    outcome: Outcome
    decision: str
    first_entry: int
    entries: int
    known_version: int


class _Kept(msgspec.Struct, omit_defaults=True):
    """A decision without what has columns of its own."""

    code: str = ""
    message: str = ""
    next_step: str = ""
    tier_changes: list[TierChange] = []
    reasons: list[Reason] = []


_encode: Final = msgspec.json.Encoder(decimal_format="string").encode
_decode: Final = msgspec.json.Decoder(_Kept).decode


def write_decision(decision: Decision) -> str:
    """A decision as JSON; its outcome, version and entries are columns and rows of their own."""
    kept = _Kept(decision.code, decision.message, decision.next_step, decision.tier_changes, decision.reasons)
    return _encode(kept).decode()


def read_decision(outcome: Outcome, version: int, text: str, entries: list[Entry]) -> Decision:
    """The decision that `write_decision` wrote."""
    kept = _decode(text)
    return Decision(
        outcome=outcome,
        version=version,
        entries=entries,
        tier_changes=kept.tier_changes,
        reasons=kept.reasons,
        code=kept.code,
        message=kept.message,
        next_step=kept.next_step,
    )
