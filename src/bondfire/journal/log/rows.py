"""What stands in one row of the journal, and how a decision is kept in it."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from bondfire.engine import Counted, Decision, Outcome, Reason, TierChange
from bondfire.events import Event, event_from_journal
from bondfire.journal.plain import member_as_json, member_from_json
from bondfire.ledger import Account, Entry, Kind
from bondfire.programs import Timeline, Version

CLOCK: Final = ""
"""The source of rows that the passing of time made; no sender has it."""
TIME_PASSED: Final = "time.passed"


class JournalRow(msgspec.Struct, frozen=True, gc=False):
    """An event with its decision, where it stands in the order of its bucket.

    Attributes:
        event_key: 16 bytes, in hex, of brand, source, event id and member: the identity, for ever.
        order_key: the same of brand, member and number of the order that is placed, or of what is removed;
            None of the rest.
        version: the programme version that decided.
        known_version: the newest version that was published then. It is told again with those that were:
            a version published while an event was being decided changes nothing about it.
        first_entry: number of its first entry, or of the next one when it has none; `entries`: how many.
        body: canonical JSON of what is no column here and not the member's reference.
        decision: the decision as JSON (see `write_decision`).
    """

    bucket: int
    seq: int
    member_id: UUID
    event_key: str
    order_key: str | None
    source: str
    event_id: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    version: int
    known_version: int
    outcome: Outcome
    first_entry: int
    entries: int
    body: str
    decision: str


KeptEntry = tuple[Any, ...]
"""What it did, unit, amount, lot and rule; where needed the entry it reverses, its version and its time."""


class Kept(msgspec.Struct, omit_defaults=True, gc=False):
    """A decision without what has columns of its own or follows from the event.

    Attributes:
        entries: without their numbers, which are counted from the row's first one.
        posted_at: when the event's entries count, where that is later than it happened.
        used: by lot, what an award used of caps on its base.
        counted: how the event counted for challenges.
        budgets: by key, how much was used before of each budget that was asked: what others did before is
            known nowhere else.
    """

    entries: list[KeptEntry] = []
    posted_at: datetime | None = None
    tier_changes: list[TierChange] = []
    told: list[Reason] = []
    member: dict[str, Any] = {}
    used: dict[str, Decimal] = {}
    code: str = ""
    message: str = ""
    next_step: str = ""
    counted: Counted = {}
    budgets: dict[str, Decimal] = {}


MOVES: Final[dict[str, tuple[Kind, Account, Account]]] = {
    "earn.pending": (Kind.EARN, Account.ISSUED, Account.PENDING),
    "earn.active": (Kind.EARN, Account.ISSUED, Account.ACTIVE),
    "earn.expired": (Kind.EARN, Account.ISSUED, Account.EXPIRED),
    "release": (Kind.RELEASE, Account.PENDING, Account.ACTIVE),
    "pay_debt": (Kind.PAY_DEBT, Account.ACTIVE, Account.DEBT),
    "expire": (Kind.EXPIRE, Account.ACTIVE, Account.EXPIRED),
    "spend": (Kind.SPEND, Account.ACTIVE, Account.SPENT),
    "hold": (Kind.HOLD, Account.ACTIVE, Account.HELD),
    "capture": (Kind.CAPTURE, Account.HELD, Account.SPENT),
    "let_go": (Kind.LET_GO, Account.HELD, Account.ACTIVE),
    "restore": (Kind.RESTORE, Account.SPENT, Account.ACTIVE),
    "claw_back.pending": (Kind.CLAW_BACK, Account.PENDING, Account.CLAWED_BACK),
    "claw_back.active": (Kind.CLAW_BACK, Account.ACTIVE, Account.CLAWED_BACK),
    "claw_back.debt": (Kind.CLAW_BACK, Account.DEBT, Account.CLAWED_BACK),
    "write_off": (Kind.WRITE_OFF, Account.WRITTEN_OFF, Account.ISSUED),
    "adjust": (Kind.ADJUST, Account.ACTIVE, Account.CLAWED_BACK),
    "send": (Kind.SEND, Account.ACTIVE, Account.IN_TRANSIT),
    "receive.active": (Kind.RECEIVE, Account.IN_TRANSIT, Account.ACTIVE),
    "receive.expired": (Kind.RECEIVE, Account.IN_TRANSIT, Account.EXPIRED),
    "send_back": (Kind.SEND_BACK, Account.IN_TRANSIT, Account.ACTIVE),
    "merge.active": (Kind.MERGE, Account.ACTIVE, Account.IN_TRANSIT),
    "merge.pending": (Kind.MERGE, Account.PENDING, Account.IN_TRANSIT),
    "merge.held": (Kind.MERGE, Account.HELD, Account.IN_TRANSIT),
    "merge.debt": (Kind.MERGE, Account.IN_TRANSIT, Account.DEBT),
    "absorb.active": (Kind.ABSORB, Account.IN_TRANSIT, Account.ACTIVE),
    "absorb.pending": (Kind.ABSORB, Account.IN_TRANSIT, Account.PENDING),
    "absorb.held": (Kind.ABSORB, Account.IN_TRANSIT, Account.HELD),
    "absorb.debt": (Kind.ABSORB, Account.DEBT, Account.IN_TRANSIT),
}
"""Every kind of movement by the name under which it is kept: what it did, and the accounts it moves."""
_NAME_OF: Final = {move: name for name, move in MOVES.items()}
_EARNED: Final = {credit: name for name, (kind, _, credit) in MOVES.items() if kind is Kind.EARN}
_EARN: Final = Kind.EARN

_encode: Final = msgspec.json.Encoder(decimal_format="string").encode
read_kept: Final = msgspec.json.Decoder(Kept).decode


def write_decision(decision: Decision) -> str:
    """A decision as JSON; outcome and version are columns, and what follows from the event is left out."""
    event, version = decision.event, decision.version
    kept = Kept(
        [_keep(entry, event, version) for entry in decision.entries],
        tier_changes=decision.tier_changes,
        told=decision.told,
        member=member_as_json(decision.member),
        code=decision.code,
        message=decision.message,
        next_step=decision.next_step,
        counted=decision.counted,
        budgets=decision.budgets_seen,
    )
    if decision.used:
        kept.used = {str(lot): amount for lot, amount in decision.used.items()}
    if decision.entries and decision.entries[-1].posted_at is not decision.entries[-1].effective_at:
        last = decision.entries[-1]
        kept.posted_at = last.posted_at if last.event and last.posted_at != last.effective_at else None
    return _encode(kept).decode()


def _keep(entry: Entry, event: Event | None, version: int) -> KeptEntry:
    if entry.kind is _EARN:
        return (_EARNED[entry.credit], entry.unit, entry.amount, entry.lot, entry.rule)
    name = _NAME_OF[entry.kind, entry.debit, entry.credit]
    at = None if event is not None and entry.event else entry.effective_at
    by = 0 if entry.version == version else entry.version
    return (name, entry.unit, entry.amount, entry.lot, entry.rule, entry.reverses, by, at)


def entries_of_row(row: JournalRow) -> list[Entry]:
    """The entries of a row, as they were posted."""
    kept = read_kept(row.decision)
    posted_at = kept.posted_at or row.occurred_at
    return [_entry(row, row.first_entry + place, one, posted_at) for place, one in enumerate(kept.entries)]


def _entry(row: JournalRow, number: int, kept: KeptEntry, posted_at: datetime) -> Entry:
    name, unit, amount, lot, rule, *more = kept
    kind, debit, credit = MOVES[name]
    reverses, version, at = more or (0, 0, None)
    amount, version = Decimal(amount), version or row.version
    if at is None:
        event, effective_at = row.event_id, row.occurred_at
    else:
        event, effective_at = "", msgspec.convert(at, datetime)
        posted_at = effective_at
    moved = (number, unit, kind, debit, credit, amount, lot)
    return Entry(*moved, event, rule, version, effective_at, posted_at, reverses)


def read_decision(timeline: Timeline, row: JournalRow, event: Event | None) -> Decision:
    """The decision of a row; `event` as of `event_of_row`."""
    kept = read_kept(row.decision)
    return Decision(
        row.outcome,
        version_of(timeline, row.version),
        entries_of_row(row),
        kept.tier_changes,
        kept.told,
        member_from_json(kept.member),
        event,
        {int(lot): amount for lot, amount in kept.used.items()},
        kept.code,
        kept.message,
        kept.next_step,
        kept.counted,
        kept.budgets,
    )


def version_of(timeline: Timeline, number: int) -> Version:
    """The version with this number."""
    return timeline.number(number)


def event_of_row(timeline: Timeline, row: JournalRow, member: str) -> Event | None:
    """The event of a row, read by the newest version that still knows its type; None for the passing of time.

    Raises:
        EventError: no version can read it.
    """
    if row.source == CLOCK:
        return None
    header = {"id": row.event_id, "source": row.source, "type": row.type, "occurred_at": row.occurred_at}
    return event_from_journal(
        row.body,
        [version.program.catalogue for version in reversed(timeline.versions)],
        header={**header, "member": member},
        recorded_at=row.recorded_at,
    )
