"""Process events: each is decided once for ever, and the answer to a repetition is the first answer."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from bondfire.db import Overtaken
from bondfire.engine import (
    Decision,
    IdentityConflict,
    MemberState,
    advance,
    budgets_by_key,
    budgets_for,
    shown_member,
)
from bondfire.events import Event
from bondfire.journal.arrivals import Arrival, address, arrival_of, event_key_of
from bondfire.journal.batch import Batch
from bondfire.journal.budgets import store as budgets
from bondfire.journal.cache import StateCache
from bondfire.journal.loading import Need, load_records, needs_of, reached_budgets
from bondfire.journal.log import store as journal
from bondfire.journal.log.rows import JournalRow, event_of_row, read_decision
from bondfire.journal.log.store import Connection
from bondfire.journal.record import MemberRecord
from bondfire.kit import bucket_of
from bondfire.ledger import Wallet
from bondfire.members import resolve_members
from bondfire.programs import Brand, Timeline

Answer = Literal["accepted", "parked", "unmatched", "refused", "duplicate", "conflict"]


class Result(msgspec.Struct, frozen=True, gc=False):
    """The answer to an event.

    Attributes:
        event, source, member: the event's id, its source and the member's reference, as sent.
        seq: number of its row within the bucket of the member.
        outcome: accepted, parked, unmatched or refused as decided; `duplicate`: it came before, and
            `decision` is the first one; `conflict`: the same identity came before with another body.
        decision: None for a conflict.
        code, message, next_step: of a refusal or conflict, also of one that is repeated.
        wallets: the member's balances by unit after it, if they were asked for; None for who is no member.
    """

    event: str
    source: str
    member: str
    member_id: UUID
    seq: int
    outcome: Answer
    decision: Decision | None
    code: str = ""
    message: str = ""
    next_step: str = ""
    wallets: dict[str, Wallet] | None = None


class _Told(NamedTuple):
    """A row of the journal and the decision in it."""

    row: JournalRow
    decision: Decision


def process_events(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    events: Sequence[Event],
    *,
    cache: StateCache | None = None,
    with_wallets: bool = False,
) -> list[Result]:
    """Decide events in their order and write what follows, in the caller's transaction.

    One call is one micro-batch: the buckets of its members are locked in ascending order, every statement
    serves the whole batch. An event that came before, in this batch or ever, moves nothing (R2, L14);
    with another body it is a conflict (L15). After an error the transaction must be rolled back and may
    be run again whole.

    Args:
        conn: in a transaction; never committed here.
        brand: whose events.
        timeline: the versions of its programme.
        events: in order of arrival; about a thousand at a time is fastest.
        cache: members of earlier batches of this process; call its `confirm` after the commit.
        with_wallets: whether each answer says what the member then has.
    """
    events = address(conn, brand, events)
    members = resolve_members(conn, brand, list(dict.fromkeys(event.member for event in events)))
    arrivals = [arrival_of(brand.name, event, members[event.member]) for event in events]
    return process_arrivals(conn, brand, timeline, arrivals, cache=cache, with_wallets=with_wallets)


def process_arrivals(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    arrivals: Sequence[Arrival],
    *,
    cache: StateCache | None = None,
    with_wallets: bool = False,
) -> list[Result]:
    """`process_events` for those whose members are known; see there.

    Raises:
        Overtaken: an account became part of another before its bucket was locked; to be run again whole.
    """
    heads = journal.lock_heads(conn, brand.id, sorted({arrival.bucket for arrival in arrivals}))
    known = _known(conn, brand.id, timeline, arrivals)
    needs = needs_of(timeline, _fresh(arrivals, known))
    if with_wallets:
        needs |= {one.member_id: Need() for one in arrivals if one.member_id not in needs}
    records = _load(conn, brand, timeline, needs, heads=heads, cache=cache)
    if any(record.state.merged_into for record in records.values()):
        raise Overtaken("an account became part of another meanwhile")
    known |= _known_formerly(conn, brand, timeline, arrivals, records=records)
    batch = Batch(brand, timeline, heads=heads, records=records)
    if timeline.has_budgets and (reached := reached_budgets(timeline, records, needs)):
        batch.budgets = budgets.lock_budgets(conn, brand.id, reached)
    results = []
    for arrival in arrivals:
        first = known.get(arrival.event_key)
        if first is None:
            told = known[arrival.event_key] = _Told(*batch.decide(arrival))
            result = _answer(arrival, told, told.decision.outcome)
        else:
            result = _answer_again(arrival, first)
        if with_wallets:
            result = msgspec.structs.replace(result, wallets=_wallets_of(records[arrival.member_id]))
        results.append(result)
    batch.write(conn)
    if cache is not None:
        cache.keep(batch.changed.values(), batch.heads)
    return results


def _fresh(arrivals: Sequence[Arrival], known: Mapping[str, _Told]) -> Iterator[tuple[UUID, Event]]:
    for arrival in arrivals:
        if arrival.event_key not in known:
            yield arrival.member_id, arrival.event


def _wallets_of(record: MemberRecord) -> dict[str, Wallet] | None:
    if record.state.joined_at is None:
        return None
    state = record.state
    units = state.ledger.wallets.keys() | {unit for former in state.formerly for unit in former.wallets}
    return {unit: msgspec.structs.replace(state.balances(unit)) for unit in units}


def _load(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    needs: dict[UUID, Need],
    *,
    heads: Mapping[int, int],
    cache: StateCache | None,
) -> dict[UUID, MemberRecord]:
    held = cache.find(needs, heads) if cache is not None else {}
    return load_records(conn, brand, timeline, needs, held=held) if needs else {}


def _known(
    conn: Connection, brand_id: int, timeline: Timeline, arrivals: Sequence[Arrival]
) -> dict[str, _Told]:
    """What the journal says of events that came before, with their decisions."""
    buckets = [arrival.bucket for arrival in arrivals]
    rows = journal.known_events(conn, brand_id, buckets, [arrival.event_key for arrival in arrivals])
    references = {arrival.event_key: arrival.event.member for arrival in arrivals} if rows else {}
    return {key: told(timeline, row, references[key]) for key, row in rows.items()}


def _known_formerly(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    arrivals: Sequence[Arrival],
    *,
    records: Mapping[UUID, MemberRecord],
) -> dict[str, _Told]:
    """What came before under an account that is part of the member's now (G1)."""
    asked = {
        event_key_of(brand.name, one.event.source, one.event.id, former.member_id): (one, former.member_id)
        for one in arrivals
        if one.member_id in records
        for former in records[one.member_id].state.formerly
    }
    if not asked:
        return {}
    buckets = [bucket_of(member_id) for _, member_id in asked.values()]
    rows = journal.known_events(conn, brand.id, buckets, list(asked))
    return {
        asked[key][0].event_key: told(timeline, row, asked[key][0].event.member) for key, row in rows.items()
    }


