"""The pen that writes entries: every change of a balance goes through `Book.post`."""

from decimal import Decimal
from hashlib import blake2b
from heapq import heapify, heappush

from bondfire.kit import MAX_AMOUNT
from bondfire.ledger.errors import Overflow
from bondfire.ledger.model import Account, Cause, Due, Entry, Kind, Ledger, Lot, Wallet

_SIGN: dict[Account, tuple[str, int]] = {
    Account.PENDING: ("pending", 1),
    Account.ACTIVE: ("active", 1),
    Account.DEBT: ("debt", -1),
    Account.SPENT: ("spent", 1),
    Account.EXPIRED: ("expired", 1),
    Account.CLAWED_BACK: ("clawed_back", 1),
    Account.WRITTEN_OFF: ("written_off", -1),
}
"""Which balance an account is, and whether a credit makes it larger (1) or smaller (-1)."""


class Book:
    """Writes entries into a member's ledger and keeps them in order.

    Attributes:
        ledger: the books written to.
        entries: what was written with this pen, in order.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.entries: list[Entry] = []

    def post(
        self,
        cause: Cause,
        kind: Kind,
        *,
        unit: str,
        debit: Account,
        credit: Account,
        amount: Decimal,
        lot: int = 0,
    ) -> Entry:
        """Write one double entry and move the balances it names.

        Raises:
            Overflow: the amount or a balance is beyond 10^15; then nothing is written.
        """
        ledger = self.ledger
        wallet = ledger.wallet(unit)
        if amount > MAX_AMOUNT or (kind is Kind.EARN and wallet.issued + amount > MAX_AMOUNT):
            raise Overflow(
                f"{amount} {unit} would take a balance beyond 10^15.",
                next_step="Check the amount of the event.",
            )
        entry = Entry(ledger.next_entry, unit, kind, debit, credit, amount, lot, cause)
        ledger.next_entry += 1
        _move(wallet, debit, -amount)
        _move(wallet, credit, amount)
        self.entries.append(entry)
        self.seal(_text_of(entry))
        return entry

    def seal(self, text: str) -> None:
        """Add a fact to the member's chain."""
        self.ledger.chain = blake2b(self.ledger.chain + text.encode(), digest_size=16).digest()


def _move(wallet: Wallet, account: Account, amount: Decimal) -> None:
    if account is Account.ISSUED:
        if amount < 0:
            wallet.issued -= amount
        return
    name, sign = _SIGN[account]
    setattr(wallet, name, getattr(wallet, name) + sign * amount)


def _text_of(entry: Entry) -> str:
    cause = entry.cause
    effective_at = cause.effective_at.isoformat()
    posted_at = effective_at if cause.posted_at is cause.effective_at else cause.posted_at.isoformat()
    return (
        f"{entry.number}|{entry.unit}|{entry.kind}|{entry.debit}|{entry.credit}|{entry.amount}|{entry.lot}|"
        f"{cause.event}|{cause.rule}|{cause.version}|{effective_at}|"
        f"{posted_at}|{cause.reverses}"
    )


def file_lot(ledger: Ledger, lot: Lot) -> None:
    """Put a new lot into the books: its appointments and its place in the spending order."""
    ledger.lots[lot.number] = lot
    ledger.changed_lots.add(lot.number)
    if lot.is_pending:
        heappush(ledger.due, Due(lot.available_at, is_expiry=False, lot=lot.number))
    elif lot.left:
        make_spendable(ledger, lot)


def make_spendable(ledger: Ledger, lot: Lot) -> None:
    """Give a released lot its place in the spending order and its appointment to expire."""
    heappush(ledger.spendable.setdefault(lot.unit, []), lot.spending_order)
    if lot.expires_at is not None:
        heappush(ledger.due, Due(lot.expires_at, is_expiry=True, lot=lot.number))


def reopen(ledger: Ledger) -> Ledger:
    """Rebuild the heaps of a ledger whose lots were just loaded."""
    ledger.due, ledger.spendable = [], {}
    for lot in ledger.lots.values():
        if not lot.left:
            continue
        if lot.is_pending:
            ledger.due.append(Due(lot.available_at, is_expiry=False, lot=lot.number))
            continue
        ledger.spendable.setdefault(lot.unit, []).append(lot.spending_order)
        if lot.expires_at is not None:
            ledger.due.append(Due(lot.expires_at, is_expiry=True, lot=lot.number))
    heapify(ledger.due)
    for heap in ledger.spendable.values():
        heapify(heap)
    return ledger
