"""What the journal does when a person is erased: one more row, and their words go (L22)."""

from datetime import datetime
from uuid import UUID

from bondfire.engine import shown_member
from bondfire.events import own_event
from bondfire.journal.arrivals import arrival_of
from bondfire.journal.log import store as journal
from bondfire.journal.log.store import Connection
from bondfire.journal.process import process_arrivals
from bondfire.journal.records import store as states
from bondfire.kit import bucket_of
from bondfire.programs import Brand, Timeline


def erase_from_journal(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    member_id: UUID,
    *,
    at: datetime,
    reason: str,
    actor: str,
) -> tuple[bool, int]:
    """Write down that a person was erased, and drop the words they wrote, in the caller's transaction.

    The journal knows members by id, so its rows, entries and proofs stay as they are. Erased once they are
    erased for ever; the event has one identity, so a second time changes nothing.

    Args:
        conn: in a transaction; never committed here.
        brand: whose member.
        timeline: the versions of its programme.
        member_id: who.
        at: the brand's time; the member's own where that has come further.
        reason: a word of `ERASED_BECAUSE`.
        actor: the name of the key or command.

    Returns:
        Whether they were a member, and of how many events words were dropped.
    """
    record = states.load_states(conn, brand.id, [member_id]).get(member_id)
    is_member = record is not None and record.state.joined_at is not None
    if record is not None and is_member:
        now = max(at, record.state.now)
        raw = {"id": "erased", "type": "member.erased", "member": shown_member(member_id), "occurred_at": now}
        event = own_event(raw | {"reason": reason, "actor": actor}, recorded_at=now)
        process_arrivals(conn, brand, timeline, [arrival_of(brand.name, event, member_id)])
    return is_member, forget_words_of(conn, brand, member_id)


def forget_words_of(conn: Connection, brand: Brand, member_id: UUID) -> int:
    """Drop the words that came under an account; of how many events."""
    return journal.delete_notes(conn, brand.id, bucket_of(member_id), member_id)
