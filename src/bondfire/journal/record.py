"""A member as the tables keep them: the state and what is written beside it."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from bondfire.engine import CapUsed, Decision, MemberState, Standing, next_lot_due_at
from bondfire.events import Event
from bondfire.kit import EPOCH
from bondfire.ledger import ZERO, Ledger, Wallet
from bondfire.programs import Timeline

CAP_USES_KEPT: Final = 16
"""So many of the latest uses of a cap stand in the state; older ones, which only late events and returns ask
for, have rows of their own, so that a state does not grow with its past (L20)."""


class Statistics(msgspec.Struct):
    """What insights ask of every member, kept at event time so that scoring reads members, not events.

    Attributes:
        first_on, last_on: the first and the last day with an order, in the programme's time zone.
        repeat_days: days with an order after the first one. A late order counts when it is before the
            first or after the last day known; one that falls between may share its day with another.
        orders, order_total: how many orders were accepted, and their money.
    """

    first_on: date | None = None
    last_on: date | None = None
    repeat_days: int = 0
    orders: int = 0
    order_total: Decimal = ZERO

    def count(self, timeline: Timeline, event: Event, decision: Decision) -> None:
        """Count an event that was just decided."""
        total = event.body.get("total")
        if event.type != "order.placed" or decision.outcome != "accepted" or not isinstance(total, Decimal):
            return
        self.orders += 1
        self.order_total += total
        day = event.occurred_at.astimezone(timeline.at(event.occurred_at).program.zone).date()
        if self.first_on is None or self.last_on is None:
            self.first_on = self.last_on = day
        elif not self.first_on <= day <= self.last_on:
            self.repeat_days += 1
            self.first_on, self.last_on = min(day, self.first_on), max(day, self.last_on)


class MemberRecord(msgspec.Struct):
    """A member in memory, and how much of them is stored.

    Attributes:
        seq: the journal row that changed them last; 0 when nothing is stored yet.
        stored_lots: lots up to this number are stored.
        stored_purchases: the orders among `state.purchases` that are stored.
    """

    state: MemberState
    statistics: Statistics = msgspec.field(default_factory=Statistics)
    seq: int = 0
    is_stored: bool = False
    stored_lots: int = 0
    stored_purchases: set[str] = msgspec.field(default_factory=set)

    def may_lack(self, cap: str, moment: datetime) -> bool:
        """Whether a use of a cap at that moment may be stored in a row that is not at hand."""
        kept = self.state.cap_used.get(cap, [])
        return len(kept) >= CAP_USES_KEPT and moment < kept[0].moment

    def add_cap_use(self, cap: str, used: CapUsed) -> None:
        """Put a use that was loaded into its place."""
        kept = self.state.cap_used[cap]
        kept.insert(bisect_left(kept, used.moment, key=lambda one: one.moment), used)

    def older_cap_uses(self) -> Iterator[tuple[UUID, str, CapUsed]]:
        """Those uses of caps at hand that the stored state has no room for."""
        for cap in sorted(self.state.cap_used):
            for used in self.state.cap_used[cap][:-CAP_USES_KEPT]:
                yield self.state.id, cap, used

    def forget_details(self) -> None:
        """After a batch is written: drop what the next one loads again if it needs it."""
        state, ledger = self.state, self.state.ledger
        ledger.due_elsewhere = next_lot_due_at(state)
        for changed in (ledger.changed_lots, state.changed_purchases, state.changed_redemptions):
            changed.clear()
        for held in (
            ledger.lots,
            ledger.due,
            ledger.spendable,
            state.purchases,
            state.redemptions,
            state.parked,
        ):
            held.clear()
        for used in state.cap_used.values():
            del used[:-CAP_USES_KEPT]
        state.changed_parked.clear()
        self.stored_purchases.clear()
        self.stored_lots = ledger.next_lot - 1
        self.is_stored = True


class _Body(msgspec.Struct, omit_defaults=True):
    """What of a state has no column of its own."""

    now: datetime
    has_joined: bool = False
    attributes: dict[str, Any] = {}
    wallets: dict[str, Wallet] = {}
    standings: dict[str, Standing] = {}
    cap_used: dict[str, list[CapUsed]] = {}
    parked_orders: int = 0
    next_entry: int = 1
    next_lot: int = 1
    lot_due_at: datetime | None = None


_encode: Final = msgspec.json.Encoder(decimal_format="string").encode
_decode: Final = msgspec.json.Decoder(_Body).decode


def write_body(state: MemberState) -> str:
    """The state without what has rows and columns of its own, as JSON."""
    ledger = state.ledger
    return _encode(
        _Body(
            now=state.now,
            has_joined=state.has_joined,
            attributes={name: _tagged(value) for name, value in state.attributes.items()},
            wallets=ledger.wallets,
            standings=state.standings,
            cap_used={cap: used[-CAP_USES_KEPT:] for cap, used in state.cap_used.items()},
            parked_orders=state.parked_orders,
            next_entry=ledger.next_entry,
            next_lot=ledger.next_lot,
            lot_due_at=next_lot_due_at(state),
        )
    ).decode()


def read_body(member_id: UUID, joined_at: datetime | None, chain: bytes, text: str) -> MemberState:
    """A state from its columns and what `write_body` wrote; lots and the rest are added by their stores."""
    body = _decode(text)
    ledger = Ledger(
        wallets=body.wallets,
        next_entry=body.next_entry,
        next_lot=body.next_lot,
        chain=chain,
        due_elsewhere=body.lot_due_at,
    )
    return MemberState(
        id=member_id,
        joined_at=joined_at,
        has_joined=body.has_joined,
        now=body.now,
        attributes={name: _untagged(value) for name, value in body.attributes.items()},
        ledger=ledger,
        standings=body.standings,
        cap_used=body.cap_used,
        parked_orders=body.parked_orders,
    )


def _tagged(value: object) -> object:
    """JSON knows neither exact amounts nor times; those are wrapped so that they come back as they were."""
    if isinstance(value, Decimal):
        return {"decimal": format(value, "f")}
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, dict):
        return {"map": {name: _tagged(one) for name, one in value.items()}}
    if isinstance(value, list):
        return [_tagged(one) for one in value]
    return value


def _untagged(value: Any) -> object:
    if isinstance(value, list):
        return [_untagged(one) for one in value]
    if not isinstance(value, dict):
        return value
    (kind, held), *_ = value.items()
    if kind == "decimal":
        return Decimal(held)
    if kind == "time":
        return datetime.fromisoformat(held)
    return {name: _untagged(one) for name, one in held.items()}


def new_record(member_id: UUID) -> MemberRecord:
    """Somebody nobody has seen yet."""
    return MemberRecord(MemberState(member_id, now=EPOCH))
