"""A member as the tables keep them: the state and what is written beside it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from bondfire.engine import CapUsed, Decision, MemberState, Parked, Standing
from bondfire.events import Event
from bondfire.kit import EPOCH
from bondfire.ledger import ZERO, Ledger, Wallet, reopen
from bondfire.programs import Timeline


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
        closed_lots: lots that were loaded although nothing is left of them.
    """

    state: MemberState
    statistics: Statistics = msgspec.field(default_factory=Statistics)
    seq: int = 0
    is_stored: bool = False
    stored_lots: int = 0
    stored_purchases: set[str] = msgspec.field(default_factory=set)
    closed_lots: list[int] = msgspec.field(default_factory=list)

    def forget_details(self) -> None:
        """After a batch is written: drop what the next one loads again if it needs it."""
        state, ledger = self.state, self.state.ledger
        for number in (*ledger.changed_lots, *self.closed_lots):
            lot = ledger.lots.get(number)
            if lot is not None and not lot.left:
                del ledger.lots[number]
        for changed in (ledger.changed_lots, state.changed_purchases, state.changed_redemptions):
            changed.clear()
        for held in (state.purchases, state.redemptions, self.stored_purchases, self.closed_lots):
            held.clear()
        if len(ledger.due) > 4 * len(ledger.lots) + 64:
            reopen(ledger)  # else appointments of lots that are gone would pile up
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
    parked: dict[str, list[Parked]] = {}
    next_entry: int = 1
    next_lot: int = 1


_encode: Final = msgspec.json.Encoder(decimal_format="string").encode
_decode: Final = msgspec.json.Decoder(_Body).decode


def write_body(state: MemberState) -> str:
    """The state without its lots, purchases, redemptions and columns, as JSON."""
    ledger = state.ledger
    return _encode(
        _Body(
            now=state.now,
            has_joined=state.has_joined,
            attributes={name: _tagged(value) for name, value in state.attributes.items()},
            wallets=ledger.wallets,
            standings=state.standings,
            cap_used=state.cap_used,
            parked=state.parked,
            next_entry=ledger.next_entry,
            next_lot=ledger.next_lot,
        )
    ).decode()


def read_body(member_id: UUID, joined_at: datetime | None, chain: bytes, text: str) -> MemberState:
    """A state from its columns and what `write_body` wrote; lots and the rest are added by their stores."""
    body = _decode(text)
    return MemberState(
        id=member_id,
        joined_at=joined_at,
        has_joined=body.has_joined,
        now=body.now,
        attributes={name: _untagged(value) for name, value in body.attributes.items()},
        ledger=Ledger(wallets=body.wallets, next_entry=body.next_entry, next_lot=body.next_lot, chain=chain),
        standings=body.standings,
        cap_used=body.cap_used,
        parked=body.parked,
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
