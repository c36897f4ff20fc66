"""What a member holds now and what comes next; and every entry with its reason."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from bondfire.engine import (
    HeldCoupon,
    MemberState,
    Outlook,
    Prospect,
    Reason,
    UnknownMember,
    explained,
    outlook,
    pass_until,
    prospects,
    shown_member,
)
from bondfire.journal.loading import load_whole
from bondfire.journal.log import store as journal
from bondfire.journal.log.rows import JournalRow, event_of_row, read_decision
from bondfire.journal.log.store import Connection
from bondfire.journal.record import MemberRecord, Statistics
from bondfire.journal.records import store as states
from bondfire.kit import bucket_of, show_id
from bondfire.ledger import UNDECIDED, ZERO, Account, Entry, Kind, Lot
from bondfire.programs import Brand, Program, Timeline


class Coming(msgspec.Struct, frozen=True):
    """So much becomes spendable, or is gone, at this instant."""

    at: datetime
    amount: Decimal


class WalletView(msgspec.Struct, frozen=True):
    """What a member holds of a unit.

    Attributes:
        in_transit: sent to other members, less what came from them.
        lots: what is left, in the order in which it is spent.
        releases, expiries: everything that comes, by date (L12).
    """

    active: Decimal
    pending: Decimal
    held: Decimal
    debt: Decimal
    spent: Decimal
    expired: Decimal
    issued: Decimal
    clawed_back: Decimal
    written_off: Decimal
    in_transit: Decimal
    lots: list[Lot]
    releases: list[Coming]
    expiries: list[Coming]


class MemberView(msgspec.Struct, frozen=True):
    """A member at a glance.

    Attributes:
        now: the time this is true for.
        tiers: by tier set: where they stand and what comes next (T9).
        challenges: how far they are with each. badges: since when they have each.
        formerly: the accounts that became part of theirs; what came under those is told under them.
    """

    member_id: UUID
    joined_at: datetime
    now: datetime
    attributes: dict[str, object]
    wallets: dict[str, WalletView]
    tiers: dict[str, Outlook]
    statistics: Statistics
    challenges: dict[str, Prospect]
    badges: dict[str, datetime]
    formerly: list[UUID] = []


class EntryPlace(NamedTuple):
    """Where an entry stands among those of its member: row and number."""

    seq: int
    number: int


class EntryView(msgspec.Struct, frozen=True):
    """An entry and why it is there.

    Attributes:
        seq: of its row in the journal; with the entry's number it is its place, behind which a page goes on.
        source, type: of the event of the row; of time passing both are those of the clock.
        reason: of the decision; None where the entry says all there is (a debt that was paid).
    """

    seq: int
    source: str
    type: str
    entry: Entry
    reason: Reason | None

    @property
    def place(self) -> EntryPlace:
        """Where it stands."""
        return EntryPlace(self.seq, self.entry.number)


_REASONS_OF: Final[dict[Kind, frozenset[str]]] = {
    Kind.EARN: frozenset({"awarded", "adjusted"}),
    Kind.RELEASE: frozenset({"released"}),
    Kind.SPEND: frozenset({"spent"}),
    Kind.HOLD: frozenset({"held"}),
    Kind.CAPTURE: frozenset({"captured"}),
    Kind.LET_GO: frozenset({"let_go", "hold_ended"}),
    Kind.RESTORE: frozenset({"restored"}),
    Kind.EXPIRE: frozenset({"expired"}),
    Kind.CLAW_BACK: frozenset({"taken_back"}),
    Kind.WRITE_OFF: frozenset({"written_off"}),
    Kind.ADJUST: frozenset({"adjusted"}),
    Kind.SEND: frozenset({"sent"}),
    Kind.RECEIVE: frozenset({"received"}),
    Kind.SEND_BACK: frozenset({"sent_back"}),
    Kind.MERGE: frozenset({"handed_over"}),
    Kind.ABSORB: frozenset({"taken_over"}),
    Kind.PAY_DEBT: frozenset(),
}
OWED: Final = frozenset({"owed"})


def read_member(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, now: datetime | None = None
) -> MemberView:
    """What a member holds, what comes and where they stand.

    Args:
        conn: a connection.
        brand: whose member.
        timeline: the versions of its programme.
        member_id: who.
        now: the present; what came due until then is counted although no job has written it yet. None is
            the time of the member's last change.

    Raises:
        UnknownMember: nobody has joined under this id.
    """
    record = read_record(conn, brand, member_id)
    if now is not None:
        pass_until(timeline, record.state, now)
    state = record.state
    moment = max(state.now, now or state.now)
    program = timeline.at(moment).program
    return MemberView(
        member_id=member_id,
        joined_at=state.joined_at or moment,
        now=moment,
        attributes=state.attributes,
        wallets={unit: _wallet_view(state, unit) for unit in _units(program, state)},
        tiers={
            name: outlook(program, state, name, now=moment)
            for name in program.tier_sets
            if name in state.standings
        },
        statistics=record.statistics,
        challenges=prospects(program, state, now=moment),
        badges=dict(state.badges),
        formerly=[former.member_id for former in state.formerly],
    )


def read_record(conn: Connection, brand: Brand, member_id: UUID) -> MemberRecord:
    """A member as stored, with every open lot.

    Raises:
        UnknownMember: nobody has joined under this id.
    """
    record = load_whole(conn, brand.id, member_id)
    if record.state.joined_at is None:
        raise _unknown(brand, member_id)
    return record


def is_member(conn: Connection, brand: Brand, member_id: UUID) -> bool:
    """Whether anybody has joined under this id."""
    record = states.load_states(conn, brand.id, [member_id]).get(member_id)
    return record is not None and record.state.joined_at is not None


def read_coupons(conn: Connection, brand: Brand, member_id: UUID) -> dict[str, HeldCoupon]:
    """The coupons that a member has or used, by id.

    Raises:
        UnknownMember: nobody has joined under this id.
    """
    record = states.load_states(conn, brand.id, [member_id]).get(member_id)
    if record is None or record.state.joined_at is None:
        raise _unknown(brand, member_id)
    return record.state.coupons


def _unknown(brand: Brand, member_id: UUID) -> UnknownMember:
    return UnknownMember(
        f"Nobody has joined {brand.name} as {show_id('mem', member_id)}.",
        next_step="Check the reference; a member is known from their first event or from joining.",
    )


def _units(program: Program, state: MemberState) -> list[str]:
    return sorted(program.units.keys() | state.ledger.wallets.keys())


def _wallet_view(state: MemberState, unit: str) -> WalletView:
    wallet, lots = state.balances(unit), state.ledger.open_lots(unit)
    return WalletView(
        active=wallet.active,
        pending=wallet.pending,
        held=wallet.held,
        debt=wallet.debt,
        spent=wallet.spent,
        expired=wallet.expired,
        issued=wallet.issued,
        clawed_back=wallet.clawed_back,
        written_off=wallet.written_off,
        in_transit=wallet.in_transit,
        lots=lots,
        releases=_by_date(
            (lot.available_at, lot.left) for lot in lots if lot.is_pending and lot.available_at != UNDECIDED
        ),
        expiries=_by_date((lot.expires_at, lot.left) for lot in lots),
    )


def _by_date(parts: Iterable[tuple[datetime | None, Decimal]]) -> list[Coming]:
    sums: dict[datetime, Decimal] = {}
    for moment, amount in parts:
        if moment is not None:
            sums[moment] = sums.get(moment, ZERO) + amount
    return [Coming(moment, sums[moment]) for moment in sorted(sums)]


def entries_of(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    member_id: UUID,
    *,
    after: EntryPlace | None = None,
    limit: int = 50,
    newest_first: bool = True,
) -> list[EntryView]:
    """A page of a member's entries, each with the event and the reason behind it.

    Args:
        conn: a connection.
        brand: whose member.
        timeline: the versions of its programme.
        member_id: who.
        after: place of the last entry of the page before; None begins.
        limit: how many.
        newest_first: which way.
    """
    place, page = (bucket_of(member_id), member_id), min(limit, 100)
    if newest_first:
        before = journal.LAST if after is None else after.seq + 1
        rows = journal.rows_of_member(conn, brand.id, place, before=before, page=page)
    else:
        rows = journal.rows_of_member(
            conn, brand.id, place, after=-1 if after is None else after.seq - 1, page=page
        )
    views: list[EntryView] = []
    for row in rows:
        for view in _views(timeline, row, newest_first=newest_first):
            number = view.entry.number
            if after is None or (number < after.number if newest_first else number > after.number):
                views.append(view)
        if len(views) >= limit:
            return views[:limit]
    return views


def _views(timeline: Timeline, row: JournalRow, *, newest_first: bool) -> list[EntryView]:
    if not row.entries:
        return []
    decision = read_decision(timeline, row, event_of_row(timeline, row, shown_member(row.member_id)))
    reasons = explained(decision)
    entries = reversed(decision.entries) if newest_first else decision.entries
    return [EntryView(row.seq, row.source, row.type, entry, reason_of(entry, reasons)) for entry in entries]


def reason_of(entry: Entry, reasons: Iterable[Reason]) -> Reason | None:
    """The reason of a decision that an entry belongs to."""
    codes = OWED if entry.debit is Account.DEBT else _REASONS_OF[entry.kind]
    fitting = [one for one in reasons if one.code in codes and one.unit == entry.unit]
    if entry.kind is Kind.CLAW_BACK:
        return next((one for one in fitting if one.rule == entry.rule), None)
    same_lot = [one for one in fitting if one.lot == entry.lot]
    return next((one for one in same_lot or fitting if one.lot in {0, entry.lot}), None)
