"""Sums over members: what a programme issued and what became of it, and one digest of everybody."""

from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import msgspec

from bondfire.ledger import ZERO, Ledger, Wallet


class Totals(msgspec.Struct):
    """What became of one unit over all members.

    Attributes:
        issued: everything ever given. spent: net of what was given back.
        clawed_back: taken back from members, debts included. written_off: could not be taken back.
        liability: what members can still claim: active and pending.
    """

    issued: Decimal = ZERO
    active: Decimal = ZERO
    pending: Decimal = ZERO
    debt: Decimal = ZERO
    spent: Decimal = ZERO
    expired: Decimal = ZERO
    clawed_back: Decimal = ZERO
    written_off: Decimal = ZERO

    @property
    def liability(self) -> Decimal:
        """What members can still claim."""
        return self.active + self.pending

    def add(self, wallet: Wallet) -> None:
        """Count one wallet in."""
        self.issued += wallet.issued
        self.active += wallet.active
        self.pending += wallet.pending
        self.debt += wallet.debt
        self.spent += wallet.spent
        self.expired += wallet.expired
        self.clawed_back += wallet.clawed_back
        self.written_off += wallet.written_off


def totals_of(ledgers: Iterable[Ledger]) -> dict[str, Totals]:
    """The totals of every unit, by name."""
    totals: dict[str, Totals] = {}
    for ledger in ledgers:
        for unit, wallet in ledger.wallets.items():
            totals.setdefault(unit, Totals()).add(wallet)
    return dict(sorted(totals.items()))


def digest_of_chains(chains: Iterable[tuple[UUID, bytes]]) -> str:
    """SHA-256 over every member's chain, by member: equal histories have equal digests."""
    digest = sha256()
    for member_id, chain in sorted(chains):
        digest.update(member_id.bytes)
        digest.update(chain)
    return digest.hexdigest()
