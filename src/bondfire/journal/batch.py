"""A micro-batch: what was decided under the locks of some buckets, written in one go."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from bondfire.engine import Decision, Parked, Purchase, Redemption, advance, pass_until
from bondfire.journal.announcements import announcements_of
from bondfire.journal.arrivals import Arrival, event_key_of
from bondfire.journal.caps import store as caps
from bondfire.journal.log import store as journal
from bondfire.journal.log.rows import CLOCK, TIME_PASSED, JournalRow, write_decision
from bondfire.journal.log.store import Connection
from bondfire.journal.lots import store as lots
from bondfire.journal.purchases import store as purchases
from bondfire.journal.record import MemberRecord
from bondfire.journal.records import store as states
from bondfire.kit import bucket_of
from bondfire.ledger import Entry, Lot
from bondfire.programs import Brand, Timeline


class Batch:
    """Decides events and ticks for members, and remembers what has to be written.

    Attributes:
        heads: the next number of each bucket, moved on with every row.
        records: the members, as they are after what was decided so far.
        changed: those of them that changed.
        rows, entries, announced: what has to be written, in the order of decisions.
    """

    def __init__(
        self, brand: Brand, timeline: Timeline, *, heads: dict[int, int], records: Mapping[UUID, MemberRecord]
    ) -> None:
        self._brand = brand
        self._timeline = timeline
        self.heads = heads
        self.records = records
        self.changed: dict[UUID, MemberRecord] = {}
        self.rows: list[JournalRow] = []
        self.entries: list[tuple[int, UUID, int, Entry]] = []
        self._notes: list[tuple[int, UUID, UUID, str]] = []
        self.announced: list[tuple[int, int, int, str, str]] = []

    def decide(self, arrival: Arrival, known_version: int | None = None) -> tuple[JournalRow, Decision]:
        """Decide an event, by the versions of the programme up to the one that is known (default: all)."""
        event, record = arrival.event, self.records[arrival.member_id]
        timeline = self._timeline.up_to(known_version)
        decision = advance(timeline, record.state, event)
        record.statistics.count(timeline, event, decision)
        row = JournalRow(
            bucket=arrival.bucket,
            seq=self.heads[arrival.bucket],
            member_id=arrival.member_id,
            event_key=arrival.event_key,
            source=event.source,
            event_id=event.id,
            type=event.type,
            occurred_at=event.occurred_at,
            recorded_at=event.recorded_at,
            body=arrival.body,
            version=decision.version,
            outcome=decision.outcome,
            decision=write_decision(decision),
            first_entry=decision.entries[0].number if decision.entries else 0,
            entries=len(decision.entries),
            known_version=timeline.newest.number,
        )
        if event.personal:
            note = msgspec.json.encode(event.personal).decode()
            self._notes.append((arrival.bucket, arrival.member_id, arrival.event_key, note))
        self._take(row, decision, record)
        return row, decision

    def pass_time(self, member_id: UUID, until: datetime, known_version: int | None = None) -> bool:
        """Do what came due for a member; False when nothing did, and then nothing is written."""
        record, timeline = self.records[member_id], self._timeline.up_to(known_version)
        decision = pass_until(timeline, record.state, until)
        if decision is None:
            return False
        event_id = f"{TIME_PASSED}/{until.isoformat()}"
        bucket = bucket_of(member_id)
        row = JournalRow(
            bucket=bucket,
            seq=self.heads[bucket],
            member_id=member_id,
            event_key=event_key_of(self._brand.name, CLOCK, event_id, member_id),
            source=CLOCK,
            event_id=event_id,
            type=TIME_PASSED,
            occurred_at=until,
            recorded_at=until,
            body="{}",
            version=decision.version,
            outcome=decision.outcome,
            decision=write_decision(decision),
            first_entry=decision.entries[0].number if decision.entries else 0,
            entries=len(decision.entries),
            known_version=timeline.newest.number,
        )
        self._take(row, decision, record)
        return True

    def _take(self, row: JournalRow, decision: Decision, record: MemberRecord) -> None:
        self.heads[row.bucket] = row.seq + 1
        record.seq = row.seq
        self.changed[row.member_id] = record
        self.rows.append(row)
        self.entries += [(row.bucket, row.member_id, row.seq, entry) for entry in decision.entries]
        for line, (kind, body) in enumerate(announcements_of(row.member_id, row.event_id, decision), start=1):
            self.announced.append((row.bucket, row.seq, line, kind, body))

    def write(self, conn: Connection) -> None:
        """Write everything; the number of statements does not depend on the number of events."""
        if not self.rows:
            return
        brand_id = self._brand.id
        by_bucket = sorted(self.changed.values(), key=lambda record: record.state.id.bytes)
        by_bucket.sort(key=lambda record: bucket_of(record.state.id))
        journal.add_rows(conn, brand_id, sorted(self.rows, key=lambda row: (row.bucket, row.seq)))
        if self._notes:
            journal.add_notes(conn, brand_id, self._notes)
        if self.entries:
            journal.add_entries(conn, brand_id, sorted(self.entries, key=lambda one: one[0]))
        if self.announced:
            journal.add_announcements(conn, brand_id, sorted(self.announced))
        _write_lots(conn, brand_id, by_bucket)
        _write_purchases(conn, brand_id, by_bucket)
        _write_details(conn, brand_id, by_bucket)
        _write_states(conn, brand_id, by_bucket)
        moved = {row.bucket for row in self.rows}
        journal.move_heads(conn, brand_id, {bucket: self.heads[bucket] for bucket in sorted(moved)})
        for record in by_bucket:
            record.forget_details()


def _write_lots(conn: Connection, brand_id: int, records: Iterable[MemberRecord]) -> None:
    fresh: list[tuple[UUID, Lot]] = []
    changed: list[tuple[UUID, Lot]] = []
    for record in records:
        ledger = record.state.ledger
        for number in sorted(ledger.changed_lots):
            target = fresh if number > record.stored_lots else changed
            target.append((record.state.id, ledger.lots[number]))
    if fresh:
        lots.add_lots(conn, brand_id, fresh)
    if changed:
        lots.change_lots(conn, brand_id, changed)


def _write_purchases(conn: Connection, brand_id: int, records: list[MemberRecord]) -> None:
    fresh: list[tuple[UUID, Purchase]] = []
    changed: list[tuple[UUID, Purchase]] = []
    for record in records:
        for order in sorted(record.state.changed_purchases):
            target = changed if order in record.stored_purchases else fresh
            target.append((record.state.id, record.state.purchases[order]))
    if fresh:
        purchases.add_purchases(conn, brand_id, fresh)
    if changed:
        purchases.change_purchases(conn, brand_id, changed)


def _write_details(conn: Connection, brand_id: int, records: list[MemberRecord]) -> None:
    redeemed = list(_redemptions(records))
    if redeemed:
        purchases.write_redemptions(conn, brand_id, redeemed)
    parked = list(_parked(records))
    if parked:
        purchases.write_parked(conn, brand_id, parked)
    older = [use for record in records for use in record.older_cap_uses()]
    if older:
        caps.write_cap_uses(conn, brand_id, older)


def _parked(records: Iterable[MemberRecord]) -> Iterator[tuple[UUID, str, list[Parked]]]:
    for record in records:
        for order in sorted(record.state.changed_parked):
            yield record.state.id, order, record.state.parked.get(order, [])


def _redemptions(records: Iterable[MemberRecord]) -> Iterator[tuple[UUID, Redemption]]:
    for record in records:
        for key in sorted(record.state.changed_redemptions):
            yield record.state.id, record.state.redemptions[key]


def _write_states(conn: Connection, brand_id: int, records: list[MemberRecord]) -> None:
    fresh = [record for record in records if not record.is_stored]
    if fresh:
        states.add_states(conn, brand_id, fresh)
    changed = [record for record in records if record.is_stored]
    if changed:
        states.change_states(conn, brand_id, changed)
