"""What can happen to value: earn, release, expire, spend, hold, capture, restore, take back, adjust."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from heapq import heappop, heappush

import msgspec

from bondfire.kit import MAX_AMOUNT
from bondfire.ledger.book import Book, beyond, make_spendable
from bondfire.ledger.errors import NotEnough
from bondfire.ledger.model import NEVER, ZERO, Account, Cause, Entry, Kind, Ledger, Lot, LotPart

_EARN, _ISSUED, _PENDING = Kind.EARN, Account.ISSUED, Account.PENDING
_ACTIVE, _EXPIRED = Account.ACTIVE, Account.EXPIRED
"""By names of their own: looking up a member of an enum costs more than writing an entry."""
_LARGE = MAX_AMOUNT / 1000
"""Below this no sum of what one event gives comes near the limit."""
Terms = tuple[datetime, datetime | None]
"""When an amount can be spent, and when it is gone, None for never."""
Grant = tuple[str, str, Decimal, Terms]
"""What is given: the rule, "" for a correction; unit, amount and terms."""
_LOSS = (Kind.WRITE_OFF, Account.WRITTEN_OFF, Account.ISSUED)
_DEBT = (Kind.CLAW_BACK, Account.DEBT, Account.CLAWED_BACK)
"""What becomes of a clawback that finds nothing more to take: kind, debit, credit (R10)."""
_GIVEN_BACK_FROM = {
    Kind.RESTORE: Account.SPENT,
    Kind.LET_GO: Account.HELD,
    Kind.SEND_BACK: Account.IN_TRANSIT,
}


def earn(book: Book, cause: Cause, grants: Sequence[Grant], *, now: datetime) -> int:
    """Put awards into the wallets, each as a new lot: pending, active, or already lapsed (L16).

    What every event of every member comes through: written out in one piece, because each call that is
    saved here is worth more than anywhere else.

    Args:
        book: the pen.
        cause: why; the rule stands with each grant.
        grants: what is given.
        now: how far the member's time has come.

    Returns:
        The number of the first lot; the others follow it.

    Raises:
        Overflow: a balance would be beyond 10^15; then nothing is written.
    """
    ledger, entries = book.ledger, book.entries
    wallets, lots, due = ledger.wallets, ledger.lots, ledger.due
    first = number = ledger.next_lot
    entry = ledger.next_entry
    event, version, at, posted_at = cause.event, cause.version, cause.effective_at, cause.posted_at
    for _, unit, amount, _ in grants:
        if (wallets.get(unit) or ledger.wallet(unit)).issued + amount > _LARGE:
            _refuse_overflow(ledger, grants)
    for rule, unit, amount, (available_at, expires_at) in grants:
        wallet, left, lapsed = wallets[unit], amount, ZERO
        wallet.issued += amount
        if available_at > now and (expires_at is None or expires_at > now):
            credit = _PENDING
            wallet.pending += amount
            heappush(due, (available_at, False, number))
        elif expires_at is None or expires_at > now:
            credit = _ACTIVE
            wallet.active += amount
        else:
            credit, left, lapsed = _EXPIRED, ZERO, amount
            wallet.expired += amount
        entries.append(
            Entry(entry, unit, _EARN, _ISSUED, credit, amount, number, event, rule, version, at, posted_at, 0)
        )
        is_pending = credit is _PENDING
        lot = lots[number] = Lot(
            number, unit, amount, left, event, rule, entry, at, available_at, expires_at, is_pending, lapsed
        )
        number, entry = number + 1, entry + 1
        ledger.next_lot, ledger.next_entry = number, entry
        if credit is _ACTIVE:
            if wallet.debt:
                pay_debt(book, msgspec.structs.replace(cause, rule=rule), lot)
                entry = ledger.next_entry
            if lot.left:
                make_spendable(ledger, lot)
    return first


def _refuse_overflow(ledger: Ledger, grants: Sequence[Grant]) -> None:
    """Refuse what would take a balance beyond 10^15 (L19)."""
    added: dict[str, Decimal] = {}
    for _, unit, amount, _ in grants:
        added[unit] = added.get(unit, ZERO) + amount
        if ledger.wallet(unit).issued + added[unit] > MAX_AMOUNT:
            raise beyond(added[unit], unit)


def release(book: Book, cause: Cause, lot: Lot) -> None:
    """Make a pending lot spendable; a debt is paid from it first (R10)."""
    lot.is_pending = False
    book.post(
        cause,
        Kind.RELEASE,
        unit=lot.unit,
        debit=Account.PENDING,
        credit=Account.ACTIVE,
        amount=lot.left,
        lot=lot.number,
    )
    book.ledger.changed_lots.add(lot.number)
    pay_debt(book, cause, lot)
    if lot.left:
        make_spendable(book.ledger, lot)


def pay_debt(book: Book, cause: Cause, lot: Lot) -> None:
    """Let what is left of an active lot pay what is owed."""
    paid = min(book.ledger.wallet(lot.unit).debt, lot.left)
    if paid:
        lot.left -= paid
        book.post(
            cause,
            Kind.PAY_DEBT,
            unit=lot.unit,
            debit=Account.ACTIVE,
            credit=Account.DEBT,
            amount=paid,
            lot=lot.number,
        )


def expire(book: Book, cause: Cause, lot: Lot) -> None:
    """Let what is left of a lot lapse (L3)."""
    book.post(
        cause,
        Kind.EXPIRE,
        unit=lot.unit,
        debit=Account.ACTIVE,
        credit=Account.EXPIRED,
        amount=lot.left,
        lot=lot.number,
    )
    lot.expired += lot.left
    lot.left = ZERO
    book.ledger.changed_lots.add(lot.number)


def spend(book: Book, cause: Cause, *, unit: str, amount: Decimal) -> tuple[LotPart, ...]:
    """Take an amount from the active lots in spending order and say which lot paid what (L1, L2).

    Raises:
        NotEnough: the active balance is smaller; nothing is taken.
    """
    _afford(book, unit, amount)
    return take_from_lots(book, cause, Kind.SPEND, unit=unit, credit=Account.SPENT, amount=amount)


def hold(book: Book, cause: Cause, *, unit: str, amount: Decimal) -> tuple[LotPart, ...]:
    """Set an amount of the active lots aside, in spending order; it does not expire meanwhile (L6).

    Raises:
        NotEnough: the active balance is smaller; nothing is held.
    """
    _afford(book, unit, amount)
    return take_from_lots(book, cause, Kind.HOLD, unit=unit, credit=Account.HELD, amount=amount)


def _afford(book: Book, unit: str, amount: Decimal) -> None:
    active = book.ledger.wallet(unit).active
    if amount > active:
        raise NotEnough(
            f"{amount} {unit} were asked for, but {active} can be spent.",
            next_step="Ask for less, or wait until pending points are released.",
        )


def capture(book: Book, cause: Cause, *, unit: str, parts: Sequence[LotPart]) -> None:
    """Spend what is held, whatever became of the lots it is from: capture wins over expiry (L6)."""
    for part in parts:
        book.post(
            cause,
            Kind.CAPTURE,
            unit=unit,
            debit=Account.HELD,
            credit=Account.SPENT,
            amount=part.amount,
            lot=part.lot,
        )


def take_from_lots(
    book: Book, cause: Cause, kind: Kind, *, unit: str, credit: Account, amount: Decimal
) -> tuple[LotPart, ...]:
    """Take an amount that is there from the active lots, in spending order."""
    parts = []
    ledger = book.ledger
    while amount:
        lot = _first_spendable(ledger, unit)
        part = min(amount, lot.left)
        take(book, cause, kind, lot=lot, credit=credit, amount=part)
        parts.append(LotPart(lot.number, part))
        amount -= part
    return tuple(parts)


def _first_spendable(ledger: Ledger, unit: str) -> Lot:
    lot, sliding = _first_fixed(ledger, unit), None
    if unit in ledger.slidable:
        sliding = _first_sliding(ledger, unit)
    if lot is None or (sliding is not None and ledger.as_now(sliding).spending_order < lot.spending_order):
        lot = sliding
    if lot is None:
        raise AssertionError(f"lots of {unit} that must be touched are not at hand")
    return lot


def _first_sliding(ledger: Ledger, unit: str) -> Lot | None:
    heap = ledger.slidable[unit]
    while heap:
        lot = ledger.lots.get(heap[0][1])
        if lot is not None and lot.left and not lot.is_pending and lot.slides:
            return lot
        heappop(heap)
    return None


def _first_fixed(ledger: Ledger, unit: str) -> Lot | None:
    heap = ledger.spendable.get(unit)
    while heap:
        expires_at, _, number = heap[0]
        lot = ledger.lots.get(number)
        if lot is not None and lot.left and not lot.is_pending and (lot.expires_at or NEVER) == expires_at:
            return lot
        heappop(heap)
    return None


def take(book: Book, cause: Cause, kind: Kind, *, lot: Lot, credit: Account, amount: Decimal) -> None:
    """Take an amount from one lot, pending or active."""
    source = Account.PENDING if lot.is_pending else Account.ACTIVE
    book.post(cause, kind, unit=lot.unit, debit=source, credit=credit, amount=amount, lot=lot.number)
    lot.left -= amount
    book.ledger.changed_lots.add(lot.number)


def restore(
    book: Book, cause: Cause, *, lot: Lot, amount: Decimal, grace_until: datetime, now: datetime
) -> None:
    """Give a spent amount back to the lot it came from, with its original expiry (R11).

    What would have expired meanwhile lives until `grace_until`.
    """
    give_back(book, cause, Kind.RESTORE, lot, amount=amount, grace_until=grace_until, now=now)


def let_go(
    book: Book, cause: Cause, *, lot: Lot, amount: Decimal, grace_until: datetime, now: datetime
) -> None:
    """Let a held amount be spent again, with its original expiry; expired meanwhile as of `restore` (L6)."""
    give_back(book, cause, Kind.LET_GO, lot, amount=amount, grace_until=grace_until, now=now)


def give_back(
    book: Book, cause: Cause, kind: Kind, lot: Lot, *, amount: Decimal, grace_until: datetime, now: datetime
) -> None:
    """Give an amount back to the lot it came from; `kind` says where it stood meanwhile."""
    is_over = (
        not book.ledger.is_sliding(lot)
        if lot.slides
        else lot.expires_at is not None and lot.expires_at <= now
    )
    if is_over:
        lot.expires_at = grace_until
    lot.left += amount
    book.post(
        cause,
        kind,
        unit=lot.unit,
        debit=_GIVEN_BACK_FROM[kind],
        credit=Account.ACTIVE,
        amount=amount,
        lot=lot.number,
    )
    pay_debt(book, cause, lot)
    book.ledger.changed_lots.add(lot.number)
    if lot.left:
        make_spendable(book.ledger, lot)


class TakenBack(msgspec.Struct, frozen=True):
    """Where a clawback came from; the five add up to what was asked.

    Attributes:
        from_lot: what was left of the award's own lot.
        lapsed: had expired already, so there is nothing to take.
        from_others: other lots of the wallet.
        owed: became a debt. written_off: became a loss of the programme.
        forgone: left with the member by the policy `pending_only`.
    """

    from_lot: Decimal = ZERO
    lapsed: Decimal = ZERO
    from_others: Decimal = ZERO
    owed: Decimal = ZERO
    written_off: Decimal = ZERO
    forgone: Decimal = ZERO


def take_back(
    book: Book, cause: Cause, *, lot: Lot, amount: Decimal, lapsed_before: Decimal, policy: str
) -> TakenBack:
    """Take back an award: its own lot first, then other lots, then by policy (R9, R10).

    Args:
        book: the pen.
        cause: the return; `cause.reverses` names the entry that earned the lot.
        lot: the lot the award made.
        amount: how much of it must go.
        lapsed_before: how much of the lot's expired part earlier returns have counted already.
        policy: allow_negative, clamp or pending_only.
    """
    may_take = lot.left if policy != "pending_only" or lot.is_pending else ZERO
    own = min(amount, may_take)
    if own:
        take(book, cause, Kind.CLAW_BACK, lot=lot, credit=Account.CLAWED_BACK, amount=own)
    rest = amount - own
    lapsed = min(rest, lot.expired - lapsed_before)
    rest -= lapsed
    if policy == "pending_only":
        return TakenBack(from_lot=own, lapsed=lapsed, forgone=rest)
    others = min(rest, book.ledger.wallet(lot.unit).active)
    take_from_lots(book, cause, Kind.CLAW_BACK, unit=lot.unit, credit=Account.CLAWED_BACK, amount=others)
    rest -= others
    is_loss = policy == "clamp"
    if rest:
        kind, debit, credit = _LOSS if is_loss else _DEBT
        book.post(cause, kind, unit=lot.unit, debit=debit, credit=credit, amount=rest, lot=lot.number)
    return TakenBack(
        own, lapsed, others, owed=ZERO if is_loss else rest, written_off=rest if is_loss else ZERO
    )


def adjust_down(book: Book, cause: Cause, *, unit: str, amount: Decimal) -> tuple[LotPart, ...]:
    """Take a correction from the active lots (L21: an entry, never a rewrite).

    Raises:
        NotEnough: the active balance is smaller; nothing is taken.
    """
    active = book.ledger.wallet(unit).active
    if amount > active:
        raise NotEnough(
            f"{amount} {unit} should go, but only {active} are active.", next_step="Correct by less."
        )
    return take_from_lots(book, cause, Kind.ADJUST, unit=unit, credit=Account.CLAWED_BACK, amount=amount)
