"""What a member holds, in pages: balances, the first of their lots and of what comes, their tiers."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from heapq import nsmallest
from typing import Final
from uuid import UUID

import msgspec

from bondfire.engine import Outlook, Prospect, UnknownMember, outlook, pass_until, prospects
from bondfire.journal.loading import Need, load_records
from bondfire.journal.log.store import Connection
from bondfire.journal.pages import store
from bondfire.journal.pages.store import LotPlace, Wanted
from bondfire.journal.reading import Coming, MemberView, WalletView
from bondfire.journal.record import MemberRecord
from bondfire.kit import EPOCH, show_id
from bondfire.ledger import UNDECIDED, ZERO, Lot
from bondfire.programs import Brand, Timeline

_FIRST: Final = LotPlace(EPOCH, EPOCH, 0)


class StandingView(msgspec.Struct, frozen=True):
    """Where a member stands in a tier set, and how they came there.

    Attributes:
        history: since when, and the tier from then on, the oldest first; EPOCH: since ever.
    """

    outlook: Outlook
    history: list[tuple[datetime, str | None]]


class _Present:
    """A member as of now. At hand are their latest lots, and those that came due since they were written."""

    def __init__(
        self, conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, now: datetime
    ) -> None:
        record = load_records(conn, brand, timeline, {member_id: Need(now)}, held={})[member_id]
        if record.state.joined_at is None:
            raise UnknownMember(
                f"Nobody has joined {brand.name} as {show_id('mem', member_id)}.",
                next_step="Check the reference; a member is known from their first event or from joining.",
            )
        pass_until(timeline, record.state, now)
        self._place = (conn, brand.id, member_id)
        self.record: MemberRecord = record
        self.now = max(record.state.now, now)
        self.program = timeline.at(self.now).program

    def lots(self, unit: str, after: LotPlace, limit: int) -> list[Lot]:
        """Open lots behind a place, in spending order: those that have rows, and those at hand."""
        ledger = self.record.state.ledger
        found = store.open_lots(*self._place, self._wanted(unit, limit), after=after)
        stored = [ledger.as_now(lot) for lot in found]
        behind = _order_of(after)
        at_hand = [lot for lot in self._at_hand(unit) if _order_of(lot) > behind]
        return nsmallest(limit, [*stored, *at_hand], key=_order_of)

    def releases(self, unit: str, limit: int) -> list[Coming]:
        """What becomes spendable, by date."""
        at_hand = _releases_of(self._at_hand(unit))
        if True not in self._kinds(unit):
            return _by_date(at_hand, limit)
        stored = store.releases(*self._place, unit, now=self.now, most=limit)
        return _by_date([*stored, *at_hand], limit)

    def expiries(self, unit: str, limit: int) -> list[Coming]:
        """What will be gone, by date (L12)."""
        stored = store.expiries(*self._place, self._wanted(unit, limit))
        return _by_date([*stored, *_expiries_of(self._at_hand(unit))], limit)

    def outlook(self, tier_set: str) -> Outlook:
        """Where they stand and what comes next (T9)."""
        return outlook(self.program, self.record.state, tier_set, now=self.now)

    def tier_sets(self) -> list[str]:
        """The sets of the programme that they stand in."""
        return [name for name in self.program.tier_sets if name in self.record.state.standings]

    def units(self) -> list[str]:
        """Those of the programme, and those they ever had."""
        return sorted(self.program.units.keys() | self.record.state.ledger.wallets.keys())

    def _wanted(self, unit: str, most: int) -> Wanted:
        """Lots of a unit that have rows and are not at hand."""
        ledger, slide = self.record.state.ledger, self.record.state.ledger.sliding.get(unit)
        held = [number for number in ledger.lots if number <= self.record.rows_end]
        return Wanted(unit, self.now, most, self._kinds(unit), held, slide.ends_at if slide else None)

    def _kinds(self, unit: str) -> list[bool]:
        """Whether lots that are not pending may have rows, and lots that are: a balance is their sum."""
        if not self.record.rows_end:
            return []
        wallet = self.record.state.ledger.wallet(unit)
        return [is_pending for is_pending, left in ((False, wallet.active), (True, wallet.pending)) if left]

    def _at_hand(self, unit: str) -> list[Lot]:
        return self.record.state.ledger.open_lots(unit)


def read_holdings(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, now: datetime, limit: int
) -> MemberView:
    """A member at a glance, with at most `limit` lots, releases and expiries of each unit.

    The balances are whole; the rest of the lots comes page by page (`lots_page`).

    Raises:
        UnknownMember: nobody has joined under this id.
    """
    present = _Present(conn, brand, timeline, member_id, now=now)
    state = present.record.state
    return MemberView(
        member_id=member_id,
        joined_at=state.joined_at or present.now,
        now=present.now,
        attributes=state.attributes,
        wallets={unit: _wallet_of(present, unit, limit) for unit in present.units()},
        tiers={name: present.outlook(name) for name in present.tier_sets()},
        statistics=present.record.statistics,
        challenges=prospects(present.program, state, now=present.now),
        badges=dict(state.badges),
        formerly=[former.member_id for former in state.formerly],
    )


def _wallet_of(present: _Present, unit: str, limit: int) -> WalletView:
    wallet = present.record.state.balances(unit)
    lots = present.lots(unit, _FIRST, limit)
    are_all = len(lots) < limit
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
        releases=_by_date(_releases_of(lots), limit) if are_all else present.releases(unit, limit),
        expiries=_by_date(_expiries_of(lots), limit) if are_all else present.expiries(unit, limit),
    )


def lots_page(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    member_id: UUID,
    *,
    unit: str,
    now: datetime,
    after: LotPlace | None,
    limit: int,
) -> list[Lot] | None:
    """A page of what is left of a unit, lot by lot, in spending order (L1); None: there is no such unit.

    Args:
        conn: a connection.
        brand: whose member.
        timeline: the versions of its programme.
        member_id: who.
        unit: of the programme, or one they ever had.
        now: the present; what came due until then is counted although no job has written it yet.
        after: the place of the last lot of the page before; None begins.
        limit: how many.

    Raises:
        UnknownMember: nobody has joined under this id.
    """
    present = _Present(conn, brand, timeline, member_id, now=now)
    return present.lots(unit, after or _FIRST, limit) if unit in present.units() else None


def read_standings(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, now: datetime
) -> dict[str, StandingView]:
    """Where a member stands in each tier set now, and how they came there.

    Raises:
        UnknownMember: nobody has joined under this id.
    """
    present = _Present(conn, brand, timeline, member_id, now=now)
    standings = present.record.state.standings
    return {
        name: StandingView(present.outlook(name), list(standings[name].history))
        for name in present.tier_sets()
    }


class ChallengesView(msgspec.Struct, frozen=True):
    """How far a member is with each challenge, and which badges they have since when."""

    challenges: dict[str, Prospect]
    badges: dict[str, datetime]


def read_challenges(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, now: datetime
) -> ChallengesView:
    """How far a member is now with every challenge of the programme, and their badges.

    Raises:
        UnknownMember: nobody has joined under this id.
    """
    present = _Present(conn, brand, timeline, member_id, now=now)
    state = present.record.state
    return ChallengesView(prospects(present.program, state, now=present.now), dict(state.badges))


def place_of(lot: Lot) -> LotPlace:
    """Where a lot stands in the spending order."""
    return LotPlace(lot.expires_at, lot.earned_at, lot.number)


def _order_of(one: Lot | LotPlace) -> tuple[bool, datetime, datetime, int]:
    """First what expires first, lots without expiry last, then the older, then the id (L1)."""
    return (one.expires_at is None, one.expires_at or EPOCH, one.earned_at, one.number)


def _releases_of(lots: Iterable[Lot]) -> Iterator[tuple[datetime, Decimal]]:
    return ((lot.available_at, lot.left) for lot in lots if lot.is_pending and lot.available_at != UNDECIDED)


def _expiries_of(lots: Iterable[Lot]) -> Iterator[tuple[datetime, Decimal]]:
    return ((lot.expires_at, lot.left) for lot in lots if lot.expires_at is not None)


def _by_date(parts: Iterable[tuple[datetime, Decimal]], limit: int) -> list[Coming]:
    sums: dict[datetime, Decimal] = {}
    for moment, amount in parts:
        sums[moment] = sums.get(moment, ZERO) + amount
    return [Coming(moment, sums[moment]) for moment in sorted(sums)[:limit]]
