"""Everything one member has goes over to another: what is left, held and owed, lot by lot (G1).

Two balanced halves joined by what is in transit, as a transfer is; but pending stays pending, held stays held
and a debt goes along, so that nothing begins anew.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from heapq import heappush

import msgspec

from bondfire.kit import MAX_AMOUNT
from bondfire.ledger.book import Book, beyond, make_spendable
from bondfire.ledger.model import ZERO, Account, Cause, Kind, Ledger, Lot, LotPart, Slide, Wallet
from bondfire.ledger.movements import take, take_from_lots

Held = Sequence[tuple[str, LotPart]]
"""Unit, and how much of which lot is held."""


def hand_over(book: Book, cause: Cause, held: Held) -> list[Lot]:
    """Put all that there is in transit; the lots that something was left of, as they were.

    Args:
        book: the pen.
        cause: the merge.
        held: everything that is held.
    """
    ledger, gone = book.ledger, []
    for number in sorted(ledger.lots):
        lot = ledger.lots[number]
        if lot.left:
            gone.append(msgspec.structs.replace(lot))
            take(book, cause, Kind.MERGE, lot=lot, credit=Account.IN_TRANSIT, amount=lot.left)
    for unit, part in held:
        _move(book, cause, Kind.MERGE, unit=unit, part=part, way=(Account.HELD, Account.IN_TRANSIT))
    for unit in sorted(ledger.wallets):
        owed = LotPart(0, ledger.wallet(unit).debt)
        _move(book, cause, Kind.MERGE, unit=unit, part=owed, way=(Account.IN_TRANSIT, Account.DEBT))
    for unit, slide in ledger.sliding.items():
        ledger.sliding[unit] = Slide(None, ledger.next_lot, slide.ends_at or slide.ended_at)
    return gone


def handed_over(wallet: Wallet) -> Wallet:
    """A wallet after all in it was handed over: what was ever got and spent stays, the rest is gone."""
    gone = wallet.active + wallet.pending + wallet.held - wallet.debt
    return msgspec.structs.replace(
        wallet, active=ZERO, pending=ZERO, held=ZERO, debt=ZERO, in_transit=wallet.in_transit + gone
    )


def _move(
    book: Book, cause: Cause, kind: Kind, *, unit: str, part: LotPart, way: tuple[Account, Account]
) -> int:
    """Post a part, if it is one; the number of the entry."""
    if not part.amount:
        return 0
    debit, credit = way
    moved = book.post(cause, kind, unit=unit, debit=debit, credit=credit, amount=part.amount, lot=part.lot)
    return moved.number


def take_over(
    book: Book, cause: Cause, lots: Sequence[Lot], *, held: Held, debts: Mapping[str, Decimal]
) -> None:
    """Take what another member handed over; what was owed on either side is paid from it at once.

    Args:
        book: the pen.
        cause: the merge.
        lots: all lots that the other ever had, under the numbers that they have here; those of which
            nothing is left too, for something may still be given back to them.
        held: what of them is held.
        debts: what the other owed, by unit.

    Raises:
        Overflow: a balance would be beyond 10^15; then nothing is written.
    """
    ledger = book.ledger
    _check_room(ledger, lots, held)
    for lot in lots:
        account = Account.PENDING if lot.is_pending else Account.ACTIVE
        part = LotPart(lot.number, lot.left)
        way = (Account.IN_TRANSIT, account)
        lot.entry = _move(book, cause, Kind.ABSORB, unit=lot.unit, part=part, way=way)
        ledger.lots[lot.number] = lot
        ledger.next_lot = lot.number + 1
        if lot.left and lot.is_pending:
            heappush(ledger.due, (lot.available_at, False, lot.number))
        elif lot.left:
            make_spendable(ledger, lot)
    for unit, part in held:
        way = (Account.IN_TRANSIT, Account.HELD)
        entry = _move(book, cause, Kind.ABSORB, unit=unit, part=part, way=way)
        ledger.lots[part.lot].entry = ledger.lots[part.lot].entry or entry
    for unit in sorted(debts):
        owed, way = LotPart(0, debts[unit]), (Account.DEBT, Account.IN_TRANSIT)
        _move(book, cause, Kind.ABSORB, unit=unit, part=owed, way=way)
    for unit, wallet in sorted(ledger.wallets.items()):
        paid = min(wallet.debt, wallet.active)
        take_from_lots(book, cause, Kind.PAY_DEBT, unit=unit, credit=Account.DEBT, amount=paid)


def _check_room(ledger: Ledger, lots: Sequence[Lot], held: Held) -> None:
    added: dict[str, Decimal] = {}
    parts = [(lot.unit, lot.left) for lot in lots] + [(unit, one.amount) for unit, one in held]
    for unit, amount in parts:
        added[unit] = added.get(unit, ZERO) + amount
    for unit, amount in added.items():
        wallet = ledger.wallet(unit)
        if wallet.active + wallet.pending + wallet.held + amount > MAX_AMOUNT:
            raise beyond(amount, unit)


def unite_slides(ledger: Ledger, slides: Mapping[str, Slide], *, lots_before: int) -> None:
    """Let what slides of another member end with what slides here, at the later of the two ends (L11).

    What one did has kept alive what the other has: they are one person. Done before the lots are taken over.

    Args:
        ledger: the books.
        slides: those of the other.
        lots_before: by how much the numbers of their lots are higher here.
    """
    for unit, slide in slides.items():
        own = ledger.sliding.get(unit)
        if slide.ends_at is None:
            continue
        if own is None:
            ledger.sliding[unit] = Slide(slide.ends_at, lots_before + slide.first_lot)
        elif own.ends_at is None or own.ends_at < slide.ends_at:
            own.ends_at = slide.ends_at
