"""A micro-batch: what was decided under the locks of some buckets, written in one go."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec

from bondfire.engine import (
    BudgetKey,
    Decision,
    Parked,
    Purchase,
    Redemption,
    advance,
    budgets_by_key,
    budgets_for,
    pass_until,
)
from bondfire.events import Event
from bondfire.journal.arrivals import Arrival, event_key_of
from bondfire.journal.boards import store as boards
from bondfire.journal.budgets import store as budgets
from bondfire.journal.caps import store as caps
from bondfire.journal.log import store as journal
from bondfire.journal.log.rows import CLOCK, TIME_PASSED, JournalRow, write_decision
from bondfire.journal.log.store import Connection
from bondfire.journal.lots import store as lots
from bondfire.journal.purchases import store as purchases
from bondfire.journal.record import MemberRecord
from bondfire.journal.records import store as states
from bondfire.kit import bucket_of
from bondfire.ledger import ZERO, Entry, Lot
from bondfire.programs import Brand, Timeline

_NOTHING: Final[Mapping[str, Decimal]] = {}


class Batch:
    """Decides events and ticks for members, and remembers what has to be written.

    Attributes:
        heads: the next number of each bucket, moved on with every row.
        records: the members, as they are after what was decided so far.
        changed: those of them that changed.
        rows: what has to be written, in the order of decisions; `posted`: the member and entries of each.
        budgets: how much was used of budgets, of those that the batch can touch.
        shares: what of them its decisions took, by bucket. scores: what they count for leaderboards.
    """

    def __init__(
        self, brand: Brand, timeline: Timeline, *, heads: dict[int, int], records: Mapping[UUID, MemberRecord]
    ) -> None:
        self._brand = brand
        self._timeline = timeline
        self._shares_budgets = timeline.has_budgets
        self.heads = heads
        self.records = records
        self.changed: dict[UUID, MemberRecord] = {}
        self.rows: list[JournalRow] = []
        self.posted: list[tuple[UUID, list[Entry]]] = []
        self.budgets: dict[BudgetKey, Decimal] = {}
        self.shares: dict[tuple[int, str, datetime], Decimal] = {}
        self.scores: boards.Scores = {}
        self._notes: list[tuple[int, UUID, str, str]] = []

    def decide(
        self,
        arrival: Arrival,
        known_version: int | None = None,
        seen: Mapping[str, Decimal] | None = None,
    ) -> tuple[JournalRow, Decision]:
        """Decide an event.

        Args:
            arrival: the event.
            known_version: by the versions of the programme up to this one; all of them by default.
            seen: how much was used of budgets then; as much as is now by default.
        """
        event, record, bucket = arrival.event, self.records[arrival.member_id], arrival.bucket
        timeline = self._timeline.up_to(known_version)
        if seen is None:
            seen = self._seen_now(timeline, event) if self._shares_budgets else _NOTHING
        decision = advance(timeline, record.state, event, seen)
        for (budget, moment), amount in decision.budgets_used.items():
            self._use(bucket, budget, moment, amount)
        for score in decision.scores:
            boards.add_score(self.scores, arrival.member_id, score)
        record.statistics.count(event, decision)
        seq, entries = self.heads[bucket], decision.entries
        row = JournalRow(
            bucket,
            seq,
            arrival.member_id,
            arrival.event_key,
            arrival.order_key if decision.outcome == "accepted" else None,
            event.source,
            event.id,
            event.type,
            event.occurred_at,
            event.recorded_at,
            decision.version,
            timeline.newest.number,
            decision.outcome,
            record.state.ledger.next_entry - len(entries),
            len(entries),
            arrival.body,
            write_decision(decision),
        )
        if event.personal and record.state.erased_at is None:
            note = msgspec.json.encode(event.personal).decode()
            self._notes.append((bucket, arrival.member_id, arrival.event_key, note))
        self._take(row, record, entries)
        return row, decision

    def pass_time(self, member_id: UUID, until: datetime, known_version: int | None = None) -> bool:
        """Do what came due for a member; False when nothing did, and then nothing is written."""
        record, timeline = self.records[member_id], self._timeline.up_to(known_version)
        decision = pass_until(timeline, record.state, until)
        if decision is None:
            return False
        event_id = f"{TIME_PASSED}/{until.isoformat()}"
        bucket, entries = bucket_of(member_id), decision.entries
        row = JournalRow(
            bucket=bucket,
            seq=self.heads[bucket],
            member_id=member_id,
            event_key=event_key_of(self._brand.name, CLOCK, event_id, member_id),
            order_key=None,
            source=CLOCK,
            event_id=event_id,
            type=TIME_PASSED,
            occurred_at=until,
            recorded_at=until,
            version=decision.version,
            known_version=timeline.newest.number,
            outcome=decision.outcome,
            first_entry=record.state.ledger.next_entry - len(entries),
            entries=len(entries),
            body="{}",
            decision=write_decision(decision),
        )
        self._take(row, record, entries)
        return True

    def _seen_now(self, timeline: Timeline, event: Event) -> dict[str, Decimal]:
        keys = budgets_for(timeline.at(event.occurred_at).program, event)
        return budgets_by_key(keys, self.budgets)

    def _use(self, bucket: int, budget: str, moment: datetime, amount: Decimal) -> None:
        self.budgets[budget, moment] = self.budgets.get((budget, moment), ZERO) + amount
        share = bucket, budget, moment
        self.shares[share] = self.shares.get(share, ZERO) + amount

    def _take(self, row: JournalRow, record: MemberRecord, entries: list[Entry]) -> None:
        self.heads[row.bucket] = row.seq + 1
        record.seq = row.seq
        self.changed[row.member_id] = record
        self.rows.append(row)
        self.posted.append((row.member_id, entries))

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
        _write_lots(conn, brand_id, by_bucket)
        _write_details(conn, brand_id, by_bucket)
        _write_states(conn, brand_id, by_bucket)
        if self.shares:
            budgets.use_budgets(conn, brand_id, self.shares)
        if self.scores:
            boards.write_scores(conn, brand_id, self.scores)
        moved = {row.bucket for row in self.rows}
        journal.move_heads(conn, brand_id, {bucket: self.heads[bucket] for bucket in sorted(moved)})
        for record in by_bucket:
            record.close_books()


def _write_lots(conn: Connection, brand_id: int, records: Iterable[MemberRecord]) -> None:
    """Lots that the states have no room for any more, and what became of those that had none before."""
    fresh: list[tuple[UUID, Lot]] = []
    changed: list[tuple[UUID, Lot]] = []
    for record in records:
        ledger, had_rows = record.state.ledger, record.rows_end
        fresh += [(record.state.id, ledger.lots[number]) for number in record.settle()]
        numbers = [number for number in sorted(ledger.changed_lots) if number <= had_rows]
        changed += [(record.state.id, ledger.lots[number]) for number in numbers]
    if fresh:
        lots.add_lots(conn, brand_id, fresh)
    if changed:
        lots.change_lots(conn, brand_id, changed)


def _write_details(conn: Connection, brand_id: int, records: list[MemberRecord]) -> None:
    returned = list(_purchases(records))
    if returned:
        purchases.write_purchases(conn, brand_id, returned)
    redeemed = list(_redemptions(records))
    if redeemed:
        purchases.write_redemptions(conn, brand_id, redeemed)
    parked = list(_parked(records))
    if parked:
        purchases.write_parked(conn, brand_id, parked)
    older = [use for record in records for use in record.older_cap_uses()]
    if older:
        caps.write_cap_uses(conn, brand_id, older)


def _purchases(records: Iterable[MemberRecord]) -> Iterator[tuple[UUID, Purchase]]:
    for record in records:
        for order in sorted(record.state.changed_purchases):
            yield record.state.id, record.state.purchases[order]


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
