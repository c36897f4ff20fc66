"""Sums over members: what a programme issued and what became of it, and one digest of everybody."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from bondfire.ledger import Ledger, Wallet


def totals_of(ledgers: Iterable[Ledger]) -> dict[str, Wallet]:
    """What was issued and what became of it, summed over members, by unit."""
    totals: dict[str, Wallet] = {}
    for ledger in ledgers:
        for unit, wallet in ledger.wallets.items():
            totals[unit] = totals.get(unit, Wallet()) + wallet
    return dict(sorted(totals.items()))


def digest_of_chains(chains: Iterable[tuple[UUID, bytes]]) -> str:
    """SHA-256 over every member's chain, by member: equal histories have equal digests."""
    digest = sha256()
    for member_id, chain in sorted(chains):
        digest.update(member_id.bytes)
        digest.update(chain)
    return digest.hexdigest()
