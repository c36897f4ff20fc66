"""What a person may ask of us: to be forgotten, wherever something of them stands (GDPR, article 17).

Owns: the act of erasing a person in one transaction, over every folder that holds something personal.
Does not own: any table, nor what is personal in one (members, journal, deliveries, idempotency, webhooks).
Invariants: after it no table holds a name, address, number, reference or word of the person; entries, lots,
balances, digests and proofs are what they were, under an id; actions never commit.
"""

from bondfire.privacy.actions import Erased, erase_member

__all__ = ["Erased", "erase_member"]
