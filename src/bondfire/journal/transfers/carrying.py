"""Carry on what members send each other: the second half of a transfer, in a transaction of its own (L17).

The first half stands in the journal of the sender's bucket, and that is all there is to know. Whoever carries
it locks the receiver's bucket alone, so those who send to each other at the same time never wait in a circle.
What was carried is a fact of the receiver's journal under an identity that follows from the first half: done
twice, by whoever, also after a crash between the halves, it counts once.
"""

from typing import Final

from bondfire.engine import onward, sent_back_behind, shown_member
from bondfire.journal.arrivals import Arrival, arrival_of
from bondfire.journal.cache import StateCache
from bondfire.journal.log.rows import JournalRow, event_of_row, read_decision
from bondfire.journal.log.store import Connection
from bondfire.journal.process import process_arrivals
from bondfire.journal.records.store import load_states
from bondfire.journal.transfers import store
from bondfire.kit import BUCKETS
from bondfire.members import survivors_of
from bondfire.programs import Brand, Timeline

_NOWHERE: Final = dict.fromkeys(range(BUCKETS), 0)


def carry_transfers(
    conn: Connection, brand: Brand, timeline: Timeline, *, limit: int = 500, cache: StateCache | None = None
) -> int:
    """Tell other members of at most `limit` decisions that they have to hear of, in the caller's transaction.

    Points that were sent are received; such as could not be come back to their sender, one call later. Who
    invited a member gets their part of a referral that is paid. All of it happened when the first half did,
    so it does not matter when this is done. Call it again until it gives 0.

    Args:
        conn: in a transaction; never committed here.
        brand: whose members.
        timeline: the versions of its programme.
        limit: how many at most.
        cache: as of `process_events`.
    """
    rows = store.transfers_behind(conn, brand.id, _NOWHERE | store.positions(conn, brand.id), most=limit)
    if not rows:
        return 0
    onward = [told for row in rows if (told := _told_onward(brand, timeline, row)) is not None]
    arrivals = _to_survivors(conn, brand, onward)
    if arrivals:
        process_arrivals(conn, brand, timeline, arrivals, cache=cache)
    store.move_positions(conn, brand.id, {row.bucket: row.seq for row in rows})
    return len(rows)


def _told_onward(brand: Brand, timeline: Timeline, row: JournalRow) -> Arrival | None:
    """What another member hears of it; None for a referral that was looked at and not paid."""
    event = event_of_row(timeline, row, shown_member(row.member_id))
    told = onward(read_decision(timeline, row, event), row.member_id)
    if told is None:
        return None
    member_id, news = told
    return arrival_of(brand.name, news, member_id)


def _to_survivors(conn: Connection, brand: Brand, arrivals: list[Arrival]) -> list[Arrival]:
    """What is for an account that became part of another goes there, to lots as they are called there."""
    survivors = survivors_of(conn, brand, list({one.member_id for one in arrivals}))
    if not survivors:
        return arrivals
    records = load_states(conn, brand.id, list(set(survivors.values())))
    lots = {former.member_id: former.lots for record in records.values() for former in record.state.formerly}
    return [
        arrival_of(brand.name, sent_back_behind(one.event, lots[one.member_id]), survivors[one.member_id])
        if one.member_id in survivors
        else one
        for one in arrivals
    ]
