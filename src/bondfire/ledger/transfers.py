"""Value that goes from one member to another: two balanced movements, joined by what is in transit (L17)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from bondfire.kit import MAX_AMOUNT
from bondfire.ledger.book import Book, beyond, make_spendable
from bondfire.ledger.errors import NotEnough
from bondfire.ledger.model import ZERO, Account, Cause, Kind, Lot, LotPart
from bondfire.ledger.movements import give_back, pay_debt, take_from_lots


class Parcel(msgspec.Struct, frozen=True, gc=False):
    """A part of a lot on its way to another member.

    Attributes:
        lot: its number with the sender.
        earned_at, expires_at: of the lot, as it ends now; the part keeps both and slides no more.
    """

    lot: int
    amount: Decimal
    earned_at: datetime
    expires_at: datetime | None = None


def send(book: Book, cause: Cause, *, unit: str, amount: Decimal) -> list[Parcel]:
    """Take an amount from the active lots in spending order, to be received by somebody else.

    Raises:
        NotEnough: the active balance is smaller; nothing is taken.
    """
    active = book.ledger.wallet(unit).active
    if amount > active:
        raise NotEnough(
            f"{amount} {unit} should be sent, but {active} can be.",
            next_step="Send less, or wait until pending points are released.",
        )
    parts = take_from_lots(book, cause, Kind.SEND, unit=unit, credit=Account.IN_TRANSIT, amount=amount)
    ledger = book.ledger
    return [_parcel(ledger.as_now(ledger.lots[part.lot]), part) for part in parts]


def _parcel(lot: Lot, part: LotPart) -> Parcel:
    return Parcel(lot.number, part.amount, lot.earned_at, lot.expires_at)


def receive(book: Book, cause: Cause, *, unit: str, parcels: Sequence[Parcel], now: datetime) -> list[Lot]:
    """Put what another member sent into the wallet, each parcel as a lot that ends when it would have there.

    A debt is paid from it first; what has ended by now is received and expired in one entry.

    Raises:
        Overflow: the balance would be beyond 10^15; then nothing is written.
    """
    wallet, amount = book.ledger.wallet(unit), sum((parcel.amount for parcel in parcels), ZERO)
    if wallet.active + wallet.pending + amount > MAX_AMOUNT:
        raise beyond(amount, unit)
    return [_receive(book, cause, unit, parcel, now=now) for parcel in parcels]


def _receive(book: Book, cause: Cause, unit: str, parcel: Parcel, *, now: datetime) -> Lot:
    ledger = book.ledger
    is_over = parcel.expires_at is not None and parcel.expires_at <= now
    number = ledger.next_lot
    entry = book.post(
        cause,
        Kind.RECEIVE,
        unit=unit,
        debit=Account.IN_TRANSIT,
        credit=Account.EXPIRED if is_over else Account.ACTIVE,
        amount=parcel.amount,
        lot=number,
    )
    lot = ledger.lots[number] = Lot(
        number=number,
        unit=unit,
        amount=parcel.amount,
        left=ZERO if is_over else parcel.amount,
        event=cause.event,
        rule="",
        entry=entry.number,
        earned_at=parcel.earned_at,
        available_at=cause.effective_at,
        expires_at=parcel.expires_at,
        is_pending=False,
        expired=parcel.amount if is_over else ZERO,
    )
    ledger.next_lot = number + 1
    if lot.left:
        pay_debt(book, cause, lot)
    if lot.left:
        make_spendable(ledger, lot)
    return lot


def send_back(book: Book, cause: Cause, *, parcel: Parcel, grace_until: datetime, now: datetime) -> None:
    """Give what could not be received back to the lot that it was taken from, as a spending is restored."""
    lot, amount = book.ledger.lots[parcel.lot], parcel.amount
    give_back(book, cause, Kind.SEND_BACK, lot, amount=amount, grace_until=grace_until, now=now)
