"""A member as the tables keep them: the state and what is written beside it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from bondfire.engine import (
    CapUsed,
    CouponCount,
    Decision,
    Former,
    HeldCoupon,
    Hold,
    MemberState,
    Played,
    Progress,
    Redeemed,
    Referral,
    Seat,
    Standing,
    converted,
    next_lot_due_at,
)
from bondfire.events import Event
from bondfire.kit import day_of, tagged, untagged
from bondfire.ledger import ZERO, Ledger, Lot, Slide, Wallet, reopen

CAP_USES_KEPT: Final = 16
"""So many of the latest uses of a cap stand in the state; older ones, which only late events and returns ask
for, have rows of their own, so that a state does not grow with its past (L20)."""
LOTS_KEPT: Final = 8
"""So many of a member's latest lots stand in the state; only older ones have rows. Most members have no more,
and a row with its indexes costs ten times what a lot costs in a state that is written anyway."""
_OF_ACCOUNTS: Final = frozenset({"member.merged", "member.absorbed"})


class Statistics(msgspec.Struct, gc=False):
    """What insights ask of every member, kept at event time so that scoring reads members, not events.

    Attributes:
        first_on, last_on: the first and the last day with an order, in the programme's time zone.
        repeat_days: days with an order after the first one. A late order counts when it is before the
            first or after the last day known; one that falls between may share its day with another.
        orders, order_total: how many orders were accepted, and their money in the programme's currency.
    """

    first_on: date | None = None
    last_on: date | None = None
    repeat_days: int = 0
    orders: int = 0
    order_total: Decimal = ZERO

    def count(self, event: Event, decision: Decision) -> None:
        """Count an event that was just decided."""
        if event.type in _OF_ACCOUNTS and decision.outcome == "accepted":
            self._unite(event)
        total = event.body.get("total")
        if event.type != "order.placed" or decision.outcome != "accepted" or not isinstance(total, Decimal):
            return
        self.orders += 1
        self.order_total += converted(decision.decided_by.program, event)["total"]
        day = day_of(event.occurred_at, decision.decided_by.program.zone).date
        if self.first_on is None or self.last_on is None:
            self.first_on = self.last_on = day
        elif not self.first_on <= day <= self.last_on:
            self.repeat_days += 1
            self.first_on, self.last_on = min(day, self.first_on), max(day, self.last_on)

    def _unite(self, event: Event) -> None:
        """Count what another account had counted; whoever hands over counts nothing any more.

        Days on which both bought count twice, but for the first; only the days themselves could tell.
        """
        estate = event.body.get("estate")
        other = _read_counted(str(estate)).statistics if estate is not None else None
        if other is None:
            self.first_on = self.last_on = None
            self.repeat_days, self.orders, self.order_total = 0, 0, ZERO
            return
        self.orders += other.orders
        self.order_total += other.order_total
        days = self.days + other.days - (self.first_on is not None and self.first_on == other.first_on)
        self.first_on = min(filter(None, (self.first_on, other.first_on)), default=None)
        self.last_on = max(filter(None, (self.last_on, other.last_on)), default=None)
        self.repeat_days = max(0, days - 1)

    @property
    def days(self) -> int:
        """On how many days they bought."""
        return 0 if self.first_on is None else 1 + self.repeat_days


class _Counted(msgspec.Struct):
    statistics: Statistics


_read_counted: Final = msgspec.json.Decoder(_Counted).decode


class MemberRecord(msgspec.Struct, gc=False):
    """A member in memory, and how much of them is stored.

    A state is loaded with its books closed: its latest lots are there, but neither what is due nor the order
    of spending has been worked out, which most events do not need; `open_books` does it.

    Attributes:
        seq: the journal row that changed them last; 0 when nothing is stored yet.
        rows_end: lots up to this number have rows.
        rows_due_at: the first appointment of the lots that have rows.
        is_open: whether the books are open.
        returnable: how much of each unit returns of the stored orders at hand may take.
    """

    state: MemberState
    statistics: Statistics = msgspec.field(default_factory=Statistics)
    seq: int = 0
    is_stored: bool = False
    rows_end: int = 0
    rows_due_at: datetime | None = None
    is_open: bool = True
    returnable: dict[str, Decimal] = msgspec.field(default_factory=dict)

    def open_books(self) -> None:
        """Work out what is due and the order of spending, among the lots at hand."""
        if not self.is_open:
            self.is_open = True
            self.state.ledger.due_elsewhere = self.rows_due_at
        reopen(self.state.ledger)

    def add_returnable(self, amounts: Iterable[tuple[str, Decimal]]) -> None:
        """A return may take so much more."""
        for unit, amount in amounts:
            self.returnable[unit] = self.returnable.get(unit, ZERO) + amount

    @property
    def lacks_cap_uses(self) -> bool:
        """Whether there may be uses of caps that do not stand in the state."""
        return any(len(used) >= CAP_USES_KEPT for used in self.state.cap_used.values())

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

    def settle(self) -> range:
        """Before it is written: what has no room in the state any more; the numbers of those lots."""
        state, ledger = self.state, self.state.ledger
        last = max(0, ledger.next_lot - 1 - LOTS_KEPT)
        if self.is_open or last > self.rows_end:
            moments = [lot.due_at for number, lot in ledger.lots.items() if number <= last]
            moments.append(ledger.due_elsewhere if self.is_open else self.rows_due_at)
            self.rows_due_at = min((moment for moment in moments if moment is not None), default=None)
        ledger.due_elsewhere = next_lot_due_at(state)
        first, self.rows_end = self.rows_end + 1, last
        return range(first, last + 1)

    def close_books(self) -> None:
        """After it was written: drop what the next batch loads again if it needs it."""
        state, ledger = self.state, self.state.ledger
        self.is_open, self.is_stored = False, True
        for number in [number for number in ledger.lots if number <= self.rows_end]:
            del ledger.lots[number]
        for used in state.cap_used.values():
            del used[:-CAP_USES_KEPT]
        ledger.due.clear()
        for held in (ledger.spendable, ledger.slidable, state.placed, state.purchases, state.parked):
            held.clear()
        state.published.clear()
        state.removed.clear()
        state.redemptions.clear()
        state.paid.clear()
        for changed in (ledger.changed_lots, state.changed_purchases, state.changed_redemptions):
            changed.clear()
        state.changed_parked.clear()
        self.returnable.clear()


class _Body(msgspec.Struct, array_like=True, gc=False):
    """What of a state has no column of its own; only ever added to at its end."""

    now: datetime
    has_joined: bool = False
    attributes: dict[str, Any] = {}
    standings: dict[str, Standing] = {}
    cap_used: dict[str, list[CapUsed]] = {}
    parked_orders: int = 0
    next_entry: int = 1
    next_lot: int = 1
    lots: list[Lot] = []
    rows_due_at: datetime | None = None
    lot_due_at: datetime | None = None
    holds: list[Hold] = []
    sliding: dict[str, Slide] = {}
    erased_at: datetime | None = None


class _BodyWithChallenges(_Body, array_like=True, gc=False):
    """The same of who ever took part in a challenge: others need not grow by it."""

    challenges: dict[str, Progress] = {}
    badges: dict[str, datetime] = {}


class _BodyWithMore(_BodyWithChallenges, array_like=True, gc=False):
    """The same of who had to do with rewards, referrals, coupons, boards, games, or another account."""

    rewards: list[Redeemed] = []
    referral: Referral | None = None
    coupons: dict[str, HeldCoupon] = {}
    coupon_counts: dict[str, CouponCount] = {}
    seats: dict[str, Seat] = {}
    plays: dict[str, Played] = {}
    formerly: list[Former] = []
    merged_into: UUID | None = None


_MORE: Final = tuple(
    name for name in _BodyWithMore.__struct_fields__ if name not in _BodyWithChallenges.__struct_fields__
)
_encode: Final = msgspec.msgpack.Encoder(decimal_format="string").encode
_decode: Final = msgspec.msgpack.Decoder(_BodyWithMore).decode
_encode_wallets: Final = msgspec.json.Encoder(decimal_format="string").encode
read_wallets: Final = msgspec.json.Decoder(dict[str, Wallet]).decode


def write_body(record: MemberRecord) -> bytes:
    """The state without what has rows and columns of its own; the record has been settled.

    The latest lot comes first: what stands behind the lots that an event makes is then as it was, and
    PostgreSQL leaves the unchanged end of a row out of its log (90 bytes an event).
    """
    state, ledger = record.state, record.state.ledger
    body = _Body(
        now=state.now,
        has_joined=state.has_joined,
        attributes={name: tagged(value) for name, value in state.attributes.items()},
        standings=state.standings,
        cap_used={cap: used[-CAP_USES_KEPT:] for cap, used in state.cap_used.items()},
        parked_orders=state.parked_orders,
        next_entry=ledger.next_entry,
        next_lot=ledger.next_lot,
        lots=[ledger.lots[number] for number in range(ledger.next_lot - 1, record.rows_end, -1)],
        rows_due_at=record.rows_due_at,
        lot_due_at=ledger.due_elsewhere,
        holds=list(state.holds.values()),
        sliding=ledger.sliding,
        erased_at=state.erased_at,
    )
    has_more = any(getattr(state, name) for name in _MORE)
    if not (state.challenges or state.badges or has_more):
        return _encode(body)
    shared = {**msgspec.structs.asdict(body), "challenges": state.challenges, "badges": state.badges}
    if not has_more:
        return _encode(_BodyWithChallenges(**shared))
    more = {name: getattr(state, name) for name in _MORE}
    return _encode(_BodyWithMore(**shared, **more))


def plain_body(body: bytes) -> Any:
    """A body as plain lists, with what an earlier version did not know yet as it is by default.

    Raises:
        msgspec.DecodeError: it is none.
    """
    return msgspec.to_builtins(_decode(body))


def standings_in(body: bytes) -> dict[str, Standing]:
    """The standings in a body, by tier set."""
    return _decode(body).standings


def tiers_in(body: bytes) -> list[tuple[str, str | None]]:
    """Tier set and tier of each standing in a body."""
    return [(name, standing.tier) for name, standing in standings_in(body).items()]


def open_in(body: bytes) -> list[tuple[str, Decimal]]:
    """Unit and rest of each lot in a body."""
    return [(lot.unit, lot.left) for lot in _decode(body).lots]


def write_wallets(state: MemberState) -> str:
    """The balances by unit as JSON, which reports add up."""
    return _encode_wallets(state.ledger.wallets).decode()


def read_record(
    member_id: UUID, seq: int, chain: bytes, *, joined_at: datetime | None, wallets: str, body: bytes
) -> MemberRecord:
    """A record from its columns, its books closed."""
    kept = _decode(body)
    ledger = Ledger(
        wallets=read_wallets(wallets),
        lots={lot.number: lot for lot in kept.lots},
        next_entry=kept.next_entry,
        next_lot=kept.next_lot,
        chain=chain,
        due_elsewhere=kept.lot_due_at,
        sliding=kept.sliding,
    )
    state = MemberState(
        id=member_id,
        joined_at=joined_at,
        has_joined=kept.has_joined,
        now=kept.now,
        attributes={name: untagged(value) for name, value in kept.attributes.items()},
        ledger=ledger,
        standings=kept.standings,
        cap_used=kept.cap_used,
        parked_orders=kept.parked_orders,
        erased_at=kept.erased_at,
        challenges=kept.challenges,
        badges=kept.badges,
        holds={held.key: held for held in kept.holds},
        **{name: getattr(kept, name) for name in _MORE},
    )
    rows_end = max(0, kept.next_lot - 1 - LOTS_KEPT)
    return MemberRecord(
        state,
        seq=seq,
        is_stored=True,
        rows_end=rows_end,
        rows_due_at=kept.rows_due_at,
        is_open=False,
    )


def new_record(member_id: UUID) -> MemberRecord:
    """A member whom nobody has seen yet."""
    return MemberRecord(MemberState(member_id))
