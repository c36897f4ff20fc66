"""The pen that writes entries: every change of a balance goes through `Book.post`."""

from collections.abc import Callable
from decimal import Decimal
from hashlib import blake2b
from heapq import heapify, heappush
from typing import Final

import msgspec

from bondfire.kit import MAX_AMOUNT
from bondfire.ledger.errors import Overflow
from bondfire.ledger.model import NEVER, Account, Cause, Entry, Kind, Ledger, Lot, Wallet

_encode: Final = msgspec.json.Encoder(decimal_format="string").encode
"""Every field of an entry in its order, amounts and times as text: the same for ever."""


def beyond(amount: Decimal, unit: str) -> Overflow:
    """The refusal of what would take a balance beyond 10^15 (L19)."""
    return Overflow(
        f"{amount} {unit} would take a balance beyond 10^15.", next_step="Check the amount of the event."
    )


class Book:
    """Writes entries into a member's ledger and keeps them in order.

    Attributes:
        ledger: the books written to.
        entries: what was written with this pen, in order.
        notes: what else was said since the last seal.
    """

    __slots__ = ("_sealed", "entries", "ledger", "notes")

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.entries: list[Entry] = []
        self.notes: list[str] = []
        self._sealed = 0

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
            Overflow: the amount is beyond 10^15; then nothing is written.
        """
        if amount > MAX_AMOUNT:
            raise beyond(amount, unit)
        ledger = self.ledger
        wallet, number = ledger.wallet(unit), ledger.next_entry
        _MOVE[debit](wallet, -amount)
        _MOVE[credit](wallet, amount)
        entry = Entry(
            number,
            unit,
            kind,
            debit,
            credit,
            amount,
            lot,
            cause.event,
            cause.rule,
            cause.version,
            cause.effective_at,
            cause.posted_at,
            cause.reverses,
        )
        ledger.next_entry = number + 1
        self.entries.append(entry)
        return entry

    def note(self, fact: str) -> None:
        """Remember something that is no entry for the next seal."""
        self.notes.append(fact)

    def seal(self, text: str) -> None:
        """Add every entry and note since the last seal, and a text, to the member's chain."""
        entries, ledger = self.entries, self.ledger
        fresh = entries[self._sealed :] if self._sealed else entries
        self._sealed = len(entries)
        link = _encode(fresh) + "\n".join((*self.notes, text)).encode()
        self.notes.clear()
        ledger.chain = blake2b(ledger.chain + link, digest_size=16).digest()


def _issued(wallet: Wallet, amount: Decimal) -> None:
    """What was ever given: a debit counts, a credit (a loss written off against it) does not."""
    if amount < 0:
        wallet.issued -= amount


def _pending(wallet: Wallet, amount: Decimal) -> None:
    wallet.pending += amount


def _active(wallet: Wallet, amount: Decimal) -> None:
    wallet.active += amount


def _debt(wallet: Wallet, amount: Decimal) -> None:
    wallet.debt -= amount


def _spent(wallet: Wallet, amount: Decimal) -> None:
    wallet.spent += amount


def _expired(wallet: Wallet, amount: Decimal) -> None:
    wallet.expired += amount


def _clawed_back(wallet: Wallet, amount: Decimal) -> None:
    wallet.clawed_back += amount


def _written_off(wallet: Wallet, amount: Decimal) -> None:
    wallet.written_off -= amount


_MOVE: Final[dict[Account, Callable[[Wallet, Decimal], None]]] = {
    Account.ISSUED: _issued,
    Account.PENDING: _pending,
    Account.ACTIVE: _active,
    Account.DEBT: _debt,
    Account.SPENT: _spent,
    Account.EXPIRED: _expired,
    Account.CLAWED_BACK: _clawed_back,
    Account.WRITTEN_OFF: _written_off,
}
"""How a credit (or, below zero, a debit) of each account moves its balance."""


def make_spendable(ledger: Ledger, lot: Lot) -> None:
    """Give a released lot its place in the spending order and its appointment to expire."""
    number, expires_at = lot.number, lot.expires_at
    heap = ledger.spendable.get(lot.unit)
    if heap is None:
        heap = ledger.spendable[lot.unit] = []
    heappush(heap, (expires_at or NEVER, lot.earned_at, number))
    if expires_at is not None:
        heappush(ledger.due, (expires_at, True, number))


def reopen(ledger: Ledger) -> Ledger:
    """Rebuild the heaps of a ledger whose lots were just loaded."""
    ledger.due, ledger.spendable = [], {}
    for lot in ledger.lots.values():
        if not lot.left:
            continue
        if lot.is_pending:
            ledger.due.append((lot.available_at, False, lot.number))
            continue
        ledger.spendable.setdefault(lot.unit, []).append(lot.spending_order)
        if lot.expires_at is not None:
            ledger.due.append((lot.expires_at, True, lot.number))
    heapify(ledger.due)
    for heap in ledger.spendable.values():
        heapify(heap)
    return ledger
