"""The pen that writes entries: every change of a balance goes through `Book.post`."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from heapq import heapify, heappush
from typing import Final

import msgspec

from bondfire.kit import MAX_AMOUNT, format_amount
from bondfire.ledger.errors import Overflow
from bondfire.ledger.model import NEVER, Account, Cause, Entry, Kind, Ledger, Lot, Wallet

_encode: Final = msgspec.json.Encoder(decimal_format="string").encode
"""Every field of an entry in its order, amounts and times as text: the same for ever."""


def beyond(amount: Decimal, unit: str) -> Overflow:
    """The refusal of what would take a balance beyond 10^15 (L19)."""
    return Overflow(
        f"{format_amount(amount)} {unit} would take a balance beyond 10^15.",
        next_step="Check the amounts of the event and of the rule.",
    )


class Book(msgspec.Struct, gc=False):
    """Writes entries into a member's ledger and keeps them in order.

    Attributes:
        ledger: the books written to.
        entries: what was written with this pen, in order.
        notes: what else was said since the last seal.
        sealed: how many of the entries are in the chain.
    """

    ledger: Ledger
    entries: list[Entry] = []
    notes: list[object] = []
    sealed: int = 0

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

    def note(self, fact: object) -> None:
        """Remember something that is no entry for the next seal; anything that JSON can say."""
        self.notes.append(fact)

    def seal(self, *said: str | datetime) -> None:
        """Add every entry and note since the last seal, and what is said, to the member's chain."""
        entries, ledger = self.entries, self.ledger
        fresh = entries[self.sealed :] if self.sealed else entries
        self.sealed = len(entries)
        link = _encode((fresh, self.notes, said))
        if self.notes:
            self.notes = []
        ledger.chain = blake2b(ledger.chain + link, digest_size=16).digest()


def _issued(wallet: Wallet, amount: Decimal) -> None:
    """What was ever given: a debit counts, a credit (a loss written off against it) does not."""
    if amount < 0:
        wallet.issued -= amount


def _pending(wallet: Wallet, amount: Decimal) -> None:
    wallet.pending += amount


def _active(wallet: Wallet, amount: Decimal) -> None:
    wallet.active += amount


def _held(wallet: Wallet, amount: Decimal) -> None:
    wallet.held += amount


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


def _in_transit(wallet: Wallet, amount: Decimal) -> None:
    wallet.in_transit += amount


_MOVE: Final[dict[Account, Callable[[Wallet, Decimal], None]]] = {
    Account.ISSUED: _issued,
    Account.PENDING: _pending,
    Account.ACTIVE: _active,
    Account.HELD: _held,
    Account.DEBT: _debt,
    Account.SPENT: _spent,
    Account.EXPIRED: _expired,
    Account.CLAWED_BACK: _clawed_back,
    Account.WRITTEN_OFF: _written_off,
    Account.IN_TRANSIT: _in_transit,
}
"""How a credit (or, below zero, a debit) of each account moves its balance."""


def make_spendable(ledger: Ledger, lot: Lot) -> None:
    """Give a released lot its place in the spending order and its appointment to expire."""
    number, expires_at = lot.number, lot.expires_at
    if lot.slides:
        heappush(ledger.slidable.setdefault(lot.unit, []), (lot.earned_at, number))
        return
    heap = ledger.spendable.get(lot.unit)
    if heap is None:
        heap = ledger.spendable[lot.unit] = []
    heappush(heap, (expires_at or NEVER, lot.earned_at, number))
    if expires_at is not None:
        heappush(ledger.due, (expires_at, True, number))


def reopen(ledger: Ledger) -> Ledger:
    """Rebuild the heaps of a ledger whose lots were just loaded."""
    ledger.due, ledger.spendable, ledger.slidable = [], {}, {}
    for lot in ledger.lots.values():
        if not lot.left:
            continue
        if lot.is_pending:
            ledger.due.append((lot.available_at, False, lot.number))
            continue
        if lot.slides:
            ledger.slidable.setdefault(lot.unit, []).append((lot.earned_at, lot.number))
            continue
        ledger.spendable.setdefault(lot.unit, []).append(lot.spending_order)
        if lot.expires_at is not None:
            ledger.due.append((lot.expires_at, True, lot.number))
    heapify(ledger.due)
    for heap in ledger.spendable.values():
        heapify(heap)
    for sliding in ledger.slidable.values():
        heapify(sliding)
    return ledger