def told(timeline: Timeline, row: JournalRow, reference: str) -> _Told:
    """What a row says."""
    return _Told(row, read_decision(timeline, row, event_of_row(timeline, row, reference)))


def _answer_again(arrival: Arrival, first: _Told) -> Result:
    event, row = arrival.event, first.row
    if (row.body, row.type, row.occurred_at) == (arrival.body, event.type, event.occurred_at):
        return _answer(arrival, first, "duplicate")
    conflict = IdentityConflict(
        f"Event {event.id} of {event.source} came before with another body; the first stands.",
        next_step="Send a correction under a new id.",
    )
    return Result(
        event=event.id,
        source=event.source,
        member=event.member,
        member_id=arrival.member_id,
        seq=first.row.seq,
        outcome="conflict",
        decision=None,
        code=conflict.code,
        message=conflict.message,
        next_step=conflict.next_step,
    )


def _answer(arrival: Arrival, told: _Told, outcome: Answer) -> Result:
    """The decision for the sender, who knows the member by their own reference."""
    event, decision = arrival.event, told.decision
    return Result(
        event=event.id,
        source=event.source,
        member=event.member,
        member_id=arrival.member_id,
        seq=told.row.seq,
        outcome=outcome,
        decision=decision,
        code=decision.code,
        message=_for_sender(arrival, decision),
        next_step=decision.next_step,
    )


def _for_sender(arrival: Arrival, decision: Decision) -> str:
    """The message with the member's reference, which the journal does not know."""
    message = decision.message
    return message and message.replace(shown_member(arrival.member_id), arrival.event.member)


def lock_member(conn: Connection, brand: Brand, reference: str) -> UUID:
    """Lock the bucket of a member until the transaction ends, for who decides before sending an event."""
    member_id = resolve_members(conn, brand, [reference])[reference]
    journal.lock_heads(conn, brand.id, [bucket_of(member_id)])
    return member_id


def earlier(conn: Connection, brand: Brand, timeline: Timeline, event: Event) -> Result | None:
    """The answer to whatever came before under the identity of an event, also with another body."""
    member_id = resolve_members(conn, brand, [event.member])[event.member]
    arrival = arrival_of(brand.name, event, member_id)
    first = _known(conn, brand.id, timeline, [arrival]).get(arrival.event_key)
    return None if first is None else _answer(arrival, first, "duplicate")


def member_before(
    conn: Connection, brand: Brand, timeline: Timeline, event: Event
) -> tuple[UUID, MemberState]:
    """A member with all that an event can touch, to be thought with; the books are not locked."""
    member_id = resolve_members(conn, brand, [event.member])[event.member]
    needs = needs_of(timeline, [(member_id, event)])
    return member_id, load_records(conn, brand, timeline, needs, held={})[member_id].state


def budgets_seen(conn: Connection, brand: Brand, timeline: Timeline, event: Event) -> dict[str, Decimal]:
    """How much was used of the budgets that may pay for an event, to be thought with; nothing is locked."""
    keys = budgets_for(timeline.at(event.occurred_at).program, event)
    return budgets_by_key(keys, budgets.peek_budgets(conn, brand.id, keys)) if keys else {}


def dry_run(conn: Connection, brand: Brand, timeline: Timeline, event: Event) -> Decision:
    """What would follow from an event; nothing is locked or written.

    Raises:
        IdentityConflict: it came before with another body.
    """
    (event,) = address(conn, brand, [event])
    member_id = resolve_members(conn, brand, [event.member])[event.member]
    arrival = arrival_of(brand.name, event, member_id)
    first = _known(conn, brand.id, timeline, [arrival]).get(arrival.event_key)
    if first is not None:
        return _answer_or_conflict(arrival, first)
    needs = needs_of(timeline, [(member_id, arrival.event)])
    records = load_records(conn, brand, timeline, needs, held={})
    before = _known_formerly(conn, brand, timeline, [arrival], records=records).get(arrival.event_key)
    if before is not None:
        return _answer_or_conflict(arrival, before)
    seen = budgets_seen(conn, brand, timeline, event)
    decision = advance(timeline, records[member_id].state, arrival.event, seen)
    decision.message = _for_sender(arrival, decision)
    return decision


def _answer_or_conflict(arrival: Arrival, first: _Told) -> Decision:
    again = _answer_again(arrival, first)
    if again.decision is None:
        raise IdentityConflict(again.message, next_step=again.next_step)
    return again.decision
