"""What bondfire itself decides about a member for the storeys above: their bucket is theirs meanwhile."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from bondfire.db import Overtaken
from bondfire.engine import MemberState, UnknownMember, pass_until
from bondfire.errors import BondfireError, Conflict, NotFound
from bondfire.events import Event
from bondfire.journal.arrivals import arrival_of
from bondfire.journal.loading import Need, load_records
from bondfire.journal.log import store as journal
from bondfire.journal.log.store import Connection
from bondfire.journal.process import Result, process_arrivals
from bondfire.kit import bucket_of, show_id
from bondfire.programs import Brand, Timeline


def own_member(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, now: datetime
) -> MemberState:
    """Lock the bucket of a member until the transaction ends, and see them as they are now.

    Whoever needs something that members share locks it after this, so that nobody waits in a circle.

    Raises:
        UnknownMember: nobody has joined under this id.
    """
    journal.lock_heads(conn, brand.id, [bucket_of(member_id)])
    return see_member(conn, brand, timeline, member_id, now=now)


def see_member(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, now: datetime
) -> MemberState:
    """A member as they are now, with their latest lots alone; nothing is written.

    Raises:
        UnknownMember: nobody has joined under this id.
        Overtaken: the account became part of another one; to be run again whole.
    """
    state = load_records(conn, brand, timeline, {member_id: Need(now)}, held={})[member_id].state
    if state.merged_into is not None:
        raise Overtaken("an account became part of another meanwhile")
    if state.joined_at is None:
        raise UnknownMember(
            f"Nobody has joined {brand.name} as {show_id('mem', member_id)}.",
            next_step="Check the reference; a member is known from their first event or from joining.",
        )
    pass_until(timeline, state, now)
    return state


def decide_own(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, event: Event
) -> Result:
    """Decide an event that bondfire itself makes, in the caller's transaction.

    Raises:
        BondfireError: the refusal; the caller's transaction, or a savepoint of it, is to be rolled back.
    """
    (result,) = process_own(conn, brand, timeline, [(member_id, event)])
    if result.code:
        raise _refusal(result)
    return result


def process_own(
    conn: Connection, brand: Brand, timeline: Timeline, events: Sequence[tuple[UUID, Event]]
) -> list[Result]:
    """`process_events` for events of `events.own_event`, each with the member it is about."""
    arrivals = [arrival_of(brand.name, event, member_id) for member_id, event in events]
    return process_arrivals(conn, brand, timeline, arrivals)


def _refusal(result: Result) -> BondfireError:
    kind = NotFound if result.code.startswith("unknown_") else Conflict
    return kind(result.message, next_step=result.next_step, code=result.code)
